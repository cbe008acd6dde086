import { child, type ScalarNode, type SourceNode } from '../../document/index.js';
import type { Problem } from '../../evidence/index.js';

/* What no test begins with. */

/** What a test runs, or the first word of it. */
function firstWord(test: SourceNode): ScalarNode | undefined {
  const run = test.kind === 'map' ? child(test, 'run') : test;
  const first = run?.kind === 'list' ? run.items[0] : run;
  return first?.kind === 'scalar' ? first : undefined;
}

const NO_PROGRAM =
  "is an option; a test begins with its program, since the image's entrypoint is not put in front of it";

/** Options where a program belongs: words of one command, perhaps, that stand as a test each. */
function optionProblems(tests: readonly SourceNode[]): readonly Problem[] {
  const problems: Problem[] = [];
  let end = 0;
  for (const [index, test] of tests.entries()) {
    const first = firstWord(test);
    if (index < end || first === undefined || !/^\s*-/.test(first.text)) continue;
    const words: string[] = [];
    for (const one of test.kind === 'scalar' ? tests.slice(Math.max(0, index - 1)) : []) {
      if (one.kind !== 'scalar') break;
      words.push(one.text);
    }
    // The word before is the program.
    const isCommand = index > 0 && words.length > 1;
    if (isCommand) end = index - 1 + words.length;
    const list = isCommand
      ? `; a program with its arguments is a list in the list: [[${words.join(', ').slice(0, 80)}]]`
      : '';
    problems.push({ ...first.at, message: `${JSON.stringify(first.text)} ${NO_PROGRAM}${list}` });
  }
  return problems;
}

/**
 * Whether a text is a list in JSON and no command: `[ "$A" = b ]` and `[ "$A" ]` are commands of
 * a shell, and none begins with `["` or has commas between the words of `[`.
 */
function isQuotedList(text: string): boolean {
  return /^\["[\s\S]*\]$/.test(text) || /^\[\s*"[^"]*"\s*,[\s\S]*\]$/.test(text);
}

/** A list in JSON that is one text, as the action's input "test" has it. */
function quotedLists(tests: readonly SourceNode[]): readonly Problem[] {
  return tests.flatMap((test) => {
    const run = test.kind === 'map' ? child(test, 'run') : test;
    const text = run?.kind === 'scalar' ? run.text.trim() : '';
    if (run === undefined || !isQuotedList(text)) return [];
    const right = run === test ? `tests: [${text}]` : `run: ${text}`;
    const message = `this test is a list in quotes, which a shell would get as one text; leave out the quotes around the list: ${right}`;
    return [{ ...run.at, message }];
  });
}

/** Tests that begin with no program. */
export function firstWordProblems(
  tests: readonly SourceNode[],
  fromInputs: boolean,
): readonly Problem[] {
  // An input that looks so is read as a list, or has been refused.
  return [...optionProblems(tests), ...(fromInputs ? [] : quotedLists(tests))];
}
