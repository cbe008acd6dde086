import { expect, test } from '@jest/globals';
import { createTree, shellFile, startedPrograms } from '../../src/contents/index.js';
import type { ImageConfig } from '../../src/oci/index.js';
import type { RawEntry } from '../oci/raw-tar.js';
import { layerOf } from './scanned.js';

const script = (path: string, interpreter: string): RawEntry => ({
  path,
  content: `#!${interpreter}\n`,
  mode: 0o755,
});
const config: ImageConfig = {
  os: 'linux',
  architecture: 'amd64',
  entrypoint: [],
  command: [],
  shell: [],
  env: ['PATH=/old', 'PATH=/bin'],
  labels: new Map(),
  diffIds: [],
  history: [],
};

test.each<[string, Partial<ImageConfig>, readonly string[]]>([
  ['nothing', {}, []],
  [
    'the command',
    { command: ['app'] },
    ['command app → /bin/app (CMD)', 'interpreter /bin/sh → /bin/busybox (/bin/app)'],
  ],
  [
    'the entrypoint, and no argument that is no program',
    { entrypoint: ['/bin/busybox'], command: ['--help'] },
    ['entrypoint /bin/busybox → /bin/busybox (ENTRYPOINT)'],
  ],
  [
    'a command that is a program behind an entrypoint',
    { entrypoint: ['busybox'], command: ['app', '/bin/other'] },
    [
      'entrypoint busybox → /bin/busybox (ENTRYPOINT)',
      'command app → /bin/app (CMD)',
      'command /bin/other → /bin/other (CMD)',
    ],
  ],
  [
    'the program that an init starts',
    { entrypoint: ['busybox', '--', 'env-app', '/etc/text'] },
    [
      'entrypoint busybox → /bin/busybox (ENTRYPOINT)',
      'entrypoint env-app → /bin/env-app (ENTRYPOINT)',
      'interpreter /usr/bin/env → nothing (/bin/env-app)',
      'interpreter python3 → nothing (/bin/env-app)',
    ],
  ],
  [
    'the program of the shell form, and its shell',
    { entrypoint: ['/bin/sh', '-c', 'other --serve'], command: ['app'] },
    [
      'entrypoint /bin/sh → /bin/busybox (ENTRYPOINT)',
      'entrypoint other → /bin/other (ENTRYPOINT)',
    ],
  ],
  [
    'what a shell behind an entrypoint is told to start',
    { entrypoint: ['busybox'], command: ['/bin/sh', '-eo', 'pipefail', '-c', 'exec none'] },
    ['entrypoint busybox → /bin/busybox (ENTRYPOINT)', 'command none → nothing (CMD)'],
  ],
  [
    'a missing program only where the shell certainly asks for it',
    { command: ['sh', '-c', 'cd /srv && ./none; other | none'] },
    ['command sh → /bin/busybox (CMD)', 'command other → /bin/other (CMD)'],
  ],
  [
    'what programs in the text of a shell start in turn',
    { command: ['sh', '-c', 'exec busybox nice -n 5 other "$@"'] },
    ['command sh → /bin/busybox (CMD)', 'command other → /bin/other (CMD)'],
  ],
  [
    'not what an emulator is given',
    { entrypoint: ['box64', 'other'], command: ['app'] },
    ['entrypoint box64 → /bin/box64 (ENTRYPOINT)'],
  ],
  ['what is missing', { command: ['none'] }, ['command none → nothing (CMD)']],
  [
    'a path of the working directory',
    { command: ['./app'], workdir: '/bin' },
    ['command ./app → /bin/app (CMD)', 'interpreter /bin/sh → /bin/busybox (/bin/app)'],
  ],
  [
    'scripts that name each other',
    { command: ['ring'] },
    ['command ring → /bin/ring (CMD)', 'interpreter /bin/gnir → /bin/gnir (/bin/ring)'],
  ],
])('%s', async (_, changes, expected) => {
  const layer = await layerOf([
    { path: 'bin/busybox', content: '\x7fELF', mode: 0o755 },
    { path: 'bin/sh', type: '2', link: 'busybox' },
    { path: 'bin/box64', content: '\x7fELF', mode: 0o755 },
    script('bin/app', '/bin/sh -e'),
    script('bin/other', '/bin/sh'),
    script('bin/env-app', '/usr/bin/env -S A=b python3 -u'),
    script('bin/ring', '/bin/gnir'),
    script('bin/gnir', '/bin/ring'),
    { path: 'etc/text', content: 'text' },
  ]);
  const started = startedPrograms({ ...config, ...changes }, createTree([layer]));
  const lines = started.map(
    ({ role, asked, by, file }) => `${role} ${asked} → ${file?.path ?? 'nothing'} (${by})`,
  );
  expect(lines).toStrictEqual(expected);
});

