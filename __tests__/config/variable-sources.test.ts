// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { describe, expect, test } from '@jest/globals';
import { fromDockerfile } from '../plans.js';
import { lines, load, UNTRUSTED } from './memory.js';

/* What of the environment a configuration may use, name by name. */

const using = (name: string) => `images: [{ name: a/b, build: { args: { A: "\${${name}}" } } }]`;

async function argsOf(text: string, ...more: readonly unknown[]) {
  const config = await load(text, ...(more as []));
  return config.problems.length > 0 ? lines(config) : fromDockerfile(config.images[0]?.build).args;
}

test.each([
  'CI',
  'GITHUB_ACTOR',
  'GITHUB_BASE_REF',
  'GITHUB_EVENT_NAME',
  'GITHUB_HEAD_REF',
  'GITHUB_JOB',
  'GITHUB_REF',
  'GITHUB_REF_NAME',
  'GITHUB_REF_TYPE',
  'GITHUB_REPOSITORY',
  'GITHUB_REPOSITORY_OWNER',
  'GITHUB_RUN_ATTEMPT',
  'GITHUB_RUN_ID',
  'GITHUB_RUN_NUMBER',
  'GITHUB_SERVER_URL',
  'GITHUB_SHA',
  'GITHUB_WORKFLOW',
  'RUNNER_ARCH',
  'RUNNER_OS',
  'SOURCE_DATE_EPOCH',
])('an untrusted run may read %s', async (name) => {
  expect(await argsOf(using(name), UNTRUSTED, { [name]: 'x' })).toStrictEqual({ A: 'x' });
});

describe('the name of a branch that its author chooses', () => {
  const refused = (name: string) =>
    `sea-trial.yml:1:43 variable "${name}" is the name of a branch, which its author chooses, and has characters with a meaning for a shell or an option; use only letters, digits and "_ . / @ + # = -"`;

  test.each([
    'BITBUCKET_BRANCH',
    'CHANGE_BRANCH',
    'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
    'DRONE_SOURCE_BRANCH',
    'GITHUB_HEAD_REF',
    'SYSTEM_PULLREQUEST_SOURCEBRANCH',
    'TRAVIS_PULL_REQUEST_BRANCH',
  ])('is refused in %s where it may do more', async (name) => {
    expect(await argsOf(using(name), {}, { [name]: 'a;b' })).toStrictEqual([refused(name)]);
    expect(await argsOf(using(name), {}, { [name]: 'a/b' })).toStrictEqual({ A: 'a/b' });
    expect(await argsOf(using(name), { set: new Map([[name, 'a;b']]) })).toStrictEqual({
      A: 'a;b',
    });
  });

  test.each(['-x', 'a b', 'a,b', '$(a)', 'a\nb', '"', "'", 'a\n'])(
    'is refused as %j',
    async (value) => {
      expect(await argsOf(using('CHANGE_BRANCH'), {}, { CHANGE_BRANCH: value })).toStrictEqual([
        refused('CHANGE_BRANCH'),
      ]);
    },
  );

  test.each(['', 'x-', 'größe/1.0_a@b+c#d=e', '日本'])('may be %j', async (value) => {
    expect(await argsOf(using('CHANGE_BRANCH'), {}, { CHANGE_BRANCH: value })).toStrictEqual({
      A: value,
    });
  });
});

describe('a variable that a container has, too', () => {
  test.each([
    'EUID',
    'HOME',
    'HOSTNAME',
    'LOGNAME',
    'OLDPWD',
    'PATH',
    'PWD',
    'SHELL',
    'SHLVL',
    'TERM',
    'UID',
    'USER',
  ])('is mentioned in a test: %s', async (name) => {
    const text = `images: [{ name: a/b, tests: ["x \${${name}}"] }]`;
    const { notes } = await load(text, {}, { [name]: 'x' });
    expect(notes).toStrictEqual([
      `sea-trial.yml:1:31: "\${${name}}" is the value of the machine that runs this, not the container's; write "$${name}" or "$\${${name}}" for the container's own.`,
    ]);
  });
});

test.each<[string, readonly string[]]>([
  ['${SEA_TRIAL_X:?}', ['variable "SEA_TRIAL_X" is not set or empty: it is needed here']],
  ['${{ a }}${{ b }}', ['{{ a }}', '{{ b }}']],
  ['${A B}', ['"${A B}": only a whole variable']],
  ['${1X}', ['"${1X}" is not a variable; write "$${1X}" for the text itself']],
  ['x ${steps.a.outputs.b} y', ['"${steps.a.outputs.b}": expressions of GitHub are not evaluated']],
  [
    '${{ github.event.number }}',
    ['write ${NAME}, and in the workflow NAME=${{ github.event.number }}'],
  ],
  ['${{ env.API_KEY }}', ['write api_key under "secrets" of "build"']],
  ['${{ github.run_id }}', ['write ${GITHUB_RUN_ID}, which the workflow']],
  ['${{ github.workspace }}', ['write ${NAME}, and in the workflow NAME=${{ github.workspace }}']],
  [`\${${'x'.repeat(60)}`, [`"\${" is not closed in "\${${'x'.repeat(38)}"`]],
])('%s is answered', async (text, parts) => {
  const found = await argsOf(`images: [{ name: a/b, build: { args: { A: '${text}' } } }]`);
  expect(found).toHaveLength(parts.length);
  for (const [at, part] of parts.entries())
    expect((found as readonly string[])[at]).toContain(part);
});

test('more than ten variables are named by the first', async () => {
  const names = Array.from({ length: 11 }, (_, at) => `USED${at}`);
  const args = (count: number) =>
    `images: [{ name: a/b, build: { args: [${names.slice(0, count).join(', ')}] } }]`;
  const message = '--set ZZZ: nothing uses this variable; there are: ';
  const said = async (count: number) =>
    lines(await load(args(count), { set: new Map([['ZZZ', 'x']]) }));
  const ten = names.slice(0, 10).join(', ');
  expect(await said(10)).toStrictEqual([`${message}${ten}`]);
  expect(await said(11)).toStrictEqual([`${message}${ten}, …`]);
});

test('a text may add 1 MiB of variables, and no more', async () => {
  const vars = (last: number) =>
    `vars: { A: "${'x'.repeat(1024)}", B: "${'x'.repeat(last)}" }\nimages: [{ name: a/b, build: { args: { X: "${'${A}'.repeat(1023)}\${B}" } } }]`;
  expect(Object.keys(await argsOf(vars(1024)))).toStrictEqual(['X']);
  const again = vars(1025).replace(' } } }]', ', Y: "${A}" } } }]');
  expect(await argsOf(again)).toStrictEqual([
    'sea-trial.yml:2:43 the variables add more than 1 MiB of text',
  ]);
  expect(await argsOf(vars(1025))).toStrictEqual([
    'sea-trial.yml:2:43 the variables add more than 1 MiB of text',
  ]);
});
