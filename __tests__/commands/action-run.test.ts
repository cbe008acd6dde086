import { describe, expect, test } from '@jest/globals';
import { action, afterAction } from '../../src/commands/index.js';
import type { GitHub, Runner } from '../../src/github/index.js';
import { captured, noRunner } from '../github/captured.js';
import { type MachineDescribed, withMachine } from './machine-rig.js';

const INPUTS = {
  tags: 'ghcr.io/acme/greeter:dev',
  platforms: 'linux/amd64',
  test: '/bin/app',
};
const FILES = { Dockerfile: 'FROM scratch\nCOPY app /bin/app\n', app: '' };

interface Step extends MachineDescribed {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly runner?: Partial<Runner>;
  /** GITHUB_WORKSPACE is not there. */
  readonly bare?: boolean;
}

/** Runs the action, with all that it told the runner, and what is left in RUNNER_TEMP. */
function step({ inputs = INPUTS, runner: more, bare = false, ...described }: Step = {}) {
  return withMachine({ files: FILES, ...described }, async ({ ports, folder, root }) => {
    const temporary = `${folder}/temporary`;
    await ports.files.makeDirectory(temporary);
    const told = {
      outputs: {} as Record<string, string>,
      states: {} as Record<string, string>,
      summary: '',
      annotations: [] as string[],
      groups: [] as string[],
      debug: [] as string[],
      masked: [] as string[],
    };
    const runner: Runner = {
      ...noRunner,
      inputs: () => new Map(Object.entries(inputs)),
      setOutputs: async (given) => void Object.assign(told.outputs, given),
      saveState: async (name, value) => void Object.assign(told.states, { [name]: value }),
      addSummary: async (markdown) => {
        told.summary += markdown;
      },
      annotate: ({ level, message }) => void told.annotations.push(`${level} ${message}`),
      group: (title, text) => void told.groups.push(`${title}\n${text}`),
      debug: (line) => void told.debug.push(line),
      mask: (secrets) => void told.masked.push(...secrets),
      ...more,
    };
    const env = {
      ...ports.env,
      RUNNER_TEMP: temporary,
      ...(bare ? {} : { GITHUB_WORKSPACE: root }),
    };
    const github: GitHub = {
      runner,
      event: { name: 'push', ref: 'refs/heads/main', revision: 'abc' },
      runCommand: ports.exec.run,
      ports: { ...ports, env, payload: async () => ({}) },
    };
    let code: number | undefined;
    const printed = await captured(async () => {
      code = await action(bare ? root : '/nowhere', github);
    });
    const left = await ports.files.list(temporary);
    const evidence = told.outputs.evidence ?? '';
    const document = evidence === '' ? '' : (await ports.files.read(evidence)).toString();
    return { ...told, code, printed, left, temporary, document };
  });
}

