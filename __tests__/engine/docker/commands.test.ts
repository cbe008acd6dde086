import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { contextHost, dockerContexts } from '../../../src/engine/docker/contexts.js';
import {
  atEndpoint,
  type ContainerSpec,
  describeEngine,
  dockerEngine,
  dockerHousekeeping,
  dockerSightings,
  type EngineError,
  lostContexts,
  runPrivileged,
} from '../../../src/engine/index.js';
import type { Command, CommandOutput, Exec } from '../../../src/ports/index.js';

type Said = Partial<CommandOutput>;

/** A docker client that answers in turn, and keeps what it was started with. */
function client(...answers: readonly Said[]) {
  const commands: Command[] = [];
  const said = [...answers];
  const run = async (command: Command): Promise<CommandOutput> => {
    commands.push(command);
    if (command.input instanceof Readable) for await (const _ of command.input);
    return { code: 0, signal: null, stdout: '', stderr: '', ...said.shift() };
  };
  const ports = { exec: { run } as unknown as Exec, env: { PATH: '/bin', GITHUB_TOKEN: 'secret' } };
  const lines = () => commands.map(({ args }) => args.join(' '));
  return { ports, commands, lines, engine: dockerEngine(ports) };
}

const failed = (stderr: string): Said => ({ code: 1, stderr });

/** The options of the container that every test gets, whatever it runs. */
const SAFE = [
  '--pull=never',
  '--security-opt=no-new-privileges',
  '--pids-limit=4096',
  '--ulimit=core=0:0',
  '--log-driver=none',
  '--oom-score-adj=1000',
];

