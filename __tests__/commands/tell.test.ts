import { describe, expect, test } from '@jest/globals';
import type { CommandResult } from '../../src/commands/run.js';
import { tell, tellUnexpected } from '../../src/commands/tell.js';
import { createRedactor } from '../../src/evidence/index.js';
import { type Files, type Ports, realPorts, type Screen } from '../../src/ports/index.js';
import { readFileCommand } from '../e2e/commands.js';
import { plannedImage, planOf } from '../plans.js';

/** What the runner's files hold after something was told, and what was printed. */
async function told(say: (ports: Ports, screen: Screen) => Promise<void>) {
  const written = new Map<string, string>();
  const append: Files['append'] = async (path, text) => {
    written.set(path, (written.get(path) ?? '') + text);
  };
  const ports: Ports = {
    ...realPorts(),
    files: { append } as Files,
    env: { GITHUB_OUTPUT: 'outputs', GITHUB_STEP_SUMMARY: 'summary' },
  };
  const printed: string[] = [];
  await say(ports, { out: (text: string) => printed.push(text) } as unknown as Screen);
  return {
    outputs: Object.fromEntries(readFileCommand(written.get('outputs') ?? '')),
    summary: written.get('summary') ?? '',
    printed: printed.join(''),
  };
}

const secret = 'a-very-secret-word';

function ending(ended: CommandResult) {
  const redactor = createRedactor();
  redactor.learn(secret);
  return told((ports, screen) => tell(ended, '/evidence.json', redactor, ports, screen));
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
      `::error file=sea-trial.yml,line=3,col=5,title=configuration::unknown ${secret}\n`,
    );
  });

  test('a fault before anything was known: why', async () => {
    const fault = 'No engine answers.\n  | no such file: e.sock';
    const { outputs, summary, printed } = await ending({ exitCode: 3, fault });
    expect(outputs).toEqual({ verdict: 'errored' });
    expect(summary).toBe(
      '## ✘ The run could not go on; nothing was published.\n\n```text\nNo engine answers.\n  | no such file: e.sock\n```\n',
    );
    expect(printed).toBe(
      '::error::The run could not go on; nothing was published.%0ANo engine answers.%0A  | no such file: e.sock\n',
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

  test('an interruption', async () => {
    const { outputs, summary, printed } = await ending({ exitCode: 130 });
    expect(printed).toMatch(/^::error::The run was interrupted; .*%0AThe log says more\.\n$/);
    expect(outputs).toEqual({ verdict: 'interrupted' });
    expect(summary).toBe('## ✘ The run was interrupted; nothing was published.\n');
  });

  test('an error that nobody has foreseen', async () => {
    const { outputs, summary } = await told((ports) => tellUnexpected(undefined, ports));
    expect(outputs).toEqual({ verdict: 'errored' });
    expect(summary).toBe('## ✘ The run broke off; the log says more.\n');
  });
});
