import { afterEach, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { fromInputs } from '../../src/config/index.js';
import { plan as schema } from '../../src/evidence/schema.js';
import { MODES } from '../config/memory.js';
import { fromDockerfile } from '../plans.js';
import { DOCKERFILE, files, folder, planned, removeFolders, yaml } from './repository.js';

/* What a plan keeps of an image. */

afterEach(removeFolders);

test('of a build with buildpacks it keeps everything that is asked, and no places', async () => {
  const root = await folder({
    'sea-trial.yml': `images:
  - name: ghcr.io/acme/web
    platforms: [linux/amd64]
    build:
      context: app
      no_cache: true
      timeout: 10m
      cache_from: acme/cache
      cache_to: ["type=registry,ref=ghcr.io/acme/cache"]
      secrets: [uri, { id: own, env: OWN }]
      buildpack:
        builder: heroku/builder:24
        flow: creator
        run-image: heroku/heroku:24
        pre-buildpacks: a/pre@1.0.0
        post-buildpacks: a/post@1.0.0
        env: [A=1]
        process: web
        descriptor: app/project.toml
        creation-time: now
        trust-builder: true
        network: host
        volumes: ["./data:/data"]
        bindings: { db: { type: postgresql, uri: uri, pw: own } }
    tests: [{ run: a }]
`,
    'app/project.toml': '[_]\nschema-version = "0.2"\n',
    'data/a': '',
  });
  const grants = ['bindings', 'network.host', 'secrets', 'trust-builder', 'volumes'];
  const given = { secretSources: [{ id: 'uri', env: 'URI' }], grants };
  const { plan, builderLocations } = await planned(root, given, { URI: 'x', OWN: 'y' });
  expect(v.is(schema, plan)).toBe(true);
  expect(plan.images[0]?.build).toStrictEqual({
    kind: 'buildpack',
    context: 'app',
    builder: 'heroku/builder:24',
    flow: 'creator',
    runImage: 'heroku/heroku:24',
    buildpacks: [],
    preBuildpacks: ['urn:cnb:builder:a/pre@1.0.0'],
    postBuildpacks: ['urn:cnb:builder:a/post@1.0.0'],
    env: { A: '1' },
    process: 'web',
    descriptor: 'app/project.toml',
    creationTime: 'now',
    clearCache: true,
    timeout: 600_000,
    trustBuilder: true,
    network: 'host',
    volumes: ['./data:/data:ro'],
    bindings: [
      {
        name: 'db',
        type: 'postgresql',
        entries: [
          { key: 'uri', secret: 'uri' },
          { key: 'pw', secret: 'own' },
        ],
      },
    ],
    secrets: [
      { id: 'uri', env: 'URI' },
      { id: 'own', env: 'OWN' },
    ],
    cacheFrom: ['type=registry,ref=acme/cache'],
    cacheTo: ['type=registry,ref=ghcr.io/acme/cache'],
  });
  expect([...(builderLocations ?? [])]).toStrictEqual([
    ['web', { file: 'sea-trial.yml', line: 12, column: 18 }],
  ]);
});

test('of a build from a Dockerfile it keeps what is seldom asked, too', async () => {
  const build = [
    '    build:',
    '      additional_contexts: { lib: lib }',
    '      secrets: [{ id: own, env: OWN }, given]',
    '      ssh: [default]',
    '      network: host',
    '      cgroup_parent: m',
    '      entitlements: [network.host]',
    '      shm_size: 64m',
    '      extra_hosts: { db: 10.0.0.1 }',
    '      ulimits: { nproc: 3 }',
    '      no_cache: true',
    '      pull: true',
    '      timeout: 1m',
  ];
  const root = await folder({ ...files(yaml(...build)), 'lib/a': '' });
  const grants = ['cgroup-parent', 'network.host', 'secrets', 'ssh'];
  const given = { secretSources: [{ id: 'given', file: 'x' }], grants };
  const { plan } = await planned(root, given, { OWN: 'y' });
  const { labels: _, ...kept } = fromDockerfile(plan.images[0]?.build);
  expect(kept).toStrictEqual({
    kind: 'dockerfile',
    context: '.',
    file: 'Dockerfile',
    args: {},
    contexts: { lib: 'lib' },
    secrets: [
      { id: 'own', env: 'OWN' },
      { id: 'given', file: 'x' },
    ],
    ssh: ['default'],
    cacheFrom: [],
    cacheTo: [],
    noCache: true,
    pull: true,
    timeout: 60_000,
    network: 'host',
    shmSize: '64m',
    addHosts: ['db:10.0.0.1'],
    ulimits: ['nproc=3'],
    cgroupParent: 'm',
    allow: ['network.host'],
    provenance: 'mode=min',
    sbom: 'false',
  });
});

test('a secret that says where it is is given, whatever the inputs have of its name', async () => {
  const secrets = '[{ id: one, env: OWN }, { id: two, file: x }, three]';
  const root = await folder({ ...files(yaml(`    build: { secrets: ${secrets} }`)), x: '' });
  const empty = new Map(['one', 'two', 'three'].map((id) => [id, '']));
  const given = { secretSources: [{ id: 'one' }, { id: 'three' }], secretValues: empty };
  const { plan } = await planned(root, { ...given, grants: ['secrets'] }, { OWN: 'y' });
  expect(plan.images[0]?.build.secrets).toStrictEqual([
    { id: 'one', env: 'OWN' },
    { id: 'two', file: 'x' },
  ]);
});

test("the workflow's token is the only value of the inputs that a Git context gets unasked", async () => {
  const root = await folder(files('images: [{ name: a/b, build: "https://a.example/b.git" }]'));
  const secretValues = new Map([
    ['GIT_AUTH_TOKEN.a.example', 'one'],
    ['GIT_AUTH_TOKENS', 'two'],
    ['npm', 'three'],
  ]);
  const { plan } = await planned(root, { secretValues });
  expect(plan.images[0]?.build.secrets).toStrictEqual([{ id: 'GIT_AUTH_TOKEN.a.example' }]);
});

test('the inputs give no secrets to a build with buildpacks that they describe', async () => {
  const root = await folder({ 'app.py': '' });
  const asked = (inputs: Readonly<Record<string, string>>) => {
    const given = new Map(Object.entries({ tags: 'a/b', ...inputs }));
    const read = fromInputs(given, { root, env: {} }, MODES);
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    return read.request;
  };
  const { plan } = await planned(root, asked({ 'builder-image': 'b/b' }));
  expect(plan.images[0]?.build.secrets).toStrictEqual([]);
  const other = await folder({ Dockerfile: DOCKERFILE });
  const { plan: built } = await planned(other, { ...asked({ secrets: 'npm=x' }), root: other });
  expect(built.images[0]?.build.secrets).toStrictEqual([{ id: 'npm' }]);
});

test('a start is tried on the platforms that no test covers, and on no other', async () => {
  const on = async (tests: string) => {
    const lines = ['    platforms: [linux/amd64, linux/arm64, linux/s390x]', `    tests: ${tests}`];
    const { plan } = await planned(await folder(files(yaml(...lines))));
    return plan.images[0]?.tests.map(({ kind, name, platforms }) => [kind, name, platforms]);
  };
  expect(await on('[a]')).toStrictEqual([['command', 'a', undefined]]);
  expect(await on('[{ run: a, platforms: [linux/arm64, linux/s390x, amd64] }]')).toStrictEqual([
    ['command', 'a', ['linux/arm64', 'linux/s390x', 'linux/amd64']],
  ]);
  expect(await on('[{ run: a, platforms: linux/aarch64 }]')).toStrictEqual([
    ['command', 'a', ['linux/arm64']],
    ['start', 'starts', ['linux/amd64', 'linux/s390x']],
  ]);
});

test('the version is that of the pattern, or the first tag of the first target', async () => {
  const versions = async (text: string) => {
    const root = await folder({ ...files(`images: [${text}]`), x_1: DOCKERFILE, x_2: DOCKERFILE });
    const { plan } = await planned(root);
    return plan.images.map(({ annotations }) => annotations['org.opencontainers.image.version']);
  };
  expect(await versions('{ name: a/b }')).toStrictEqual(['latest']);
  expect(
    await versions('{ targets: [{ name: a/b, tags: [v1, v2] }, { name: c/d, tags: [v3] }] }'),
  ).toStrictEqual(['v1']);
  expect(
    await versions('{ name: a/b, tags: ["x{version}"], build: { dockerfile: "x_{version}" } }'),
  ).toStrictEqual(['1', '2']);
});

test('only the four that are known without asking are switched off by "false"', async () => {
  const root = await folder(
    files(
      yaml(
        '    build: { labels: { debug: "false", org.opencontainers.image.version: "false", org.opencontainers.image.title: "" } }',
        '    annotations: { org.opencontainers.image.source: "here", other: "" }',
      ),
    ),
  );
  const { plan } = await planned(root);
  expect(fromDockerfile(plan.images[0]?.build).labels).toStrictEqual({
    debug: 'false',
    'org.opencontainers.image.title': '',
  });
  expect(plan.images[0]?.annotations).toStrictEqual({
    'org.opencontainers.image.source': 'here',
    other: '',
  });
});

test('an annotation comes before the label of that name', async () => {
  const key = 'org.opencontainers.image.version';
  const root = await folder(
    files(yaml(`    build: { labels: { ${key}: "1" } }`, `    annotations: { ${key}: "2" }`)),
  );
  const { plan } = await planned(root);
  expect(plan.images[0]?.annotations).toStrictEqual({ [key]: '2' });
});