describe('a step of a workflow', () => {
  test('that passes tells its outputs, its summary, and where its evidence stays', async () => {
    const { code, outputs, summary, states, left, temporary, document, ...told } = await step();
    expect(code).toBe(0);
    expect(outputs).toMatchObject({
      ...{ verdict: 'passed', digest: '' },
      'embedded-digest': expect.stringMatching(/^sha256:/),
    });
    expect(summary).toMatch(
      /^## ✔ greeter tested on 1 platform; verified in the embedded registry\n/,
    );
    expect(told.annotations).toStrictEqual([]);
    expect(left).toStrictEqual([expect.stringMatching(/^sea-trial-evidence-[0-9a-f-]{36}$/)]);
    expect(states).toStrictEqual({
      beside: `${temporary}/${left[0]}`,
      run: expect.stringMatching(/^local-/),
    });
    expect(outputs.evidence).toBe(`${states.beside}/evidence.json`);
    expect(JSON.parse(document)).toMatchObject({ run: { id: states.run } });
    expect(told.printed).toMatch(/^✔ greeter {2}tested on 1 platform;/m);
    // The runner obeys nothing of what a report says.
    expect(told.printed).toMatch(/^::stop-commands::\S+\n✔ greeter/m);
  });

  test('prints what is pasted into reports of faults in a group of its own', async () => {
    const { groups } = await step();
    expect(groups.find((one) => one.startsWith('Environment\n'))).toMatch(
      /^Environment\nevent {4}push, refs\/heads\/main\nbuilder {2}default, driver docker, .*\n\n\$ docker version\n/,
    );
  });

  test('that fails keeps its evidence, and is annotated', async () => {
    const { code, outputs, annotations, left } = await step({ program: () => ({ exitCode: 3 }) });
    expect([code, outputs.verdict, left.length]).toStrictEqual([1, 'failed', 1]);
    expect(annotations).toStrictEqual([
      expect.stringMatching(/^error test "\/bin\/app": exit 3, expected 0\n/),
    ]);
  });

  test('with a wrong input starts nothing, and leaves nothing', async () => {
    const { code, outputs, summary, annotations, left, printed, states } = await step({
      inputs: { ...INPUTS, mode: 'fly', secrets: 'TOKEN=a-very-long-secret' },
    });
    expect([code, left, states]).toStrictEqual([2, [], {}]);
    expect(outputs).toStrictEqual({ verdict: 'errored' });
    expect(annotations.length).toBeGreaterThan(0);
    expect(summary).toMatch(/^## ✘ /);
    expect(printed).toMatch(/::stop-commands::/);
    expect(printed + summary).not.toContain('a-very-long-secret');
  });

  test('masks the secrets among its inputs before it prints anything', async () => {
    const { masked } = await step({ inputs: { ...INPUTS, secrets: 'TOKEN=a-very-long-secret' } });
    expect(masked).toContain('a-very-long-secret');
  });

  test('that could not go on removes the folder that was to hold its evidence', async () => {
    const { code, outputs, summary, annotations, left } = await step({
      heed: (command) =>
        command.startsWith('docker info') ? { code: 1, stderr: 'no such socket' } : undefined,
    });
    expect([code, left]).toStrictEqual([3, []]);
    expect(outputs).toStrictEqual({ verdict: 'errored' });
    expect(summary).toMatch(
      /^## ✘ The run could not continue; nothing was published\.\n\n```text\n/,
    );
    expect(annotations).toStrictEqual([
      expect.stringMatching(
        /^error The run could not continue; nothing was published\.\n.*no such socket/s,
      ),
    ]);
  });

  test('whose evidence could not be written says so, and names no file', async () => {
    const { code, outputs, annotations, left } = await step({
      through: ({ write }) => ({
        write: (path, content, mode) =>
          path.includes('evidence.json') && content.length > 0
            ? Promise.reject(Object.assign(new Error('it is full'), { code: 'ENOSPC' }))
            : write(path, content, mode),
      }),
    });
    expect([code, outputs.evidence, left]).toStrictEqual([3, '', []]);
    expect(annotations[0]).toMatch(/^error The evidence could not be written to .*it is full/);
  });

  test('that only plans has its plan in the summary, and no verdict', async () => {
    const { code, outputs, summary, left, groups } = await step({
      inputs: { ...INPUTS, mode: 'plan' },
    });
    expect([code, outputs, left, groups]).toStrictEqual([0, {}, [], []]);
    expect(summary).toMatch(/^## A plan of 1 image, 1 trial; nothing was started\.\n/);
  });

  test('works in the folder that it is given where the runner names none', async () => {
    expect(await step({ bare: true })).toMatchObject({ code: 0, outputs: { verdict: 'passed' } });
  });

  test('prints every command where the debug log is on, and only there', async () => {
    const { debug } = await step({ env: { RUNNER_DEBUG: '1' } });
    expect(debug).toContainEqual(expect.stringMatching(/^docker info .* # exit code 0, /));
    expect(debug).toContainEqual(expect.stringMatching(/^docker version # exit code/));
    expect((await step()).debug).toStrictEqual([]);
  });

  test('that fails by itself asks to be reported, and tells the runner', async () => {
    const { code, outputs, summary, printed } = await step({
      runner: {
        inputs: () => {
          throw new TypeError('it is undefined');
        },
      },
    });
    expect([code, outputs]).toStrictEqual([3, { verdict: 'errored' }]);
    expect(printed).toMatch(/^sea-trial itself failed; please report this: TypeError/);
    expect(summary).toBe('## ✘ The run ended with an unexpected error; the log has details.');
    const full = Object.assign(new Error('x'), { code: 'ENOSPC', syscall: 'write' });
    const said = await step({ runner: { saveState: () => Promise.reject(full) } });
    expect(said.summary).toMatch(
      /the log has details\.\n\n```text\nThis machine could not write: /,
    );
  });

  test('ends where the files of the runner cannot be written either', async () => {
    const refuse = () => Promise.reject(new Error('EROFS'));
    const { code, printed } = await step({ runner: { setOutputs: refuse, addSummary: refuse } });
    expect(code).toBe(3);
    expect(printed).toContain('sea-trial itself failed; please report this: Error: EROFS');
  });
});

describe('after a step', () => {
  /** What is printed at the end of a job whose step saved these states. */
  const ending = (states: Readonly<Record<string, string>>, described: MachineDescribed = {}) =>
    withMachine(described, async ({ ports }) => {
      let code: number | undefined;
      const runner: Runner = {
        ...noRunner,
        inputs: () => new Map(),
        state: (name) => states[name],
      };
      const event = { name: 'push', ref: '', revision: '' };
      const printed = await captured(async () => {
        code = await afterAction({ runner, event, runCommand: ports.exec.run, ports });
      });
      return { code, printed };
    });

  test('nothing is said where the run has cleaned up after itself', async () => {
    expect(await ending({})).toStrictEqual({ code: 0, printed: '' });
    expect(await ending({ run: 'local-0123abcd' })).toStrictEqual({ code: 0, printed: '' });
  });
});
