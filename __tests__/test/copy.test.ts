import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EngineError } from '../../src/engine/index.js';
import { createTarReader } from '../../src/oci/index.js';
import { realPorts } from '../../src/ports/index.js';
import { copyMounts } from '../../src/test/copy.js';
import { engineThat } from './engine.js';

const { files } = realPorts();

let root = '';
beforeEach(async () => {
  root = await fs.mkdtemp(join(tmpdir(), 'sea-trial-test-'));
});
afterEach(() => fs.rm(root, { recursive: true, force: true }));

/** Copies and answers what came, in the order it came: `KIND MODE PATH [CONTENT or target]`. */
async function copied(mounts: readonly { readonly source: string; readonly target: string }[]) {
  const seen: string[] = [];
  const engine = engineThat({
    async copyIn(container, tar) {
      seen.push(container);
      await read(tar, seen);
    },
  });
  const all = [...mounts];
  await copyMounts(all, root, 'c1', { engine, files });
  return seen;
}

async function read(tar: Readable, seen: string[]): Promise<void> {
  const reader = createTarReader({
    entry({ kind, mode, path, link }) {
      seen.push([kind, mode.toString(8), path, link].filter(Boolean).join(' '));
    },
    data(piece) {
      seen.push(`${seen.pop()} ${piece.toString().trim()}`);
    },
    end() {},
  });
  for await (const chunk of tar as AsyncIterable<Buffer>) reader.write(chunk);
  reader.end();
}

describe('mounts come into a container as copies', () => {
  beforeEach(async () => {
    await fs.mkdir(join(root, 'data', 'sub'), { recursive: true });
    await fs.writeFile(join(root, 'data', 'one'), 'one\n', { mode: 0o640 });
    await fs.writeFile(join(root, 'data', 'sub', 'two'), 'two\n', { mode: 0o755 });
    await fs.chmod(join(root, 'data'), 0o755);
    await fs.chmod(join(root, 'data', 'sub'), 0o700);
    await fs.symlink('sub/two', join(root, 'data', 'link'));
  });

  const tree = (at: string) => [
    'c1',
    `directory 755 ${at}`,
    `symlink 644 ${at}/link sub/two`,
    `file 640 ${at}/one one`,
    `directory 700 ${at}/sub`,
    `file 755 ${at}/sub/two two`,
  ];

  test.each([
    ['a file', 'data/one', '/etc/one', ['c1', 'file 640 etc/one one']],
    ['a folder, with links as they are', 'data', '/x/data/', tree('x/data')],
    ['what a link leads to', 'data/link', '/two', ['c1', 'file 755 two two']],
    ['a target that is no straight way', 'data/one', '//a/../b//one', ['c1', 'file 640 b/one one']],
  ])('%s', async (_, source, target, expected) => {
    expect(await copied([{ source, target }])).toEqual(expected);
  });

  test('into the root, whose own mode stays', async () => {
    expect(await copied([{ source: 'data/sub', target: '/' }])).toEqual(['c1', 'file 755 two two']);
  });

  /** Looks at files as they are, but for some that a test has made up. */
  async function copiedFrom(madeUp: Partial<typeof files>, source: string) {
    const seen: string[] = [];
    const engine = engineThat({ copyIn: (_, tar) => read(tar, seen) });
    await copyMounts([{ source, target: '/x' }], root, 'c1', {
      engine,
      files: { ...files, ...madeUp },
    });
    return seen;
  }

  test.each([
    ['is gone before it is read', undefined],
    ['is neither a file, a folder nor a link', { kind: 'other', size: 0, mode: 0o600 } as const],
  ])('without what %s', async (_, facts) => {
    const look: typeof files.look = async (path) =>
      path.endsWith('/one') ? (facts as Awaited<ReturnType<typeof files.look>>) : files.look(path);
    expect(await copiedFrom({ look }, 'data')).toEqual(
      tree('x')
        .slice(1)
        .filter((line) => !line.startsWith('file 640')),
    );
  });

  test.each([
    [40, 'file 755 x two'],
    [41, 'symlink 644 x sub/two'],
  ])('through %d links, as far as the kernel follows them', async (links, expected) => {
    const data = join(root, 'data');
    let last = join(data, 'link');
    for (let at = 1; at < links; at++) {
      await fs.symlink(last, join(data, `link${at}`));
      last = join(data, `link${at}`);
    }
    expect(await copiedFrom({}, `data/link${links - 1}`)).toEqual([expected]);
  });

  test('a link to itself is copied as a link', async () => {
    await fs.symlink('self', join(root, 'self'));
    expect(await copiedFrom({}, 'self')).toEqual(['symlink 644 x self']);
  });

  test('one after the other', async () => {
    const both = ['/a', '/b'].map((target) => ({ source: 'data/one', target }));
    expect(await copied(both)).toEqual(['c1', 'file 640 a one', 'c1', 'file 640 b one']);
  });

  test('a source that is not there is named', async () => {
    const copying = copied([{ source: 'nope', target: '/x' }]);
    await expect(copying).rejects.toThrow(EngineError);
    await expect(copying).rejects.toMatchObject({ code: 'failed', said: '' });
    await expect(copying).rejects.toThrow('The mount "nope" could not be read: it does not exist');
  });

  test.each([
    ['a fault of the engine', new EngineError('disk-full', 'It is full.', 'no space')],
    ['a fault of ours', Object.assign(new TypeError('a fault of ours'), { code: 'input' })],
  ])('%s is no source that cannot be read', async (_, error) => {
    const engine = engineThat({
      async copyIn() {
        throw error;
      },
    });
    const mounts = [{ source: 'data/one', target: '/x' }];
    await expect(copyMounts(mounts, root, 'c1', { engine, files })).rejects.toBe(error);
  });

  test('a source that cannot be read is told as that, not as what the engine made of it', async () => {
    const unreadable = {
      ...files,
      reader: (path: string) => files.reader(`${path}.gone`),
    };
    const engine = engineThat({
      async copyIn(_, tar) {
        const fault = await read(tar, []).catch((error: Error) => error);
        throw new EngineError('input', 'it could not be read', fault?.message ?? '');
      },
    });
    const mounts = [{ source: 'data/one', target: '/x' }];
    await expect(copyMounts(mounts, root, 'c1', { engine, files: unreadable })).rejects.toThrow(
      /^The mount "data\/one" could not be read: ENOENT/,
    );
  });
});