describe('a container', () => {
  const plain: ContainerSpec = {
    image: 'sha256:aa',
    platform: 'linux/arm64',
    arguments: ['a', 'b c'],
    env: {},
    labels: {},
  };

  async function made(more: Partial<ContainerSpec>) {
    const { engine, commands } = client({ stdout: 'c1\n' });
    expect(await engine.create({ ...plain, ...more })).toBe('c1');
    const [command] = commands;
    expect(command?.file).toBe('docker');
    expect(command?.env).toEqual({ PATH: '/bin' });
    return command?.args;
  }

  test('is made of its id, for its platform, without privileges', async () => {
    expect(await made({})).toEqual([
      'create',
      ...SAFE,
      '--platform=linux/arm64',
      'sha256:aa',
      'a',
      'b c',
    ]);
  });

  test('has what a test asks for, each as one argument', async () => {
    const args = await made({
      env: { A: 'b=c', D: '' },
      entrypoint: '/bin/sh',
      user: 'me',
      workdir: '/w',
      network: 'none',
      mounts: [{ source: '/a,b', target: '/m' }],
      volumes: [
        { source: 'cache', target: '/v', writable: true },
        { source: '/here', target: '/h', writable: false },
      ],
    });
    expect(args?.slice(SAFE.length + 2)).toEqual([
      '--env',
      'A=b=c',
      '--env',
      'D=',
      '--entrypoint=/bin/sh',
      '--user=me',
      '--workdir=/w',
      '--network=none',
      '--mount=type=bind,"source=/a,b",target=/m,readonly',
      expect.stringMatching(/^--mount=type=volume,"?source=cache"?,target=\/v$/),
      expect.stringMatching(/^--mount=type=bind,"?source=\/here"?,target=\/h,readonly$/),
      'sha256:aa',
      'a',
      'b c',
    ]);
  });

  test('has no entrypoint where that is emptied, and the image’s where nothing is said', async () => {
    expect(await made({ entrypoint: '' })).toContain('--entrypoint=');
  });

  test('is inspected as its engine tells, and nothing is made up', async () => {
    const state = (stdout: string) => client({ stdout }).engine.inspect('c1');
    expect(await state('{}')).toEqual({
      running: false,
      exitCode: -1,
      outOfMemory: false,
      error: '',
    });
    expect(
      await state('{"Running":true,"ExitCode":3,"OOMKilled":true,"Error":"no such file"}'),
    ).toEqual({ running: true, exitCode: 3, outOfMemory: true, error: 'no such file' });
  });

  test('takes a tar at its root', async () => {
    const { engine, lines, commands } = client();
    await engine.copyIn('c1', Readable.from([Buffer.from('x')]));
    expect(lines()).toEqual(['cp - c1:/']);
    expect(commands[0]?.input).toBeInstanceOf(Readable);
  });

  test('takes it no longer where the run or its own work is stopped', async () => {
    const [run, own] = [new AbortController(), new AbortController()];
    const signals: (AbortSignal | undefined)[] = [];
    const exec = {
      async run({ signal }: Command) {
        signals.push(signal);
        return { code: 0, signal: null, stdout: '', stderr: '' };
      },
    } as unknown as Exec;
    const engine = dockerEngine({ exec, env: {} }, run.signal);
    await engine.copyIn('c1', Readable.from([]), own.signal);
    await engine.copyIn('c1', Readable.from([]));
    const aborted = () => signals.map((signal) => signal?.aborted);
    expect(aborted()).toEqual([false, false]);
    own.abort();
    expect(aborted()).toEqual([true, false]);
    run.abort();
    expect(aborted()).toEqual([true, true]);
  });

  test('gives a path as a tar, or is an error with the words of the client', async () => {
    const started: Command[] = [];
    const engineOf = (code: number) => {
      const start = (command: Command) => {
        started.push(command);
        return {
          stdout: Readable.from([Buffer.from('a tar')]),
          stderr: Readable.from([Buffer.from('no such\n'), Buffer.from('path\n')]),
          exit: Promise.resolve({ code, signal: null }),
          kill() {},
        };
      };
      return dockerEngine({ exec: { start } as unknown as Exec, env: {} });
    };
    const texts: string[] = [];
    const read = async (tar: Readable) =>
      void texts.push(String(Buffer.concat(await tar.toArray())));
    await engineOf(0).copyOut('c1', '/out', read);
    expect([started[0]?.args, texts]).toEqual([['cp', 'c1:/out', '-'], ['a tar']]);
    await expect(engineOf(1).copyOut('c1', '/out', read)).rejects.toThrow(
      /could not copy a file out of a container.*no such/s,
    );
  });

  test('is started with its outputs, and left without being ended', async () => {
    const killed: string[] = [];
    const started: Command[] = [];
    const running = {
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      exit: Promise.resolve({ code: 0, signal: null }),
      kill: (signal: string) => void killed.push(signal),
    };
    const start = (command: Command) => {
      started.push(command);
      return running;
    };
    const attached = dockerEngine({ exec: { start } as unknown as Exec, env: {} }).start('c1');
    expect(started[0]?.args).toEqual(['start', '--attach', 'c1']);
    expect([attached.stdout, attached.stderr]).toEqual([running.stdout, running.stderr]);
    attached.leave();
    expect(killed).toEqual(['SIGKILL']);
  });

  test.each(['No such container: c1', 'Container c1 is not running'])(
    'that has ended meanwhile is killed all the same: %s',
    async (stderr) => {
      const { engine, lines } = client(failed(stderr));
      await engine.kill('c1');
      expect(lines()).toEqual(['kill c1']);
    },
  );

  test('that cannot be killed or removed is an error with the words of the client', async () => {
    await expect(client(failed('it is stuck')).engine.kill('c1')).rejects.toThrow(
      'The Docker engine could not stop a container: it is stuck',
    );
    const cut = client({ code: null, signal: 'SIGTERM' });
    await expect(cut.engine.remove('c1')).rejects.toThrow(
      'could not remove a container: it did not answer before SIGTERM came',
    );
    const other = client({ code: 1, stdout: 'said on the other side' });
    await expect(other.engine.remove('c1')).rejects.toThrow('said on the other side');
  });

  test('of a run is found by the name that only a run gives', async () => {
    const { engine, lines } = client({ stdout: 'c1\n\nc2\n' });
    expect(await engine.containers('local-00000001')).toEqual(['c1', 'c2']);
    expect(lines()).toEqual([
      'ps -aq --no-trunc --filter name=^/?sea-trial-local-00000001-[0-9a-f]{8}$',
    ]);
  });
});

