import type { InputType } from '../../kinds/index.js';
import type { ParsedRequest } from './request.js';

export type { InputType };

/** An option of the command line. */
export interface Flag {
  readonly name: string;
  /** What stands behind it; undefined for a switch. */
  readonly value?: string;
  /** A word that may stand behind a switch, as `--load=always`. */
  readonly word?: string;
  readonly repeatable?: true;
}

/** An option as help and documents show it: `--only ID`, `--load[=always]`. */
export function flagText({ name, value, word }: Flag): string {
  const optional = word === undefined ? '' : `[=${word}]`;
  return value === undefined ? `--${name}${optional}` : `--${name} ${value}`;
}

/** What was given for a row of the table: as an input of the action, or as an option. */
export interface GivenValue {
  /** undefined: nothing was given. */
  text(): string | undefined;
  items(): readonly string[];
  isOn(): boolean;
  /** One of the words; another one is refused. */
  choice<T extends string>(of: readonly T[]): T | undefined;
  /** NAME=VALUE items; one without a name is refused. */
  pairs(): readonly (readonly [string, string])[];
  refuse(message: string): void;
}

/** An input of the action, an option of the command line, or both. */
export interface Input {
  readonly name: string;
  readonly type: InputType;
  /** One sentence for README, docs, action.yml and --help. */
  readonly description: string;
  /** What action.yml gives when the workflow says nothing; undefined: the empty text. */
  readonly default?: string;
  /** Whether it is an input of the action. */
  readonly action: boolean;
  readonly flag?: Flag;
  /** Describes an image: excludes a configuration with `images`. */
  readonly image?: true;
  /** Describes the builder or another tool, and nothing of an image. */
  readonly tool?: true;
  /** The fields of the request that it is; undefined where several inputs are one (groups.ts). */
  readonly read?: (given: GivenValue) => Partial<ParsedRequest>;
}
