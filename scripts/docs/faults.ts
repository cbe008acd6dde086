import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cell, generated, table } from './markdown.ts';

/*
 * docs/faults.md from docs/faults.json, and that comes from the tests, each line
 * from a fault that was made for real:
 *
 *   SEA_TRIAL_FAULTS=$PWD/docs/faults.json npm run test:all -- -i \
 *     __tests__/integration/{bad-input,buildpack-application,buildpack-failures,buildpack-input,buildpacks-engines,parity-input,faults,program-ends,registry-faults,remedies,interruption,undo}.test.ts
 *   npm run docs
 *
 * Without that variable the same tests compare what they see with the file.
 */

interface Line {
  readonly suite: string;
  readonly fault: string;
  readonly stage: string;
  readonly exit: number | null;
  readonly message: string;
  readonly left: readonly string[];
}

const STAGES = ['environment', 'build', 'inspect', 'test', 'publish', 'verify'];

/** docs/faults.md */
export function faultsPage(): string {
  const file = join(import.meta.dirname, '..', '..', 'docs', 'faults.json');
  const lines: readonly Line[] = JSON.parse(readFileSync(file, 'utf8'));
  const rows = STAGES.flatMap((stage) => lines.filter((line) => line.stage === stage)).map(
    ({ suite, fault, stage, exit, message, left }) => [
      cell(fault),
      stage,
      exit === null ? 'killed' : String(exit),
      cell(message),
      left.length === 0 ? 'nothing' : cell(left.join(', ')),
      `[${suite}](../__tests__/integration/${suite}.test.ts)`,
    ],
  );
  return `${[
    generated('docs/faults.json'),
    '# What happens when something fails',
    'Each line is a fault that a test makes on a real engine or in front of a real registry, with the stage of the run that it meets, the exit code, the first thing that is said, and what is still there afterwards: in the engine, in the temporary folder, in the registry. Exit codes: 1, the image is wrong; 3, the surroundings failed and nothing is said about the image; 130 and 143, interrupted. The tests compare what they see with these lines.',
    table(['fault', 'stage', 'exit', 'said', 'left', 'test'], rows),
  ].join('\n\n')}\n`;
}