test.each<[string, readonly string[], string | undefined]>([
  ['the usual one, links followed', [], '/usr/bin/dash'],
  ['that of SHELL, by its path', ['/usr/bin/ash', '-c'], '/bin/busybox'],
  ['that of SHELL, by its name on PATH', ['busybox', 'sh', '-c'], '/bin/busybox'],
  ['none', ['/bin/bash', '-c'], undefined],
])("the file of an image's shell: %s", async (_, shell, file) => {
  const layer = await layerOf([
    { path: 'bin/busybox', content: '\x7fELF', mode: 0o755 },
    { path: 'bin/sh', type: '2', link: '/etc/alternatives/sh' },
    { path: 'etc/alternatives/sh', type: '2', link: '/usr/bin/dash' },
    { path: 'usr/bin/dash', content: '\x7fELF', mode: 0o755 },
    { path: 'usr/bin/ash', type: '2', link: '../../bin/busybox' },
  ]);
  expect(shellFile({ ...config, shell }, createTree([layer]))).toBe(file);
});

test('an argument that begins with a dash is an option, whatever is on PATH', async () => {
  const tree = createTree([
    await layerOf(['bin/app', 'bin/-x', 'bin/x-'].map((path) => script(path, '/none'))),
  ]);
  const started = startedPrograms({ ...config, entrypoint: ['app'], command: ['-x', 'x-'] }, tree);
  expect(
    started.filter(({ role }) => role !== 'interpreter').map(({ asked }) => asked),
  ).toStrictEqual(['app', 'x-']);
});

test.each(['grteer', 'none'])(
  'a PATH of many directories, most of them the same: %s',
  async (missing) => {
    const names = Array.from({ length: 2000 }, (_, at) => `usr/bin/gre-${at}`);
    const files = [...names, 'usr/bin/greeter'].map((path) => script(path, '/none'));
    const tree = createTree([await layerOf(files)]);
    let listed = 0;
    const counted = {
      ...tree,
      list(path: string) {
        listed++;
        return tree.list(path);
      },
    };
    const others = Array.from({ length: 500 }, (_, at) => `/usr/bin/${'./'.repeat(at)}`);
    const env = [`PATH=${[...Array(1000).fill('/usr/bin'), ...others].join(':')}`];
    const [program] = startedPrograms({ ...config, env, entrypoint: [missing] }, counted);
    expect(program?.near).toBe(missing === 'none' ? undefined : 'greeter');
    expect(listed).toBe(20);
  },
);

test.each<[string, readonly string[]]>([
  ['python3', ['python3']],
  ['-S python3 -u X', ['python3']],
  ['-Spython3 -u', ['python3']],
  ['--split-string=python3 -u', ['python3']],
  ['-vS python3 -u', ['python3']],
  ['-S A=b python3 "x"', ['python3']],
  ['-S -u PYTHONPATH python3', ['python3']],
  ['-S --unset X --chdir=/srv python3', ['python3']],
  ['-S -C /srv -a name python3', ['python3']],
  ['-S --argv0 x --chdir /srv -- python3', ['python3']],
  ['-S "node" --x', []],
  [`-S \${NODE} --x`, []],
  ['-S A="b c" node', []],
  ['-S no\\_de', []],
  ['-S -u "A B" node', []],
  ['-S PATH=/opt node', []],
  ['-S -i node', []],
  ['-iS node', []],
  ['-S -u', []],
  ['', []],
])('what env is asked for by #!/usr/bin/env %s', async (line, expected) => {
  const tree = createTree([await layerOf([script('bin/app', `/usr/bin/env ${line}`)])]);
  const started = startedPrograms({ ...config, entrypoint: ['app'] }, tree);
  const [, env, ...others] = started.map(({ asked }) => asked);
  expect(env).toBe('/usr/bin/env');
  expect(others).toStrictEqual(expected);
});
