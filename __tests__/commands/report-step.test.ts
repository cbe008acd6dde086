import { describe, expect, test } from '@jest/globals';
import type { CommandResult } from '../../src/commands/command.js';
import { reportStep, reportUnexpected } from '../../src/commands/report-step.js';
import { createRedactor, finding } from '../../src/evidence/index.js';
import type { Runner } from '../../src/github/index.js';
import { captured, noRunner } from '../github/captured.js';
import { plannedImage, planOf } from '../plans.js';

/** What the runner was given after a report, and what was printed. */
async function reported(report: (runner: Runner) => Promise<void>) {
  const outputs: Record<string, string> = {};
  const summary: string[] = [];
  const runner: Runner = {
    ...noRunner,
    setOutputs: async (given) => void Object.assign(outputs, given),
    addSummary: async (markdown) => void summary.push(markdown),
  };
  const printed = await captured(() => report(runner));
  return { outputs, summary: `${summary.join('\n')}\n`, printed };
}

const secret = 'a-very-secret-word';

function ending(ended: CommandResult) {
  const redactor = createRedactor();
  redactor.learn(secret);
  return reported((runner) => reportStep(ended, '/evidence.json', redactor, runner));
}

describe('what the runner is told of a step without evidence', () => {
  test('problems: at their lines, in the summary, and by the verdict', async () => {
    const problem = { file: 'sea-trial.yml', line: 3, column: 5, message: `unknown ${secret}` };
    const { outputs, summary, printed } = await ending({ exitCode: 2, problems: [problem] });
    expect(outputs).toEqual({ verdict: 'errored' });
    expect(summary).toBe(
      '## ✘ sea-trial.yml has 1 problem; nothing was started.\n\n- <code>sea-trial.yml:3:5</code> unknown &#42;&#42;&#42;\n',
    );
    // The runner masks the log itself.
    expect(printed).toBe(
      `::error title=configuration,file=sea-trial.yml,line=3,col=5::unknown ${secret}\n`,
    );
  });

  test('a fault before anything was known: why', async () => {
    const fault = 'No engine answers.\n  | no such file: e.sock';
    const { outputs, summary, printed } = await ending({ exitCode: 3, fault });
    expect(outputs).toEqual({ verdict: 'errored' });
    expect(summary).toBe(
      '## ✘ The run could not continue; nothing was published.\n\n```text\nNo engine answers.\n  | no such file: e.sock\n```\n',
    );
    expect(printed).toBe(
      '::error ::The run could not continue; nothing was published.%0ANo engine answers.%0A  | no such file: e.sock\n',
    );
  });

  test('a plan: what it holds, and no verdict', async () => {
    const images = [plannedImage({ id: 'a', platforms: ['linux/amd64', 'linux/arm64'] })];
    const plan = planOf({ images });
    const { outputs, summary } = await ending({ exitCode: 0, plan });
    expect(outputs).toEqual({});
    expect(summary).toMatch(
      /^## A plan of 1 image, 2 trials; nothing was started\.\n\n```text\na\n/,
    );
  });

  test('what was found for a plan: at its lines, and in the summary', async () => {
    const plan = planOf({ images: [plannedImage({ id: 'a', platforms: ['linux/amd64'] })] });
    const location = { file: '.python-version', line: 1 };
    const message = `3.14 is not offered; ${secret}`;
    const findings = [
      finding('pin-not-read', { image: 'a' }, '.nvmrc is not read.', { location, remedy: 'Do.' }),
      finding('version-not-offered', { image: 'a' }, message, { location, remedy: 'Pin 3.13.' }),
    ];
    const { outputs, summary, printed } = await ending({ exitCode: 1, plan, findings });
    expect(outputs).toEqual({});
    expect(printed).toBe(
      `::error title=version-not-offered%3A a,file=.python-version,line=1::3.14 is not offered; ${secret}%0APin 3.13.\n` +
        '::warning title=pin-not-read%3A a,file=.python-version,line=1::.nvmrc is not read.%0ADo.\n',
    );
    expect(summary).toMatch(/^## ✘ A plan of 1 image, 1 trial; nothing was started\.\n/);
    expect(summary).toContain(
      '✘ version-not-offered  .python-version:1\n    3.14 is not offered; ***\n    → Pin 3.13.\n\na\n',
    );
    const [warning] = findings;
    const warned = await ending({ exitCode: 0, plan, findings: warning ? [warning] : [] });
    expect(warned.summary).toMatch(/^## A plan of .*\n\n```text\n⚠ pin-not-read/);
  });

  test('an interruption', async () => {
    const { outputs, summary, printed } = await ending({ exitCode: 130 });
    expect(printed).toMatch(/^::error ::The run was interrupted; .*%0AThe log has details\.\n$/);
    expect(outputs).toEqual({ verdict: 'interrupted' });
    expect(summary).toBe('## ✘ The run was interrupted; nothing was published.\n');
  });

  test('an error that nobody has foreseen', async () => {
    const { outputs, summary } = await reported((runner) => reportUnexpected(undefined, runner));
    expect(outputs).toEqual({ verdict: 'errored' });
    expect(summary).toBe('## ✘ The run ended with an unexpected error; the log has details.\n');
  });
});
