import { describe, expect, test } from '@jest/globals';
import {
  type Flag,
  flagText,
  fromInputs,
  type ParsedRequest,
  requestFromArguments,
  secretTexts,
} from '../../../src/config/index.js';
import { MODES } from '../memory.js';

type Values = Readonly<Record<string, string>>;

/** The request of the inputs, or what is wrong with them. */
function read(values: Values, env: Values = {}): Partial<ParsedRequest> | readonly string[] {
  const asked = fromInputs(new Map(Object.entries(values)), { root: '/work', env }, MODES);
  if ('request' in asked) return asked.request;
  return asked.problems.map(({ file, message }) => `${file} ${message}`);
}

/** The same of options. */
function options(values: Readonly<Record<string, readonly string[]>>) {
  const given = new Map(Object.entries(values));
  const start = { root: '/work', env: {} };
  const asked = requestFromArguments('run', { options: given, words: [] }, start);
  return 'request' in asked ? asked.request : asked.problems.map(({ message }) => message);
}

describe('a single input', () => {
  test.each<[Values, Partial<ParsedRequest>]>([
    [{ push: 'TRUE' }, { push: true }],
    [{ push: 'False' }, { push: false }],
    [{ push: ' true\n' }, { push: true }],
    [{ load: 'Always' }, { load: 'always' }],
    [{ load: 'false' }, { load: false }],
    [{ parallel: '1' }, { parallel: 1 }],
    [{ parallel: '9999' }, { parallel: 9999 }],
    [{ publish: 'together' }, { publish: 'together' }],
    [{ untrusted: 'true' }, { untrusted: 'true' }],
    [{ 'binfmt-image': 'a/b' }, { binfmtImage: 'a/b' }],
    [
      { set: '_a1=x\nB=' },
      {
        set: new Map([
          ['_a1', 'x'],
          ['B', ''],
        ]),
      },
    ],
    [{ replaces: 'windows/amd64' }, { replaces: ['windows/amd64'] }],
    [{ ssh: 'default' }, { grants: ['ssh'] }],
    [{ 'cgroup-parent': 'm' }, { grants: ['cgroup-parent'] }],
    [
      { allow: 'device=gpu, device=other, security.insecure' },
      { grants: ['device', 'security.insecure'] },
    ],
    [{ grants: 'volumes, mounts, volumes' }, { grants: ['mounts', 'volumes'] }],
    [{ platfroms: ' ' }, { platforms: [] }],
  ])('%j', (values, expected) => {
    expect(read(values)).toMatchObject(expected);
  });

  test.each<[Values, string]>([
    [{ push: 'truex' }, 'input "push" "truex" is neither true nor false'],
    [{ push: 'xfalse' }, 'input "push" "xfalse" is neither true nor false'],
    ...['10000', '01', '1.5', 'x1', '1x', '-1'].map((parallel): [Values, string] => [
      { parallel },
      `input "parallel" "${parallel}" is not a whole number of at least 1`,
    ]),
    ...['1A=x', 'A-B=x', 'A B=x'].map((set): [Values, string] => [
      { set },
      `input "set" "${set.replace('=x', '')}" is not the name of a variable`,
    ]),
    [{ set: '=x' }, 'input "set" an item is not NAME=VALUE'],
    [
      { grants: 'everything' },
      'input "grants" "everything" is not a grant; there are: bindings, cgroup-parent, contexts, device, host-tests, mounts, network.host, secrets, security.insecure, ssh, trust-builder, volumes',
    ],
    [
      { replaces: 'linux/arm65' },
      'input "replaces" "linux/arm65" is not a platform; did you mean linux/arm64?',
    ],
    [{ untrusted: 'yes' }, 'input "untrusted" "yes" is not known; there are: auto, true, false'],
    [{ zzz: 'x' }, 'input "zzz" there is no such input'],
    [{ evidence: 'x' }, 'input "evidence" there is no such input'],
    ...['trial', 'publish', 'verify', 'promote'].map((mode): [Values, string] => [
      { mode },
      `input "mode" "${mode}" does not exist in this version; there are: run, plan`,
    ]),
    [{ allow: 'network.hosts' }, 'input "allow" "network.hosts" is not an entitlement of BuildKit'],
  ])('%j is refused', (values, message) => {
    expect(read(values)).toStrictEqual([message]);
  });

  test('a name that is given twice, and is none, is said once of each', () => {
    expect(read({ set: '1=a\n1=b\n1=c' })).toStrictEqual([
      'input "set" "1" is given more than once',
      'input "set" "1" is not the name of a variable',
    ]);
  });
});

