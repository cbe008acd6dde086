import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  gitCredentials,
  isGitConfig,
  withoutGitCredentials,
} from '../../src/contents/git-config.js';

const folder = mkdtempSync(join(tmpdir(), 'sea-trial-git-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SECRET = 'ghs_0123456789abcdefghij';

/** Every value that git itself reads from a configuration. */
function readByGit(text: string): string {
  const file = join(folder, 'config');
  writeFileSync(file, text);
  return execFileSync('git', ['config', '--file', file, '--list'], { encoding: 'utf8' });
}

/** What actions/checkout makes. */
const CHECKOUT = `[core]
\trepositoryformatversion = 0
\tbare = false
[remote "origin"]
\turl = https://github.com/acme/greeter
\tfetch = +refs/heads/*:refs/remotes/origin/*
[gc]
\tauto = 0
[http "https://github.com/"]
\textraheader = AUTHORIZATION: basic ${SECRET}
`;

describe('credentials in a git configuration', () => {
  test.each<[string, readonly string[]]>([
    [CHECKOUT, ['http.https://github.com/.extraheader']],
    [`[remote "origin"]\n\turl = https://x:${SECRET}@github.com/a/b`, ['remote.origin.url']],
    [
      `[remote "origin"]\n\tpushUrl = "https://${SECRET}@github.com/a/b"`,
      ['remote.origin.pushUrl'],
    ],
    [`[submodule "lib"] url=https://u:${SECRET}@example.com/lib`, ['submodule.lib.url']],
    [
      `[url "https://o:${SECRET}@github.com/"]\n insteadOf = git@github.com:`,
      ['url.https://github.com/'],
    ],
    [`[http]\n\tproxy = http://u:${SECRET}@proxy:3128`, ['http.proxy']],
    [`[http] proxy = socks5://u:${SECRET}@proxy`, ['http.proxy']],
    [`[http]\r\n\textraHeader = \\\r\n X-Token: ${SECRET}\r\n`, ['http.extraHeader']],
    [`[http]\n\textraheader = a\\\n${SECRET}`, ['http.extraheader']],
    [`[sendemail]\n\tsmtpPass = ${SECRET}`, ['sendemail.smtpPass']],
    [`[github]\n\toauth-token = ${SECRET}`, ['github.oauth-token']],
    [`[credential]\n\thelper = "!f() { echo password=${SECRET}; }; f"`, ['credential.helper']],
  ])('%j', (text, names) => {
    expect(gitCredentials(text)).toStrictEqual(names);
    expect(readByGit(text)).toContain(SECRET);
    const clean = withoutGitCredentials(text);
    expect(clean).not.toContain(SECRET);
    expect(readByGit(clean)).not.toContain(SECRET);
    expect(gitCredentials(clean)).toStrictEqual([]);
  });

  test.each([
    CHECKOUT.replace(/\[http[\s\S]*/, ''),
    '[remote "o"]\n\turl = git@github.com:acme/greeter.git\n',
    '[remote "o"]\n\turl = ssh://git@github.com/acme/greeter.git\n',
    '[remote "o"]\n\turl = https://acme@dev.azure.com/acme/greeter\n',
    '[core]\n\taskpass = /usr/bin/askpass\n[credential]\n\thelper = cache --timeout=300\n',
    '[http]\n\textraheader =\n',
    '[http]\n\textraheader=\n',
    '[http]\n\textraheader = ""\n',
    '[http]\n\textraheader= # none\n',
    '[http]\n\textraheader=""; none\n',
    '[http]\n\textraheader\n',
    '[a]\n\turl = https://0123456789012345678@x.example/\n',
    '[user]\n\temail = a@example.com\n[includeIf "gitdir:/w/.git"]\n\tpath = /tmp/x.config\n',
    '',
  ])('none in %j, which stays as it is', (text) => {
    expect(gitCredentials(text)).toStrictEqual([]);
    expect(withoutGitCredentials(text)).toBe(text);
  });

  test('are named by their sections, five at most, each once', () => {
    const text = ['a', 'b', 'c', 'd', 'a', 'e', 'f']
      .map((name) => `[${name} "x"]\n\ttoken = ${SECRET}\n`)
      .join('');
    expect(gitCredentials(text)).toStrictEqual(
      ['a', 'b', 'c', 'd', 'e'].map((one) => `${one}.x.token`),
    );
    expect(gitCredentials(`token = ${SECRET}`)).toStrictEqual(['token']);
    const long = `[${'s'.repeat(200)}]\n\ttoken = ${SECRET}`;
    expect(gitCredentials(long)).toStrictEqual(['s'.repeat(120)]);
  });

  test('the rest of a configuration stays what it is to git', () => {
    const rest = (text: string) =>
      readByGit(text)
        .split('\n')
        .filter((line) => !/extraheader/.test(line));
    expect(rest(withoutGitCredentials(CHECKOUT))).toStrictEqual(rest(CHECKOUT));
  });

  test('whatever a file holds, it is read in time and once is enough', () => {
    const parts = [
      '[',
      ']',
      '"',
      '\\',
      '\n',
      '=',
      'url',
      'token',
      'https://',
      ':',
      '@',
      'a',
      'a-',
      ' ',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 60 }), (words) => {
        const clean = withoutGitCredentials(words.join(''));
        expect(gitCredentials(clean)).toStrictEqual([]);
      }),
    );
    for (const part of parts) {
      expect(gitCredentials(part.repeat(Math.floor(65_536 / part.length))).length).toBeLessThan(6);
    }
  });
});

test.each([
  ['.git/config', true],
  ['src/.git/config', true],
  ['/w/.git/modules/lib/config', true],
  ['.git/modules/a/modules/b/config', true],
  ['.git/worktrees/x/config.worktree', true],
  ['srv/greeter.git/config', true],
  ['.git/refs/heads/config', false],
  ['.git/hooks/config', false],
  ['.github/config', false],
  ['etc/gitconfig', false],
  ['git/config', false],
])('%s is a repository’s configuration: %s', (path, expected) => {
  expect(isGitConfig(path)).toBe(expected);
});
