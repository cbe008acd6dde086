import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PACK_RELEASES } from '../../src/builder/tools/pack-releases.js';
import { type PackOptions, providePack } from '../../src/builder/tools/provide-pack.js';
import {
  type CommandOutput,
  createToolCache,
  type Ports,
  realPorts,
} from '../../src/ports/index.js';
import { listening } from '../listening.js';
import { rawTar } from '../oci/raw-tar.js';

const PROGRAM = '#!/bin/sh\necho 0.40.8\n';
const archiveOf = (path: string) => gzipSync(rawTar([{ path, content: PROGRAM, mode: 0o755 }]));
const ARCHIVE = archiveOf('pack');
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const PAGE = '/releases/v0.40.8/pack-v0.40.8-linux.tgz';

const pages = new Map<string, Buffer>();
const asked: string[] = [];
let mirror = '';
let close = async () => {};
let folder = '';

beforeAll(async () => {
  const server = createServer(({ url = '' }, answer) => {
    asked.push(url);
    const body = pages.get(url);
    answer.writeHead(body === undefined ? 404 : 200).end(body);
  });
  const { host, ...rest } = await listening(server);
  close = rest.close;
  mirror = `http://${host}/releases`;
});
afterAll(() => close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-test-'));
});
afterEach(async () => {
  pages.clear();
  asked.length = 0;
  await rm(folder, { recursive: true });
});

/** Where `pack version` says that, or there is none. */
function world(said: string | undefined, more: Partial<Ports> = {}): Ports {
  const run = async (): Promise<CommandOutput> => ({
    code: said === undefined ? null : 0,
    signal: null,
    stdout: said ?? '',
    stderr: '',
    ...(said === undefined ? { notStarted: 'ENOENT' } : {}),
  });
  const real = realPorts();
  return {
    ...real,
    exec: { ...real.exec, run },
    machine: { system: 'linux', architecture: 'x64', processors: 2 },
    tools: createToolCache({ RUNNER_TOOL_CACHE: join(folder, 'cache') }, real.files),
    ...more,
  };
}

const RELEASES = new Map([
  ['0.40.8', new Map([['linux-amd64', sha(ARCHIVE)]])],
  ['0.40.7', new Map([['linux-arm64', sha(ARCHIVE)]])],
]);

function provide(ports: Ports, options: PackOptions = {}) {
  const sources = { options: { mirror, ...options }, folder, releases: RELEASES };
  return providePack(sources, ports, new AbortController().signal);
}

describe('the pack on PATH', () => {
  test.each([
    ['0.40.4', {}],
    ['0.40.9+git-1234.build-1', {}],
    ['0.41.0\n', {}],
    ['0.40.12', {}],
    ['v0.41.0', {}],
    ['0.40.9\n', { version: 'v0.40.9' }],
  ])('is used where it says %j, and %j is asked for', async (said, options) => {
    const version = /\d+\.\d+\.\d+/.exec(said)?.[0];
    const ports = world(said);
    const commands: unknown[] = [];
    const run: typeof ports.exec.run = (command) => {
      commands.push([command.file, ...command.args]);
      return ports.exec.run(command);
    };
    const watched = { ...ports, exec: { ...ports.exec, run } };
    expect(await provide(watched, options)).toEqual({ version, file: 'pack' });
    expect(commands).toEqual([['pack', 'version']]);
    expect(asked).toEqual([]);
  });
});