describe('an image', () => {
  test('has an id by its name, or there is none', async () => {
    const { engine, lines } = client({ stdout: 'sha256:aa\n' });
    expect(await engine.imageId('a:1')).toBe('sha256:aa');
    expect(lines()).toEqual(['image inspect --format {{.Id}} a:1']);
    expect(await client(failed('Error: No such image: a:1')).engine.imageId('a:1')).toBeUndefined();
    await expect(client(failed('it broke')).engine.imageId('a:1')).rejects.toThrow(
      'could not look for an image: it broke',
    );
  });

  test('is loaded from a stream, and named', async () => {
    const { engine, lines, commands } = client();
    await engine.load(Readable.from([Buffer.from('tar')]));
    await engine.name('sha256:aa', 'a:1');
    expect(lines()).toEqual(['load', 'image tag sha256:aa a:1']);
    expect(commands.map(({ input }) => input !== undefined)).toEqual([true, false]);
    await expect(client(failed('no')).engine.name('a', 'b')).rejects.toThrow(
      'could not name an image',
    );
  });

  test('that is gone already is removed', async () => {
    await client(failed('No such image: a:1')).engine.removeImage('a:1');
    await expect(client(failed('it is in use')).engine.removeImage('a:1')).rejects.toThrow(
      'could not remove an image: it is in use',
    );
  });

  test('has a record of whose it is in a volume', async () => {
    const record = { repository: 'https://git.example/a', name: 'a:1', image: 'sha256:aa' };
    const { engine, commands } = client({}, {});
    await engine.recordLoad(record);
    await engine.forgetLoad(record);
    const [create, remove] = commands.map(({ args }) => args);
    expect(create?.slice(0, 2)).toEqual(['volume', 'create']);
    expect(remove).toEqual(['volume', 'rm', create?.at(-1)]);
    await client(failed('no such volume')).engine.forgetLoad(record);
    const row = JSON.stringify(Object.values(record));
    expect(await client({ stdout: row }).engine.loadRecords()).toEqual([record]);
  });
});

test('what the signal ends are questions, and nothing that makes or removes', async () => {
  const stop = new AbortController();
  const { ports, commands } = client();
  const engine = dockerEngine(ports, stop.signal);
  await engine.imageId('a');
  await engine.name('a', 'b');
  await engine.remove('c1');
  await engine.create({ image: 'a', platform: 'p', arguments: [], env: {}, labels: {} });
  expect(commands.map(({ signal }) => signal === stop.signal)).toEqual([true, false, false, false]);
});

test('a privileged container has no network, and goes with its program', async () => {
  const { ports, commands } = client({ stdout: 'out' });
  const asked = {
    image: 'binfmt',
    platform: 'linux/amd64',
    labels: { a: 'b' },
    arguments: ['--install', 'arm64'],
  };
  expect(await runPrivileged(asked, ports)).toMatchObject({ stdout: 'out' });
  expect(commands[0]?.args).toEqual([
    ...['run', '--rm', '--privileged', '--network=none', '--platform=linux/amd64', '--label=a=b'],
    ...['binfmt', '--install', 'arm64'],
  ]);
  const stopped = runPrivileged(asked, ports, AbortSignal.abort('SIGTERM'));
  await expect(stopped).rejects.toBe('SIGTERM');
});

describe('docker contexts', () => {
  test('are listed by a client without one of its own', async () => {
    const { ports, commands } = client({ stdout: 'default\nfar\n\n' });
    const env = { ...ports.env, DOCKER_CONTEXT: 'far', DOCKER_HOST: 'tcp://x' };
    expect(await dockerContexts({ ...ports, env })).toEqual(['default', 'far']);
    expect(commands[0]?.args).toEqual(['context', 'ls', '--format', '{{.Name}}']);
    expect(commands[0]?.env).toEqual({ PATH: '/bin', DOCKER_HOST: 'tcp://x' });
    expect(await dockerContexts(client(failed('no')).ports)).toBeUndefined();
  });

  test('that are not there are lost; addresses and the default one never are', () => {
    const endpoints = ['far', 'gone', 'gone', 'tcp://x', 'host:1', 'default'];
    expect(lostContexts(endpoints, ['far'])).toEqual(['gone']);
  });

  test.each([
    [undefined, { DOCKER_CONTEXT: 'c', DOCKER_HOST: 'h' }],
    ['default', { DOCKER_HOST: 'h' }],
    ['far', { DOCKER_CONTEXT: 'far' }],
    ['ssh://me@far', { DOCKER_HOST: 'ssh://me@far' }],
  ])('%s is reached by %j', (endpoint, expected) => {
    const env = { DOCKER_CONTEXT: 'c', DOCKER_HOST: 'h' };
    expect(atEndpoint({ env }, endpoint).env).toEqual(expected);
  });

  test.each<[Said, string | undefined]>([
    [{ stdout: 'unix:///run/docker.sock\n' }, 'unix:///run/docker.sock'],
    [{ stdout: 'far\n' }, undefined],
    [{ code: 1, stdout: 'unix:///x' }, undefined],
  ])('say where their engine is: %j', async (said, expected) => {
    const { ports, lines } = client(said);
    expect(await contextHost('far', ports)).toBe(expected);
    expect(lines()).toEqual(['context inspect --format {{.Endpoints.docker.Host}} far']);
  });
});

