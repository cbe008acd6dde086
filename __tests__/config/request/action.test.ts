// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { describe, expect, test } from '@jest/globals';
import { fromInputs, loadConfig, refusedInputs, secretTexts } from '../../../src/config/index.js';
import { fromDockerfile } from '../../plans.js';
import { lines, MACHINE, MODES, memoryFiles, request } from '../memory.js';

const start = { root: '/work', env: {} };

function read(values: Readonly<Record<string, string>>, env: Record<string, string> = {}) {
  return fromInputs(new Map(Object.entries(values)), { root: '/work', env }, MODES);
}

function problems(values: Readonly<Record<string, string>>): readonly string[] {
  const asked = read(values);
  return 'problems' in asked ? lines(asked) : [];
}

async function image(values: Readonly<Record<string, string>>, files = {}) {
  const asked = read(values);
  if ('problems' in asked) throw new Error(lines(asked).join('\n'));
  const config = await loadConfig(request(asked.request), {
    files: memoryFiles(files),
    env: {},
    machine: MACHINE,
  });
  return { config, image: config.images[0] };
}

describe('fromInputs', () => {
  test('nothing set asks for the configuration file', () => {
    expect(fromInputs(new Map([['tags', '']]), start, MODES)).toEqual({
      request: {
        command: 'run',
        from: 'inputs',
        root: '/work',
        only: [],
        platforms: [],
        set: new Map(),
        push: false,
        json: false,
        allowDirty: false,
        grants: [],
        replaces: [],
        load: false,
        pullRequest: false,
        untrusted: 'auto',
        secretSources: [],
        secretValues: new Map(),
      },
    });
  });

  test('everything that is not an image', () => {
    const asked = read(
      {
        config: 'ci/images.yml',
        only: 'greeter@linux/s390x, web\nfleet',
        set: 'A=1\nB=x=y, z',
        mode: 'plan',
        push: 'true',
        load: 'TRUE',
        publish: 'per-image',
        'allow-dirty': 'true',
        parallel: '3',
        replaces: 'linux/arm64, windows/amd64',
        existing: 'same',
        builder: 'big',
        grants: 'ssh, secrets',
        allow: 'network.host',
        secrets: 'token=a=b\n"key=line 1\nline ""2"""\nplain=c,d',
        'secret-envs': 'npm=NPM_TOKEN',
        'secret-files': 'aws=/work/keys/aws',
        'github-token': 'ghs_x',
      },
      { GITHUB_EVENT_NAME: 'pull_request' },
    );
    expect(asked).toEqual({
      request: {
        command: 'plan',
        from: 'inputs',
        root: '/work',
        configuration: 'ci/images.yml',
        only: ['greeter@linux/s390x', 'web', 'fleet'],
        platforms: [],
        set: new Map([
          ['A', '1'],
          ['B', 'x=y, z'],
        ]),
        push: true,
        parallel: 3,
        json: false,
        allowDirty: true,
        grants: ['network.host', 'secrets', 'ssh'],
        builder: 'big',
        replaces: ['linux/arm64', 'windows/amd64'],
        existing: 'same',
        load: 'passed',
        publish: 'per-image',
        pullRequest: true,
        untrusted: 'auto',
        secretSources: [
          { id: 'token' },
          { id: 'key' },
          { id: 'plain' },
          { id: 'npm', env: 'NPM_TOKEN' },
          { id: 'aws', file: 'keys/aws' },
        ],
        secretValues: new Map([
          ['token', 'a=b'],
          ['key', 'line 1\nline "2"'],
          ['plain', 'c,d'],
          ['GIT_AUTH_TOKEN.github.com', 'ghs_x'],
        ]),
        token: 'ghs_x',
      },
    });
  });

  test.each([
    ['pull_request', true],
    ['pull_request_target', true],
    ['push', false],
  ])('the event %s', (event, pullRequest) => {
    expect(read({}, { GITHUB_EVENT_NAME: event })).toMatchObject({ request: { pullRequest } });
  });

  test.each<[Readonly<Record<string, string>>, readonly string[]]>([
    [{ attests: 'x' }, ['input "attests" use "provenance" and "sbom"']],
    [
      { call: 'check' },
      [
        'input "call" images are built here; run docker buildx build --call for checks of a Dockerfile',
      ],
    ],
    [
      { 'no-cache-filters': 'a' },
      ['input "no-cache-filters" single stages cannot be rebuilt alone; use "no-cache"'],
    ],
    [
      { logout: 'false', ecr: 'auto', scope: 'a', images: 'a/b', flavor: 'latest=auto' },
      [
        'input "logout" a login of the inputs ends with the step, and those of docker login are left as they are',
        'input "ecr" give the username and password that AWS gives (aws ecr get-login-password), or use a credential helper',
        'input "scope" a login is for its whole registry; leave it out',
        'input "images" docker/metadata-action makes references of them; give its output "tags" as "tags"',
        'input "flavor" docker/metadata-action takes it; give its output "tags" as "tags"',
      ],
    ],
    [{ platfroms: 'x' }, ['input "platfroms" there is no such input; did you mean "platforms"?']],
    [{ push: 'yes' }, ['input "push" "yes" is neither true nor false']],
    [{ mode: 'trail' }, ['input "mode" "trail" is not known; there are: run, plan']],
    [
      { mode: 'verify' },
      ['input "mode" "verify" does not exist in this version; there are: run, plan'],
    ],
    [{ publish: 'now' }, ['input "publish" "now" is not known; there are: together, per-image']],
    [{ parallel: '0' }, ['input "parallel" "0" is not a whole number of at least 1']],
    [{ grants: 'mount' }, ['input "grants" "mount" is not a grant; did you mean mounts?']],
    [{ allow: 'all' }, ['input "allow" "all" is not an entitlement of BuildKit']],
    [{ set: 'A=x\nB=x\nA=y' }, ['input "set" "A" is given more than once']],
    [{ set: 'A' }, ['input "set" an item is not NAME=VALUE']],
    [{ secrets: 'hunter2' }, ['input "secrets" an item is not NAME=VALUE']],
    [{ secrets: 'a=1', 'secret-envs': 'a=B' }, ['secret "a" is given twice by the inputs']],
    [{ secrets: 'a=1\nb=2\na=3' }, ['secret "a" is given twice by the inputs']],
    [
      { tags: 'a/b@sha256:00' },
      ['input "tags" "a/b@sha256:00" names a digest; tags are given by name'],
    ],
    [
      { push: '1', load: '2', outputs: 'x' },
      [
        'input "outputs" every image is written to an OCI layout, tested and then published; for files of an image use "load: true", then docker create and docker cp in a later step',
        'input "push" "1" is neither true nor false',
        'input "load" "2" is not known; there are: true, false, always',
      ],
    ],
  ])('%j', (values, expected) => {
    expect(problems(values)).toEqual(expected);
  });
});

