import { execFileSync } from 'node:child_process';
import { mkdir, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { UNTRUSTED } from '../config/memory.js';
import { type Content, folder, planned, problems, removeFolders } from './repository.js';

afterEach(removeFolders);

/** A project whose `build` stands on line 4. */
function project(build: string, files: Content = { 'app.py': '' }): Promise<string> {
  const lines = ['images:', '  - name: ghcr.io/acme/web', '    tags: [dev]', `    build: ${build}`];
  return folder({ 'sea-trial.yml': lines.join('\n'), ...files });
}

const PLAIN = '{ buildpack: b/b }';
const HEAD = '[_]\nschema-version = "0.2"\n';

async function build(root: string) {
  const { plan, notes } = await planned(root);
  const [image] = plan.images;
  if (image?.build.kind !== 'buildpack') throw new Error('it is not built with buildpacks');
  return { build: image.build, notes };
}

describe('the application', () => {
  test('is in a folder that is there', async () => {
    const root = await project('{ context: app, buildpack: b/b }');
    expect(await problems(root)).toEqual(['4:23 there is no folder "app"']);
  });

  test('needs no Dockerfile, and where there is neither, both ways are said', async () => {
    expect(await problems(await project(PLAIN))).toEqual([]);
    expect(await problems(await project('.'))).toEqual([
      '4:12 there is no file "Dockerfile"; write a Dockerfile, or build with buildpacks: name a builder in "buildpack" (the input builder-image)',
    ]);
    expect(await problems(await project('{ dockerfile: Dockerfile }'))).toEqual([
      '4:26 there is no file "Dockerfile"',
    ]);
  });

  test('has no files whose names cannot be read, but for those that are left out', async () => {
    const root = await project(PLAIN, { 'docs/a': '' });
    await writeFile(Buffer.concat([Buffer.from(`${root}/docs/`), Buffer.from([0xff, 0x41])]), '');
    expect(await problems(root)).toEqual([
      '4:12 "." has files whose names are not UTF-8, and which would be missing in the build: "docs/\ufffdA"; rename them, or leave them out with "exclude" in project.toml',
    ]);
    const descriptor = '[_]\nschema-version = "0.2"\n[io.buildpacks]\nexclude = ["docs"]\n';
    await writeFile(join(root, 'project.toml'), descriptor);
    expect(await problems(root)).toEqual([]);
  });

  test('has no links to what is outside of it, but for those that are left out', async () => {
    const root = await project(PLAIN, { 'app/a': '', 'b/c': '' });
    await symlink('../app/a', join(root, 'b/inside'));
    expect(await problems(root)).toEqual([]);
    await symlink('/etc/hostname', join(root, 'b/host'));
    await symlink('../../up', join(root, 'b/up'));
    const message =
      'links lead out of ".", and what they lead to is not in the build: "b/host" and "b/up"; replace them by files, or leave them out with "exclude" in project.toml';
    expect(await problems(root)).toEqual([`4:12 ${message}`]);
    const without = await project(PLAIN, {
      'project.toml': `${HEAD}[io.buildpacks]\nexclude = ["/b"]\n`,
    });
    await mkdir(join(without, 'b'));
    await symlink('/etc/hostname', join(without, 'b/host'));
    expect(await problems(without)).toEqual([]);
  });

  test('names the first links of many', async () => {
    const root = await project(PLAIN);
    for (const name of ['1', '2', '3', '4', '5', '6', '7']) await symlink('/x', join(root, name));
    expect((await problems(root))[0]).toContain('"4", "5" and 2 more; ');
  });

  test('is not larger than 1 GiB', async () => {
    const root = await project('{ context: app, buildpack: b/b }', { 'app/large.bin': '' });
    await truncate(join(root, 'app/large.bin'), 1024 ** 3);
    expect(await problems(root)).toEqual([]);
    await truncate(join(root, 'app/large.bin'), 1024 ** 3 + 1);
    expect(await problems(root)).toEqual([
      '4:23 the application in "app" has more than 1073741824 bytes (1 GiB); name a smaller "context", or leave files out with "exclude" in project.toml',
    ]);
  });
});

const DESCRIPTOR = `${HEAD}
[io.buildpacks]
builder = "other/builder"
exclude = ["*.log"]
[[io.buildpacks.group]]
uri = "./bp"
[[io.buildpacks.group]]
id = "a/b"
[[io.buildpacks.build.env]]
name = "A"
value = "file"
[[io.buildpacks.build.env]]
name = "B"
value = "file"
`;

describe('a project descriptor', () => {
  test('says what the configuration does not', async () => {
    const root = await project('{ context: app, buildpack: { builder: b/b, env: [A=own] } }', {
      'app/project.toml': DESCRIPTOR,
      'app/bp/buildpack.toml': '',
    });
    const found = await build(root);
    expect(found.build).toMatchObject({
      builder: 'b/b',
      descriptor: 'app/project.toml',
      buildpacks: ['./app/bp', 'urn:cnb:builder:a/b'],
      env: { A: 'own', B: 'file' },
      exclude: ['*.log'],
    });
    expect(found.notes).toContain(
      'app/project.toml names the builder other/builder; web is built with b/b.',
    );
  });

  test('may say which files alone are built', async () => {
    const text = `${HEAD}[io.buildpacks]\ninclude = ["app.py"]\n`;
    const found = await build(await project(PLAIN, { 'project.toml': text, 'app.py': '' }));
    expect([found.build.include, found.build.exclude]).toStrictEqual([['app.py'], undefined]);
  });

  test('may name the builder that the configuration names', async () => {
    const text = `${HEAD}[io.buildpacks]\nbuilder = "b/b"\n`;
    const found = await build(await project(PLAIN, { 'project.toml': text }));
    expect(found.notes.filter((note) => note.includes('b/b'))).toStrictEqual([]);
  });

  test('may be as large as 1 MiB', async () => {
    const rest = ' '.repeat(1024 * 1024 - DESCRIPTOR.length - 1);
    const found = await build(
      await project(PLAIN, { 'project.toml': `${DESCRIPTOR}#${rest}`, 'bp/a': '' }),
    );
    expect(found.build.env).toStrictEqual({ A: 'file', B: 'file' });
  });

  test('may have another name and be elsewhere', async () => {
    const root = await project(
      '{ context: app, buildpack: { builder: b/b, descriptor: ci/p.toml, buildpacks: [c/d] } }',
      { 'app/a': '', 'app/project.toml': 'not read', 'ci/p.toml': DESCRIPTOR },
    );
    expect((await build(root)).build).toMatchObject({
      descriptor: 'ci/p.toml',
      buildpacks: ['urn:cnb:builder:c/d'],
    });
  });

  test('adds to the order of the builder', async () => {
    const text = `${HEAD}[[io.buildpacks.pre.group]]\nid = "x/pre"\n[[io.buildpacks.post.group]]\nid = "x/post"\n`;
    const root = await project('{ buildpack: { builder: b/b, post-buildpacks: own/post } }', {
      'project.toml': text,
    });
    expect((await build(root)).build).toMatchObject({
      preBuildpacks: ['urn:cnb:builder:x/pre'],
      postBuildpacks: ['urn:cnb:builder:own/post'],
    });
  });

  test('with a group does not go with buildpacks that are added', async () => {
    const root = await project('{ buildpack: { builder: b/b, pre-buildpacks: own/pre } }', {
      'project.toml': DESCRIPTOR,
      'bp/a': '',
    });
    expect(await problems(root)).toEqual([
      '4:57 the buildpack "urn:cnb:builder:own/pre" is added to the builder\'s order, which the group in project.toml replaces; name all of them under "buildpacks"',
    ]);
  });

  test.each<[string, string, string]>([
    ['is not there', 'descriptor: p.toml', '4:53 there is no file "p.toml"'],
    [
      'is misspelt',
      'descriptor: projet.toml',
      '4:53 there is no file "projet.toml"; did you mean "project.toml"?',
    ],
    ['is a folder', 'descriptor: app', '4:53 "app" is a folder; name the file in it'],
    ['is too large', 'descriptor: large.toml', '4:53 "large.toml" is larger than 1048576 bytes'],
    [
      'is a pipe',
      'descriptor: pipe',
      '4:53 "pipe" is a pipe (FIFO), a device or a socket; a file was expected',
    ],
  ])('that %s is a problem', async (_, key, message) => {
    const root = await project(`{ buildpack: { builder: b/b, ${key} } }`, {
      'project.toml': HEAD,
      'app/a': '',
      'large.toml': `#${' '.repeat(1024 * 1024)}`,
    });
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(await problems(root)).toEqual([message]);
  });

  test('that cannot be read is a problem', async () => {
    const build = '{ context: app, buildpack: { builder: b/b, descriptor: loop } }';
    const root = await project(build, { 'app/a': '' });
    await symlink('loop', join(root, 'loop'));
    expect(await problems(root, { grants: ['contexts'] })).toStrictEqual([
      '4:67 "loop" cannot be read: ELOOP',
    ]);
  });

  test.each<[string, string]>([
    ['a = ', '1:5 it is not TOML: '],
    ['[_]\nschema-version = "0.1"\n', '2:undefined it is of schema 0.1, which is not read'],
    [`${HEAD}[[io.buildpacks.group]]\nuri = "bp"\n`, '4:undefined there is nothing at "./bp"'],
    [`${HEAD}[[io.buildpacks.group]]\nuri = "file:///etc"\n`, '4:undefined the buildpack "'],
    [
      `${HEAD}[[io.buildpacks.build.env]]\nname = "../x"\nvalue = ""\n`,
      '4:undefined "../x" is not the name of a variable of a build',
    ],
  ])('that is wrong is a problem at its line: %j', async (text, start) => {
    const root = await project(PLAIN, { 'project.toml': text });
    const [first = '', ...more] = await problems(root);
    expect(first.startsWith(start) ? start : first).toBe(start);
    expect(more).toEqual([]);
  });

  test('is not read through a link, so that nothing of what it leads to is shown', async () => {
    const root = await project(PLAIN, { 'app.py': '', secret: 'root:x:0:0' });
    await symlink('secret', join(root, 'project.toml'));
    const link = expect.stringContaining('"project.toml" goes through a symbolic link');
    expect(await problems(root)).toEqual([link]);
    expect(await problems(root, UNTRUSTED)).toEqual([link]);
    expect(await problems(root, { ...UNTRUSTED, grants: ['contexts'] })).toEqual([
      expect.stringMatching(/^1:\d+ it is not TOML/),
    ]);
  });
});

describe('a process type', () => {
  const asked = (process: string, Procfile: string) =>
    project(`{ buildpack: { builder: b/b, process: ${process} } }`, { Procfile });

  test.each([
    ['worker', 'web: a\nworker: b\n'],
    ['worker', '\ufeffweb: a\r\nworker: b\r\n'],
    ['web', 'worker: a\n'],
    ['worker', '# nothing\n'],
  ])('%s goes with the Procfile %j', async (process, text) => {
    expect(await problems(await asked(process, text))).toEqual([]);
  });

  test('is not looked for in a Procfile that is a link, or too large', async () => {
    const root = await asked('worker', 'web: a\n');
    await rename(join(root, 'Procfile'), join(root, 'other'));
    await symlink('other', join(root, 'Procfile'));
    expect(await problems(root)).toStrictEqual([]);
    const large = await asked('worker', `web: a\n${'#'.repeat(1024 * 1024)}`);
    expect(await problems(large)).toStrictEqual([]);
    const most = await asked('worker', `web: a\n${'#'.repeat(1024 * 1024 - 7)}`);
    expect(await problems(most)).toHaveLength(1);
  });

  test('is looked for where the application is', async () => {
    const build = '{ context: app, buildpack: { builder: b/b, process: worker } }';
    expect(await problems(await project(build, { 'app/Procfile': 'web: a\n' }))).toStrictEqual([
      '4:64 the Procfile has no process "worker"; it has web; add "worker: COMMAND" to it, or leave "process" out',
    ]);
    const files = { 'app/Procfile': 'worker: a\n', Procfile: 'web: a\n' };
    expect(await problems(await project(build, files))).toStrictEqual([]);
  });

  test('that the Procfile does not have is a problem', async () => {
    expect(await problems(await asked('worker', 'web: a\nrelease: b\n'))).toEqual([
      '4:50 the Procfile has no process "worker"; it has web and release; add "worker: COMMAND" to it, or leave "process" out',
    ]);
    expect(await problems(await asked('wroker', 'web: a\nworker: b\n'))).toEqual([
      '4:50 the Procfile has no process "wroker"; did you mean "worker"?',
    ]);
  });
});

describe('what is named and is not there', () => {
  test('a folder of a volume', async () => {
    const root = await project('{ buildpack: { builder: b/b, volumes: ["./deps:/d", "v1:/v"] } }');
    expect(await problems(root, { grants: ['volumes'] })).toEqual([
      '4:51 there is nothing at "./deps"',
    ]);
  });

  test('a folder of a volume outside of the checkout, as it is written', async () => {
    const root = await project('{ buildpack: { builder: b/b, volumes: ["/gone/deps:/d"] } }');
    expect(await problems(root, { grants: ['volumes'] })).toStrictEqual([
      '4:51 there is nothing at "/gone/deps"',
    ]);
  });

  test.each(['buildpacks', 'pre-buildpacks', 'post-buildpacks'])('one of %s', async (key) => {
    const root = await project(`{ buildpack: { builder: b/b, ${key}: ./bp } }`);
    const column = 41 + key.length + 2;
    expect(await problems(root)).toStrictEqual([`4:${column} there is nothing at "./bp"`]);
  });

  test('but a pipe or a socket may be a volume', async () => {
    const root = await project(
      '{ context: app, buildpack: { builder: b/b, volumes: ["./s:/s"] } }',
      {
        'app/a': '',
      },
    );
    execFileSync('mkfifo', [join(root, 's')]);
    expect(await problems(root, { grants: ['volumes'] })).toStrictEqual([]);
  });
});

test('a builder of buildx is no builder of buildpacks', async () => {
  const root = await project(PLAIN);
  expect(await problems(root, { builder: 'heroku/builder:24' })).toEqual([
    'the builder "heroku/builder:24" is named, which is buildx\'s, and no image is built from a Dockerfile; a builder of buildpacks is named by "builder" under "buildpack"',
  ]);
});
