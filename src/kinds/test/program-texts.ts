import { child, mapScalars, type ScalarNode, type SourceNode } from '../../document/index.js';
import { host } from './host.js';

/** The texts of an entry of `tests` in which a variable may be meant as the program has it. */
interface ProgramTexts {
  /** Whether the program is one of this machine. */
  readonly onHost: boolean;
  /** What is run: a shell may read variables in it. */
  readonly run: readonly ScalarNode[];
  /** What the program is given, and what it must say. */
  readonly beside: readonly ScalarNode[];
}

function scalarsIn(raw: SourceNode | undefined): readonly ScalarNode[] {
  const found: ScalarNode[] = [];
  if (raw !== undefined) {
    mapScalars(raw, (one) => {
      found.push(one);
      return one;
    });
  }
  return found;
}

/** Those texts of an entry that need not be valid. */
export function programTexts(test: SourceNode): ProgramTexts {
  return {
    onHost: host.matches(test),
    run: scalarsIn(test.kind === 'map' ? child(test, 'run') : test),
    beside: ['env', 'stdout', 'stderr'].flatMap((key) => scalarsIn(child(test, key))),
  };
}
