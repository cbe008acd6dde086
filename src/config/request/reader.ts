import type { Problem } from '../../evidence/index.js';
import type { GivenValue, Input } from './input.js';
import { inputs } from './inputs.js';

/** One of the two ways in which a request is written. */
export interface RequestSource {
  /** undefined: nothing was given. */
  text(input: Input): string | undefined;
  items(input: Input): readonly string[];
  /** How a message names an item, which may be a secret that lost its name. */
  quote(item: string): string;
  problem(input: Input, message: string): Problem;
}

/** The inputs of a request, and what is wrong with them so far. */
export interface RequestReader {
  given(input: Input): GivenValue;
  /** The row of the action's input of that name; of nothing where there is none. */
  named(name: string): GivenValue;
  readonly problems: Problem[];
}

function readSwitch(written: string, refuse: (message: string) => void): boolean {
  if (/^(true|false)$/i.test(written)) return written.toLowerCase() === 'true';
  refuse(`"${written}" is neither true nor false`);
  return false;
}

/** Reads rows of the table from what was given, however it was written. */
export function createReader(source: RequestSource): RequestReader {
  const problems: Problem[] = [];

  function given(input: Input): GivenValue {
    const text = () => source.text(input);
    const items = () => source.items(input);
    const refuse = (message: string) => void problems.push(source.problem(input, message));
    return {
      text,
      items,
      refuse,
      isOn: () => readSwitch(text() ?? input.default ?? 'false', refuse),
      choice(of) {
        const value = text();
        const found = of.find((one) => one === value);
        if (value !== undefined && found === undefined) {
          refuse(`"${value}" is not known; there are: ${of.join(', ')}`);
        }
        return found;
      },
      pairs() {
        return items().flatMap((item) => {
          const equals = item.indexOf('=');
          if (equals > 0) return [[item.slice(0, equals), item.slice(equals + 1)] as const];
          refuse(`${source.quote(item)} is not NAME=VALUE`);
          return [];
        });
      },
    };
  }

  return {
    given,
    named(name) {
      const input = inputs.find((one) => one.action && one.name === name);
      return given(input ?? { name, type: 'text', description: '', action: true });
    },
    problems,
  };
}
