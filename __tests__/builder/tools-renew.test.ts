import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { BUILDX_RELEASES } from '../../src/builder/tools/buildx-releases.js';
import { listening } from '../listening.js';

const root = join(import.meta.dirname, '..', '..');
const TABLE = join(root, 'src/builder/tools/buildx-releases.ts');

let closeMirror = async () => {};
let host = '';
let folder = '';
/** Path → what GitHub answers. */
const pages = new Map<string, string>();

beforeAll(async () => {
  const mirror = createServer(({ url = '' }, answer) => {
    const page = pages.get(url);
    answer.writeHead(page === undefined ? 404 : 200).end(page ?? '');
  });
  const server = await listening(mirror);
  closeMirror = server.close;
  host = `http://${server.host}`;
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-test-'));
});

afterAll(async () => {
  await closeMirror();
  await rm(folder, { recursive: true });
});

beforeEach(() => pages.clear());

interface Release {
  readonly tag: string;
  readonly prerelease?: boolean;
  /** Name of a file → what GitHub's API and what checksums.txt says of it. */
  readonly files: Readonly<Record<string, readonly [string | null, string?]>>;
}

function serve(...releases: readonly Release[]) {
  const list = releases.map(({ tag, prerelease = false, files }) => {
    const lines = Object.entries(files).map(([name, [, sum]]) => (sum ? `${sum} *${name}\n` : ''));
    pages.set(`/${tag}/checksums.txt`, lines.join(''));
    const assets = Object.entries(files).map(([name, [digest]]) => ({
      name,
      digest: digest === null ? null : `sha256:${digest}`,
      browser_download_url: `${host}/${tag}/${name}`,
    }));
    const sums = { name: 'checksums.txt', browser_download_url: `${host}/${tag}/checksums.txt` };
    return { tag_name: tag, draft: false, prerelease, assets: [...assets, sums] };
  });
  pages.set('/repos/docker/buildx/releases?per_page=100', JSON.stringify(list));
}

let copies = 0;

/** Runs the script on a copy of the table. */
async function renew() {
  copies += 1;
  const file = join(folder, `table-${copies}.ts`);
  await copyFile(TABLE, file);
  const args = [join(root, 'scripts/tools/renew-buildx.mjs'), '--api', host, '--file', file];
  const ended = await new Promise<{ code: number; said: string }>((resolve) => {
    execFile(process.execPath, ['--no-warnings', ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: `${stdout}${stderr}` }),
    );
  });
  return { ...ended, table: await readFile(file, 'utf8') };
}

const sum = (digit: string) => digit.repeat(64);
const original = () => readFile(TABLE, 'utf8');

describe('renewing the table of checksums', () => {
  test('adds the newest release of each minor version, and keeps the rest', async () => {
    serve(
      { tag: 'v0.99.0-rc1', prerelease: true, files: {} },
      {
        tag: 'v0.98.1',
        files: {
          'buildx-v0.98.1.linux-arm64': [sum('b'), sum('b')],
          'buildx-v0.98.1.linux-amd64': [null, sum('a')],
          'buildx-v0.98.1.linux-amd64.sbom.json': [sum('c'), sum('c')],
          'buildx-v0.98.1.windows-amd64.exe': [sum('d'), sum('d')],
        },
      },
      { tag: 'v0.98.0', files: { 'buildx-v0.98.0.linux-amd64': [sum('e'), sum('e')] } },
      { tag: 'v0.9.1', files: { 'buildx-v0.9.1.linux-amd64': [sum('e'), sum('e')] } },
    );
    const { code, said, table } = await renew();
    expect([code, said]).toEqual([0, 'The table is written; new: 0.98.1.\n']);
    const added = [
      '  [',
      "    '0.98.1',",
      '    new Map([',
      `      ['linux-amd64', '${sum('a')}'],`,
      `      ['linux-arm64', '${sum('b')}'],`,
      '    ]),',
      '  ],',
      '',
    ].join('\n');
    expect(table).toBe((await original()).replace('= new Map([\n', `= new Map([\n${added}`));
  });

  test('leaves a table alone that says it all', async () => {
    serve();
    const { code, said, table } = await renew();
    expect([code, said]).toEqual([0, 'The table is up to date.\n']);
    expect(table).toBe(await original());
  });

  const [version = ''] = BUILDX_RELEASES.keys();
  const known = `buildx-v${version}.linux-amd64`;
  const knownSum = BUILDX_RELEASES.get(version)?.get('linux-amd64');

  test.each<[string, Release, string]>([
    [
      'whose two checksums differ',
      { tag: 'v0.98.0', files: { 'buildx-v0.98.0.linux-amd64': [sum('a'), sum('b')] } },
      `buildx-v0.98.0.linux-amd64 is sha256:${sum('a')} to GitHub, and sha256:${sum('b')} in checksums.txt.`,
    ],
    [
      'that checksums.txt does not name',
      { tag: 'v0.98.0', files: { 'buildx-v0.98.0.linux-amd64': [sum('a')] } },
      'checksums.txt of v0.98.0 does not name buildx-v0.98.0.linux-amd64.',
    ],
    [
      'that has changed since',
      { tag: `v${version}`, files: { [known]: [sum('a'), sum('a')] } },
      `linux-amd64 of v${version} was ${knownSum} and is now ${sum('a')}.`,
    ],
  ])('stops at a file %s', async (_, release, message) => {
    serve(release);
    const { code, said, table } = await renew();
    expect([code, said]).toEqual([1, `The table was left as it is: ${message}\n`]);
    expect(table).toBe(await original());
  });

  test('stops where GitHub does not answer with releases', async () => {
    const { code, said } = await renew();
    expect(said).toContain('/repos/docker/buildx/releases?per_page=100 answered 404.');
    expect(code).toBe(1);
  });
});
