import { describe, expect, test } from '@jest/globals';
import {
  commandsOf,
  createTree,
  neededPrograms,
  shellFile,
  type TestedProgram,
} from '../../src/contents/index.js';
import type { ImageConfig } from '../../src/oci/index.js';
import { elf, type File, layer } from '../checks/inspected.js';

const config: ImageConfig = {
  os: 'linux',
  architecture: 'arm64',
  entrypoint: ['/opt/run'],
  command: [],
  shell: [],
  env: ['PATH=/usr/bin:bin:/gone:/usr/bin'],
  workdir: '/srv',
  labels: new Map(),
  diffIds: [],
  history: [],
};

const script = (interpreter: string) => ({ magic: 'script', script: interpreter }) as const;

const FILES: readonly File[] = [
  { path: 'bin', link: 'usr/bin' },
  { path: 'usr/bin/busybox', program: elf('arm64', { interpreter: '/lib/ld.so' }) },
  { path: 'usr/bin/sh', link: 'busybox' },
  { path: 'usr/bin/app', program: elf('amd64') },
  { path: 'usr/bin/other', program: elf('s390x') },
  { path: 'usr/bin/env', program: elf('arm64') },
  { path: 'usr/bin/text' },
  { path: 'usr/bin/notes', program: elf('arm64'), mode: 0o644 },
  { path: 'usr/bin/wrapped', program: script('/opt/lost') },
  { path: 'usr/bin/bare', program: script('/usr/bin/env -S A=1') },
  { path: 'usr/bin/folder/x', program: elf('arm64') },
  { path: 'usr/bin/gone', link: 'nowhere' },
  { path: 'lib/ld.so', program: elf('arm64') },
  { path: 'opt/run', program: script('/usr/bin/env app') },
  { path: 'srv/bin/own', program: elf('arm') },
];
const tree = createTree([layer(FILES)]);

const tested = (more: Partial<TestedProgram> = {}): TestedProgram => ({
  name: 'says its version',
  env: {},
  mounts: [],
  ...more,
});

const needed = (tests: readonly TestedProgram[], of = tree) =>
  neededPrograms(tests, config, of).map(({ asked, by, file }) => [asked, by, file.path]);

const SHELL = [
  ['/bin/sh', undefined, '/usr/bin/busybox'],
  ['/lib/ld.so', '/usr/bin/busybox', '/lib/ld.so'],
];
const BY = 'test "says its version"';

describe('the programs that an image needs', () => {
  test('are its shell, with what that needs', () => {
    expect(needed([])).toStrictEqual(SHELL);
    expect(needed([], createTree([layer([])]))).toStrictEqual([]);
  });

  test.each<[string, Partial<TestedProgram>, readonly (readonly (string | undefined)[])[]]>([
    [
      'the image starts by itself',
      {},
      [
        ['/opt/run', BY, '/opt/run'],
        ['/usr/bin/env', '/opt/run', '/usr/bin/env'],
        ['app', '/opt/run', '/usr/bin/app'],
      ],
    ],
    ['a test names', { run: { exec: ['app', 'other'] } }, [['app', BY, '/usr/bin/app']]],
    [
      'a test starts by another',
      { run: { exec: ['env', 'app'] } },
      [
        ['env', BY, '/usr/bin/env'],
        ['app', BY, '/usr/bin/app'],
      ],
    ],
    [
      'a test starts by another, behind words that are no programs',
      { run: { exec: ['env', 'A=1', 'app'] } },
      [
        ['env', BY, '/usr/bin/env'],
        ['app', BY, '/usr/bin/app'],
      ],
    ],
    [
      'the text of a test names',
      { run: { shell: 'app && other' } },
      [
        ['app', BY, '/usr/bin/app'],
        ['other', BY, '/usr/bin/other'],
      ],
    ],
    ['a test lacks', { run: { exec: ['none'] } }, []],
    ['nobody names', { run: { exec: [] } }, []],
    [
      'a script names without a program',
      { run: { exec: ['bare'] } },
      [
        ['bare', BY, '/usr/bin/bare'],
        ['/usr/bin/env', '/usr/bin/bare', '/usr/bin/env'],
      ],
    ],
    ['a script lacks', { run: { exec: ['wrapped'] } }, [['wrapped', BY, '/usr/bin/wrapped']]],
  ])('are what %s, each file once', (_, more, expected) => {
    expect(needed([tested(more), tested(more)])).toStrictEqual([...SHELL, ...expected]);
  });

  test('are looked for as deep as a kernel goes', () => {
    const chain = Array.from({ length: 10 }, (_, at) => ({
      path: `s${at}`,
      program: script(`/s${at + 1}`),
    }));
    const found = needed([tested({ run: { exec: ['/s0'] } })], createTree([layer(chain)]));
    expect(found.map(([asked]) => asked)).toStrictEqual([
      '/s0',
      '/s1',
      '/s2',
      '/s3',
      '/s4',
      '/s5',
      '/s6',
    ]);
  });
});

describe('the commands of an image', () => {
  test('are the ELF programs in the folders of its PATH, links followed, each folder once', () => {
    expect(commandsOf(config, tree).map(({ path }) => path)).toStrictEqual([
      '/usr/bin/busybox',
      '/usr/bin/busybox',
      '/usr/bin/app',
      '/usr/bin/other',
      '/usr/bin/env',
      '/srv/bin/own',
    ]);
  });

  test('are found from the root where it names no folder of its own', () => {
    const { workdir: _, ...bare } = { ...config, env: ['PATH=srv/bin'] };
    expect(commandsOf(bare, tree).map(({ path }) => path)).toStrictEqual(['/srv/bin/own']);
    expect(commandsOf({ ...bare, env: ['PATH=/gone'] }, tree)).toStrictEqual([]);
  });
});

test.each([
  [[], '/usr/bin/busybox'],
  [['/bin/sh', '-c'], '/usr/bin/busybox'],
  [['app', '-c'], '/usr/bin/app'],
  [['bin/own'], '/srv/bin/own'],
  [['none'], undefined],
])('the shell %j of an image is the file %s', (shell, path) => {
  expect(shellFile({ ...config, shell }, tree)).toBe(path);
});
