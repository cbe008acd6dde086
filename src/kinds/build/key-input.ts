import type { InputType } from '../input-type.js';

/** An input of the action that says what a key says. */
export interface KeyInput {
  readonly name: string;
  readonly type: InputType;
  /** Where it differs from the key's. */
  readonly description?: string;
}
