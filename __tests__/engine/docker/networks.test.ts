import { describe, expect, test } from '@jest/globals';
import { dockerNetworks } from '../../../src/engine/docker/networks.js';
import { type Command, type Exec, realPorts } from '../../../src/ports/index.js';

/** An engine that answers by what the first two arguments are. */
function engine(answers: Readonly<Record<string, string>>, failing = '', why = 'no more networks') {
  const commands: (readonly string[])[] = [];
  const naps: number[] = [];
  const exec = {
    run: async ({ args }: Command) => {
      commands.push(args);
      const key = args.slice(0, 2).join(' ');
      const fails = key === failing;
      const stdout = fails ? '' : (answers[key] ?? '');
      return { code: fails ? 1 : 0, signal: null, stdout, stderr: fails ? why : '' };
    },
  } as unknown as Exec;
  const clock = { ...realPorts().clock, sleep: async () => void naps.push(1) };
  return { networks: dockerNetworks({ exec, env: {}, clock }), commands, naps };
}

const NETWORK = 'sea-trial-local-0a1b2c3d-00112233';

describe('the network of a build', () => {
  test('has the name and the labels of its run, and the address of the engine on it', async () => {
    const { networks, commands } = engine({ 'network inspect': 'fd00::1\n172.18.0.1\n\n' });
    const labels = { 'sea-trial.run': 'local-0a1b2c3d', 'sea-trial.started': 'now' };
    const { name, gateway } = await networks.create(labels);
    expect(name).toMatch(/^sea-trial-local-0a1b2c3d-[0-9a-f]{8}$/);
    expect(gateway).toBe('172.18.0.1');
    expect(commands[0]).toEqual([
      ...['network', 'create', '--driver=bridge', '--label=sea-trial.run=local-0a1b2c3d'],
      ...['--label=sea-trial.started=now', name],
    ]);
    expect(commands[1]).toEqual([
      ...['network', 'inspect', '--format'],
      ...['{{range .IPAM.Config}}{{println .Gateway}}{{end}}', name],
    ]);
  });

  test('has no address where the engine gives none', async () => {
    const { networks } = engine({ 'network inspect': 'invalid IP\n' });
    expect(Object.keys(await networks.create({}))).toEqual(['name']);
  });

  test('is an error in words where the engine makes none', async () => {
    const { networks } = engine({}, 'network create');
    await expect(networks.create({})).rejects.toThrow(
      'The Docker engine could not create a network. no more networks',
    );
  });

  test('is removed with what pack left on it, and with nothing of anybody else', async () => {
    const row = (id: string, image: string, author: string, volumes: readonly string[]) =>
      JSON.stringify([
        id,
        image,
        author === '' ? null : { author },
        [...volumes.map((Name) => ({ Type: 'volume', Name })), { Type: 'bind', Source: '/x' }],
      ]);
    const { networks, commands } = engine({
      'ps --all': 'one\ntwo\nthree\n',
      'container inspect': [
        row('one', 'pack.local/builder/abc:latest', 'pack', [
          'pack-app-abcdefghij',
          'pack-layers-abcdefghij',
          'sea-trial-cache-1',
        ]),
        row('two', 'heroku/builder@sha256:1', 'pack', ['pack-app-theirs', 'data']),
        row('three', 'pack.local/builder/def:latest', '', ['pack-app-zzzzzzzzzz']),
      ].join('\n'),
      'volume ls': `pack-cache-172.18.0.1_1_${NETWORK}_x-1.kaniko\npack-cache-other.kaniko\n`,
    });
    expect(await networks.remove(NETWORK)).toBe(6);
    const removing = commands.filter(([first, second]) => first === 'rm' || second === 'rm');
    expect(removing).toEqual([
      ['rm', '--force', '--volumes', 'one', 'two'],
      [
        ...['volume', 'rm', 'pack-app-abcdefghij', 'pack-layers-abcdefghij'],
        `pack-cache-172.18.0.1_1_${NETWORK}_x-1.kaniko`,
      ],
      ['image', 'rm', 'pack.local/builder/abc:latest'],
      ['network', 'rm', NETWORK],
    ]);
  });

  test('is waited for while pack itself removes a container that is on it', async () => {
    let tries = 0;
    const exec = {
      run: async ({ args }: Command) => {
        const isBusy = args[1] === 'rm' && ++tries < 3;
        const stderr = isBusy ? `error: network ${NETWORK} has active endpoints` : '';
        return { code: isBusy ? 1 : 0, signal: null, stdout: '', stderr };
      },
    } as unknown as Exec;
    const clock = { ...realPorts().clock, sleep: async () => {} };
    expect(await dockerNetworks({ exec, env: {}, clock }).remove(NETWORK)).toBe(1);
    expect(tries).toBe(3);
  });

  test('is an error where something else stays on it', async () => {
    const { networks, naps } = engine({}, 'network rm', 'network x has active endpoints');
    await expect(networks.remove(NETWORK)).rejects.toThrow('has active endpoints');
    expect(naps.length).toBeGreaterThan(5);
    const other = engine({}, 'network rm', 'permission denied');
    await expect(other.networks.remove(NETWORK)).rejects.toThrow('permission denied');
    expect(other.naps).toEqual([]);
  });
});

describe('what a build needs beside its network', () => {
  test('is a volume with the labels of its run, and its removal', async () => {
    const { networks, commands } = engine({});
    await networks.makeVolume('cache-1', { 'sea-trial.run': 'local-0a1b2c3d', a: 'b' });
    await networks.removeVolume('cache-1');
    expect(commands).toEqual([
      ['volume', 'create', '--label=sea-trial.run=local-0a1b2c3d', '--label=a=b', 'cache-1'],
      ['volume', 'rm', 'cache-1'],
    ]);
    const full = engine({}, 'volume create', 'no space');
    await expect(full.networks.makeVolume('cache-1', {})).rejects.toThrow(
      'The Docker engine could not create a volume. no space',
    );
  });

  test('is an image of its platform, pulled with the logins that are given and no others', async () => {
    const commands: Command[] = [];
    const answer = { code: 0, signal: null, stdout: '', stderr: '' };
    const exec = {
      async run(command: Command) {
        commands.push(command);
        return { ...answer, code: commands.length === 1 ? 0 : 1, stderr: 'denied' };
      },
    } as unknown as Exec;
    const env = { PATH: '/bin', DOCKER_CONFIG: '/theirs', DOCKER_AUTH_CONFIG: '{}' };
    const networks = dockerNetworks({ exec, env, clock: realPorts().clock });
    const image = { reference: 'r.io/a@sha256:1', platform: 'linux/arm64', dockerConfig: '/own' };
    await networks.pull(image);
    expect(commands[0]?.args).toEqual([
      'pull',
      '--quiet',
      '--platform=linux/arm64',
      'r.io/a@sha256:1',
    ]);
    expect(commands[0]?.env).toMatchObject({ DOCKER_CONFIG: '/own' });
    expect(commands[0]?.env.DOCKER_AUTH_CONFIG).toBeUndefined();
    await expect(networks.pull(image)).rejects.toThrow('r.io/a@sha256:1 cannot be pulled. denied');
    await expect(networks.pull(image, AbortSignal.abort('SIGINT'))).rejects.toBe('SIGINT');
  });
});
