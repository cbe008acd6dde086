import { describe, expect, test } from '@jest/globals';
import { prove } from '../../src/emulation/prove.js';
import { type ContainerSpec, EngineError } from '../../src/engine/index.js';
import { createMarker, loopbackShared } from '../../src/engine/shared-host.js';
import { type Command, type CommandOutput, type Exec, realPorts } from '../../src/ports/index.js';
import { createWorld, engineOf } from '../environment/world.js';

const { clock } = realPorts();
const never = new AbortController().signal;

/** A docker client that does something with the reference it is to pull, and then says something. */
function clientThat(act: (reference: string, command: Command) => Promise<string>): Exec {
  return {
    async run(command): Promise<CommandOutput> {
      const stderr = await act(command.args[1] ?? '', command);
      return { code: 1, signal: null, stdout: '', stderr };
    },
    start: () => {
      throw new Error('nothing is started here');
    },
  };
}

describe("the engine's loopback", () => {
  test('is ours where the engine asks there for what only we know', async () => {
    const asked: string[] = [];
    const exec = clientThat(async (reference, { env }) => {
      asked.push(reference, env?.DOCKER_CONTENT_TRUST ?? 'unset');
      const [host, ...name] = reference.split('/');
      await fetch(`http://${host}/v2/${name.join('/')}/manifests/latest`);
      return 'manifest unknown';
    });
    const env = { DOCKER_CONTENT_TRUST: '1' };
    expect(await loopbackShared({ exec, env, clock }, never)).toBe('yes');
    expect(asked).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+\/sea-trial\/[0-9a-f]{32}$/),
      'unset',
    ]);
  });

  test.each([
    ['nobody listens there', 'dial tcp 127.0.0.1:1: connect: connection refused', 'no'],
    ['it may not pull', 'denied by policy', 'unknown'],
  ])('where %s', async (_, said, shared) => {
    const exec = clientThat(async () => said);
    expect(await loopbackShared({ exec, env: {}, clock }, never)).toBe(shared);
  });

  test('is not told by somebody else who asks for something else', async () => {
    const exec = clientThat(async (reference) => {
      await fetch(`http://${reference.split('/')[0]}/v2/`);
      return 'connection refused';
    });
    expect(await loopbackShared({ exec, env: {}, clock }, never)).toBe('no');
  });

  test('is waited for no longer than is reasonable', async () => {
    const exec = clientThat(
      (_, { signal }) =>
        new Promise((resolve) => signal?.addEventListener('abort', () => resolve('killed'))),
    );
    const impatient = { ...clock, sleep: async () => {} };
    expect(await loopbackShared({ exec, env: {}, clock: impatient }, never)).toBe('unknown');
  });
});

describe("the engine's files", () => {
  /** Two proofs on an engine that does something with mounts. */
  async function proofs(mounting: (spec: ContainerSpec) => void, stderr = '') {
    const world = createWorld();
    const engine = engineOf(world);
    const marker = createMarker('/tmp/marker');
    const created: boolean[] = [];
    let mounted = '';
    const prover = {
      engine: {
        ...engine,
        async create(spec: ContainerSpec) {
          created.push(spec.mounts !== undefined);
          if (spec.mounts !== undefined) mounting(spec);
          const id = await engine.create(spec);
          if (spec.mounts !== undefined) mounted = id;
          return id;
        },
        inspect: async (id: string) =>
          id === mounted && stderr !== ''
            ? { running: false, exitCode: 127, outOfMemory: false, error: stderr }
            : engine.inspect(id),
      },
      own: 'linux/amd64',
      clock,
      runId: 'r',
      labels: {},
      signal: never,
      marker,
    };
    const judged = [];
    for (const _ of [1, 2]) {
      const proofs = await prove(['linux/amd64'], prover);
      judged.push(proofs.get('linux/amd64')?.proved);
    }
    return { shared: marker.shared(), created, judged, left: world.containers.size };
  }

  test('are ours where the first container is given one of them', async () => {
    const seen: unknown[] = [];
    expect(await proofs(({ mounts }) => seen.push(mounts))).toEqual({
      shared: 'yes',
      created: [true, false],
      judged: [true, true],
      left: 0,
    });
    expect(seen).toEqual([[{ source: '/tmp/marker', target: '/marker' }]]);
  });

  test('are not where it does not find that, and the proof goes on without', async () => {
    const said = 'invalid mount config for type "bind": bind source path does not exist';
    const refuse = () => {
      throw new EngineError('failed', said, said);
    };
    const without = { shared: 'no', created: [true, false, false], judged: [true, true], left: 0 };
    expect(await proofs(refuse)).toEqual(without);
    expect(await proofs(() => {}, 'Mounts denied: the path is not shared')).toEqual(without);
  });
});
