import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILDX_RELEASES } from '../../src/builder/tools/buildx-releases.js';
import { download } from '../../src/builder/tools/download.js';
import { byItself, provideBuildx } from '../../src/builder/tools/provide-buildx.js';
import { BUILDX_PLUGIN } from '../../src/engine/index.js';
import { createToolCache, type Ports, realPorts, type ToolCache } from '../../src/ports/index.js';
import { isOlder } from '../../src/reference/index.js';
import { listening } from '../listening.js';

const PROGRAM = '#!/bin/sh\necho buildx\n';
const sha = (text: string) => createHash('sha256').update(text).digest('hex');

/** What the mirror answers: path → status, headers, body; and what it was asked. */
const pages = new Map<string, readonly [number, Record<string, string>, string]>();
const asked: string[] = [];
const logins: (string | undefined)[] = [];
let mirror = '';
let server: Server;
let closeMirror = async () => {};
let folder = '';

beforeAll(async () => {
  server = createServer(({ url = '', headers: { authorization } }, answer) => {
    asked.push(url);
    logins.push(authorization);
    const [status, headers, body] = pages.get(url) ?? [404, {}, ''];
    answer.writeHead(status, headers).end(body);
  });
  const { host, close } = await listening(server);
  closeMirror = close;
  mirror = `http://${host}/releases`;
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-test-'));
});

afterAll(async () => {
  await closeMirror();
  await rm(folder, { recursive: true });
});

afterEach(async () => {
  pages.clear();
  asked.length = 0;
  logins.length = 0;
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
});

const RELEASES = new Map([
  ['0.30.0', new Map([['linux-amd64', sha(PROGRAM)]])],
  ['0.29.0', new Map([['linux-arm-v7', sha(PROGRAM)]])],
  ['0.12.0', new Map([['linux-amd64', sha(PROGRAM)]])],
]);
const PAGE = '/releases/v0.30.0/buildx-v0.30.0.linux-amd64';

const never = new AbortController().signal;

function world(more: Partial<Ports> = {}): Ports {
  const machine = { system: 'linux', architecture: 'x64', processors: 2 };
  const real = realPorts();
  const { env = { RUNNER_TOOL_CACHE: folder } } = more;
  return { ...real, machine, env, tools: createToolCache(env, real.files), ...more };
}

interface Options {
  readonly version?: string;
  readonly mirror?: string;
}

function sources(options: Options, plugin?: string) {
  return { options, plugin, releases: RELEASES };
}

function provide(options: Options, plugin?: string, ports = world()) {
  return provideBuildx(sources({ mirror: `${mirror}/`, ...options }, plugin), ports, never);
}

/** As @actions/tool-cache keeps a tool: its own `find` sees it, and we see what that has kept. */
const cached = () => join(folder, 'buildx/0.30.0/x64');

async function moveToCache(from: string): Promise<string> {
  await mkdir(cached(), { recursive: true });
  await rename(from, join(cached(), 'docker-buildx'));
  return cached();
}

/** Everything that is in the cache, as paths. */
async function cache(): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

describe("the docker client's buildx", () => {
  test.each([
    ['new enough', {}, '0.29.1'],
    ['the oldest that will do', {}, '0.13.0'],
    ['the very one that is asked for', { version: 'v0.29.1' }, '0.29.1'],
    ['the very one, in a build of a distribution', { version: 'v0.29.1' }, '0.29.1+ds1'],
    ['the very one, asked for with its build', { version: '0.29.1+ds1' }, '0.29.1'],
    ['the newest, where that is asked for', { version: 'latest' }, '0.30.0'],
    ['newer than the newest, where that is asked for', { version: 'latest' }, '0.31.2+ds1'],
  ])('is used where it is %s', async (_, options, plugin) => {
    const version = plugin.replace('+ds1', '');
    const found = { version, file: 'docker', prefix: ['buildx'] };
    expect(await provide(options, plugin)).toEqual(found);
    expect(asked).toEqual([]);
  });
});

