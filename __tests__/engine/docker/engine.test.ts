import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { failure } from '../../../src/engine/docker/client.js';
import { dockerEngine } from '../../../src/engine/docker/engine.js';
import { readInfo } from '../../../src/engine/docker/info.js';
import { engineError } from '../../../src/engine/errors.js';
import type { CommandOutput, Exec } from '../../../src/ports/index.js';
import { silentExec } from '../../silent-exec.js';

describe("docker's answers", () => {
  test('info of an engine with the containerd store', () => {
    const facts = readInfo(
      JSON.stringify({
        ServerVersion: '28.5.2',
        OSType: 'linux',
        Architecture: 'aarch64',
        DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
        SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'],
        RegistryConfig: {
          Mirrors: ['http://127.0.0.1:5000/'],
          InsecureRegistryCIDRs: ['127.0.0.0/8'],
          IndexConfigs: { 'docker.io': { Secure: true }, 'registry:5000': { Secure: false } },
        },
        HttpProxy: '',
        HttpsProxy: 'http://xxxxx:xxxxx@proxy:3128',
        ClientInfo: {
          Context: 'harbour',
          Plugins: [{ Name: 'buildx', Version: 'v0.29.1+dfsg', Path: '/plugins/docker-buildx' }],
        },
        DockerRootDir: '/var/lib/docker',
      }),
    );
    expect(facts).toEqual({
      name: 'docker',
      version: '28.5.2',
      store: 'containerd',
      platform: 'linux/arm64',
      rootless: true,
      context: 'harbour',
      buildx: '0.29.1',
      buildxFile: '/plugins/docker-buildx',
      root: '/var/lib/docker',
      mirrors: ['http://127.0.0.1:5000/'],
      insecure: { hosts: ['registry:5000'], ranges: ['127.0.0.0/8'] },
      proxies: { HTTPS_PROXY: 'http://xxxxx:xxxxx@proxy:3128' },
    });
  });

  test('info of a classic store without buildx', () => {
    const facts = readInfo(
      JSON.stringify({
        OSType: 'linux',
        Architecture: 'x86_64',
        DriverStatus: [['Backing Filesystem', 'extfs']],
      }),
    );
    expect(facts).toMatchObject({
      store: 'classic',
      platform: 'linux/amd64',
      context: 'default',
    });
    expect(facts.buildx).toBeUndefined();
  });

  test.each([
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'not-answering',
    ],
    ['permission denied while trying to connect to the Docker daemon socket', 'permission'],
    ['write /var/lib/docker/tmp/x: no space left on device', 'disk-full'],
    ['Error response from daemon: something new', 'failed'],
  ])('%s', (said, code) => {
    expect(engineError('answer', said).code).toBe(code);
  });
});

/** A docker client that answers so, one time after the other. */
function dockerThatSays(...answers: readonly Partial<CommandOutput>[]) {
  const left = [...answers];
  const commands: (readonly string[])[] = [];
  const exec: Exec = {
    start: () => {
      throw new Error('nothing is to be started');
    },
    async run({ args }) {
      commands.push(args);
      return { code: 0, signal: null, stdout: '', stderr: '', ...left.shift() };
    },
  };
  return { engine: dockerEngine({ exec, env: {} }), times: () => commands.length, commands };
}

test('facts of an engine that does not answer, though the client prints a document, are none', async () => {
  const stderr = 'Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?';
  const { engine } = dockerThatSays({ code: 1, stdout: '{"ServerVersion":""}', stderr });
  await expect(engine.facts()).rejects.toMatchObject({ code: 'not-answering' });
});

test('facts are a document of a client that has succeeded, and nothing else', async () => {
  const info = { ServerVersion: '29.0.0', OSType: 'linux', Architecture: 'x86_64' };
  const { engine, commands } = dockerThatSays({ stdout: `${JSON.stringify(info)}\n` });
  expect(await engine.facts()).toMatchObject({ version: '29.0.0', platform: 'linux/amd64' });
  expect(commands).toEqual([['info', '--format', '{{json .}}']]);
  const words = dockerThatSays({ stdout: 'Client: a plugin failed' });
  await expect(words.engine.facts()).rejects.toThrow('Client: a plugin failed');
});

