import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type LoadedLock, loadLock, readSource, type SourceAsked } from '../../src/parity/index.js';
import { type Http, realPorts } from '../../src/ports/index.js';
import { served } from '../buildpacks/builders.js';
import { folder, removeFolders } from '../plan/repository.js';

const { files } = realPorts();
afterEach(removeFolders);

const at = { file: 'sea-trial.lock', line: 3, column: 5 };
const VALUES =
  'builder: a/builder:1\nrunner: a/run:1\nlatestBuilder: a/builder:2\nlatestRunner: a/run:2\n';
const noHttp: Http = () => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }));

/** Reads a source in a folder with these files. */
async function read(
  source: string,
  more: Partial<SourceAsked> & {
    readonly files?: Readonly<Record<string, string>>;
    readonly http?: Http;
    readonly untrusted?: boolean;
    readonly registry?: Awaited<ReturnType<typeof served>>;
  } = {},
) {
  const { files: content = {}, http = noHttp, untrusted = false, registry, ...asked } = more;
  const root = await folder(content);
  const { reader } = registry ?? (await served(() => {}));
  const { signal } = new AbortController();
  return readSource(
    { source, at, builder: 'a/builder', platforms: ['linux/amd64', 'linux/arm64'], ...asked },
    { reader, http, files, root, untrusted, signal },
  );
}

const problem = (message: unknown) => ({ problems: [{ ...at, message }] });

describe('the source of a lock', () => {
  test('is the tags of the pins themselves', async () => {
    expect(await read('builder')).toStrictEqual({
      value: { source: 'builder', builder: 'a/builder', buildpacks: [] },
    });
    expect(await read('builder', { runImage: 'a/run' })).toStrictEqual({
      value: { source: 'builder', builder: 'a/builder', runImage: 'a/run', buildpacks: [] },
    });
  });

  test.each(['values.yaml', 'values.yml', 'v.yaml.gotmpl', 'v.tpl', './values'])(
    "is a deployment's values: %s",
    async (source) => {
      expect(await read(source, { files: { [source]: VALUES } })).toStrictEqual({
        value: {
          ...{ source, channel: 'default', builder: 'a/builder:1', runImage: 'a/run:1' },
          buildpacks: [],
        },
      });
    },
  );

  test('is one channel of the values, with its end where it has one', async () => {
    const latest = await read('v.yaml', { files: { 'v.yaml': VALUES }, channel: 'latest' });
    expect(latest).toMatchObject({ value: { channel: 'latest', builder: 'a/builder:2' } });
    const text =
      'deprecatedBuilder: a/b:1\ndeprecatedRunner: a/r:1\ndeprecatedValidUntil: 2026-04-27\n';
    const old = await read('v.yaml', { files: { 'v.yaml': text }, channel: 'deprecated' });
    expect(old).toMatchObject({ value: { until: '2026-04-27' } });
  });

  test('is a project.toml, with the run image of the configuration', async () => {
    const toml = `[_]
schema-version = "0.2"
[io.buildpacks]
builder = "a/builder:3"
[[io.buildpacks.pre.group]]
id = "a/first"
version = "1"
[[io.buildpacks.group]]
id = "a/own"
version = "2"
[[io.buildpacks.group]]
id = "a/any"
[[io.buildpacks.post.group]]
id = "a/last"
version = "3"
`;
    const value = {
      ...{ source: 'project.toml', builder: 'a/builder:3' },
      buildpacks: ['a/first@1', 'a/own@2', 'a/last@3'],
    };
    const project = { 'project.toml': toml };
    expect(await read('project.toml', { files: project })).toStrictEqual({ value });
    expect(await read('project.toml', { files: project, runImage: 'a/run' })).toStrictEqual({
      value: { ...value, runImage: 'a/run' },
    });
  });

  test('has its problems in its own lines', async () => {
    const wrong = { 'project.toml': 'a = \n', 'v.yaml': 'runner: a/r:1\n' };
    expect(await read('project.toml', { files: wrong })).toMatchObject({
      problems: [{ file: 'project.toml', line: 1 }],
    });
    expect(await read('v.yaml', { files: wrong })).toStrictEqual({
      problems: [{ file: 'v.yaml', message: 'there is no key "builder"' }],
    });
  });

  test.each<[string, Partial<Parameters<typeof read>[1]>, unknown]>([
    ['v.yaml', {}, '"v.yaml": there is no such file'],
    ['./', {}, '"./": the file cannot be read: EISDIR'],
    [
      'v.yaml',
      { files: { 'v.yaml': `# ${'x'.repeat(1_100_000)}\n` } },
      expect.stringMatching(/^"v\.yaml": the file is larger than \d+ bytes$/),
    ],
    [
      '../v.yaml',
      { untrusted: true },
      '"../v.yaml": an untrusted run reads no source outside of the repository',
    ],
    ['../v.yaml', {}, '"../v.yaml": there is no such file'],
    ['http://a.example/v', {}, '"http://a.example/v": an address begins with https://'],
    ['FTP://a.example/v', {}, '"FTP://a.example/v": an address begins with https://'],
    [
      'https://me:secret@a.example/v',
      {},
      'an address with a login in it would be recorded in the lock; leave out the login',
    ],
    [
      'builder',
      { channel: 'latest' },
      "a channel is one of a deployment's values; this source has none",
    ],
    [
      'project.toml',
      { channel: 'default' },
      "a channel is one of a deployment's values; this source has none",
    ],
    [
      'a/app:1',
      { channel: 'latest' },
      "a channel is one of a deployment's values; this source has none",
    ],
  ])('is refused at its place: %s %j', async (source, more, message) => {
    expect(await read(source, more)).toStrictEqual(problem(message));
  });

  test('is read in the checkout by a run that is not trusted', async () => {
    const trusted = await read('v.yaml', { files: { 'v.yaml': VALUES }, untrusted: true });
    expect(trusted).toMatchObject({ value: { builder: 'a/builder:1' } });
  });

  test('is an address, or an outage where that does not answer', async () => {
    const address = 'https://a.example/values';
    const http: Http = async () => ({
      ...{ status: 200, headers: new Map() },
      body: Readable.from([Buffer.from(VALUES)]),
    });
    expect(await read(address, { http, channel: 'latest' })).toMatchObject({
      value: { source: address, channel: 'latest', builder: 'a/builder:2' },
    });
    expect(await read(address)).toStrictEqual({
      outage: {
        ...at,
        message: `${address} cannot be read: its server cannot be reached (ECONNREFUSED)`,
      },
    });
  });

  describe('in a registry', () => {
    const labels = {
      'io.buildpacks.build.metadata': JSON.stringify({
        buildpacks: [{ id: 'acme/python', version: '1.2.3' }],
        launcher: { version: '0.21.17' },
      }),
      'io.buildpacks.lifecycle.metadata': JSON.stringify({
        runImage: { image: 'REGISTRY/run', reference: `REGISTRY/run@sha256:${'d'.repeat(64)}` },
      }),
    };
    const registry = () =>
      served((store) => {
        store.tag('acme/builder:24', store.builder());
        store.tag('acme/app:1', store.image({ labels }));
        store.tag('acme/arm:1', store.image({ labels, platform: 'linux/arm64' }));
        store.tag('acme/other:1', store.image());
      });

    test('is a builder, which is asked for again by its own tag', async () => {
      const from = await registry();
      const source = `${from.host}/acme/builder:24`;
      const value = { source: 'builder', builder: source, buildpacks: [] };
      expect(await read(source, { registry: from })).toStrictEqual({ value });
      expect(await read(source, { registry: from, runImage: 'a/run:1' })).toStrictEqual({
        value: { ...value, runImage: 'a/run:1' },
      });
    });

    test.each([
      ['acme/app:1', 'linux/amd64'],
      ['acme/arm:1', 'linux/arm64'],
    ])('is an application, by the first platform that it has: %s', async (name, platform) => {
      const from = await registry();
      const source = `${from.host}/${name}`;
      const found = await read(source, { registry: from });
      expect(found).toMatchObject({
        value: {
          ...{ source, builder: 'a/builder', buildpacks: [] },
          runImage: expect.stringMatching(/\/run/),
          deployed: { reference: source, platform },
        },
      });
    });

    test('is nothing that comes from other builds', async () => {
      const from = await registry();
      const source = `${from.host}/acme/other:1`;
      expect(await read(source, { registry: from })).toStrictEqual(
        problem(
          expect.stringMatching(
            new RegExp(`^${source} is neither a builder nor an image from buildpacks: .`),
          ),
        ),
      );
    });

    test('is a finding where the registry does not have it', async () => {
      const from = await registry();
      const found = await read(`${from.host}/acme/none:1`, { registry: from });
      expect(found).toMatchObject({ findings: [{ code: expect.any(String), severity: 'error' }] });
      expect('findings' in found && found.findings).toHaveLength(1);
    });
  });
});