describe('a buildx of our own', () => {
  test('is fetched with the login in the address, which only that host sees and no message', async () => {
    const elsewhere = createServer(({ headers: { authorization } }, answer) => {
      logins.push(authorization);
      answer.writeHead(404).end();
    });
    const { host, close } = await listening(elsewhere);
    pages.set(PAGE, [302, { location: `http://${host}/x` }, '']);
    const options = { mirror: mirror.replace('//', '//user:hunter%402@') };
    const failed = provide(options);
    await expect(failed).rejects.toThrow(`could not be downloaded from ${mirror}/v0.30.0/`);
    await expect(failed).rejects.not.toThrow('hunter');
    expect(logins).toEqual([`Basic ${Buffer.from('user:hunter@2').toString('base64')}`, undefined]);
    await close();
  });

  test.each([
    ['there is none', {}, undefined],
    ['it is too old', {}, '0.12.1'],
    ['another one is asked for', { version: '0.30.0' }, '0.29.1'],
    ['the newest is asked for', { version: 'latest' }, '0.29.1'],
  ])('is fetched where %s, and kept', async (_, options, plugin) => {
    pages.set(PAGE, [200, {}, PROGRAM]);
    const file = join(cached(), 'docker-buildx');
    expect(await provide(options, plugin)).toEqual({ version: '0.30.0', file, prefix: [] });
    expect(await readFile(file, 'utf8')).toBe(PROGRAM);
    expect((await stat(file)).mode & 0o700).toBe(0o700);
    expect((await cache()).toSorted()).toEqual([`${cached()}.complete`, file]);

    expect((await provide(options, plugin)).file).toBe(file);
    expect([asked, logins]).toEqual([[PAGE], [undefined]]);
  });

  test.each([true, false])(
    'is taken from a tool cache that was filled; a marker: %s',
    async (marked) => {
      const file = join(cached(), 'docker-buildx');
      await mkdir(cached(), { recursive: true });
      await writeFile(file, PROGRAM, { mode: 0o755 });
      if (marked) await writeFile(`${cached()}.complete`, '');
      expect(await provide({})).toEqual({ version: '0.30.0', file, prefix: [] });
      expect(asked).toEqual([]);
    },
  );

  test('is fetched again where what was kept has changed', async () => {
    pages.set(PAGE, [200, {}, PROGRAM]);
    const { file } = await provide({});
    await writeFile(file, 'rm -rf /');
    expect((await provide({})).file).toBe(file);
    expect(await readFile(file, 'utf8')).toBe(PROGRAM);
    expect(asked).toEqual([PAGE, PAGE]);
  });

  test('is not replaced where another job has kept it meanwhile', async () => {
    pages.set(PAGE, [200, {}, PROGRAM]);
    const file = join(cached(), 'docker-buildx');
    server.once('request', () => {
      mkdirSync(cached(), { recursive: true });
      writeFileSync(file, PROGRAM, { mode: 0o755 });
    });
    const ports = world();
    const kept: string[] = [];
    const tools: ToolCache = {
      temporary: folder,
      find: async () => cached(),
      keep: async (from) => String(kept.push(from)),
    };
    expect((await provide({}, undefined, { ...ports, tools })).file).toBe(file);
    expect(kept).toEqual([]);
  });

  test('is in a hidden folder until it is whole', async () => {
    pages.set(PAGE, [200, {}, PROGRAM]);
    const ports = world();
    const temporary = join(folder, 'temporary');
    const seen: string[] = [];
    server.once('request', () => seen.push(...readdirSync(temporary)));
    const tools: ToolCache = { temporary, find: async () => cached(), keep: moveToCache };
    await provide({}, undefined, { ...ports, tools });
    expect(seen).toEqual([expect.stringMatching(/^\.download-/)]);
    expect(await readdir(temporary)).toEqual([]);
  });

  test('is not started where the cache holds something else after all', async () => {
    pages.set(PAGE, [200, {}, PROGRAM]);
    const tools: ToolCache = {
      temporary: folder,
      find: async () => cached(),
      keep: async () => cached(),
    };
    await expect(provide({}, undefined, { ...world(), tools })).rejects.toThrow(
      'the tool cache does not hold what was just stored in it',
    );
  });

  test('follows redirects, as GitHub answers', async () => {
    pages.set(PAGE, [302, { location: '/elsewhere?x=1' }, '']);
    pages.set('/elsewhere?x=1', [200, {}, PROGRAM]);
    expect((await provide({})).version).toBe('0.30.0');
  });

  test("is kept in the user's cache where there is no runner", async () => {
    pages.set(PAGE, [200, {}, PROGRAM]);
    const atHome = await provide({}, undefined, world({ env: { HOME: folder } }));
    expect(atHome.file).toBe(`${folder}/.cache/sea-trial/tools/buildx/0.30.0/x64/docker-buildx`);
    const xdg = await provide({}, undefined, world({ env: { XDG_CACHE_HOME: `${folder}/x` } }));
    expect(xdg.file).toBe(`${folder}/x/sea-trial/tools/buildx/0.30.0/x64/docker-buildx`);
  });
});

