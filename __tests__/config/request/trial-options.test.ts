import { expect, test } from '@jest/globals';
import { parseArguments } from '../../../src/commands/arguments.js';
import {
  fromInputs,
  maskSecretValue,
  type ParsedRequest,
  trialOptions,
} from '../../../src/config/index.js';
import { MODES } from '../memory.js';

const start = { root: '/work', env: {} };

function parsed(...argv: readonly string[]): ParsedRequest {
  const line = parseArguments(['run', ...argv], start);
  if ('request' in line) return line.request as ParsedRequest;
  throw new Error(JSON.stringify(line));
}

const NOTHING = { fromEnvironment: new Map(), publicArgs: new Set<string>() };

const words = (request: ParsedRequest) =>
  trialOptions(request, NOTHING).flatMap(({ name, value }) => [`--${name}`, value]);

test('what a trial depends on is asked for again in the same words', () => {
  const argv =
    '--only a --platform linux/arm64 --set A=1 --set B=x=y --grant mounts --grant ssh --untrusted true --builder big --binfmt-image q:1';
  const more = '--config c.yml --push --allow-dirty --parallel 3 --evidence e.json --json';
  const request = parsed(...argv.split(' '), ...more.split(' '));
  expect(words(request)).toEqual(argv.split(' '));
  expect(words(parsed(...words(request)))).toEqual(argv.split(' '));
});

test('where a run publishes to is kept behind what its trials depend on', () => {
  const argv = '--only a --push --registry mirror.example/x --replaces linux/arm64 --existing same';
  expect(words(parsed(...argv.split(' ')))).toEqual(
    '--only a --registry mirror.example/x --replaces linux/arm64 --existing same'.split(' '),
  );
});

test('values that look like secrets are left out', () => {
  const secrets = [
    'API_TOKEN=hush',
    `GITHUB=ghp_${'a1'.repeat(18)}`,
    'MIRROR=https://me:hush@mirror.example/',
    'KEY=-----BEGIN RSA PRIVATE KEY-----',
  ];
  const options = trialOptions(parsed(...secrets.flatMap((one) => ['--set', one])), NOTHING);
  expect(options.map(({ value }) => value)).toEqual([
    'API_TOKEN=***',
    'GITHUB=***',
    'MIRROR=***',
    'KEY=***',
  ]);
  const plain = ['A=https://mirror.example/', 'B=token', 'C=', 'NPM_TOKEN='];
  expect(words(parsed(...plain.flatMap((one) => ['--set', one])))).toEqual(
    plain.flatMap((one) => ['--set', one]),
  );
});

const SIXTEEN = 'ABCDEFGH01234567';

test.each([
  `gho_${'x'.repeat(20)}`,
  `(ghs_${'x'.repeat(20)})`,
  `github_pat_${'x'.repeat(20)}`,
  `glpat-${'x-'.repeat(8)}`,
  'xoxb-0123456789',
  `AKIA${SIXTEEN}`,
  `key=ASIA${SIXTEEN}`,
  'eyJhbGciOiJ.eyJzdWIi.x',
  '-----BEGIN KEY',
  ' https://me:hush@a.example ',
  '\u00a0https://me:hush@a.example',
])('%j is a secret by its look', (value) => {
  expect(maskSecretValue('A', value)).toBe('***');
});

test.each([
  `gho_${'x'.repeat(19)}`,
  `sigh_${'x'.repeat(20)}`,
  `github_pat_${'x'.repeat(19)}`,
  `glpat-${'x'.repeat(15)}`,
  'xoxb-012345678',
  `AKIA${SIXTEEN}8`,
  `XAKIA${SIXTEEN}`,
  `AAIA${SIXTEEN}`,
  'eyJshort.eyJ.x',
  'eyJhbGciOiJ.eyJ',
  'https://me@a.example',
])('%j is none', (value) => {
  expect(maskSecretValue('A', value)).toBe(value);
});

test('a variable that the environment gave is given by itself the next time', () => {
  const given = new Map([
    ['OWNER', 'acme'],
    ['WHERE', 'https://me:hush@mirror.example/'],
  ]);
  expect(
    trialOptions(parsed('--set', 'A=1'), { ...NOTHING, fromEnvironment: given }).map(
      ({ value }) => value,
    ),
  ).toEqual(['A=1', 'OWNER=acme', 'WHERE=***']);
});

test("the action's inputs are the same options", () => {
  const request = (inputs: Readonly<Record<string, string>>) => {
    const asked = fromInputs(new Map(Object.entries(inputs)), start, MODES);
    if ('request' in asked) return asked.request;
    throw new Error(JSON.stringify(asked));
  };
  const inputs = { only: 'a,b', set: 'A=1', grants: 'mounts', 'binfmt-image': 'q:1' };
  const same = ['--only', 'a', '--only', 'b', '--set', 'A=1', '--grant', 'mounts'];
  expect(words(request({ ...inputs, builder: 'big' }))).toEqual([
    ...same,
    ...['--builder', 'big', '--binfmt-image', 'q:1'],
  ]);
  expect(words(request({ ...inputs, builder: 'big', driver: 'docker-container' }))).toEqual([
    ...same,
    ...['--binfmt-image', 'q:1'],
  ]);
});

test('a value whose name is public is shown, unless it is a token by its look', () => {
  const request = parsed('--set', 'MAPS_API_KEY=AIza', '--set', `CI_TOKEN=ghp_${'a1'.repeat(18)}`);
  const publicArgs = new Set(['MAPS_API_KEY', 'CI_TOKEN', 'LOGIN_SECRET']);
  const fromEnvironment = new Map([['LOGIN_SECRET', 'x']]);
  expect(trialOptions(request, { fromEnvironment, publicArgs }).map(({ value }) => value)).toEqual([
    'MAPS_API_KEY=AIza',
    'CI_TOKEN=***',
    'LOGIN_SECRET=x',
  ]);
});