test('what people paste into reports is what the client prints, whatever becomes of it', async () => {
  const said: Readonly<Record<string, Said>> = {
    version: { stdout: 'Client 1\n', stderr: '\n' },
    info: { code: null, notStarted: 'ENOENT' },
  };
  const { ports } = client();
  const run = async ({ args: [name = ''], env }: Command) => {
    expect(env).toEqual({ PATH: '/bin', MORE: '1' });
    return { code: 0, signal: null, stdout: '', stderr: '', ...said[name] };
  };
  expect(await describeEngine(run, ports.env, { MORE: '1' })).toEqual([
    { command: 'docker version', text: 'Client 1' },
    { command: 'docker info', text: 'ENOENT' },
  ]);
});

describe('housekeeping', () => {
  const keeping = (...answers: readonly Said[]) => {
    const { ports, lines } = client(...answers);
    return { ...dockerHousekeeping(ports), lines };
  };

  test('finds containers by a pattern, with their names', async () => {
    const { containers, lines } = keeping({ stdout: 'id1 one\nid2 two\n' });
    expect(await containers('^x$')).toEqual([
      { id: 'id1', name: 'one' },
      { id: 'id2', name: 'two' },
    ]);
    expect(lines()).toEqual(['ps --all --no-trunc --filter name=^x$ --format {{.ID}} {{.Names}}']);
  });

  test('takes for a probe of a graphics card only what buildx makes, and not what is older', async () => {
    const since = new Date('2026-01-01T00:00:00Z');
    const row = (id: string, created: string, entrypoint: unknown, goes: boolean) =>
      JSON.stringify([id, created, entrypoint, goes]);
    const probe = ['/bin/true'];
    const stdout = [
      row('probe', '2026-01-01T00:00:00Z', probe, true),
      row('older', '2025-12-31T23:59:59Z', probe, true),
      row('stays', '2026-01-02T00:00:00Z', probe, false),
      row('other', '2026-01-02T00:00:00Z', ['/bin/sh'], true),
      row('none', '2026-01-02T00:00:00Z', null, true),
    ].join('\n');
    const { cardProbes, lines } = keeping({ stdout: 'a\nb\n' }, { stdout });
    expect(await cardProbes('buildkit', since)).toEqual(['probe']);
    expect(lines()[0]).toContain('--filter status=created --filter ancestor=buildkit');
    expect(lines()[1]).toMatch(/ a b$/);
    const nothing = keeping({});
    expect(await nothing.cardProbes('buildkit', since)).toEqual([]);
    expect(nothing.lines()).toHaveLength(1);
  });

  test('removes several things with one client, and nothing where there is nothing', async () => {
    const { removeContainers, removeNetworks, removeVolumes, lines } = keeping();
    await removeContainers([], true);
    await removeContainers(['a', 'b'], true);
    await removeContainers(['c'], false);
    await removeNetworks(['n']);
    await removeVolumes(['v', 'w']);
    expect(lines()).toEqual([
      'rm --force --volumes a b',
      'rm --force c',
      'network rm n',
      'volume rm v w',
    ]);
  });

  test.each<[Said, RegExp | undefined]>([
    [failed('Error: No such container: a\n\n'), undefined],
    [failed('removal of container a is already in progress'), undefined],
    [failed('Error: No such container: a\nit is stuck'), /^docker rm failed: it is stuck$/],
    [{ code: null, signal: 'SIGKILL' }, /no answer before SIGKILL came$/],
    [{ code: null, notStarted: 'ENOENT' }, undefined],
  ])('what another process has removed is no error: %j', async (said, error) => {
    const removing = keeping(said).removeContainers(['a'], false);
    if (error === undefined) await removing;
    else await expect(removing).rejects.toThrow(error);
  });

  test('tells why it could not look, with no more than two thousand characters', async () => {
    await expect(keeping(failed('no engine')).networks('x')).rejects.toThrow(
      'docker network ls failed: no engine',
    );
    await expect(keeping({ code: null, notStarted: 'ENOENT' }).volumes('x')).rejects.toThrow(
      'docker volume ls failed: ENOENT',
    );
    await expect(keeping({ code: null, signal: 'SIGTERM' }).images('x')).rejects.toThrow(
      'docker images --format failed: no answer before SIGTERM came',
    );
    await expect(keeping({ code: 3 }).volumes('x')).rejects.toThrow('failed: no output');
    const long = await keeping(failed('x'.repeat(3000)))
      .networks('x')
      .catch((error: EngineError) => error);
    expect((long as EngineError).said).toHaveLength(2000);
  });

  test('sees on a network the volumes and the author of what is there', async () => {
    const stdout = [
      JSON.stringify([
        'id1',
        'img',
        { author: 'pack' },
        [{ Type: 'volume', Name: 'v' }, { Type: 'bind', Name: 'b' }, { Type: 'volume' }],
      ]),
      JSON.stringify(['id2', 'img2', null, null]),
    ].join('\n');
    const { onNetwork, lines } = keeping({ stdout: 'id1\nid2\n' }, { stdout });
    expect(await onNetwork('n')).toEqual([
      { id: 'id1', image: 'img', author: 'pack', volumes: ['v'] },
      { id: 'id2', image: 'img2', author: '', volumes: [] },
    ]);
    expect(lines()[0]).toBe('ps --all --quiet --no-trunc --filter network=n');
    const nothing = keeping({});
    expect([await nothing.onNetwork('n'), nothing.lines().length]).toEqual([[], 1]);
  });

  test.each<[Said, string]>([
    [{}, 'removed'],
    [failed('No such image: a'), 'gone'],
    [failed('image is being used by container'), 'used'],
    [failed('container c is using its referenced image'), 'used'],
    [failed('image has dependent child images'), 'used'],
  ])('says what became of an image: %j is %s', async (said, fate) => {
    const { removeImage, lines } = keeping(said);
    expect(await removeImage('a:1')).toBe(fate);
    expect(lines()).toEqual(['image rm a:1']);
  });

  test('an image that cannot be removed for another reason is an error', async () => {
    await expect(keeping(failed(' it broke\n')).removeImage('a')).rejects.toThrow(
      /^docker image rm failed: it broke$/,
    );
  });
});

