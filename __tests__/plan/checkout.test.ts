import { describe, expect, test } from '@jest/globals';
import { checkoutOf, outsideOf } from '../../src/plan/checkout.js';
import type { Command, Ports } from '../../src/ports/index.js';
import { load, memoryFiles, request } from '../config/memory.js';

/* The checkout as git tells of it; git is in memory. With git itself: commands/trusted-request. */

const HEAD = 'a'.repeat(40);
const CLEAN = {
  'rev-parse': '\n',
  status: `# branch.oid ${HEAD}\0# branch.head main\0`,
  submodule: '',
  'ls-files': '',
  'for-each-ref': 'commit\n',
};

/** What is said of the checkout in /work, where these files are and git answers so. */
async function checkout(
  answers: Readonly<Record<string, string | undefined>> = {},
  files: Readonly<Record<string, string>> = { '.git/HEAD': '' },
  configuration?: string,
) {
  const commands: Command[] = [];
  const run = async (command: Command) => {
    commands.push(command);
    const [, , , , , , verb = ''] = command.args;
    const said = { ...CLEAN, ...answers }[verb];
    return { code: said === undefined ? 128 : 0, signal: null, stdout: said ?? '', stderr: '' };
  };
  const ports = { exec: { run }, env: { PATH: '/bin' }, files: memoryFiles(files) };
  const where = { root: '/work', ...(configuration === undefined ? {} : { configuration }) };
  const found = await checkoutOf(where, ports as unknown as Ports);
  return { found, commands };
}

describe('a checkout', () => {
  test('that is clean has its commit and no changes, and is asked for all that could be one', async () => {
    const { found, commands } = await checkout();
    expect(found).toEqual({ folder: '/work', facts: { head: HEAD, changes: [], outside: [] } });
    const asked = commands.map(({ args }) => args.slice(6).join(' '));
    expect(asked).toEqual([
      'rev-parse --show-cdup',
      'status --porcelain=v2 --branch --no-ahead-behind -z --untracked-files=normal --ignored=traditional --ignore-submodules=none',
      'submodule status --cached',
      'ls-files -v -z --full-name -- :/',
      'for-each-ref --format=%(objecttype) refs/replace/',
    ]);
    for (const { file, args } of commands) {
      expect([file, ...args.slice(0, 6)]).toEqual([
        'git',
        '-C',
        '/work',
        '-c',
        'core.fsmonitor=false',
        '-c',
        'core.useReplaceRefs=false',
      ]);
    }
  });

  test('is the one in which the configuration stands', async () => {
    const { commands } = await checkout({}, { 'sub/.git/HEAD': '' }, 'sub/x.yml');
    expect(commands[0]?.args[1]).toBe('/work/sub');
    const { found } = await checkout({ 'rev-parse': '../\n' }, { 'a/b/.git': '' }, 'a/b/x.yml');
    expect(found?.folder).toBe('/work/a');
  });

  test.each([
    ['without a repository', {}, {}],
    ['that git may not read', { 'rev-parse': undefined }, { '.git/HEAD': '' }],
  ])('%s is none', async (_, answers, files) => {
    expect((await checkout(answers, files)).found).toBeUndefined();
  });

  test('without a commit has none', async () => {
    const { found } = await checkout({ status: '# branch.oid (initial)\0' });
    expect(found?.facts).toEqual({ changes: [], outside: [] });
  });

  const entry = (path: string) =>
    `1 .M N... 100644 100644 100644 ${HEAD} ${HEAD} ${path}\0? new\0! ignored\0`;

  test.each<[string, Readonly<Record<string, string | undefined>>, readonly string[]]>([
    ['what status says', { status: CLEAN.status + entry('c/D') }, ['c/D', 'new', 'ignored']],
    ['that there are submodules', { submodule: ` ${HEAD} sub\n` }, ['submodules']],
    ['that they could not be asked for', { submodule: undefined }, ['submodules']],
    [
      'that files could not be listed',
      { 'ls-files': undefined },
      ['files that git could not list'],
    ],
    ...['commit\nblob\n', 'tree\n', undefined].map(
      (said): [string, Readonly<Record<string, string | undefined>>, readonly string[]] => [
        `that git reads other content than the commit holds: ${said?.trim()}`,
        { 'for-each-ref': said },
        ['content that git replaces'],
      ],
    ),
    [
      'files that git was told not to watch, where they are there',
      { 'ls-files': 'h here\0S there\0H watched\0h gone\0s lower\0H a file\0S a file too\0' },
      ['here', 'there', 'a file too'],
    ],
    [
      'files of that kind whose names are not UTF-8, which cannot be looked for',
      { 'ls-files': 'S caf\uFFFD\0H caf\uFFFD\0' },
      ['caf\uFFFD'],
    ],
  ])('has as changes %s', async (_, answers, changes) => {
    const names = ['here', 'there', 'watched', 'a file', 'file', 'a file too'];
    const files = { '.git/HEAD': '', ...Object.fromEntries(names.map((name) => [name, ''])) };
    expect((await checkout(answers, files)).found?.facts.changes).toEqual(changes);
  });
});

