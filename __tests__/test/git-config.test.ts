import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Engine } from '../../src/engine/index.js';
import { createTarReader } from '../../src/oci/index.js';
import { realPorts } from '../../src/ports/index.js';
import { copyMounts } from '../../src/test/copy.js';

/* A checkout's token stays on the host, whatever part of the checkout a test mounts. */

const TOKEN = 'AUTHORIZATION: basic Z2hzXzAxMjM0NTY3ODk=';
const REMOTE = 'https://x-access-token:ghs_0123456789abcdefghij@github.com/acme/lib';
const CONFIG = `[core]\n\tbare = false\n[http "https://github.com/"]\n\textraheader = ${TOKEN}\n`;
const CLEAN = CONFIG.replace(` ${TOKEN}`, '');

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sea-trial-mounts-'));
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  await put('.git/config', CONFIG);
  await put('.git/HEAD', 'ref: refs/heads/main\n');
  await put('.git/modules/lib/config', `[remote "o"]\n\turl = ${REMOTE}\n`);
  await put('large/.git/config', `${CONFIG}${'#'.repeat(64 * 1024)}\n`);
  await put('full/.git/config', CONFIG.padEnd(64 * 1024, '#'));
  await put('folder.git/config/one', 'x');
  await put('src/config', CONFIG);
  await symlink('.git', join(root, 'link'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** What a container gets from a mount: path → text. */
async function copied(source: string, target: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  const engine = {
    async copyIn(_: string, tar: Readable) {
      let path = '';
      const reader = createTarReader({
        entry: (header) => {
          path = header.kind === 'file' ? header.path : '';
          if (path !== '') texts[path] = '';
        },
        data: (piece) => {
          texts[path] += piece.toString();
        },
        end: () => {},
      });
      for await (const chunk of tar) reader.write(chunk);
      reader.end();
    },
  } as Partial<Engine> as Engine;
  await copyMounts([{ source, target }], root, 'c', { engine, files: realPorts().files });
  return texts;
}

test.each<[string, string, Record<string, string>]>([
  [
    'the repository',
    '.git',
    {
      'w/HEAD': 'ref: refs/heads/main\n',
      'w/config': CLEAN,
      'w/modules/lib/config': '[remote "o"]\n\turl = https://github.com/acme/lib\n',
    },
  ],
  ['the file itself', '.git/config', { w: CLEAN }],
  [
    'a link to the repository',
    'link',
    {
      'w/HEAD': expect.anything() as never,
      'w/config': CLEAN,
      'w/modules/lib/config': expect.not.stringContaining('ghs_') as never,
    },
  ],
  ['one that is too large', 'large', { 'w/.git/config': '' }],
  [
    'one that is as large as they may be',
    'full',
    { 'w/.git/config': CLEAN.padEnd(64 * 1024 - TOKEN.length - 1, '#') },
  ],
  ['a folder of that name', 'folder.git', { 'w/config/one': 'x' }],
  ['another file of that name', 'src', { 'w/config': CONFIG }],
])('%s', async (_, source, expected) => {
  expect(await copied(source, '/w')).toEqual(expected);
});

test('what is no UTF-8 in it stays byte by byte', async () => {
  const text = Buffer.concat([
    Buffer.from(`${CONFIG}[user]\n\tname = `),
    Buffer.from([0xe9, 0xff, 0x0a]),
  ]);
  await mkdir(join(root, 'odd.git'), { recursive: true });
  await writeFile(join(root, 'odd.git', 'config'), text);
  const pieces: Buffer[] = [];
  const engine = {
    async copyIn(_: string, tar: Readable) {
      const reader = createTarReader({
        entry() {},
        data: (piece) => pieces.push(Buffer.from(piece)),
        end() {},
      });
      for await (const chunk of tar) reader.write(chunk);
      reader.end();
    },
  } as Partial<Engine> as Engine;
  const mounts = [{ source: 'odd.git/config', target: '/w' }];
  await copyMounts(mounts, root, 'c', { engine, files: realPorts().files });
  expect(Buffer.concat(pieces).toString('latin1')).toBe(
    text.toString('latin1').replace(` ${TOKEN}`, ''),
  );
});

test('nothing of it is left in the whole workspace', async () => {
  const { 'w/src/config': other, ...rest } = await copied('.', '/w');
  expect(other).toBe(CONFIG);
  expect(JSON.stringify(rest)).not.toMatch(/Z2hz|ghs_/);
});
