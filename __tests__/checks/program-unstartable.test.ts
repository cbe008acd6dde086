import { describe, expect, test } from '@jest/globals';
import { programUnstartable } from '../../src/checks/program-unstartable.js';
import { createTree, startedPrograms } from '../../src/contents/index.js';
import type { ImageConfig } from '../../src/oci/index.js';
import { layerOf } from '../contents/scanned.js';
import type { RawEntry } from '../oci/raw-tar.js';
import { inspected, layer } from './inspected.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');

/** A 64-bit little-endian ELF file for arm64 with one segment, and an interpreter's name in it. */
function elfFile({
  size = 8192,
  needs = size,
  type = 2,
  offset = 0,
  interpreter = '',
}: {
  readonly size?: number;
  readonly needs?: number;
  readonly type?: number;
  readonly offset?: number;
  readonly interpreter?: string;
} = {}): Buffer {
  const file = Buffer.alloc(size);
  file.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  file.writeUInt16LE(type, 16);
  file.writeUInt16LE(183, 18);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(interpreter === '' ? 1 : 2, 56);
  file.writeUInt32LE(1, 64);
  file.writeBigUInt64LE(BigInt(offset), 64 + 8);
  file.writeBigUInt64LE(BigInt(needs), 64 + 32);
  if (interpreter === '') return file;
  file.writeUInt32LE(3, 120);
  file.writeBigUInt64LE(300n, 120 + 8);
  file.writeBigUInt64LE(BigInt(interpreter.length + 1), 120 + 32);
  file.write(interpreter, 300);
  return file;
}

async function found(entries: readonly RawEntry[], config: Partial<ImageConfig> = {}) {
  return programUnstartable(inspected([await layerOf(entries)], config));
}

async function messages(content: Buffer | string, config?: Partial<ImageConfig>, mode = 0o755) {
  const findings = await found([{ path: 'app', content, mode }], config);
  return findings.map(({ message }) => message);
}

const because = (why: string) => [`/app, which ENTRYPOINT names, cannot be executed: ${why}.`];