const WRITTEN = 'every image is written to an OCI layout, tested and then published; ';

test.each<[string, string]>([
  [
    'type=image,push-by-digest=true,name-canonical=true,push=true',
    'nothing is pushed without a tag',
  ],
  ['type=image,"name=a/b,c/d",push-by-digest=true', 'nothing is pushed without a tag'],
  ['type=registry,push-by-digest=true', 'docker buildx imagetools create -t NAME:1.4.0'],
  ['type=registry', `${WRITTEN}use "push: true"`],
  ['type=image,name=a/b,push=true,annotation-index.x=y', 'and "annotations" for annotations'],
  ['type=docker,dest=x.tar', `${WRITTEN}"load: true" keeps`],
  ['type=oci,dest=x.tar', `${WRITTEN}a test with "on: host" finds the layout in $SEA_TRIAL_LAYOUT`],
  ['type=local,dest=out', `${WRITTEN}for files of an image`],
  ['out', `${WRITTEN}for files of an image`],
  ['type=cacheonly', `${WRITTEN}use "push" or "load"`],
])('outputs: %s is refused with what to do instead', (outputs, answer) => {
  expect(problems({ outputs })).toEqual([
    expect.stringMatching(/^input "outputs" (nothing|every image) is/),
  ]);
  expect(problems({ outputs })[0]).toContain(answer);
});