describe('nothing is used', () => {
  const has = 'The docker client has no buildx plugin. ';
  const how = 'Install docker-buildx 0.13.0 or later, or name a mirror (buildx-mirror).';

  test.each<[string, readonly [number, Record<string, string>, string], string]>([
    [
      'that has other content',
      [200, {}, 'rm -rf /'],
      `its SHA-256 is ${sha('rm -rf /')}; expected ${sha(PROGRAM)}`,
    ],
    [
      'that was received only in part',
      [200, { 'content-length': '100', connection: 'close' }, PROGRAM],
      'it was received only in part (aborted)',
    ],
    ['that is not there', [404, {}, 'gone'], '/v0.30.0/buildx-v0.30.0.linux-amd64 answered 404'],
    [
      'that is not there, wherever that leads',
      [404, { location: '/elsewhere' }, ''],
      '/v0.30.0/buildx-v0.30.0.linux-amd64 answered 404',
    ],
    [
      'that is not whole, wherever that leads',
      [206, { location: '/elsewhere' }, PROGRAM],
      '/v0.30.0/buildx-v0.30.0.linux-amd64 answered 206',
    ],
    ['that leads nowhere', [302, {}, ''], '/v0.30.0/buildx-v0.30.0.linux-amd64 answered 302'],
    ['that leads in circles', [302, { location: PAGE }, ''], 'redirects more than 5 times'],
    [
      'that leads to no address',
      [302, { location: 'http://[' }, ''],
      'redirects to an invalid address',
    ],
  ])('%s', async (_, page, reason) => {
    pages.set(PAGE, page);
    pages.set('/elsewhere', [200, {}, PROGRAM]);
    const failing = provide({});
    await expect(failing).rejects.toMatchObject({
      name: 'EngineError',
      code: 'not-installed',
      said: '',
    });
    await expect(failing).rejects.toThrow(
      `${has}buildx 0.30.0 could not be downloaded from ${mirror}/v0.30.0/buildx-v0.30.0.linux-amd64: `,
    );
    await expect(failing).rejects.toThrow(reason);
    await expect(failing).rejects.toThrow(how);
    expect(await cache()).toEqual([]);
  });

  test('that is refused where it leads to, and what signed for it is not shown', async () => {
    pages.set(PAGE, [302, { location: '/elsewhere?signature=hunter2' }, '']);
    const failing = provide({});
    await expect(failing).rejects.toThrow('/elsewhere answered 404');
    await expect(failing).rejects.not.toThrow('hunter2');
  });

  test('that nobody answers for', async () => {
    const options = { mirror: 'http://127.0.0.1:1' };
    await expect(provideBuildx(sources(options), world(), never)).rejects.toThrow(
      '127.0.0.1:1 did not answer (ECONNREFUSED)',
    );
  });

  test.each<[string, { version?: string }, string, string]>([
    [
      'of a release without a checksum',
      { version: 'v0.31.0' },
      'x64',
      'buildx 0.31.0 is not downloaded, because its checksum is not known; known versions: 0.30.0, 0.29.0, 0.12.0.',
    ],
    [
      'of a machine without a checksum',
      {},
      's390x',
      'buildx 0.30.0 is not downloaded for linux-s390x, because its checksum is not known (known: linux-amd64); install it as a plugin of the docker client.',
    ],
    [
      'that is too old',
      { version: '0.12.0' },
      'x64',
      'buildx 0.12.0 is too old; 0.13.0 or later is needed: change the input "version", or leave it out.',
    ],
  ])('%s', async (_, options, architecture, message) => {
    const machine = { system: 'linux', architecture, processors: 2 };
    await expect(provide(options, undefined, world({ machine }))).rejects.toMatchObject({
      message,
    });
    expect(asked).toEqual([]);
  });

  test('that could not be kept', async () => {
    await expect(provide({}, '0.12.1', world({ env: {} }))).rejects.toThrow(
      "The docker client's buildx is 0.12.1; 0.13.0 or later is needed. buildx 0.30.0 cannot be cached",
    );
    pages.set(PAGE, [200, {}, PROGRAM]);
    await writeFile(join(folder, 'buildx'), 'a file');
    await expect(provide({})).rejects.toThrow(/buildx.*: (ENOTDIR|EEXIST)\. Install/);
  });

  test('after a fault of ours, which is not called one of the download', async () => {
    const ours = new TypeError('a fault of ours');
    const tools: ToolCache = {
      temporary: folder,
      find: async () => {
        throw ours;
      },
      keep: async () => cached(),
    };
    await expect(provide({}, undefined, { ...world(), tools })).rejects.toBe(ours);
  });

  test('after an interruption', async () => {
    const stop = new AbortController();
    server.once('request', () => stop.abort(new Error('SIGINT')));
    const options = { mirror };
    const waiting = provideBuildx(sources(options), world(), stop.signal);
    await expect(waiting).rejects.toThrow('SIGINT');
    expect(await cache()).toEqual([]);
  });
});

