import { describe, expect, test } from '@jest/globals';
import { parseArguments } from '../../src/commands/arguments.js';
import { planAndRun } from '../../src/commands/with-engine.js';
import type { ParsedRequest } from '../../src/config/index.js';
import { createRedactor } from '../../src/evidence/index.js';
import { errorBody, respond, serve } from '../registry/rig.js';
import { onMachine, withMachine } from './machine-rig.js';

const CONFIGURATION = `images:
  - name: ghcr.io/acme/greeter
    tags: [dev]
    platforms: [linux/amd64, linux/arm64]
    tests: [{ run: [/bin/app] }]
`;
const files = {
  'sea-trial.yml': CONFIGURATION,
  Dockerfile: 'FROM scratch\nCOPY app /bin/app\n',
  app: '',
};

/** Runs the configuration with these options. */
const run = (options: readonly string[] = [], described: Parameters<typeof onMachine>[1] = {}) =>
  onMachine(['run', ...options], { files, ...described });

const fails = () => ({ exitCode: 1, stdout: 'a line\n'.repeat(20) });

describe('sea-trial run', () => {
  test('says on stderr what it does, prints its report, and leaves nothing behind', async () => {
    const { code, out, said, images, containers } = await run();
    expect(code).toBe(0);
    expect(out).toMatch(
      /^✔ greeter {2}tested on 2 platforms; verified in the embedded registry +\S+s\n\n {2}linux\/amd64 /,
    );
    const [trust, changes, ...progress] = said.split('\n');
    expect(trust).toBe('This run is trusted: this is not a CI job.');
    expect(changes).toContain('is not in a Git repository');
    expect(progress[0]).toMatch(/^ {3}\d\.\ds {2}environment {2}linux\/amd64, linux\/arm64$/);
    expect(said).toContain('greeter  linux/arm64  ✔ done');
    expect([[...images], [...containers]]).toStrictEqual([[], []]);
  });

  test('ends with 1 where a test fails, and says where its whole output is', async () => {
    const { code, out, files: left } = await run(['--evidence', 'e.json'], { program: fails });
    expect(code).toBe(1);
    expect(out).toContain(
      '✘ greeter  failed on linux/amd64 and linux/arm64; nothing was published',
    );
    expect(out).toContain('the whole output is in e.json\n');
    expect(JSON.parse(left.get('e.json') ?? '')).toMatchObject({ trials: [{}, {}] });
    expect((await run([], { program: fails })).out).not.toContain('output is in');
  });

  test('prints its evidence with --json, and the report on stderr', async () => {
    const { code, out, said, files: left } = await run(['--json', '--evidence', 'e.json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      schema: 'sea-trial/evidence/2',
      run: { id: expect.stringMatching(/^local-[0-9a-f]{8}$/), attempt: 1 },
    });
    expect(left.get('e.json')).toBe(out);
    expect(said).toContain('\n✔ greeter  tested on 2 platforms;');
  });

  test('ends with 3 and its report where the evidence could not be written', async () => {
    const {
      code,
      out,
      said,
      files: left,
    } = await run(['--evidence', 'e.json'], {
      program: fails,
      through: ({ write }) => ({
        write: (path, content, mode) =>
          path.includes('e.json') && content.length > 0
            ? Promise.reject(Object.assign(new Error('it is full'), { code: 'ENOSPC' }))
            : write(path, content, mode),
      }),
    });
    expect(code).toBe(3);
    expect(out).toContain('✘ greeter  failed on linux/amd64 and linux/arm64');
    expect(out).not.toContain('e.json');
    expect(said).toMatch(
      /\n✘ The evidence could not be written to e\.json \(it is full\)\. The report .*\n$/,
    );
    expect([...left.keys()]).not.toContain('e.json');
  });

  test('starts nothing where the configuration or an option is wrong, and says all of it', async () => {
    const wrong = CONFIGURATION.replace('tags:', 'tag:');
    const { code, out, said, commands } = await run(['--evidence', 'none/e.json'], {
      files: { ...files, 'sea-trial.yml': wrong },
    });
    expect([code, out]).toStrictEqual([2, '']);
    expect(said).toContain('unknown key "tag"; did you mean "tags"?');
    expect(said).toContain('--evidence none/e.json: there is no folder "none"');
    expect(said).toContain('nothing was started');
    expect(said).not.toContain('trusted');
    expect(commands.filter((one) => one.startsWith('docker'))).toStrictEqual([]);
  });

  test('starts nothing where an option alone is wrong', async () => {
    const { code, said } = await run(['--evidence', 'none/e.json', '--untrusted', 'true']);
    expect(code).toBe(2);
    expect(said).toMatch(/^This run is untrusted: .*\n/);
    expect(said).toContain('--evidence none/e.json: there is no folder "none"');
  });

  test('says what keeps it from going on where no engine answers', async () => {
    const { code, out, said } = await run([], {
      heed: (command) =>
        command.startsWith('docker info') ? { code: 1, stderr: 'no such socket' } : undefined,
    });
    expect([code, out]).toStrictEqual([3, '']);
    expect(said).toContain('✘ the run could not continue; nothing was published\n\n  ');
    expect(said).toContain('no such socket');
  });

  test('says what is left where something could not be removed, and what to do', async () => {
    const { said } = await run([], {
      heed: (command) =>
        command.startsWith('docker image rm') ? { code: 1, stderr: 'it is in use' } : undefined,
    });
    expect(said).toMatch(
      /\nimages of the run \S+ may be left: .*\nRun sea-trial clean once the engine answers and nothing uses the rest\.\n$/,
    );
    expect((await run()).said).not.toContain('sea-trial clean');
  });

  test('asks to be reported where it fails by itself', async () => {
    const { code, said } = await run([], {
      through: () => ({ look: () => Promise.reject(new TypeError('it is undefined')) }),
    });
    expect(code).toBe(3);
    expect(said).toContain(
      'sea-trial itself failed; please report this: TypeError: it is undefined',
    );
  });

  test('says what was found of the sources before, without notes', async () => {
    const { said } = await run([], {
      files: { ...files, Dockerfile: 'from scratch\nCOPY app /bin/app\nCOPY b /b\n' },
    });
    expect(said).toContain('✘ source-missing  Dockerfile:3\n    COPY b /b needs b, which');
    expect(said).not.toMatch(/^· /m);
  });

  test('in a step of a workflow folds what each build wrote, and gives the runner no command', async () => {
    const data = Buffer.from('::error::no\n').toString('base64');
    const step = { digest: 'v', name: '[1/1] RUN a', started: '2026-05-04T09:30:00Z' };
    const { code, said } = await run([], {
      env: { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '42' },
      progress: [
        JSON.stringify({ vertexes: [step] }),
        JSON.stringify({ logs: [{ vertex: 'v', data }] }),
      ],
    });
    expect(code).toBe(0);
    expect(said).toMatch(
      /^::group::Output of greeter linux\/amd64 ✔\n::stop-commands::\S+\n— build\n::error::no\n::/m,
    );
  });

  test.each([
    ['--verbose', {}],
    [undefined, { RUNNER_DEBUG: '1' }],
  ])('prints every command with %j in %j', async (option, env) => {
    const { said } = await run(option === undefined ? [] : [option], { env });
    expect(said).toMatch(/^docker info --format '\{\{json \.\}\}' # exit code 0, \d+ ms$/m);
    expect((await run()).said).not.toContain('# exit code');
  });
});

describe('a run that is interrupted', () => {
  /** Runs the configuration until something stops it; `at` says when, by a command or a build. */
  function stopped(reason: unknown, at: 'plan' | 'build') {
    const stop = new AbortController();
    const heed = (command: string) => {
      if (at === 'plan' && command.startsWith('git ')) stop.abort(reason);
      return undefined;
    };
    const whileBuilding = async () => {
      if (at === 'build') stop.abort(reason);
    };
    return withMachine({ files, heed, whileBuilding }, async ({ ports, root, docker }) => {
      const said: string[] = [];
      const line = parseArguments(['run'], { root, env: ports.env });
      if (!('request' in line)) throw new Error(JSON.stringify(line));
      const say = (text: string) => void said.push(text);
      const screen = {
        out: say,
        say,
        live: false,
        colour: false,
        columns: () => 80,
        rows: () => 24,
      };
      const console = { screen, progress: 'plain', redactor: createRedactor() } as const;
      const result = await planAndRun(line.request as ParsedRequest, ports, console, stop.signal);
      return { ...docker, result, said: said.join('') };
    });
  }

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    [new Error('anything'), 130],
  ])('while it is planned ends at once, and starts nothing: %s', async (reason, exitCode) => {
    const { result, said, commands } = await stopped(reason, 'plan');
    expect([result, said]).toStrictEqual([{ exitCode }, '']);
    expect(commands.filter((one) => one.startsWith('docker'))).toStrictEqual([]);
  });

  test('while it builds reports what it has come to, and leaves nothing behind', async () => {
    const { result, said, images, containers } = await stopped('SIGINT', 'build');
    expect(result.exitCode).toBe(130);
    expect(said).toContain('⚠ interrupted; 0 of 2 trials had passed');
    expect([[...images], [...containers]]).toStrictEqual([[], []]);
  });
});

