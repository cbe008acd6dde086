import { availableParallelism } from 'node:os';
import { PassThrough, Readable, Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import {
  buildxFolder,
  capture,
  chunkWriter,
  createToolCache,
  dockerFolder,
  endMarkedProcesses,
  interruptedBy,
  interruption,
  lines,
  listen,
  type Ports,
  realPorts,
  replaceFile,
  signalNumber,
  waitForMarkedProcesses,
} from '../../src/ports/index.js';
import { endWithin, inSmallPieces } from '../../src/ports/timeouts.js';

const pieces = (...texts: readonly string[]) => Readable.from(texts.map((one) => Buffer.from(one)));

describe('an output that is kept to a limit', () => {
  test.each<[readonly string[], number, object]>([
    [['abc', 'def'], 10, { text: 'abcdef', bytes: 6, truncated: false }],
    [['abc', 'def'], 6, { text: 'abcdef', bytes: 6, truncated: false }],
    [['abc', 'def'], 4, { text: 'cdef', bytes: 6, truncated: true }],
    [['abc', 'def', 'ghi'], 3, { text: 'ghi', bytes: 9, truncated: true }],
    [['abcdef'], 2, { text: 'ef', bytes: 6, truncated: true }],
    [['a', 'bcdef', 'g'], 4, { text: 'defg', bytes: 7, truncated: true }],
    [['abc', 'def'], 0, { text: '', bytes: 6, truncated: true }],
    [[], 2, { text: '', bytes: 0, truncated: false }],
  ])('%j to %d', async (texts, limit, expected) => {
    expect(await capture(pieces(...texts), limit)).toEqual(expected);
  });

  test('is heard piece by piece, and kept as far as it came where it breaks', async () => {
    const heard: string[] = [];
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('one');
        throw new Error('EPIPE');
      })(),
    );
    const kept = await capture(broken, 10, (piece) => heard.push(`${piece}`));
    expect([heard, kept.text]).toEqual([['one'], 'one']);
  });

  test('that is cut within a sign shows that', async () => {
    expect((await capture(pieces('aü'), 1)).text).toBe('\ufffd');
  });
});

describe('a file that is written piece by piece', () => {
  /** A disk that takes so many pieces, each when `go` is called. */
  function disk(takes: number) {
    const waiting: (() => void)[] = [];
    const written: string[] = [];
    const file = new Writable({
      highWaterMark: 1,
      write(chunk, _, done) {
        waiting.push(() => {
          if (written.length >= takes) return done(new Error('ENOSPC'));
          written.push(`${chunk}`);
          done();
        });
      },
    });
    return { file, written, go: () => waiting.shift()?.() };
  }

  test('waits while the disk is behind', async () => {
    const { file, written, go } = disk(2);
    const writer = chunkWriter(file);
    const first = writer.write(Buffer.from('one'));
    expect(first).toBeInstanceOf(Promise);
    go();
    await first;
    const second = writer.write(Buffer.from('two'));
    go();
    await second;
    await writer.end();
    expect(written).toEqual(['one', 'two']);
  });

  test('does not wait where the disk takes it at once', () => {
    expect(chunkWriter(new PassThrough()).write(Buffer.from('x'))).toBeUndefined();
  });

  test('tells what failed to who waits, and to each call after that', async () => {
    const { file, go } = disk(0);
    const writer = chunkWriter(file);
    const first = writer.write(Buffer.from('one'));
    go();
    await expect(first).rejects.toThrow('ENOSPC');
    await expect(writer.write(Buffer.from('two'))).rejects.toThrow('ENOSPC');
    await expect(writer.end()).rejects.toThrow('ENOSPC');
  });

  test('that is given up takes nothing more', async () => {
    const writer = chunkWriter(new PassThrough());
    await writer.abort();
    await expect(writer.write(Buffer.from('x'))).rejects.toThrow('abandoned while it was written');
  });
});

test.each([
  [{ DOCKER_CONFIG: '/d', HOME: '/h' }, '/d', '/d/buildx'],
  [{ HOME: '/h' }, '/h/.docker', '/h/.docker/buildx'],
  [{ DOCKER_CONFIG: '', HOME: '/h' }, '/h/.docker', '/h/.docker/buildx'],
  [{ HOME: '/h', BUILDX_CONFIG: '/b' }, '/h/.docker', '/b'],
  [{}, undefined, undefined],
  [{ HOME: '' }, undefined, undefined],
  [{ BUILDX_CONFIG: '/b' }, undefined, '/b'],
])('with %j docker keeps its files in %s, and buildx in %s', (env, docker, buildx) => {
  expect([dockerFolder(env), buildxFolder(env) || undefined]).toEqual([docker, buildx]);
});