describe('secrets', () => {
  test('each belongs to one of the three inputs', () => {
    const twice = (id: string) => `undefined secret "${id}" is given twice by the inputs`;
    expect(
      read({ secrets: 'a=1\nb=2', 'secret-envs': 'a=A, c=C', 'secret-files': 'a=f\nb=g\nc=h' }),
    ).toStrictEqual([twice('a'), twice('b'), twice('c')]);
  });

  test.each<[Values, readonly string[]]>([
    [{}, ['GIT_AUTH_TOKEN.github.com']],
    [{ GITHUB_SERVER_URL: '' }, ['GIT_AUTH_TOKEN.github.com']],
    [{ GITHUB_SERVER_URL: 'https://git.example:8443/x' }, ['GIT_AUTH_TOKEN.git.example:8443']],
    [{ GITHUB_SERVER_URL: 'no address' }, []],
  ])("the workflow's token is one for the host of %j", (env, ids) => {
    const asked = read({ 'github-token': 't' }, env);
    if (Array.isArray(asked)) throw new Error(asked.join('\n'));
    const { secretValues, token } = asked as ParsedRequest;
    expect(token).toBe('t');
    expect([...secretValues]).toStrictEqual(ids.map((id) => [id, 't']));
  });

  test('a value is hidden in the log without the name before it, a text without a name as a whole', () => {
    const hidden = secretTexts(new Map([['secrets', 'token==x\n=y=w\nb=\n z ']]));
    expect(hidden).toStrictEqual(['=x', '=y=w', 'z']);
  });
});

describe('options', () => {
  test('commas divide lists alone, and an option may be given again', () => {
    expect(
      options({ only: ['a,b', 'c,'], set: ['A=x,y', 'B=z'], grant: ['ssh,mounts'] }),
    ).toMatchObject({
      only: ['a', 'b', 'c'],
      set: new Map([
        ['A', 'x,y'],
        ['B', 'z'],
      ]),
      grants: ['mounts', 'ssh'],
    });
  });

  test.each<[Readonly<Record<string, readonly string[]>>, readonly string[]]>([
    [{ set: ['A'] }, ['--set "A" is not NAME=VALUE']],
    [{ grant: ['mount'] }, ['--grant "mount" is not a grant; did you mean mounts?']],
    [{ registry: ['reg.example'] }, ['--registry needs --push: it names where --push publishes']],
    [
      { registry: ['a b'], parallel: ['x'] },
      [
        '--registry "a b" is not a host, optionally with a path',
        '--parallel "x" is not a whole number of at least 1',
        '--registry needs --push: it names where --push publishes',
      ],
    ],
    [
      { registry: ['a b'], push: ['true'] },
      ['--registry "a b" is not a host, optionally with a path'],
    ],
  ])('%j is refused', (given, messages) => {
    expect(options(given)).toStrictEqual(messages);
  });

  test('a registry is one without the slash at its end', () => {
    const asked = options({ registry: ['reg.example/x/'], push: ['true'] });
    expect(asked).toMatchObject({ registry: 'reg.example/x', push: true });
  });

  test('what is an input alone is no option', () => {
    expect(options({ username: ['u'], tags: ['a/b'] })).toStrictEqual(options({}));
  });
});

test.each<[Flag, string]>([
  [{ name: 'push' }, '--push'],
  [{ name: 'only', value: 'ID' }, '--only ID'],
  [{ name: 'load', word: 'always' }, '--load[=always]'],
])('an option is shown as it is written: %j', (flag, text) => {
  expect(flagText(flag)).toBe(text);
});

test.each<[Values]>([[{ call: ' Build ' }], [{ logout: 'TRUE' }], [{ outputs: ' ' }]])(
  'an input of docker that asks for what happens anyway is no problem: %j',
  (values) => {
    expect(read(values)).toMatchObject({ command: 'run' });
  },
);