describe('a pack of our own', () => {
  test.each([
    ['there is none', undefined, {}],
    ['it is too old', '0.40.3', {}],
    ['it does not say its version', 'no version', {}],
    ['another one is asked for', '0.40.9', { version: '0.40.8' }],
  ])('is fetched where %s, and its archive is kept', async (_, said, options) => {
    pages.set(PAGE, ARCHIVE);
    const file = join(folder, 'pack');
    expect(await provide(world(said), options)).toEqual({ version: '0.40.8', file });
    expect(await readFile(file, 'utf8')).toBe(PROGRAM);
    expect((await stat(file)).mode & 0o700).toBe(0o700);
    await provide(world(said), options);
    expect(asked).toEqual([PAGE]);
  });

  test.each([
    ['linux', 'arm64', 'linux-arm64'],
    ['darwin', 'x64', 'macos'],
    ['darwin', 'arm64', 'macos-arm64'],
  ])('is fetched by the name that it has for %s on %s', async (system, architecture, name) => {
    const page = `/releases/v0.40.8/pack-v0.40.8-${name}.tgz`;
    pages.set(page, ARCHIVE);
    const machine = { system, architecture, processors: 2 };
    const asset = `${system}-${architecture === 'x64' ? 'amd64' : 'arm64'}`;
    const releases = new Map([['0.40.8', new Map([[asset, sha(ARCHIVE)]])]]);
    const sources = { options: { mirror }, folder, releases };
    const { signal } = new AbortController();
    await providePack(sources, world(undefined, { machine }), signal);
    expect(asked).toEqual([page]);
  });

  test('is not fetched where it cannot be kept', async () => {
    pages.set(PAGE, ARCHIVE);
    await mkdir(join(folder, 'cache'));
    await writeFile(join(folder, 'cache', 'pack'), 'a file');
    await expect(provide(world(undefined))).rejects.toMatchObject({
      name: 'EngineError',
      code: 'not-installed',
      message: expect.stringMatching(/cache\/pack.*: (ENOTDIR|EEXIST)\. Install pack/),
      said: '',
    });
  });

  test('is not taken with other bytes than those that are known', async () => {
    pages.set(PAGE, archiveOf('other'));
    await expect(provide(world(undefined))).rejects.toThrow(
      `There is no pack on PATH. pack 0.40.8 could not be downloaded from ${mirror}/v0.40.8/pack-v0.40.8-linux.tgz: its SHA-256 is`,
    );
  });

  test('may lie in its archive at the folder itself', async () => {
    const other = archiveOf('./pack');
    pages.set(PAGE, other);
    const releases = new Map([['0.40.8', new Map([['linux-amd64', sha(other)]])]]);
    const sources = { options: { mirror }, folder, releases };
    const { file } = await providePack(sources, world(undefined), new AbortController().signal);
    expect(await readFile(file, 'utf8')).toBe(PROGRAM);
  });

  test.each(['README', 'bin/pack', 'pa./ck', 'pack/'])(
    'is not taken from an archive that holds %s alone',
    async (path) => {
      const other = archiveOf(path);
      pages.set(PAGE, other);
      const releases = new Map([['0.40.8', new Map([['linux-amd64', sha(other)]])]]);
      const sources = { options: { mirror }, folder, releases };
      const signal = new AbortController().signal;
      await expect(providePack(sources, world(undefined), signal)).rejects.toThrow(
        'it holds no program of the name pack. Install pack 0.40.4 or later',
      );
    },
  );

  test.each([
    [
      { version: '0.40.5' },
      'pack 0.40.5 is not downloaded, because its checksum is not known (known: 0.40.8, 0.40.7)',
    ],
    [
      { version: '0.40.7' },
      'pack 0.40.7 is not downloaded for linux-amd64, because its checksum is not known (known: linux-arm64)',
    ],
    [{ version: 'v0.39.0' }, 'pack 0.39.0 is too old; 0.40.4 or later is needed.'],
  ])(
    'is not fetched where its checksum is not known, or it is too old: %j',
    async (options, said) => {
      const failing = provide(world('0.40.2'), options);
      await expect(failing).rejects.toThrow(said);
      await expect(failing).rejects.toThrow(/^pack /);
      expect(asked).toEqual([]);
    },
  );

  test('is not fetched after a fault of ours, which is not called one of the download', async () => {
    const ours = new TypeError('a fault of ours');
    const find = () => Promise.reject(ours);
    const { tools } = world(undefined);
    if (tools === undefined) throw new Error('there is a cache');
    const broken = world(undefined, { tools: { ...tools, find } });
    await expect(provide(broken)).rejects.toBe(ours);
  });

  test('is not fetched where there is no folder to keep it in', async () => {
    await expect(provide(world('0.40.2', { tools: undefined }))).rejects.toThrow(
      'The pack on PATH is 0.40.2; 0.40.4 or later is needed. pack 0.40.8 cannot be cached: none of RUNNER_TOOL_CACHE, XDG_CACHE_HOME and HOME is set.',
    );
  });
});

describe('the table of pack releases', () => {
  test('knows each of its versions for the systems that Docker runs on, newest first', () => {
    const assets = ['darwin-amd64', 'darwin-arm64', 'linux-amd64', 'linux-arm64'];
    for (const sums of PACK_RELEASES.values()) {
      expect([...sums.keys()]).toEqual(assets);
      expect(new Set(sums.values()).size).toBe(assets.length);
      for (const sum of sums.values()) expect(sum).toMatch(/^[0-9a-f]{64}$/);
    }
    const versions = [...PACK_RELEASES.keys()];
    expect(versions).toEqual(
      versions.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true })),
    );
    expect(versions.at(-1)).toBe('0.40.4');
  });
});
