import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { bash, folderOf, ROOT } from './shell.js';

/*
 * `npm run demo -- --yes` and `npm test -- --yes` are what the set-up tells people
 * to type. --yes is its own; everything else belongs to sea-trial or to jest.
 */

const DEEP = '__tests__/integration/deep.test.ts';
/** What is left out for anybody but root, and how that is said. */
const [leaving, without] =
  process.getuid?.() === 0
    ? ['', []]
    : [
        `tests       Only root can make engines, disks and emulators of a test's own. Left out, for sudo -E npm test:\ntests       ${DEEP}\n`,
        [`<--testPathIgnorePatterns=${DEEP}>`],
      ];

const tells = (name: string) => `#!/bin/sh\necho ${name} in "$PWD"\nprintf '<%s>\\n' "$@"\n`;

/** A tree with run.sh in it, where everything that it calls tells what it was given. */
async function told(...args: readonly string[]) {
  const tree = await folderOf({
    'scripts/setup.sh': tells('set-up'),
    'examples/greeter/sea-trial.yml': '',
    'bin/node': tells('node'),
    'bin/npm': tells('npm'),
    [DEEP]: "import './needs-root.js';\n",
    '__tests__/integration/shallow.test.ts': '',
  });
  for (const name of ['run.sh', 'rig/common.sh']) {
    await cp(join(ROOT, 'scripts', name), join(tree, 'scripts', name));
  }
  const said = await bash([join(tree, 'scripts', 'run.sh'), ...args], {
    programs: join(tree, 'bin'),
  });
  const [, setUp = '', program = ''] = said.stdout
    .replaceAll(tree, 'TREE')
    .split(/^set-up .*\n|^(?=n)/m);
  return [said.status, said.stderr, setUp, program];
}

const lines = (...all: readonly string[]) => `${all.join('\n')}\n`;

test.each([
  {
    args: ['demo', '--yes'],
    setUp: lines('<--for>', '<demo>', '<--yes>'),
    program: lines('node in TREE/examples/greeter', '<TREE/dist/cli.js>', '<run>'),
  },
  {
    args: ['demo', '--only', 'a b', '--yes', '--json'],
    setUp: lines('<--for>', '<demo>', '<--yes>'),
    program: lines(
      'node in TREE/examples/greeter',
      ...['<TREE/dist/cli.js>', '<run>', '<--only>', '<a b>', '<--json>'],
    ),
  },
  {
    args: ['test', '--forceExit', '--json', '--outputFile=/tmp/a b.json'],
    setUp: `${lines('<--for>', '<test>')}${leaving}`,
    program: lines(
      'npm in TREE',
      ...[
        '<run>',
        '<test:all>',
        '<-->',
        '<--forceExit>',
        '<--json>',
        '<--outputFile=/tmp/a b.json>',
        ...without,
      ],
    ),
  },
  {
    args: ['test', '--yes', '-t', 'plans'],
    setUp: `${lines('<--for>', '<test>', '<--yes>')}${leaving}`,
    program: lines('npm in TREE', '<run>', '<test:all>', '<-->', '<-t>', '<plans>', ...without),
  },
])('run.sh $args', async ({ args, setUp, program }) => {
  expect(await told(...args)).toEqual([0, '', setUp, program]);
});

test('a set-up that declines ends it', async () => {
  const tree = await folderOf({ 'scripts/setup.sh': '#!/bin/sh\nexit 3\n' });
  for (const name of ['run.sh', 'rig/common.sh']) {
    await cp(join(ROOT, 'scripts', name), join(tree, 'scripts', name));
  }
  const said = await bash([join(tree, 'scripts', 'run.sh'), 'test', '--yes']);
  expect(said).toEqual({ status: 3, stdout: '', stderr: '' });
});

test('is what npm calls', async () => {
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
  const { demo, test: tests } = manifest.scripts;
  expect({ demo, tests }).toEqual({
    demo: 'bash scripts/run.sh demo',
    tests: 'bash scripts/run.sh test',
  });
});