test.each(refusedInputs.flatMap(({ name, harmless = [] }) => harmless.map((one) => [name, one])))(
  '%s: %s asks for what happens anyway',
  (name, value) => {
    expect(problems({ [name]: value })).toEqual([]);
    expect(problems({ [name]: `not ${value}` })).toHaveLength(1);
  },
);

describe('the image that inputs describe', () => {
  test('is validated and read as one of the file', async () => {
    const found = await image({
      tags: 'ghcr.io/acme/greeter:1.4.0\nghcr.io/acme/greeter:latest, docker.io/acme/greeter',
      platforms: 'linux/amd64,linux/arm64',
      test: 'greeter --version',
      context: 'src',
      file: 'docker/Dockerfile',
      'build-args': 'A=1,2\nB="x y"',
      'build-contexts': 'base=docker-image://alpine',
      target: 'prod',
      labels: 'a=${b}\norg.opencontainers.image.version=',
      annotations: 'index:a=b\nmanifest,index:c=d:e',
      'cache-from': 'type=gha,scope=x\ntype=local,src=y',
      'cache-to': 'type=gha,mode=max',
      'no-cache': 'true',
      pull: 'true',
      provenance: 'false',
      sbom: 'true',
      network: 'host',
      'add-hosts': 'db:10.0.0.1,v6:::1',
      ulimit: 'nofile=1024:2048\nnproc=3',
      'shm-size': '64m',
      'cgroup-parent': 'm',
      ssh: 'default',
      allow: 'network.host',
    });
    expect(lines(found.config)).toEqual([]);
    const input = (name: string) => ({ file: `input "${name}"` });
    expect(found.config.file).toBeUndefined();
    expect(found.image).toEqual({
      at: input('tags'),
      id: { value: 'greeter', at: input('tags') },
      targets: [
        {
          at: input('tags'),
          repository: 'ghcr.io/acme/greeter',
          tags: ['1.4.0', 'latest'],
          replaces: [],
        },
        {
          at: input('tags'),
          repository: 'docker.io/acme/greeter',
          tags: ['latest'],
          replaces: [],
        },
      ],
      platforms: [
        { value: 'linux/amd64', at: input('platforms') },
        { value: 'linux/arm64', at: input('platforms') },
      ],
      build: {
        kind: 'dockerfile',
        context: { value: 'src', at: input('context') },
        dockerfile: { value: 'docker/Dockerfile', at: input('file') },
        target: 'prod',
        targetAt: { file: 'input "target"' },
        args: { A: '1,2', B: '"x y"' },
        argPlaces: new Map(['A', 'B'].map((name) => [name, input('build-args')])),
        contexts: [{ name: 'base', value: 'docker-image://alpine', at: input('build-contexts') }],
        secrets: [],
        native: [],
        ssh: [{ id: 'default', paths: [], at: input('ssh') }],
        labels: { a: '${b}', 'org.opencontainers.image.version': '' },
        cacheFrom: [
          { type: 'gha', attributes: new Map([['scope', 'x']]), at: input('cache-from') },
          { type: 'local', attributes: new Map([['src', 'y']]), at: input('cache-from') },
        ],
        cacheTo: [{ type: 'gha', attributes: new Map([['mode', 'max']]), at: input('cache-to') }],
        noCache: true,
        pull: true,
        network: { value: 'host', at: input('network') },
        shmSize: '64m',
        addHosts: ['db:10.0.0.1', 'v6:::1'],
        ulimits: ['nofile=1024:2048', 'nproc=3'],
        cgroupParent: { value: 'm', at: input('cgroup-parent') },
        allow: [{ value: 'network.host', at: input('allow') }],
        provenance: 'false',
        sbom: 'true',
      },
      annotations: { 'index:a': 'b', 'manifest,index:c': 'd:e' },
      tests: [
        {
          at: input('test'),
          plan: {
            name: 'greeter --version',
            kind: 'command',
            run: { shell: 'greeter --version' },
            exitCode: 0,
            env: {},
            mounts: [],
            timeout: 300_000,
          },
          platforms: [],
          grants: [],
          mounts: [],
          texts: [{ what: 'test "greeter --version": "run"', text: 'greeter --version' }],
          processes: [],
        },
      ],
      foreign: [],
      fromInputs: true,
    });
  });

  test('items in quotes are read without them, and may have several lines', async () => {
    const { config, image: read } = await image({
      tags: 'a/b',
      'build-args': '"A=x, y"\nB="x y"\n"C=1\n\n""2"""\nD={"a":["b"],"c":"d"}\nE=',
      labels: '"a=b, c"\nd=Fast, "tiny" & good',
      annotations: '"index:a=b, c"',
      'build-contexts': '"base=docker-image://alpine"',
    });
    expect(lines(config)).toEqual([]);
    const build = fromDockerfile(read?.build);
    expect(build.args).toEqual({
      A: 'x, y',
      B: '"x y"',
      C: '1\n\n"2"',
      D: '{"a":["b"],"c":"d"}',
      E: '',
    });
    expect(build.labels).toEqual({ a: 'b, c', d: 'Fast, "tiny" & good' });
    expect(build.contexts.map(({ name, value }) => [name, value])).toEqual([
      ['base', 'docker-image://alpine'],
    ]);
    expect(read?.annotations).toEqual({ 'index:a': 'b, c' });
  });

  test('one reference under several names of Docker Hub is one', async () => {
    const { config, image: read } = await image({
      tags: 'acme/a:1,docker.io/acme/a:1,index.docker.io/acme/a:2\nghcr.io/acme/a:1,acme/a:1',
    });
    expect(lines(config)).toEqual([]);
    expect(read?.targets.map(({ repository, tags }) => [repository, tags])).toEqual([
      ['acme/a', ['1', '2']],
      ['ghcr.io/acme/a', ['1']],
    ]);
  });

  test.each([
    ['{{defaultContext}}', undefined, ['.', 'Dockerfile']],
    ['{{ defaultContext }}:api', undefined, ['api', 'api/Dockerfile']],
    ['{{defaultContext}}:api', 'alpine.Dockerfile', ['api', 'api/alpine.Dockerfile']],
    ['{{defaultContext}}:.', 'docker/Dockerfile', ['.', 'docker/Dockerfile']],
    ['{{defaultContext}}:api', '/work/Dockerfile', ['api', 'Dockerfile']],
  ])('the context %s with the file %s is the checkout', async (context, file, wanted) => {
    const { config, image: read } = await image({
      tags: 'a/b',
      context,
      'build-contexts': 'shared={{defaultContext}}:lib\nother=lib',
      ...(file === undefined ? {} : { file }),
    });
    expect(lines(config)).toEqual([]);
    const build = fromDockerfile(read?.build);
    expect([build.context.value, build.dockerfile.value]).toEqual(wanted);
    expect(build.contexts.map(({ value }) => value)).toEqual(['lib', 'lib']);
  });

  test('problems name the input', async () => {
    const { config } = await image({
      tags: 'ghcr.io/acme/greeter:-1',
      platforms: 'linux/arm65',
      'no-cache': 'maybe',
    });
    expect(lines(config)).toEqual([
      'input "platforms" "linux/arm65" is not a platform; did you mean linux/arm64?',
      'input "tags" "-1" is not a tag; allowed are up to 128 letters, digits and "_ . -", not beginning with "." or "-"',
      'input "no-cache" "maybe" is neither true nor false',
    ]);
  });

  test('takes no variables but for build arguments without a value', async () => {
    const set = 'VERSION=2\nBARE=3';
    const inputs = { tags: 'a/b', 'build-args': 'A=${VERSION}\nBARE', set };
    const { config, image: read } = await image(inputs);
    expect(fromDockerfile(read?.build).args).toEqual({ A: '${VERSION}', BARE: '3' });
    expect(lines(config)).toEqual([
      'input "set" VERSION: nothing uses this variable; inputs are used as they are written, except build arguments and variables of buildpacks without a value',
    ]);
  });

  test.each<[string, unknown]>([
    ['["/greeter","--version"]', { exec: ['/greeter', '--version'] }],
    [' [ "/greeter",\n  "a b" ]\n', { exec: ['/greeter', 'a b'] }],
    ['[ -x /greeter ] && [ -n "$HOME" ]', { shell: '[ -x /greeter ] && [ -n "$HOME" ]' }],
  ])('a test %j is a text for a shell, or a list in JSON', async (test, run) => {
    const { config, image: read } = await image({ tags: 'a/b', test });
    expect(lines(config)).toEqual([]);
    expect(read?.tests.map(({ plan }) => plan.run)).toEqual([run]);
  });

  test.each(['["a"] || true', '["/greeter", 1]', '[["/greeter"]]', '[]'])(
    'a test %j is neither',
    (test) => {
      expect(problems({ tags: 'a/b', test })).toEqual([
        'input "test" is not a list of texts in JSON; write ["/greeter", "--version"], or a command for the image\'s shell',
      ]);
    },
  );

  test('excludes a configuration with images', async () => {
    const { config } = await image(
      { tags: 'a/b', platforms: 'linux/amd64' },
      { 'sea-trial.yml': 'images: [{ name: c/d }]' },
    );
    expect(lines(config)).toEqual([
      'sea-trial.yml:1:1 images are described here and by input "platforms", input "tags"; keep one of the two',
    ]);
  });

  test('has to be called something, but not beside a configuration with images', async () => {
    const inputs = { 'no-cache': 'true', allow: 'network.host' };
    const empty = [
      'input "tags" is empty, and input "no-cache" describes an image; give the image a name with tags',
    ];
    expect(lines((await image(inputs)).config)).toEqual(empty);
    expect(lines((await image({ ...inputs, push: 'true' })).config)).toEqual([
      expect.stringMatching(
        /^input "tags" is empty, so there is nothing to push to. .*metadata-action/,
      ),
    ]);
    const without = await image(inputs, { 'sea-trial.yml': 'publish: per-image' });
    expect(lines(without.config)).toEqual(empty);
    const beside = await image(
      { ...inputs, config: 'a.yml' },
      { 'a.yml': 'images: [{ name: c/d }]' },
    );
    const both = 'images are described here and by input "no-cache"; keep one of the two';
    expect(lines(beside.config)).toEqual([`a.yml:1:1 ${both}`]);
    const unread = await image({ ...inputs, config: 'b.yml' });
    expect(lines(unread.config)).toEqual(['b.yml there is no file "b.yml"']);
  });

  test.each<[Record<string, string>, Record<string, string>, readonly string[]]>([
    [{}, {}, ['greeter acme/greeter latest .']],
    [{}, { 'sea-trial.yml': 'publish: per-image' }, ['greeter acme/greeter latest .']],
    [{ context: 'app' }, {}, ['greeter acme/greeter latest app']],
    [
      { file: 'x_{version}' },
      { x_1: '', x_2: '' },
      ['greeter:1 acme/greeter 1 .', 'greeter:2 acme/greeter 2 .'],
    ],
    [{ 'builder-image': 'b/b' }, {}, ['greeter acme/greeter latest .']],
  ])(
    'is called after the repository where nothing is pushed: %j %j',
    async (more, files, named) => {
      const env = { GITHUB_REPOSITORY: 'Acme/Greeter' };
      const asked = read({ 'no-cache': 'true', ...more }, env);
      if ('problems' in asked) throw new Error(lines(asked).join('\n'));
      const ports = { files: memoryFiles(files), env, machine: MACHINE };
      const config = await loadConfig(request(asked.request), ports);
      expect(lines(config)).toEqual([]);
      expect(config.isUnnamed).toBe(true);
      expect(
        config.images.map(({ id, targets: [target], build }) =>
          [id.value, target?.repository, target?.tags, build.context.value].join(' '),
        ),
      ).toEqual(named);
    },
  );

  test('goes with a configuration that has none', async () => {
    const { config } = await image(
      { tags: 'a/b' },
      {
        'sea-trial.yml':
          'platforms: [linux/arm64]\npublish: per-image\nchecks: { no-program: off }',
      },
    );
    expect(lines(config)).toEqual([]);
    expect(config.publish).toBe('per-image');
    expect(config.severities).toEqual({ 'no-program': 'off' });
    expect(config.images[0]?.platforms.map(({ value }) => value)).toEqual(['linux/arm64']);
  });

  test('may be built with buildpacks', async () => {
    const { config, image: read } = await image({
      tags: 'a/b',
      'builder-image': 'heroku/builder:24',
      'run-image': 'heroku/heroku:24',
      buildpacks: 'heroku/python, ./bp',
      'buildpack-env': 'A=1, 2\nB=c=d',
      process: 'worker',
      context: 'app',
      'no-cache': 'true',
      provenance: 'false',
    });
    expect(lines(config)).toEqual([]);
    expect(read?.build).toMatchObject({
      kind: 'buildpack',
      builder: { value: 'heroku/builder:24', at: { file: 'input "builder-image"' } },
      runImage: { value: 'heroku/heroku:24' },
      buildpacks: [{ value: 'urn:cnb:builder:heroku/python' }, { value: './bp' }],
      env: { A: '1, 2', B: 'c=d' },
      process: { value: 'worker' },
      context: { value: 'app' },
      clearCache: true,
    });
  });

  test('has no inputs of a Dockerfile beside "builder-image"', async () => {
    const { config } = await image({
      tags: 'a/b',
      'builder-image': 'heroku/builder:24',
      file: 'x.Dockerfile',
      'build-args': 'A=1',
      labels: 'a=b',
      allow: 'network.host',
      'cache-to': 'type=gha',
      context: 'https://github.com/a/b.git',
    });
    const no = 'is not for builds with buildpacks ("builder-image")';
    expect(lines(config)).toEqual([
      `input "file" ${no}: a Dockerfile is one way to build and "builder-image" another; keep one of them`,
      `input "build-args" ${no}: use "buildpack-env"`,
      `input "labels" ${no}: labels would change the configuration that the lifecycle writes; use "annotations"`,
      `input "allow" ${no}: buildpacks are never run with privileges; for the host's network, describe the image in sea-trial.yml, where "buildpack" has "network"`,
      'input "context" the context is an address; buildpacks build a folder: check the repository out first, and name its folder',
      expect.stringMatching(/^input "cache-to" a build with buildpacks has no cache of type gha/),
    ]);
  });

  test('has no inputs of buildpacks without "builder-image"', () => {
    const found = problems({ tags: 'a/b', 'run-image': 'a/c', process: 'web', file: 'x' });
    const message =
      'is for a build with buildpacks, and no builder is named; name its image with "builder-image"';
    expect(found).toEqual([`input "run-image" ${message}`, `input "process" ${message}`]);
  });

  test('a variable of buildpacks that looks like a secret is refused', async () => {
    const inputs = { tags: 'a/b', 'builder-image': 'b/b', 'buildpack-env': 'API_TOKEN=x' };
    expect(lines((await image(inputs)).config)).toEqual([
      expect.stringMatching(/^input "buildpack-env" API_TOKEN/),
    ]);
  });

  test('a file with {version} makes one image per match', async () => {
    const { config } = await image(
      { tags: 'a/b:{version}', context: 'src', file: 'docker/x_{version}.Dockerfile' },
      { 'docker/x_1.Dockerfile': '', 'docker/x_2.Dockerfile': '' },
    );
    expect(lines(config)).toEqual([]);
    expect(config.images.map(({ id }) => id.value)).toEqual(['b:1', 'b:2']);
  });
});

test.each<[Record<string, string>, readonly string[]]>([
  [{}, []],
  [{ 'github-token': ' ghs_token\n', password: 'pw', username: 'me' }, ['ghs_token', 'pw']],
  [{ secrets: 'a=one=1\n"b=two\nlines"\nlost-its-name' }, ['one=1', 'two\nlines', 'lost-its-name']],
  [{ secrets: 'a=one', 'secret-envs': 'b=NAME', 'secret-files': 'c=path' }, ['one']],
])('of %j the log hides %j', (given, hidden) => {
  expect(secretTexts(new Map(Object.entries(given)))).toEqual(hidden);
});