describe('the file of a lock', () => {
  async function load(
    content: Readonly<Record<string, string | Buffer>>,
    more: { readonly untrusted?: boolean; readonly folder?: string } = {},
    prepare: (root: string) => Promise<unknown> = async () => {},
  ): Promise<LoadedLock | undefined> {
    const root = await folder({});
    for (const [name, bytes] of Object.entries(content))
      await files.write(`${root}/${name}`, bytes);
    await prepare(root);
    return loadLock({ root, folder: '.', untrusted: false, files, ...more });
  }

  const refused = (message: unknown) => ({ problems: [{ file: 'sea-trial.lock', message }] });

  test('may be missing', async () => {
    expect(await load({})).toBeUndefined();
  });

  test.each<[string, Parameters<typeof load>[0], unknown]>([
    ['it says nothing', { 'sea-trial.lock': '' }, expect.stringContaining('the lock says nothing')],
    ['it is no text', { 'sea-trial.lock': Buffer.from([0xff, 0xfe]) }, 'the file is not UTF-8'],
    [
      'it is too large',
      { 'sea-trial.lock': `# ${'x'.repeat(1_100_000)}` },
      expect.stringMatching(/^the file is larger than \d+ bytes$/),
    ],
  ])('is a problem where %s', async (_, content, message) => {
    expect(await load(content)).toStrictEqual(refused(message));
  });

  test('is a problem where it is a folder, or cannot be read', async () => {
    const made = await load({}, {}, (root) => files.makeDirectory(`${root}/sea-trial.lock`));
    expect(made).toStrictEqual(refused('this is a folder, and a file was expected'));
    const loop = await load({}, {}, (root) =>
      files.link('sea-trial.lock', `${root}/sea-trial.lock`),
    );
    expect(loop).toStrictEqual(refused('the file cannot be read: ELOOP'));
  });

  test('is no link where the run is not trusted', async () => {
    const linked = (untrusted: boolean) =>
      load({ other: '' }, { untrusted }, (root) => files.link('other', `${root}/sea-trial.lock`));
    expect(await linked(true)).toStrictEqual(
      refused('a symbolic link is not allowed for the lock of an untrusted run'),
    );
    expect(await linked(false)).toStrictEqual(refused(expect.stringContaining('says nothing')));
    expect(await load({ 'sea-trial.lock': '' }, { untrusted: true })).toStrictEqual(
      refused(expect.stringContaining('says nothing')),
    );
  });
});