test.each([
  [{ RUNNER_TOOL_CACHE: '/r', HOME: '/h' }, '/r'],
  [{ XDG_CACHE_HOME: '/c', HOME: '/h' }, '/c/sea-trial/tools'],
  [{ HOME: '/h' }, '/h/.cache/sea-trial/tools'],
  [{ HOME: '', RUNNER_TOOL_CACHE: '' }, undefined],
  [{}, undefined],
])('with %j tools are kept in %s', (env, folder) => {
  expect(createToolCache(env, realPorts().files)?.temporary).toBe(folder);
});

describe('a program that is kept between runs', () => {
  const tool = { name: 'buildx', version: '0.29.1', architecture: 'x64', program: 'docker-buildx' };

  test('has a place by its name, version and architecture, and a marker beside it', async () => {
    const { files } = realPorts();
    const folder = await files.makeTemporary('sea-trial-tools-');
    const cache = createToolCache({ RUNNER_TOOL_CACHE: folder }, files);
    const place = `${folder}/buildx/0.29.1/x64`;
    try {
      expect(await cache?.find(tool)).toBe(place);
      for (const text of ['one', 'two']) {
        await files.write(`${folder}/download`, text);
        expect(await cache?.keep(`${folder}/download`, tool)).toBe(place);
        expect(`${await files.read(`${place}/docker-buildx`)}`).toBe(text);
      }
      expect(await files.list(`${folder}/buildx/0.29.1`)).toEqual(['x64', 'x64.complete']);
      expect(await files.read(`${place}.complete`)).toHaveLength(0);
    } finally {
      await files.remove(folder);
    }
  });
});

describe('a file that is replaced', () => {
  async function replaced(fails: readonly string[]) {
    const did: string[] = [];
    const step =
      (name: string) =>
      async (...args: readonly unknown[]) => {
        did.push([name, ...args].join(' '));
        if (fails.includes(name)) throw new Error(`${name} failed`);
      };
    const files = { write: step('write'), rename: step('rename'), remove: step('remove') };
    const error = await replaceFile(
      { path: '/a', text: 'x', beside: '/a.part', mode: 0o600 },
      files as unknown as Ports['files'],
    ).catch(({ message }: Error) => message);
    return { did, error };
  }

  test('is written beside its place first', async () => {
    expect(await replaced([])).toEqual({
      did: ['write /a.part x 384', 'rename /a.part /a'],
      error: undefined,
    });
  });

  test.each([['write'], ['rename'], ['rename', 'remove']])(
    'is as it was where that fails: %s',
    async (...fails) => {
      const { did, error } = await replaced(fails);
      expect(error).toBe(`${fails[0]} failed`);
      expect(did.at(-1)).toBe('remove /a.part');
    },
  );
});

describe('processes that a run has started', () => {
  /** Processes that end after so many looks, or by a signal. */
  function processes(looks: number, endsBy?: string) {
    const sent: string[] = [];
    const slept: number[] = [];
    let left = looks;
    return {
      sent,
      slept,
      ports: {
        processes: {
          async startedWith(name: string, value: string) {
            expect([name, value]).toEqual(['RUN', 'r1']);
            left -= 1;
            return left < 0 || sent.includes(`7 ${endsBy}`) ? [] : [7];
          },
          send: (pid: number, signal: string) => void sent.push(`${pid} ${signal}`),
        },
        clock: { sleep: async (time: number) => void slept.push(time) },
      } as unknown as Ports,
    };
  }

  test.each([
    [0, true, 0],
    [3, true, 3],
    [1000, false, 40],
  ])('are waited for, two seconds at most: ending after %d looks', async (looks, ended, sleeps) => {
    const { ports, slept } = processes(looks);
    expect(await waitForMarkedProcesses('RUN', 'r1', ports)).toBe(ended);
    expect(slept).toEqual(Array(sleeps).fill(50));
  });

  test.each([
    ['at once', 0, undefined, []],
    ['when they are asked', 1000, 'SIGTERM', ['7 SIGTERM']],
    ['a while after they are asked', 4, undefined, ['7 SIGTERM']],
    ['when they are killed', 1000, 'SIGKILL', ['7 SIGTERM', '7 SIGKILL']],
    ['never', 1000, undefined, ['7 SIGTERM', '7 SIGKILL']],
  ])('are ended: those that end %s', async (_, looks, endsBy, expected) => {
    const { ports, sent } = processes(looks, endsBy);
    await endMarkedProcesses('RUN', 'r1', ports);
    expect(sent).toEqual(expected);
  });
});