describe('the names of an image', () => {
  test.each<[string, Partial<CommandOutput>, readonly string[] | undefined]>([
    ['some', { stdout: '["a:1","b:2"]\n' }, ['a:1', 'b:2']],
    ['none of a dangling one', { stdout: '[]\n' }, []],
    ['none of a dangling one, as other versions say it', { stdout: 'null\n' }, []],
    ['there is no such image', { code: 1, stderr: 'Error: No such image: a' }, undefined],
  ])('%s', async (_, answer, names) => {
    expect(await dockerThatSays(answer).engine.names('a')).toEqual(names);
  });

  test('an engine that does not answer says nothing about them', async () => {
    const { engine } = dockerThatSays({ code: 1, stderr: 'Cannot connect to the Docker daemon' });
    await expect(engine.names('a')).rejects.toMatchObject({ code: 'not-answering' });
  });
});

test('the signals that the threads of a container block', async () => {
  const stdout = 'PID                 BLOCKED\n23569               fffffffe7ffbfaff\n9   0\n';
  const { engine, commands } = dockerThatSays({ stdout });
  expect(await engine.blockedSignals('c1')).toEqual(['fffffffe7ffbfaff', '0']);
  expect(commands[0]).toEqual(['top', 'c1', '-eLo', 'pid,blocked']);
  const other = dockerThatSays({ code: 1, stderr: 'ps: unknown user-defined format "blocked"' });
  await expect(other.engine.blockedSignals('c1')).rejects.toMatchObject({ code: 'failed' });
});