describe('what things of runs say of themselves', () => {
  const seeing = (...answers: readonly Said[]) => {
    const { ports, lines } = client(...answers);
    return { ...dockerSightings(ports), lines };
  };

  test('is read row by row, and what is none is left out', async () => {
    const { containers, lines } = seeing({ stdout: '["n","v","t"]\nno JSON\n{}\n[]\n' });
    expect(await containers('^x$', ['l.a'])).toEqual([['n', 'v', 't']]);
    expect(lines()).toEqual([
      'ps --all --format [{{json .Names}},{{json (.Label "l.a")}},{{json .CreatedAt}}] --filter name=^x$',
    ]);
  });

  test('is asked of networks, volumes, variables and images, each in its way', async () => {
    const network = seeing({ stdout: '["n"]' });
    expect(await network.networks('x', [])).toEqual([['n']]);
    expect(network.lines()[0]).toBe(
      'network ls --format [{{json .Name}},{{json .CreatedAt}}] --filter name=x',
    );
    const volume = seeing({ stdout: 'v\n' }, { stdout: '["v","t"]' });
    expect(await volume.volumes('x')).toEqual([['v', 't']]);
    expect(volume.lines()[1]).toBe(
      'volume inspect --format [{{json .Name}},{{json .CreatedAt}}] v',
    );
    const variables = seeing({ stdout: 'c\n' }, { stdout: '["/c","t",["A=b"]]' });
    expect(await variables.variables('x')).toEqual([['/c', 't', ['A=b']]]);
    expect(variables.lines()[1]).toBe(
      'container inspect --format [{{json .Name}},{{json .Created}},{{json .Config.Env}}] c',
    );
    const images = seeing({ stdout: 'a:1\n' });
    expect(await images.images('a/*')).toEqual(['a:1']);
    expect(images.lines()[0]).toBe(
      'images --filter reference=a/* --format {{.Repository}}:{{.Tag}}',
    );
    const image = seeing({ stdout: '["v","t"]' });
    expect(await image.image('a:1', ['l'])).toEqual(['v', 't']);
    expect(image.lines()[0]).toBe(
      'image inspect --format [{{json (index .Config.Labels "l")}},{{json .Metadata.LastTagTime}}] a:1',
    );
  });

  test('is nothing where the engine does not answer, and nothing more is asked then', async () => {
    const silent = seeing(...Array(9).fill(failed('no engine')));
    const all = [
      await silent.containers('x', []),
      await silent.variables('x'),
      await silent.volumes('x'),
      await silent.images('x'),
      await silent.image('x', []),
    ];
    expect(all).toEqual([[], [], [], [], []]);
    expect(silent.lines()).toHaveLength(5);
    const broken = dockerSightings({
      exec: { run: () => Promise.reject(new Error('EMFILE')) } as unknown as Exec,
      env: {},
    });
    expect(await broken.images('x')).toEqual([]);
  });
});