const LINK = { kind: 'symlink', size: 0, modified: 0n, mode: 0o777 } as const;

describe('what of a configuration is not in the checkout', () => {
  const checked = { folder: '/work', facts: { changes: [], outside: [] } };

  const outside = async (build: string, links: readonly string[] = []) => {
    const file = 'sea-trial.yml';
    const content = {
      [file]: `images: [{ name: acme/a, build: { ${build} } }]`,
      'c/Dockerfile': '',
    };
    const config = await load(content, { configuration: file });
    const memory = memoryFiles(content);
    const look: typeof memory.look = async (path) =>
      links.includes(path) ? LINK : memory.look(path);
    const files = { ...memory, look };
    return outsideOf(checked, config, request({ configuration: file }), { files });
  };

  test.each<[string, readonly string[]]>([
    ['context: c', []],
    ['context: ..', ['..', '../Dockerfile']],
    ['context: c, dockerfile: ../../D', ['..', '../D']],
    ['context: c, additional_contexts: { a: ../x, b: c }', ['../x']],
    ['context: "https://git.example/a.git", dockerfile: D', ['https://git.example/a.git']],
    ['context: c, buildpack: { builder: b/b }', []],
    ['context: .., buildpack: { builder: b/b }', ['..', '../project.toml']],
    ['context: c, buildpack: { builder: b/b, descriptor: ../p.toml }', ['../p.toml']],
    [
      'context: c, buildpack: { builder: b/b, buildpacks: [../x, a/b, "docker://a/b", ./d] }',
      ['../x'],
    ],
    [
      'context: c, buildpack: { builder: b/b, pre-buildpacks: [../y], post-buildpacks: [../z] }',
      ['../y', '../z'],
    ],
    [
      'context: c, buildpack: { builder: b/b, buildpacks: ["https://a.example/b.tgz"] }',
      ['https://a.example/b.tgz'],
    ],
    [
      'context: c, buildpack: { builder: b/b, volumes: ["/opt:/opt", "./c:/c", "../d:/d", "deps:/deps"] }',
      ['/opt', '../d'],
    ],
  ])('%s: %j', async (build, expected) => {
    expect(await outside(build)).toEqual(expected);
  });

  test('a volume with a name is no folder, whatever stands under that name', async () => {
    const links = ['/work/deps', '/work/a.b', '/work/c'];
    const volumes = (...all: readonly string[]) =>
      outside(`context: d, buildpack: { builder: b/b, volumes: ${JSON.stringify(all)} }`, links);
    expect(await volumes('deps:/deps', 'a.b:/b')).toEqual([]);
    expect(await volumes('./c:/c')).toEqual(['./c']);
  });

  test('the configuration itself, where there is one', async () => {
    const files = memoryFiles({});
    const asked = (file?: string) =>
      outsideOf(checked, { images: [], ...(file === undefined ? {} : { file }) }, request(), {
        files,
      });
    expect(await asked()).toEqual([]);
    expect(await asked('sea-trial.yml')).toEqual([]);
    expect(await asked('../sea-trial.yml')).toEqual(['../sea-trial.yml']);
  });
});
