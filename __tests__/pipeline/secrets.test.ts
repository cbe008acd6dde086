import { expect, test } from '@jest/globals';
import type { BuildPlan } from '../../src/evidence/index.js';
import { learningCredentials, learnSecrets } from '../../src/pipeline/secrets.js';
import { secretsOf } from '../../src/pipeline/trial-inputs.js';
import type { Files, Ports } from '../../src/ports/index.js';
import type { Credential } from '../../src/registry/index.js';
import { request, UNTRUSTED } from '../config/memory.js';
import { plannedBuild, plannedImage, planOf } from '../plans.js';

const LARGEST = 500 * 1024;

/** Files by absolute path: a text, or a size that nobody has to read to know that it is too large. */
function filesWith(content: Readonly<Record<string, string | number | null>>): Files {
  return {
    async look(path: string) {
      const found = content[path];
      if (found === undefined) return undefined;
      const size = typeof found === 'number' ? found : (found?.length ?? 0);
      return { kind: found === null ? 'directory' : 'file', size, modified: 0n, mode: 0o600 };
    },
    async read(path: string) {
      const found = content[path];
      if (typeof found === 'string') return Buffer.from(found);
      if (typeof found === 'number' && found >= LARGEST) return Buffer.from(`${found} bytes`);
      throw Object.assign(new Error(`${path} cannot be read`), { code: 'EACCES' });
    },
  } as unknown as Files;
}

async function learned(
  secrets: BuildPlan['secrets'],
  more: Parameters<typeof request>[0] = {},
  content: Parameters<typeof filesWith>[0] = {},
) {
  const known = new Set<string>();
  const ports = {
    files: filesWith(content),
    env: { NPM_TOKEN: 'by-variable', OTHER: 'of nobody' },
  } as unknown as Ports;
  const images = [
    plannedImage({ id: 'without' }),
    plannedImage({ build: plannedBuild({ secrets }) }),
  ];
  await learnSecrets(planOf({ images }), request(more), ports, (value) => known.add(value));
  return [...known].filter((value) => value !== '').sort();
}

test('every secret of a plan is known before anything is built: by variable, by file and by id', async () => {
  const secrets = [
    { id: 'npm', env: 'NPM_TOKEN' },
    { id: 'key', file: 'keys/key.pem' },
    { id: 'absolute', file: '/etc/secret' },
    { id: 'named-as-its-file' },
  ];
  const content = {
    '/work/keys/key.pem': 'by-file',
    '/etc/secret': 'by-absolute-path',
    '/work/named-as-its-file': 'by-id',
  };
  expect(await learned(secrets, {}, content)).toEqual([
    'by-absolute-path',
    'by-file',
    'by-id',
    'by-variable',
  ]);
});

test('every secret that the run itself is given is known', async () => {
  const given = {
    secretValues: new Map([['npm', 'by-value']]),
    logins: [{ registry: 'r.example', username: 'me', password: 'of-a-login' }],
    token: 'of-the-job',
    buildx: { mirror: 'https://me:of-the-mirror@mirror.example/buildx' },
  };
  expect(await learned([], given)).toEqual([
    'by-value',
    'of-a-login',
    'of-the-job',
    'of-the-mirror',
  ]);
});

test('a secret that is given by value is not looked for anywhere else', async () => {
  const secretValues = new Map([
    ['npm', 'by-value'],
    ['key', 'by-value-too'],
  ]);
  const secrets = [{ id: 'npm', env: 'NPM_TOKEN' }, { id: 'key' }];
  const content = { '/work/key': 'a file of that name' };
  expect(await learned(secrets, { secretValues }, content)).toEqual(['by-value', 'by-value-too']);
});

test('what is no secret for BuildKit either is not read, and what cannot be read is left to the build', async () => {
  const files = ['missing', 'folder', 'closed', 'large', 'largest'];
  const content = {
    '/work/folder': null,
    '/work/closed': 1,
    '/work/large': LARGEST + 1,
    '/work/largest': LARGEST,
  };
  const secrets = files.map((file) => ({ id: file, file }));
  expect(await learned(secrets, {}, content)).toEqual([`${LARGEST} bytes`]);
});

test.each<[Credential, readonly string[]]>([
  [{ kind: 'basic', username: 'me', password: 'p' }, ['p', Buffer.from('me:p').toString('base64')]],
  [{ kind: 'identity-token', token: 'i' }, ['i']],
  [{ kind: 'registry-token', token: 'r' }, ['r']],
  [{ kind: 'anonymous' }, []],
])('no credential is found without being known as a secret: %j', async (credential, secrets) => {
  const known: string[] = [];
  const credentials = learningCredentials(
    async () => credential,
    (value) => known.push(value),
  );
  expect(await credentials('r.example')).toBe(credential);
  expect(known).toEqual(secrets);
});

test("an untrusted run's builds get what the inputs give them, and not the job's token", () => {
  const given = {
    secretValues: new Map([
      ['GIT_AUTH_TOKEN.github.com', 'of-the-job'],
      ['npm', 'by-value'],
    ]),
    secretSources: [{ id: 'other' }, { id: 'npm' }],
  };
  const trusted = secretsOf({ ...request(), ...given });
  expect([...trusted.variables]).toEqual([
    ['GIT_AUTH_TOKEN.github.com', 'SEA_TRIAL_SECRET_0'],
    ['npm', 'SEA_TRIAL_SECRET_1'],
  ]);
  expect(trusted.environment).toEqual({
    SEA_TRIAL_SECRET_0: 'of-the-job',
    SEA_TRIAL_SECRET_1: 'by-value',
  });
  const untrusted = secretsOf({ ...request(), ...given, ...UNTRUSTED });
  expect([...untrusted.variables]).toEqual([['npm', 'SEA_TRIAL_SECRET_0']]);
  expect(untrusted.environment).toEqual({ SEA_TRIAL_SECRET_0: 'by-value' });
});