test.each(['before it is answered', 'while it is received'])(
  'a download that is interrupted %s ends with the reason',
  async (when) => {
    const stop = new AbortController();
    const end = () => stop.abort(new Error('SIGINT'));
    const { files } = realPorts();
    const http: Ports['http'] = async () => {
      if (when === 'before it is answered') {
        end();
        throw new Error('it was cut');
      }
      async function* body() {
        yield Buffer.from(PROGRAM);
        end();
      }
      return { status: 200, headers: new Map(), body: Readable.from(body()) };
    };
    const wanted = { url: 'https://mirror.example.org/x', sha256: sha(PROGRAM), limit: 1000 };
    await expect(
      download(wanted, join(folder, 'program'), { files, http }, stop.signal),
    ).rejects.toThrow('SIGINT');
  },
);

test('a program that is as large as it may be is taken, and no larger one', async () => {
  const { files } = realPorts();
  const http: Ports['http'] = async () => {
    return { status: 200, headers: new Map(), body: Readable.from([Buffer.from(PROGRAM)]) };
  };
  const taken = (limit: number) => {
    const wanted = { url: 'https://mirror.example.org/x', sha256: sha(PROGRAM), limit };
    return download(wanted, join(folder, 'program'), { files, http }, never);
  };
  await taken(PROGRAM.length);
  await expect(taken(PROGRAM.length - 1)).rejects.toThrow(
    `it is larger than ${PROGRAM.length - 1} bytes`,
  );
});

test('a secure address does not lead to an open one', async () => {
  const answers: Ports['http'] = async ({ url }) => {
    const { body } = await realPorts().http({ method: 'GET', url: mirror, headers: {} });
    const headers = new Map([['location', url.replace('https:', 'http:')]]);
    return { status: 302, headers, body };
  };
  const options = { mirror: 'https://mirror.example.org' };
  await expect(provideBuildx(sources(options), world({ http: answers }), never)).rejects.toThrow(
    'redirects from https to plain http, at mirror.example.org',
  );
});

test.each([
  ['0.13.0', '0.13.0', false],
  ['0.9.1', '0.13.0', true],
  ['0.13.0-rc1', '0.13.0', false],
  ['1.0', '0.99.9', false],
  ['0.29.1', '0.29.2', true],
])('%s is older than %s: %s', (version, than, expected) => {
  expect(isOlder(version, than)).toBe(expected);
});

test('the table has whole checksums, newest first', () => {
  const versions = [...BUILDX_RELEASES.keys()];
  expect(versions).toEqual([...versions].sort((a, b) => (isOlder(a, b) ? 1 : -1)));
  for (const [version, assets] of BUILDX_RELEASES) {
    expect([version, [...assets.keys()]]).toEqual([
      version,
      expect.arrayContaining(['linux-amd64', 'linux-arm64']),
    ]);
    for (const sum of assets.values()) expect(sum).toMatch(/^[0-9a-f]{64}$/);
  }
});

test('the plugin is started by itself where its program is known and there', async () => {
  const { files } = realPorts();
  const plugin = { version: '0.29.1', ...BUILDX_PLUGIN };
  expect(await byItself(plugin, process.execPath, files)).toEqual({
    version: '0.29.1',
    file: process.execPath,
    prefix: [],
  });
  const downloaded = { version: '0.29.1', file: '/tools/docker-buildx', prefix: [] };
  for (const [buildx, file] of [
    [plugin, undefined],
    [plugin, '/no/such/program'],
    [downloaded, process.execPath],
  ] as const) {
    expect(await byItself(buildx, file, files)).toBe(buildx);
  }
});