describe('what no kernel starts', () => {
  test.each<[string, Buffer | string, string]>([
    [
      'a text without #!',
      'echo hi\n',
      'it begins with "echo hi" and is neither an ELF file nor a script with #!',
    ],
    [
      'a page',
      '<!DOCTYPE html>\n<html lang="en">',
      'it begins with "<!DOCTYPE ht…" and is neither an ELF file nor a script with #!',
    ],
    [
      'an empty line alone',
      '\n',
      'it begins with "" and is neither an ELF file nor a script with #!',
    ],
    ['an empty file', '', 'it is empty'],
    [
      'a byte order mark before #!',
      bytes('\xef\xbb\xbf#!/bin/sh\n'),
      'it begins with EF BB BF, a byte order mark, before #!',
    ],
    [
      'a byte order mark without #!',
      bytes('\xef\xbb\xbfecho'),
      'it begins with EF BB BF, a byte order mark, and has no #!',
    ],
    ['UTF-16', bytes('\xff\xfe#\0!\0'), 'it begins with a byte order mark of UTF-16 and has no #!'],
    ['a line before #!', '\n#!/bin/sh\n', 'it begins with a blank or an empty line, before #!'],
    [
      'a pointer of Git LFS',
      'version https://git-lfs.github.com/spec/v1\n',
      'it is a pointer of Git LFS, not the file itself',
    ],
    ['a program for Windows', bytes('MZ\x90\0'), 'it begins with MZ, as programs for Windows do'],
    ['a program for macOS', bytes('\xcf\xfa\xed\xfe'), 'it is a program for macOS'],
    ['an archive', bytes('\x1f\x8b\x08\0'), 'it is compressed with gzip'],
    [
      'other bytes',
      bytes('\0\0\xab\xcd\x01'),
      'it begins with 00 00 AB CD and is neither an ELF file nor a script with #!',
    ],
    ['#! and nothing', '#!', 'its first line names no interpreter'],
    ['#! and an empty line', '#! \n/bin/sh\n', 'its first line names no interpreter'],
    [
      'an ELF file without its end',
      elfFile({ size: 8192, needs: 9000 }),
      'it ends before its segments do, after 8192 of 9000 bytes',
    ],
    [
      'an ELF file without its table',
      elfFile().subarray(0, 100),
      'it ends before its program header table',
    ],
    ['an ELF file of some bytes', '\x7fELF', 'it ends within its ELF header'],
    ['an object file', elfFile({ type: 1 }), 'it is an object file, not a program'],
    ['a core dump', elfFile({ type: 4 }), 'it is a core dump, not a program'],
  ])('%s', async (_, content, why) => {
    expect(await messages(content)).toStrictEqual(because(why));
  });

  test.each<[string, Buffer | string]>([
    ['a script', '#!/bin/sh\n'],
    ['an ELF file', elfFile()],
    ['an ELF file whose only page the kernel fills', elfFile({ size: 200, needs: 4096 })],
    ['an ELF file whose last page the kernel fills', elfFile({ size: 8196, needs: 8448 })],
    ['an ELF file with zeros alone behind its end', elfFile({ needs: 0, offset: 12_288 })],
    ['WebAssembly, which has runtimes', bytes('\0asm\x01\0\0\0')],
  ])('is not %s', async (_, content) => {
    expect(await messages(content)).toStrictEqual([]);
  });

  test('is told of what has an x bit, in an image for Linux whose layers are known', async () => {
    expect(await messages('echo', {}, 0o644)).toStrictEqual([]);
    expect(await messages('echo', {}, 0o010)).toHaveLength(1);
    expect(await messages('echo', { os: 'wasi' })).toStrictEqual([]);
    const unknown = layer([{ path: 'app', size: 4 }]);
    expect(programUnstartable(inspected([unknown]))).toStrictEqual([]);
    const { entries } = await layerOf([{ path: 'app', content: 'echo', mode: 0o755 }]);
    const half = { ...layer([], ['cut off']), entries };
    expect(programUnstartable(inspected([half]))).toStrictEqual([]);
  });

  test('is a directory or nothing to another check', async () => {
    expect(await found([{ path: 'app', type: '5', mode: 0o755 }])).toStrictEqual([]);
    expect(await found([])).toStrictEqual([]);
  });

  test('is found behind a link, with who names it and the step that made it', async () => {
    const comment = 'buildkit.dockerfile.v0';
    const history = [
      { createdBy: 'COPY s.sh /s.sh', emptyLayer: false, comment },
      { createdBy: 'CMD ["/app"]', emptyLayer: true, comment },
    ];
    const facts = await layerOf([
      { path: 'app', type: '2', link: 's.sh' },
      { path: 's.sh', content: 'echo hi\n', mode: 0o755 },
    ]);
    const dockerfile = {
      file: 'Dockerfile',
      text: 'FROM scratch\nCOPY s.sh /s.sh\nCMD ["/app"]\n',
    };
    const config = { entrypoint: [], command: ['/app'], history };
    expect(programUnstartable(inspected([facts], config, { dockerfile }))).toStrictEqual([
      {
        code: 'program-unstartable',
        severity: 'error',
        subject: { image: 'greeter', platform: 'linux/arm64', path: '/s.sh' },
        message:
          '/s.sh, which CMD names, cannot be executed: it begins with "echo hi" and is neither an ELF file nor a script with #!.',
        found: { value: '8 bytes', from: 'layer 1 of 1, COPY s.sh /s.sh' },
        expected: { value: 'an ELF file or a script with #!', from: 'CMD' },
        location: { file: 'Dockerfile', line: 2 },
        remedy: 'Add #! and its interpreter as the first line: #!/bin/sh.',
      },
    ]);
  });

  test.each<[string, string, RegExp]>([
    ['a page', '<html>', /^Look at the step that downloads it/],
    ['nothing', '', /^Look at what writes it/],
    ['bytes of no kind', '\x01', /^Begin a script with #!\/bin\/sh/],
    ['a byte order mark', '\xef\xbb\xbf#!', /^Save it as UTF-8 without a byte order mark/],
  ])('has a remedy of its own: %s', async (_, content, remedy) => {
    const [finding] = await found([{ path: 'app', content: bytes(content), mode: 0o755 }]);
    expect(finding?.remedy).toMatch(remedy);
  });
});

describe('what starts other programs', () => {
  const text: RawEntry = { path: 'app', content: 'echo hi\n', mode: 0o755 };
  const cut: RawEntry = { path: 'app', content: elfFile({ needs: 9000 }), mode: 0o755 };
  const linked = (path: string, interpreter: string, mode = 0o755): RawEntry => ({
    path,
    content: elfFile({ interpreter }),
    mode,
  });
  const musl = '/lib/ld-musl-aarch64.so.1';
  const glibc = '/lib/ld-linux-aarch64.so.1';
  const of = async (entries: readonly RawEntry[], words: readonly string[]) => {
    const findings = await found(entries, { entrypoint: words });
    return findings.map(({ subject }) => subject.path);
  };

  test.each<[string, readonly RawEntry[], readonly string[], readonly string[]]>([
    ['gives up with musl', [linked('tini', musl), text], ['/tini', '--', '/app'], ['/app']],
    ['hands a text to a shell with glibc', [linked('tini', glibc), text], ['/tini', '/app'], []],
    ['may do so where that is not known', [linked('tini', ''), text], ['/tini', '/app'], []],
    ['cannot with an ELF file', [linked('tini', glibc), cut], ['/tini', '/app'], ['/app']],
    [
      'starts another that does',
      [linked('tini', glibc), linked('bin/env', musl), text],
      ['/tini', '--', 'env', 'A=b', '/app'],
      ['/app'],
    ],
    ['is not known to do it', [linked('bin/strip', musl), cut], ['strip', '/app'], []],
    ['is a shell, of a text', [linked('bin/sh', musl), text], ['sh', '-c', '/app'], []],
    ['is a shell, of its argument', [linked('bin/sh', musl), text], ['sh', '/app'], []],
    ['is a shell, of an ELF file', [linked('bin/sh', musl), cut], ['sh', '-c', '/app'], ['/app']],
  ])('%s', async (_, entries, words, paths) => {
    expect(await of(entries, words)).toStrictEqual(paths);
  });

  const arg = (path: string): RawEntry => ({ path, content: 'echo hi\n', mode: 0o755 });
  const srv: RawEntry = { path: 'srv', content: elfFile(), mode: 0o755 };

  test.each<readonly [...string[]]>([
    ['gosu', 'app', '/srv'],
    ['su-exec', 'app', '/srv'],
    ['s6-setuidgid', 'app', '/srv'],
    ['setpriv', '--reuid', 'app', '/srv'],
    ['setpriv', '--reset-env', 'app'],
    ['env', '-u', 'app', '/srv'],
    ['env', '-i', 'app'],
    ['env', 'PATH=/opt', 'app'],
    ['tini', '-p', 'app', '/srv'],
    ['dumb-init', '--rewrite', 'app', '/srv'],
    ['gosu', 'app', 'app-2', 'app'],
  ])('does not execute the words of its own: %s %s %s', async (...words) => {
    const [launcher = ''] = words;
    const entries = [linked(`bin/${launcher}`, musl), arg('bin/app'), srv];
    expect(await of(entries, words)).toStrictEqual([]);
  });

  test.each<readonly [...string[]]>([
    ['gosu', 'app', '/app'],
    ['su-exec', '/srv', '/app'],
    ['s6-setuidgid', 'app', '/app'],
    ['setpriv', '--reuid=app', '--clear-groups', '/app'],
    ['env', 'A=b', 'app=', '/app'],
    ['tini', '-gs', '--', '/app'],
    ['tini', '/app', '/bin/app'],
  ])('executes the word behind those of its own: %s %s %s', async (...words) => {
    const [launcher = ''] = words;
    const entries = [linked(`bin/${launcher}`, musl), arg('bin/app'), srv, text];
    expect(await of(entries, words)).toStrictEqual(['/app']);
  });

  test('is told with each program', async () => {
    const tree = createTree([await layerOf([linked('tini', musl), text, linked('bin/sh', musl)])]);
    const by = (entrypoint: readonly string[]) =>
      startedPrograms({ ...inspected([]).config, entrypoint }, tree).map(
        ({ asked, executedBy }) => [asked, executedBy],
      );
    expect(by(['/tini', '--', '/app'])).toStrictEqual([
      ['/tini', 'engine'],
      [musl, undefined],
      ['/app', 'launcher'],
    ]);
    expect(by(['sh', '-c', '/app; /tini'])).toStrictEqual([
      ['sh', 'engine'],
      [musl, undefined],
      ['/app', 'shell'],
      ['/tini', undefined],
    ]);
  });
});

test('the first bytes of a program that is none are kept, few of them and of few files', async () => {
  const { entries } = await layerOf([
    { path: 'long', content: 'x'.repeat(1000), mode: 0o755 },
    { path: 'data', content: 'x'.repeat(1000), mode: 0o644 },
    { path: 'script', content: '#!/bin/sh\n', mode: 0o755 },
  ]);
  expect(entries.map(({ begins }) => begins)).toStrictEqual(['x'.repeat(24), undefined, undefined]);
  const many = Array.from({ length: 100_001 }, (_, at) => ({ path: `f${at}`, mode: 0o755 }));
  const facts = await layerOf(many);
  expect(facts.entries.filter(({ begins }) => begins === '')).toHaveLength(100_000);
});
