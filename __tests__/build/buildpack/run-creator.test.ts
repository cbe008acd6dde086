import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { creatorContainer, runCreator } from '../../../src/build/buildpack/creator.js';
import type { BuildpackOrder } from '../../../src/build/buildpack/order.js';
import type { OpenPlace } from '../../../src/build/buildpack/place.js';
import type { BuildTools } from '../../../src/build/kind.js';
import type { Engine } from '../../../src/engine/index.js';
import { realPorts } from '../../../src/ports/index.js';
import { rejection } from '../../registry/rig.js';
import { engineThat, engineWith, type Program, quickClock } from '../../test/engine.js';
import { buildpackOrder } from './order.js';

const BUILDER = `heroku/builder@sha256:${'b'.repeat(64)}`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-run-creator-'));
  await writeFile(join(folder, 'app.py'), 'print(1)\n');
});
afterEach(() => rm(folder, { recursive: true }));

interface Described {
  readonly does?: Partial<Engine>;
  readonly pack?: Partial<BuildpackOrder['pack']>;
  /** The engine does not have the builder. */
  readonly lacksBuilder?: boolean;
  readonly signal?: AbortSignal;
  /** Is told when the container runs. */
  started?(): void;
}

/** Runs the creator in an engine with such a program; what was asked of it, in order. */
function running(program: Program, described: Described = {}) {
  const { engine, asked, specs } = engineWith(program);
  const written: string[] = [];
  const clock = quickClock();
  const all = engineThat({
    ...engine,
    imageId: async () => (described.lacksBuilder ? undefined : 'sha256:1'),
    async copyIn(container, tar) {
      asked.push(`copy into ${container}`);
      for await (const _ of tar) {
        // All of it is read.
      }
    },
    ...described.does,
  });
  const networks = {
    pull: async ({ reference, platform, dockerConfig }: Readonly<Record<string, string>>) =>
      void asked.push(`pull ${reference} for ${platform} with ${dockerConfig}`),
  } as unknown as BuildpackOrder['pack']['networks'];
  const { files } = realPorts();
  const order = {
    ...buildpackOrder({}, { engine: all, networks, files, labels: {}, ...described.pack }),
    root: folder,
  };
  const { platformBuilder } = order;
  const whole = {
    ...order,
    platformBuilder: {
      ...platformBuilder,
      lifecycle: { ...platformBuilder.lifecycle, platformApis: ['0.15'] },
      user: { uid: 1, gid: 2 },
    },
  } as BuildpackOrder;
  const place = {
    ...{ name: '172.18.0.1:4000/n/app:built', network: 'n', home: folder },
    gateway: '172.18.0.1',
  } as OpenPlace;
  const { signal } = described;
  const tools = {
    ports: { ...realPorts(), clock },
    secretEnvironment: {},
    ...(signal === undefined ? {} : { signal }),
  } as unknown as BuildTools;
  const follow = async (output: Readable) => {
    described.started?.();
    written.push(await text(output));
  };
  const result = runCreator(whole, place, tools, follow);
  return { result, asked, specs, written, slept: clock.slept, order: whole, place };
}

const PROXY = { HTTPS_PROXY: 'http://me:hunter2@proxy:3128' };

describe("the lifecycle's creator", () => {
  test('is run in a container of the builder, which is removed behind it', async () => {
    const state = { exitCode: 51 };
    const program = { stdout: '===> BUILDING\n', stderr: 'a warning\n', state };
    const { result, asked, specs, written, order, place } = running(program);
    expect(await result).toBe(51);
    expect(asked).toEqual(['copy into c1', 'start c1', 'remove c1']);
    expect(written.sort()).toEqual(['===> BUILDING\n', 'a warning\n']);
    const now = new Date(0);
    expect(specs).toStrictEqual([creatorContainer(order, place, { hasOrder: false, now })]);
  });

  test('has the builder pulled where the engine does not hold it', async () => {
    const { result, asked } = running({}, { lacksBuilder: true });
    expect(await result).toBe(0);
    expect(asked[0]).toBe(`pull ${BUILDER} for linux/arm64 with /run/docker`);
  });

  test('knows proxies by a file that only this user may read', async () => {
    await running({}, { pack: { proxies: PROXY } }).result;
    const path = join(folder, 'proxies.env');
    expect((await readFile(path, 'utf8')).split('\n').sort()).toEqual([
      '',
      `HTTPS_PROXY=${PROXY.HTTPS_PROXY}`,
      'NO_PROXY=172.18.0.1',
      `https_proxy=${PROXY.HTTPS_PROXY}`,
      'no_proxy=172.18.0.1',
    ]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test.each<[string, NonNullable<Program['state']>, string]>([
    [
      'has lost it',
      { running: true },
      "The Docker engine lost a build's container; it was still running.",
    ],
    [
      'could not start it',
      { error: 'exec format error' },
      'The builder could not be started: exec format error',
    ],
  ])('is an error where the engine %s, and its container is removed', async (_, state, said) => {
    const { result, asked } = running({ state });
    await expect(result).rejects.toMatchObject({ name: 'EngineError', message: said });
    expect(asked.at(-1)).toBe('remove c1');
  });

  test('is not started where the run is interrupted before', async () => {
    const stop = new AbortController();
    const does = { copyIn: async () => stop.abort('SIGTERM') };
    const { result, asked } = running({}, { does, signal: stop.signal });
    expect(await rejection(result)).toBe('SIGTERM');
    expect(asked).toEqual(['remove c1']);
  });

  const kills = (asked: readonly string[]) => asked.filter((one) => one === 'kill c1').length;

  test.each([1, 3])(
    'is killed until it has ended where the run is interrupted: %d',
    async (after) => {
      const stop = new AbortController();
      const started = () => stop.abort('SIGTERM');
      const { result, asked, slept } = running({ kills: after }, { started, signal: stop.signal });
      expect(await result).toBe(0);
      expect(kills(asked)).toBe(after);
      expect(asked.filter((one) => one !== 'leave').at(-1)).toBe('remove c1');
      expect(new Set(slept)).toEqual(new Set([500]));
    },
  );

  test('is left after six kills that did not end it', async () => {
    const stop = new AbortController();
    const started = () => stop.abort('SIGTERM');
    let tries = 0;
    const does = {
      async kill() {
        tries += 1;
        throw new Error('it is not running');
      },
    };
    const more = { started, signal: stop.signal, does };
    const { result, asked, slept } = running({ kills: 99 }, more);
    expect(await result).toBe(0);
    expect([tries, slept]).toEqual([6, Array(6).fill(500)]);
    expect(asked).toEqual(['copy into c1', 'start c1', 'leave', 'remove c1']);
  });

  test('is not killed once it has ended by itself', async () => {
    const stop = new AbortController();
    const { result, asked } = running({}, { signal: stop.signal });
    await result;
    stop.abort('SIGTERM');
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toEqual(['copy into c1', 'start c1', 'remove c1']);
  });
});