describe('sea-trial plan', () => {
  const plan = (options: readonly string[], described: Parameters<typeof onMachine>[1] = {}) =>
    onMachine(['plan', ...options], { files, ...described });

  test('prints the plan alone, and says what it is about', async () => {
    const { code, out, said, commands } = await plan([]);
    expect(code).toBe(0);
    expect(out).toBe(`greeter
  Dockerfile       Dockerfile
  context          .
  linux/amd64      1 test
  linux/arm64      1 test
  tests            /bin/app
  → embedded: acme/greeter:dev, in place of ghcr.io/acme/greeter:dev
`);
    expect(said.split('\n')).toStrictEqual([
      'This run is trusted: this is not a CI job.',
      expect.stringContaining('is not in a Git repository'),
      'This machine is linux/amd64: linux/arm64 is built and tested under emulation, unless the engine or a node of the builder is a machine for it.',
      '',
    ]);
    expect(commands.filter((one) => one.startsWith('docker'))).toStrictEqual([]);
  });

  test('is a document with --json, with the bases where they are asked for', async () => {
    const { out } = await plan(['--json']);
    expect(JSON.parse(out)).toMatchObject({ images: [{ id: 'greeter' }] });
    expect(JSON.parse(out)).not.toHaveProperty('bases');
    expect(JSON.parse((await plan(['--json', '--resolve'])).out).bases).toStrictEqual([]);
  });

  test('ends with 1 for an error, and with 0 for what is none', async () => {
    const missing = { ...files, Dockerfile: 'FROM scratch\nCOPY b /b\n' };
    const wrong = await plan([], { files: missing });
    expect(wrong.code).toBe(1);
    expect(wrong.said).toContain('✘ source-missing  Dockerfile:2\n');
    const lowered = `${CONFIGURATION}checks: { source-missing: warning }\n`;
    const warned = await plan([], { files: { ...missing, 'sea-trial.yml': lowered } });
    expect([warned.code, warned.said.includes('⚠ source-missing')]).toStrictEqual([0, true]);
  });

  test('shows what bases are now, as each line can pin it, or why there is nothing to pin', async () => {
    const there = `sha256:${'b'.repeat(64)}`;
    const { host } = await serve(({ url }, response) => {
      if (!url.includes('/acme/base/'))
        return respond(response, 403, errorBody('DENIED', 'not you'));
      return respond(response, 200, '', { 'docker-content-digest': there });
    });
    const digest = `sha256:${'a'.repeat(64)}`;
    const Dockerfile = [
      `FROM ${host}/acme/base@${digest} AS one`,
      'ARG OTHER',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the Dockerfile.
      'FROM ${OTHER} AS two',
      `FROM ${host}/acme/base:1 AS three`,
      `FROM ${host}/acme/none:1`,
      'COPY app /bin/app',
      '',
    ].join('\n');
    const { out } = await plan(['--resolve'], { files: { ...files, Dockerfile } });
    const [, lines = ''] = out.split('\nbases\n');
    const name = `${host}/acme/base:1`;
    expect(lines.split('\n')).toStrictEqual([
      `  greeter, line 1  ${host}/acme/base@${digest} is pinned`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the Dockerfile.
      '  greeter, line 3  ${OTHER} is known to the build alone',
      `  greeter, line 4  ${name} can be pinned as ${name}@${there}`,
      expect.stringMatching(/^ {2}greeter, line 5 {2}\S+\/acme\/none:1 cannot be read: ./),
      '',
    ]);
  });
});
