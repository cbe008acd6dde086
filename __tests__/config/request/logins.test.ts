import { describe, expect, test } from '@jest/globals';
import { fromInputs, secretTexts } from '../../../src/config/index.js';
import { MODES } from '../memory.js';

function read(values: Readonly<Record<string, string>>, env: Record<string, string> = {}) {
  const asked = fromInputs(new Map(Object.entries(values)), { root: '/work', env }, MODES);
  return 'problems' in asked
    ? asked.problems.map(({ file, message }) => `${file} ${message}`)
    : asked.request.logins;
}

const login = (registry: string, username: string, password: string) => ({
  registry,
  username,
  password,
});

describe('logins', () => {
  test.each([
    [{}, undefined],
    [{ registry: '', username: '', password: '' }, undefined],
    [{ username: 'u', password: 'p' }, [login('', 'u', 'p')]],
    [{ registry: 'ghcr.io', username: 'u', password: ' p\n' }, [login('ghcr.io', 'u', 'p')]],
    [
      {
        registries:
          '- registry: ghcr.io\n  username: u\n  password: 0123\n- username: h\n  password: "a: b"\n',
      },
      [login('ghcr.io', 'u', '0123'), login('', 'h', 'a: b')],
    ],
    ...[
      'a',
      'A-b_c.d',
      'a.example:12345',
      '[fe80::1]',
      'https://index.docker.io/v1/',
      'localhost:5000',
      '[::1]:5000',
      'HTTPS://R.io/acme',
    ].map((registry): [Record<string, string>, object[]] => [
      { registry, username: 'u', password: 'p' },
      [login(registry, 'u', 'p')],
    ]),
    [
      { registries: '[{"registry":"r.io","username":"u","password":"p"}]' },
      [login('r.io', 'u', 'p')],
    ],
  ])('%j', (values, expected) => {
    expect(read(values)).toStrictEqual(expected);
  });

  const none = 'input "registries" it is not a YAML or JSON list of registry, username, password';

  test.each([
    [{ username: 'u' }, ['input "password" it is empty, and there is a username']],
    [{ password: 'hunter2' }, ['input "username" it is empty, and there is a password']],
    [
      { registry: 'ghcr.io' },
      ['input "registry" it is the registry of a login, and there is no username'],
    ],
    ...['-a', 'a-', 'a.example:', 'a.example:123456', 'a.example:x', '[::1', 'x[::1]'].map(
      (registry): [Record<string, string>, string[]] => [
        { registry, username: 'u', password: 'p' },
        ['input "registry" it is not a registry, such as ghcr.io or registry.example.org:5000'],
      ],
    ),
    ...['a b', '*', 'ünïcode.example', 'https://u:hunter2@h', 'https://', '::error::hunter2'].map(
      (registry): [Record<string, string>, string[]] => [
        { registry, username: 'u', password: 'p' },
        ['input "registry" it is not a registry, such as ghcr.io or registry.example.org:5000'],
      ],
    ),
    [
      { username: 'u:hunter2', password: 'p' },
      ['input "username" it holds a colon, which separates a username from a password'],
    ],
    [
      { registries: '- {registry: "a b", username: "u:hunter2", password: p}' },
      [
        'input "registries" entry 1, registry: it is not a registry, such as ghcr.io or registry.example.org:5000',
        'input "registries" entry 1, username: it holds a colon, which separates a username from a password',
      ],
    ],
    ...['- {username: [u], password: p}', '- {username: " ", password: p}', '- {password: p}'].map(
      (registries): [Record<string, string>, string[]] => [
        { registries },
        ['input "registries" entry 1: it has no username'],
      ],
    ),
    [
      {
        registries:
          '- {registry: ghcr.io, username: u}\n- {registry: GHCR.IO, username: u, password: p}\n- {registry: https://ghcr.io/v2, username: u, password: p}',
      },
      [
        'input "registries" entry 1: it has no password',
        'input "registries" entry 2: an earlier entry already has a login for ghcr.io',
        'input "registries" entry 3: an earlier entry already has a login for ghcr.io',
      ],
    ],
    [{ registries: 'hunter2' }, [none]],
    [{ registries: '- [hunter2' }, [none]],
    [{ registries: '{password: hunter2}' }, [none]],
    [{ registries: '- {username: u, username: v, password: hunter2}' }, [none]],
    [
      {
        registries:
          '- hunter2\n- {username: u}\n- {password: hunter2}\n- {hunter2: x}\n- {username: u, password: p, ecr: auto}',
      },
      [
        'input "registries" entry 1: it is not a map of registry, username and password',
        'input "registries" entry 2: it has no password',
        'input "registries" entry 3: it has no username',
        'input "registries" entry 4: it has a key that is none of registry, username and password',
        'input "registries" entry 5: "ecr" is not known here; give the username and password that AWS gives (aws ecr get-login-password), or use a credential helper',
      ],
    ],
    [
      {
        registries:
          '- {username: u, password: p}\n- {registry: index.docker.io, username: u, password: q}',
      },
      ['input "registries" entry 2: an earlier entry already has a login for docker.io'],
    ],
    [
      { 'registry-auth': '[{username: u, password: hunter2}]' },
      ['input "registry-auth" use "registries"; it takes the same list of logins'],
    ],
    [
      { username: 'u', password: 'p', registries: '- {username: u, password: p}' },
      ['input "registries" it and "username" give logins; keep one of the two'],
    ],
  ])('%j is told without the secret', (values, expected) => {
    expect(read(values)).toStrictEqual(expected);
  });

  test.each([
    { registry: 'ghcr.io', username: 'u', password: '' },
    { registry: 'ghcr.io' },
    { registries: '- {registry: ghcr.io, username: u, password: ""}' },
  ])('a pull request from a fork has no secrets, and %j is no problem', (values) => {
    expect(read(values, { GITHUB_EVENT_NAME: 'pull_request' })).toBeUndefined();
  });

  test('all passwords are secrets of the log, also beside entries that are wrong', () => {
    const values = new Map([
      ['password', 'one-secret'],
      ['registries', '- {username: u, password: two-secret}\n- {password: three-secret, x: y}'],
      ['registry-auth', '- {username: u, password: four-secret}\n- {username: u}\n- text'],
    ]);
    const all = ['one-secret', 'two-secret', 'three-secret', 'four-secret'];
    expect(secretTexts(values)).toStrictEqual(all);
  });

  test('passwords are secrets of the log also where the list has a fault', () => {
    const text = '- {username: u, username: v, password: one-secret}\n- {password: two-secret}';
    const values = new Map([['registries', text]]);
    expect(secretTexts(values)).toStrictEqual(['one-secret', 'two-secret']);
  });

  test.each([
    ['https://user:hunter%402@mirror.example.org', ['hunter%402', 'hunter@2']],
    ['https://user:hunter2@mirror.example.org', ['hunter2']],
    ['https://mirror.example.org', []],
    ['no address', []],
  ])('the password in the mirror %s is one', (mirror, expected) => {
    for (const name of ['buildx-mirror', 'pack-mirror']) {
      expect(secretTexts(new Map([[name, ` ${mirror}\n`]]))).toStrictEqual(expected);
    }
  });
});
