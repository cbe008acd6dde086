import { expect, test } from '@jest/globals';
import { createTree, type TestedProgram, testedProgram } from '../../src/contents/index.js';
import type { ImageConfig } from '../../src/oci/index.js';
import { elf, layer } from '../checks/inspected.js';

const config: ImageConfig = {
  os: 'linux',
  architecture: 'arm64',
  entrypoint: ['/opt/run'],
  command: ['app'],
  shell: [],
  env: ['PATH=/usr/bin'],
  workdir: '/srv',
  labels: new Map(),
  diffIds: [],
  history: [],
};

const script = (interpreter: string) => ({ magic: 'script', script: interpreter }) as const;

const tree = createTree([
  layer([
    { path: 'bin', link: 'usr/bin' },
    { path: 'usr/bin/busybox', program: elf('arm64') },
    { path: 'usr/bin/sh', kind: 'hardlink', link: 'usr/bin/busybox' },
    { path: 'usr/bin/app', program: elf('amd64') },
    { path: 'opt/run', program: script('/bin/sh') },
    { path: 'opt/twice', program: script('/opt/run') },
    { path: 'opt/circle', program: script('/opt/circle') },
    { path: 'opt/lost', program: script('/no/such') },
    { path: 'opt/text' },
    { path: 'srv/own', program: elf('s390x') },
  ]),
]);

const shell = { shell: 'app' };

test.each<[string, Partial<TestedProgram>, string, string | undefined, string | undefined]>([
  ['a text', { run: shell }, '/bin/sh', '/usr/bin/sh', 'arm64'],
  ['the image’s own', {}, '/opt/run', '/opt/run', 'arm64'],
  ['a name on PATH', { run: { exec: ['app'] } }, 'app', '/usr/bin/app', 'amd64'],
  [
    'a name on the test’s PATH',
    { run: { exec: ['own'] }, env: { PATH: '/srv' } },
    'own',
    '/srv/own',
    's390x',
  ],
  ['a relative path', { run: { exec: ['./own'] } }, './own', '/srv/own', 's390x'],
  [
    'the same from elsewhere',
    { run: { exec: ['./own'] }, workdir: '/' },
    './own',
    undefined,
    undefined,
  ],
  ['a script of a script', { run: { exec: ['/opt/twice'] } }, '/opt/twice', '/opt/twice', 'arm64'],
  [
    'scripts in a circle',
    { run: { exec: ['/opt/circle'] } },
    '/opt/circle',
    '/opt/circle',
    undefined,
  ],
  [
    'a script without its interpreter',
    { run: { exec: ['/opt/lost'] } },
    '/opt/lost',
    '/opt/lost',
    undefined,
  ],
  ['a text file', { run: { exec: ['/opt/text'] } }, '/opt/text', '/opt/text', undefined],
  ['nothing', { run: { exec: ['/no'] } }, '/no', undefined, undefined],
  [
    'what a mount hides',
    { run: { exec: ['/opt/run'] }, mounts: [{ target: '/opt/' }] },
    '/opt/run',
    undefined,
    undefined,
  ],
  [
    'what a mount hides behind a link',
    { run: { exec: ['/bin/app'] }, mounts: [{ target: '/usr/bin/app' }] },
    '/bin/app',
    undefined,
    undefined,
  ],
  [
    'what a mount may come before',
    { run: { exec: ['app'] }, mounts: [{ target: '/bin/app' }] },
    'app',
    undefined,
    undefined,
  ],
  [
    'what a mount in an earlier folder may come before',
    { run: { exec: ['app'] }, env: { PATH: '/first:/usr/bin' }, mounts: [{ target: '/first/x' }] },
    'app',
    undefined,
    undefined,
  ],
  [
    'the same behind a link',
    { run: { exec: ['own'] }, env: { PATH: '/bin:/srv' }, mounts: [{ target: '/usr/bin' }] },
    'own',
    undefined,
    undefined,
  ],
  [
    'what a mount beside it leaves',
    { run: { exec: ['/opt/run'] }, mounts: [{ target: '/optional' }] },
    '/opt/run',
    '/opt/run',
    'arm64',
  ],
  [
    'a script whose interpreter a mount hides',
    { run: { exec: ['/opt/run'] }, mounts: [{ target: '/usr/bin' }] },
    '/opt/run',
    '/opt/run',
    undefined,
  ],
])('what a test runs: %s', (_, more, asked, path, architecture) => {
  const program = testedProgram({ name: 't', env: {}, mounts: [], ...more }, config, tree);
  expect([program?.asked, program?.file?.path, program?.elf?.architecture]).toStrictEqual([
    asked,
    path,
    architecture,
  ]);
});

test('an image without a program of its own starts nothing', () => {
  const bare = { ...config, entrypoint: [], command: [] };
  expect(testedProgram({ name: 't', env: {}, mounts: [] }, bare, tree)).toBeUndefined();
});
