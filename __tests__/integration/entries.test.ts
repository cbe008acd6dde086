import { access, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readCaches, writeCache } from '../../src/reference/index.js';
import { listening } from '../listening.js';
import { askGit, looksLikeRepository } from '../looks-like-repository.js';
import { READ, REFUSED, WRONG } from '../reference/entries.js';
import { afterwards, command, project, runIn } from './rig.js';

/** What buildx itself makes of entries. */
async function asBuildx(entries: readonly string[]): Promise<readonly unknown[]> {
  const target = Object.fromEntries(entries.map((one, at) => [`t${at}`, { 'cache-from': [one] }]));
  const folder = await project({ 'bake.json': JSON.stringify({ target }) });
  const names = Object.keys(target);
  const file = join(folder, 'bake.json');
  const printed = await command('docker', ['buildx', 'bake', '--file', file, '--print', ...names]);
  const said = JSON.parse(printed).target as Record<string, { 'cache-from': unknown }>;
  return names.map((name) => said[name]?.['cache-from']);
}

describe('an entry read in two ways: buildx is asked', () => {
  test('what is read here is what it reads, as written and written anew', async () => {
    const written = READ.map(([text]) => text);
    const anew = written.map((text) => {
      const read = readCaches(text);
      return 'fault' in read ? [] : read.value.map(writeCache);
    });
    const [said, again] = await Promise.all([asBuildx(written), asBuildx(anew.flat())]);
    expect(said).toEqual(READ.map(([, expected]) => expected));
    expect(again.flat()).toEqual(said.flat());
  });

  test('what it refuses is refused here; of the rest it would take a part', async () => {
    const taken = await Promise.allSettled(WRONG.map(([text]) => asBuildx([text])));
    const accepted = WRONG.filter((_, at) => taken[at]?.status === 'fulfilled');
    // It passes over an empty entry, and takes a space for a reference.
    expect(accepted.map(([text]) => text)).toEqual(['', ' \n']);
    expect(await asBuildx(REFUSED.map(([text]) => text))).toHaveLength(REFUSED.length);
  });
});

/** A token as the job's cache service gives them (BuildKit looks into it). */
function jobToken(): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const ac = JSON.stringify([{ Scope: 'refs/heads/main', Permission: 3 }]);
  return [
    part({ alg: 'HS256', typ: 'JWT' }),
    part({ nbf: 1, exp: 4_102_444_800, ac }),
    'c2ln',
  ].join('.');
}

const TOKEN = jobToken();

interface Heard {
  readonly url: string;
  readonly authorization: string | undefined;
}

/** A server that nothing of the job may be sent to. */
async function listener() {
  const heard: Heard[] = [];
  const server = createServer(({ url = '', headers }, answer) => {
    heard.push({ url, authorization: headers.authorization });
    answer.writeHead(404).end('{}');
  });
  const { port, close } = await listening(server);
  afterwards(close);
  return { host: `127.0.0.1:${port}`, heard };
}

const DOCKERFILE = 'FROM busybox:1.37\nCMD ["true"]\n';

function configuration(key: string, entry: string): string {
  return `
images:
  - name: acme.test/greeter
    platforms: [linux/amd64]
    build: { context: ., ${key}: [${JSON.stringify(entry)}] }
    tests: [{ name: runs, run: "true" }]
`;
}

describe("the job's token", () => {
  let ear: Awaited<ReturnType<typeof listener>>;
  beforeAll(async () => {
    ear = await listener();
  });
  const env = (more: Readonly<Record<string, string>> = {}) => ({
    ACTIONS_RUNTIME_TOKEN: TOKEN,
    ACTIONS_CACHE_URL: 'http://127.0.0.1:9/',
    ACTIONS_CACHE_SERVICE_V2: '',
    ...more,
  });

  test('is heard by the listener where buildx is asked directly', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE });
    const from = `type=gha,url=http://${ear.host}/direct/,version=1`;
    const options = ['--output=type=cacheonly', `--cache-from=${from}`, '--no-cache'];
    await command('docker', ['buildx', 'build', ...options, folder], env());
    expect(ear.heard).toContainEqual({
      url: expect.stringMatching(/^\/direct\//),
      authorization: `Bearer ${TOKEN}`,
    });
  });

  test('is sent to the cache of the job itself', async () => {
    const folder = await project({
      Dockerfile: DOCKERFILE,
      'sea-trial.yml': configuration('cache_from', 'type=gha'),
    });
    const run = await runIn(folder, [], {
      env: env({ ACTIONS_CACHE_URL: `http://${ear.host}/own/` }),
    });
    expect(run.code).toBe(0);
    const own = ear.heard.filter(({ url }) => url.startsWith('/own/'));
    expect(new Set(own.map(({ authorization }) => authorization))).toEqual(
      new Set([`Bearer ${TOKEN}`]),
    );
  });

  test('goes nowhere that a file names, nor does anything else', async () => {
    const before = ear.heard.length;
    const { host } = ear;
    const outside = await project({});
    const entries: readonly (readonly [string, string])[] = [
      ['cache_from', `type=gha,url=http://${host}/,version=1`],
      ['cache_from', `type=gha,"URL=http://${host}/","Version=1"`],
      ['cache_from', `"type=gha","url_v2=http://${host}/"`],
      ['cache_from', `type=local,src=.,type=gha,url=http://${host}/,version=1`],
      ['cache_from', `type=gha, url=http://${host}/,url=http://${host}/,version=1`],
      ['cache_from', `type=gha,"scope=a\nb",url=http://${host}/,version=1`],
      ['cache_to', `type=gha,"ref=${host}/victim:latest",image-manifest=true,type=registry`],
      ['cache_to', `type=gha,type=local,dest=${outside}/cache`],
      ['cache_to', `"type=local","dest=${outside}/cache"`],
    ];
    const files = entries.map(([key, entry], at) => [`${at}.yml`, configuration(key, entry)]);
    const folder = await project({ Dockerfile: DOCKERFILE, ...Object.fromEntries(files) });
    const runs = entries.map((_, at) =>
      runIn(folder, ['--config', `${at}.yml`], { env: env({ GITHUB_EVENT_NAME: 'pull_request' }) }),
    );
    const codes = (await Promise.all(runs)).map(({ code }) => code);
    expect(ear.heard.slice(before)).toEqual([]);
    expect(await readdir(outside)).toEqual([]);
    expect(codes).toEqual(entries.map(() => 2));
  });
});

test('in an untrusted run buildx does not ask git of a context that looks like a repository', async () => {
  const folder = await project({
    'app/Dockerfile': DOCKERFILE,
    'sea-trial.yml': 'images: [{ name: acme.test/greeter, build: app, tests: ["true"] }]',
  });
  const [app, sign] = [join(folder, 'app'), join(await project({}), 'sign')];
  await looksLikeRepository(app, '.', sign);
  const { code } = await runIn(folder, ['--untrusted', 'true']);
  expect(code).toBe(0);
  await expect(access(sign)).rejects.toThrow('ENOENT');
  await askGit(app);
  await access(sign);
});
