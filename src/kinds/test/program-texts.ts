import { child, mapScalars, type ScalarNode, type SourceNode } from '../../document/index.js';
import { host } from './host.js';

/** The texts of an entry of `tests` in which a variable may be meant as the program has it. */
interface ProgramTexts {
  /** Whether the program is one of this machine. */
  readonly onHost: boolean;
  /** What a shell executes, which reads variables in it. */
  readonly run: readonly ScalarNode[];
  /** What the program is given without a shell, and what it must say. */
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

/** Whether a list executes a shell with a script, as [sh, -ec, SCRIPT]. */
function isShell(words: readonly ScalarNode[]): boolean {
  return words.some(({ text }) => /^-[a-z]*c$/.test(text));
}

/** Those texts of an entry that need not be valid. */
export function programTexts(test: SourceNode): ProgramTexts {
  const run = test.kind === 'map' ? child(test, 'run') : test;
  const words = scalarsIn(run);
  const inShell = run?.kind !== 'list' || isShell(words);
  const beside = ['env', 'stdout', 'stderr'].flatMap((key) => scalarsIn(child(test, key)));
  return {
    onHost: host.matches(test),
    run: inShell ? words : [],
    beside: inShell ? beside : [...words, ...beside],
  };
}