test.each([
  [AbortSignal.abort('SIGTERM'), 'SIGTERM'],
  [AbortSignal.abort('SIGHUP'), 'SIGHUP'],
  [AbortSignal.abort(new Error('x')), 'SIGINT'],
  [new AbortController().signal, undefined],
])('a run is interrupted by the signal that has ended it', (signal, expected) => {
  expect(interruptedBy(signal)).toBe(expected);
});

describe('a signal to this process', () => {
  /** Sends signals while a run listens; what it is told, and with what the process was to end. */
  async function sent(...names: readonly (NodeJS.Signals | 'later')[]) {
    const { exit } = process;
    const exits: unknown[] = [];
    process.exit = ((code: number) => void exits.push(code)) as typeof exit;
    const { signal, stop } = interruption();
    try {
      for (const name of names) {
        if (name === 'later') await new Promise((resolve) => setTimeout(resolve, 550));
        else process.emit(name, name);
      }
    } finally {
      stop();
      process.exit = exit;
    }
    return { aborted: signal.aborted, reason: signal.reason, exits };
  }

  test.each(['SIGHUP', 'SIGINT', 'SIGTERM'] as const)('%s ends a run in order', async (name) => {
    expect(await sent(name)).toEqual({ aborted: true, reason: name, exits: [] });
  });

  test('that comes twice at once is one', async () => {
    expect(await sent('SIGINT', 'SIGTERM')).toMatchObject({ reason: 'SIGINT', exits: [] });
  });

  test('that comes again later ends the process, unless it is a hangup', async () => {
    expect((await sent('SIGINT', 'later', 'SIGTERM')).exits).toEqual([143]);
    expect((await sent('SIGTERM', 'later', 'SIGHUP')).exits).toEqual([]);
  });

  test('is not listened to any more when the run is over', () => {
    const count = () => ['SIGHUP', 'SIGINT', 'SIGTERM'].map((name) => process.listenerCount(name));
    const before = count();
    const { signal, stop } = interruption();
    expect(count()).toEqual(before.map((one) => one + 1));
    stop();
    expect([count(), signal.aborted]).toEqual([before, false]);
  });
});

test('a body that does not end in time fails, unless that was called off', async () => {
  const read = async (called: boolean) => {
    const body = new PassThrough();
    const stop = endWithin(body, 50);
    if (called) {
      stop();
      setTimeout(() => body.end('x'), 100);
    }
    return body.toArray().then(String, ({ code, message }) => `${code}: ${message}`);
  };
  expect(await read(false)).toBe('ETIMEDOUT: the answer was incomplete after 0.05 s');
  expect(await read(true)).toBe('x');
});

test('the machine is known as node names it', () => {
  expect(realPorts().machine).toEqual({
    system: process.platform,
    architecture: process.arch,
    processors: availableParallelism(),
  });
});

describe('a server on this machine', () => {
  test('cuts the connections that are open when it is closed', async () => {
    const asked = Promise.withResolvers<void>();
    const { host, close } = await listen(() => asked.resolve());
    const answer = fetch(`http://${host}/`).then(
      () => 'answered',
      () => 'cut off',
    );
    await asked.promise;
    await close();
    expect(await answer).toBe('cut off');
    expect(host).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test('is none at an address of another machine', async () => {
    await expect(listen(() => {}, '192.0.2.1')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});

test('signals have the numbers of this machine', () => {
  expect(['SIGINT', 'SIGKILL', 'SIGTERM'].map(signalNumber)).toEqual([2, 9, 15]);
});

test('a text comes line by line, whatever ends its lines', async () => {
  const all: string[] = [];
  for await (const line of lines(pieces('one\r', '\ntwo\n\nth', 'ree'))) all.push(line);
  expect(all).toEqual(['one', 'two', '', 'three']);
});

test('bytes are sent in pieces of at most 32 KiB, and all of them', async () => {
  const sizes: number[] = [];
  const sent: Buffer[] = [];
  const bytes = Buffer.alloc(70_000, 'ab');
  for await (const one of inSmallPieces(Readable.from([bytes, Buffer.from('x')]))) {
    sizes.push(one.length);
    sent.push(one);
  }
  expect(sizes).toEqual([32_768, 32_768, 4464, 1]);
  expect(Buffer.concat(sent)).toEqual(Buffer.concat([bytes, Buffer.from('x')]));
});