describe('a client that could not do its work', () => {
  test.each([
    ['ENOENT', 'not-installed', 'There is no "docker" on PATH'],
    ['E2BIG', 'failed', 'could not be started: E2BIG (its arguments and variables are longer'],
    ['EACCES', 'failed', 'The docker client could not be started: EACCES.'],
  ])('is not started: %s', async (notStarted, code, message) => {
    const { engine } = dockerThatSays({ code: null, notStarted });
    await expect(engine.remove('c1')).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test('for what it was given could not be read', async () => {
    const inputFailed = 'ENOENT: no such file';
    const { engine } = dockerThatSays({ code: null, signal: 'SIGTERM', inputFailed });
    await expect(engine.load(Readable.from([]))).rejects.toMatchObject({
      code: 'input',
      message: `The data needed to load the image could not be read: ${inputFailed}`,
    });
  });
});

describe('making a container', () => {
  const spec = { image: 'sha256:aa', platform: 'linux/amd64', arguments: [], env: {}, labels: {} };

  const lost = { code: 1, stderr: 'NotFound: parent snapshot sha256:ff does not exist: not found' };

  test('gives it a name that only a run gives, beside the labels, which an image could have, too', async () => {
    const { engine, commands } = dockerThatSays({ stdout: 'c1\n' });
    await engine.create({ ...spec, labels: { 'sea-trial.run': 'local-0123abcd', other: 'x' } });
    expect(commands[0]).toContainEqual(
      expect.stringMatching(/^--name=sea-trial-local-0123abcd-[0-9a-f]{8}$/),
    );
    expect(commands[0]).toEqual(
      expect.arrayContaining(['--label=sea-trial.run=local-0123abcd', '--label=other=x']),
    );
  });

  test('is tried once more where the store has just dropped a layer of it', async () => {
    const { engine, times } = dockerThatSays(lost, { stdout: 'c1\n' });
    expect(await engine.create(spec)).toBe('c1');
    expect(times()).toBe(2);
  });

  test('is not tried again where it was made, whatever is said beside that', async () => {
    const { engine, times } = dockerThatSays({ ...lost, code: 0, stdout: 'c1\n' });
    expect([await engine.create(spec), times()]).toEqual(['c1', 1]);
  });

  test('is not tried for ever, nor again for anything else', async () => {
    const twice = dockerThatSays(lost, lost);
    await expect(twice.engine.create(spec)).rejects.toThrow('parent snapshot');
    expect(twice.times()).toBe(2);
    const other = dockerThatSays({ code: 1, stderr: 'no such image' });
    await expect(other.engine.create(spec)).rejects.toThrow('no such image');
    expect(other.times()).toBe(1);
  });
});

test('an engine that takes the question and says nothing does not answer', async () => {
  await expect(
    dockerEngine({ exec: silentExec, env: {} }, undefined, 20).facts(),
  ).rejects.toMatchObject({
    code: 'not-answering',
    message: expect.stringContaining('has not answered "docker info" within 0.02 s; check its log'),
  });
});

describe('containers of one moment', () => {
  test('are removed by one client', async () => {
    const { engine, commands } = dockerThatSays({ stdout: 'c1\nc2\n' });
    await Promise.all(['c1', 'c2'].map(engine.remove));
    expect(commands).toEqual([['rm', '--force', '--volumes', 'c1', 'c2']]);
  });

  test('of which one is gone and one is stuck are told of each alone', async () => {
    const gone = 'Error response from daemon: No such container: c1';
    const stuck = 'Error response from daemon: could not kill c2';
    const { engine, commands } = dockerThatSays(
      { code: 1, stderr: `${gone}\n${stuck}` },
      { code: 1, stderr: gone },
      { code: 1, stderr: stuck },
    );
    const [first, second] = await Promise.allSettled(['c1', 'c2'].map(engine.remove));
    expect(first?.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: { message: expect.stringContaining('kill c2') } });
    expect(commands.slice(1).map((args) => args.slice(3))).toEqual([['c1'], ['c2']]);
  });

  test('are inspected by one client, each with its own state', async () => {
    const stdout = '{"ExitCode":3}\n{"ExitCode":0,"OOMKilled":true}\n';
    const { engine, commands } = dockerThatSays({ stdout });
    const states = await Promise.all(['c1', 'c2'].map(engine.inspect));
    expect(states).toMatchObject([{ exitCode: 3 }, { exitCode: 0, outOfMemory: true }]);
    expect(commands.map((args) => args.slice(-2))).toEqual([['c1', 'c2']]);
  });
});

test('images of one moment are removed at once, a client each', async () => {
  const { engine, commands } = dockerThatSays();
  await Promise.all(['a:1', 'b:1'].map(engine.removeImage));
  expect(commands).toEqual([
    ['image', 'rm', 'a:1'],
    ['image', 'rm', 'b:1'],
  ]);
});

describe('what an engine tells of itself', () => {
  const facts = (info: object) => readInfo(JSON.stringify(info));

  test('may be nothing', () => {
    expect(facts({})).toEqual({
      name: 'docker',
      version: 'unknown',
      store: 'classic',
      platform: 'linux/',
      context: 'default',
      rootless: false,
      mirrors: [],
      insecure: { hosts: [], ranges: [] },
      proxies: {},
    });
  });

  test.each([
    ['v0.29.1', '0.29.1'],
    ['0.29.1+dfsg1', '0.29.1'],
    ['v0.30.0-rc1', '0.30.0'],
    ['0.13.1~ds1', '0.13.1'],
  ])('has the buildx %s as %s', (Version, buildx) => {
    const Plugins = [
      { Name: 'compose', Version: 'v2' },
      { Name: 'buildx', Version },
    ];
    expect(facts({ ClientInfo: { Plugins } }).buildx).toBe(buildx);
  });

  test('has its id, its context and where it keeps things, if these are no empty texts', () => {
    const said = { ID: 'x', ClientInfo: { Context: 'far' }, DockerRootDir: '/d' };
    expect(facts(said)).toMatchObject({ id: 'x', context: 'far', root: '/d' });
    const empty = facts({ ID: '', ClientInfo: { Context: '' }, DockerRootDir: '' });
    expect(empty.context).toBe('default');
    expect(empty).not.toHaveProperty('id');
    expect(empty).not.toHaveProperty('root');
  });

  test('is an error where it says so', () => {
    expect(() => facts({ ServerErrors: ['Cannot connect to the Docker daemon'] })).toThrow(
      'does not answer',
    );
  });
});

test.each([
  ['', 'It failed.', ''],
  ['  \n', 'It failed.', ''],
  ['ERROR: no space\n', 'It failed. no space', 'ERROR: no space'],
  ['1\n2\n3\n4\n5\n6\n', 'It failed. 6', '2\n3\n4\n5\n6'],
])('a failure of the client ends with the last line of what it said: %j', (said, message, kept) => {
  expect(failure('It failed.', said)).toMatchObject({ code: 'failed', message, said: kept });
});
