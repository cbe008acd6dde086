import { describe, expect, test } from '@jest/globals';
import { loadConfig, type Request } from '../../src/config/index.js';
import type { Files } from '../../src/ports/index.js';
import { fromDockerfile } from '../plans.js';
import { lines, load, MACHINE, memoryFiles, request, UNTRUSTED } from './memory.js';

/** One image with further lines of its own, from line 4 on. */
function image(...more: readonly string[]): string {
  return ['images:', '  - name: ghcr.io/acme/greeter', '    tags: [dev]', ...more].join('\n');
}

async function first(text: string, ...rest: readonly unknown[]) {
  const config = await load(text, ...(rest as []));
  expect(lines(config)).toEqual([]);
  const [one] = config.images;
  if (one === undefined) throw new Error('there is no image');
  return one;
}

describe('a configuration that is right', () => {
  test('an image with everything that is usual', async () => {
    const read = await load(`
images:
  - name: ghcr.io/acme/greeter
    tags: [dev, 1.10]
    platforms: [linux/amd64, linux/arm64]
    build: { context: ., dockerfile: Dockerfile, args: { VERSION: 1.2.3 } }
    tests:
      - name: says its version
        run: greeter --version
        stdout: '^greeter 1\\.2\\.3'
`);
    const file = 'sea-trial.yml';
    expect(read).toEqual({
      file,
      publish: 'together',
      severities: {},
      problems: [],
      notes: [],
      isUnnamed: false,
      fromEnvironment: new Map(),
      publicArgs: new Set(),
      unknown: [],
      images: [
        {
          at: { file, line: 3, column: 5 },
          id: { value: 'greeter', at: { file, line: 3, column: 11 } },
          targets: [
            {
              at: { file, line: 3, column: 11 },
              repository: 'ghcr.io/acme/greeter',
              tags: ['dev', '1.10'],
              replaces: [],
            },
          ],
          platforms: [
            { value: 'linux/amd64', at: { file, line: 5, column: 17 } },
            { value: 'linux/arm64', at: { file, line: 5, column: 30 } },
          ],
          build: {
            kind: 'dockerfile',
            context: { value: '.', at: { file, line: 6, column: 23 } },
            dockerfile: { value: 'Dockerfile', at: { file, line: 6, column: 38 } },
            args: { VERSION: '1.2.3' },
            argPlaces: new Map([['VERSION', { file: 'sea-trial.yml', line: 6, column: 58 }]]),
            contexts: [],
            native: [],
            secrets: [],
            ssh: [],
            labels: {},
            cacheFrom: [],
            cacheTo: [],
            noCache: false,
            pull: false,
            addHosts: [],
            ulimits: [],
            allow: [],
            provenance: 'mode=min',
            sbom: 'false',
          },
          annotations: {},
          foreign: [],
          tests: [
            {
              at: { file, line: 8, column: 9 },
              plan: {
                name: 'says its version',
                kind: 'command',
                run: { shell: 'greeter --version' },
                stdout: '^greeter 1\\.2\\.3',
                exitCode: 0,
                env: {},
                mounts: [],
                timeout: 300_000,
              },
              platforms: [],
              grants: [],
              mounts: [],
              texts: [{ what: 'test "says its version": "run"', text: 'greeter --version' }],
              processes: [],
            },
          ],
          fromInputs: false,
        },
      ],
    });
  });

  test('scalars keep their source text', async () => {
    const { build } = await first(
      image(
        '    build:',
        '      args: { A: 1.10, B: 007, C: no, D: 0x1f, E: 1e3, F: "1.0", G: ~ }',
      ),
    );
    expect(fromDockerfile(build).args).toEqual({
      A: '1.10',
      B: '007',
      C: 'no',
      D: '0x1f',
      E: '1e3',
      F: '1.0',
    });
  });

  test('the time of a build in milliseconds, and none where none is written', async () => {
    const read = async (text: string) => (await first(image(text))).build.timeout;
    expect(await read('    build: { timeout: 1h30m }')).toBe(5_400_000);
    expect(await read('    build: .')).toBeUndefined();
  });

  test("every key of a Compose file's build section", async () => {
    const { build } = await first(
      image(
        '    build:',
        '      context: app',
        '      dockerfile: ../docker/app.Dockerfile',
        '      args: [A=1, "B=x=y"]',
        '      target: prod',
        '      additional_contexts: { lib: ../lib, base: "docker-image://alpine", git: https://a.example/b.git }',
        '      cache_from: [type=gha, "user/app:cache"]',
        '      cache_to: type=gha',
        '      no_cache: true',
        '      pull: True',
        '      secrets: [token, { source: npm, environment: NPM }, "id=aws,src=keys/aws", { id: f, file: f.txt }]',
        '      ssh: [default, key=id_rsa]',
        '      labels: { a: b }',
        '      network: none',
        '      shm_size: 2gb',
        '      extra_hosts: { db: 10.0.0.1 }',
        '      ulimits: { nproc: 65535, nofile: { soft: 20000, hard: 40000 } }',
        '      provenance: mode=max',
        '      sbom: true',
        '      cgroup_parent: m',
        '      entitlements: [network.host]',
      ),
    );
    const column = expect.any(Number);
    const at = (line: number) => ({ file: 'sea-trial.yml', line, column });
    expect(build).toEqual({
      kind: 'dockerfile',
      context: { value: 'app', at: at(5) },
      dockerfile: { value: 'docker/app.Dockerfile', at: at(6) },
      args: { A: '1', B: 'x=y' },
      argPlaces: new Map(['A', 'B'].map((name) => [name, at(7)])),
      target: 'prod',
      targetAt: { file: 'sea-trial.yml', line: 8, column: 15 },
      contexts: [
        { name: 'lib', value: '../lib', at: at(9) },
        { name: 'base', value: 'docker-image://alpine', at: at(9) },
        { name: 'git', value: 'https://a.example/b.git', at: at(9) },
      ],
      cacheFrom: [
        { type: 'gha', attributes: new Map(), at: at(10) },
        { type: 'registry', attributes: new Map([['ref', 'user/app:cache']]), at: at(10) },
      ],
      cacheTo: [{ type: 'gha', attributes: new Map(), at: at(11) }],
      noCache: true,
      pull: true,
      secrets: [
        { id: 'token', at: at(14) },
        { id: 'npm', env: 'NPM', at: at(14) },
        { id: 'aws', file: 'keys/aws', at: at(14) },
        { id: 'f', file: 'f.txt', at: at(14) },
      ],
      native: [],
      ssh: [
        { id: 'default', paths: [], at: at(15) },
        { id: 'key', paths: ['id_rsa'], at: at(15) },
      ],
      labels: { a: 'b' },
      network: { value: 'none', at: at(17) },
      shmSize: '2gb',
      addHosts: ['db:10.0.0.1'],
      ulimits: ['nproc=65535', 'nofile=20000:40000'],
      provenance: 'mode=max',
      sbom: 'true',
      cgroupParent: { value: 'm', at: at(23) },
      allow: [{ value: 'network.host', at: at(24) }],
    });
  });

  test('build as a folder, targets, ids, defaults for all images', async () => {
    const config = await load(`
publish: per-image
checks: { no-program: off, started-only: error }
platforms: [linux/s390x]
images:
  - targets:
      - { name: ghcr.io/acme/app, tags: [a, b] }
      - docker.io/acme/app
    build: ./app
  - { name: localhost:5000/web, id: w, platforms: linux/arm/v7, expect: { go-main: ^acme/web$ } }
`);
    expect(lines(config)).toEqual([]);
    expect(config.publish).toBe('per-image');
    expect(config.severities).toEqual({ 'no-program': 'off', 'started-only': 'error' });
    expect(
      config.images.map(({ id, targets, platforms, build, goMain }) => ({
        id: id.value,
        targets: targets.map(({ repository, tags }) => [repository, ...tags].join(' ')),
        platforms: platforms.map(({ value }) => value),
        dockerfile: fromDockerfile(build).dockerfile.value,
        goMain,
      })),
    ).toEqual([
      {
        id: 'app',
        targets: ['ghcr.io/acme/app a b', 'docker.io/acme/app latest'],
        platforms: ['linux/s390x'],
        dockerfile: 'app/Dockerfile',
        goMain: undefined,
      },
      {
        id: 'w',
        targets: ['localhost:5000/web latest'],
        platforms: ['linux/arm/v7'],
        dockerfile: 'Dockerfile',
        goMain: '^acme/web$',
      },
    ]);
  });

  test('tests in their forms', async () => {
    const { tests } = await first(
      image(
        '    tests:',
        '      - greeter --version',
        '      - [greeter, --help]',
        '      - run: [sh, -c, "exit 3"]',
        '        exit-code: 3',
        '        stderr: oops',
        '        env: { A: 1.10 }',
        '        user: nobody',
        '        workdir: /srv',
        '        mounts: [data:/data, "cfg:/etc/app:ro", { source: x, target: /x }]',
        '        network: none',
        '        timeout: 1m30s',
        '        platforms: [linux/amd64]',
        '      - { name: suite, run: make test, on: host }',
      ),
    );
    const at = expect.objectContaining({ file: 'sea-trial.yml' });
    const plain = { kind: 'command', exitCode: 0, env: {}, mounts: [], timeout: 300_000 };
    expect(tests.map(({ plan }) => plan)).toEqual([
      { ...plain, name: 'greeter --version', run: { shell: 'greeter --version' } },
      { ...plain, name: 'greeter --help', run: { exec: ['greeter', '--help'] } },
      {
        name: 'sh -c exit 3',
        kind: 'command',
        run: { exec: ['sh', '-c', 'exit 3'] },
        stderr: 'oops',
        exitCode: 3,
        env: { A: '1.10' },
        user: 'nobody',
        workdir: '/srv',
        mounts: [
          { source: 'data', target: '/data' },
          { source: 'cfg', target: '/etc/app' },
          { source: 'x', target: '/x' },
        ],
        network: 'none',
        timeout: 90_000,
      },
      { ...plain, kind: 'host', name: 'suite', run: { shell: 'make test' } },
    ]);
    expect(tests.map((test) => test.at)).toEqual([at, at, at, at]);
    const [, , third, fourth] = tests;
    expect(third?.mounts.map(({ source, at }) => [source, at])).toEqual([
      ['data', at],
      ['cfg', at],
      ['x', at],
    ]);
    expect(third?.platforms).toEqual([{ value: 'linux/amd64', at }]);
    expect(third?.texts.map(({ text }) => text)).toEqual(['sh', '-c', 'exit 3', 'A=1.10']);
    const what = 'a test on the host, in an untrusted run,';
    expect(fourth?.grants).toEqual([{ grant: 'host-tests', what, at, untrusted: true }]);
  });

  test('anchors, merge keys and x- sections', async () => {
    const { build, platforms } = await first(`
x-build: &build { context: app, args: &args { A: 1 } }
images:
  - name: ghcr.io/acme/greeter
    platforms: &all [linux/amd64]
    build: { <<: *build, target: prod }
    tests: [{ run: a, env: *args, platforms: *all }]
`);
    expect(build.context.value).toBe('app');
    expect(fromDockerfile(build).args).toEqual({ A: '1' });
    expect(fromDockerfile(build).target).toBe('prod');
    expect(platforms.map(({ value }) => value)).toEqual(['linux/amd64']);
  });

  test('paths start at the folder of the file', async () => {
    const config = await load(
      {
        'ci/images.yml': image(
          '    build: { context: .., dockerfile: ci/Dockerfile, secrets: [{ id: a, file: a.txt }] }',
          '    tests: [{ run: x, mounts: ["data:/data"] }]',
        ),
      },
      { configuration: 'ci/images.yml' },
    );
    const [one] = config.images;
    expect(lines(config)).toEqual([]);
    expect(config.file).toBe('ci/images.yml');
    expect(one?.build.context.value).toBe('.');
    expect(fromDockerfile(one?.build).dockerfile.value).toBe('ci/Dockerfile');
    expect(one?.build.secrets[0]?.file).toBe('ci/a.txt');
    expect(one?.tests[0]?.mounts[0]?.source).toBe('ci/data');
  });

  test('~/ is the folder of the user, as in Compose files', async () => {
    const text = image(
      '    build:',
      '      context: ~/app',
      '      additional_contexts: { lib: ~/lib, tilde: ~lib }',
      '      secrets: [{ id: npm, file: ~/.npmrc }]',
      '    tests: [{ run: x, mounts: ["~/data:/data"] }]',
    );
    const pathsIn = async (env: Readonly<Record<string, string>>) => {
      const [one] = (await load(text, {}, env)).images;
      const { context, contexts, secrets } = fromDockerfile(one?.build);
      const found = [context.value, ...contexts.map(({ value }) => value), secrets[0]?.file];
      return [...found, one?.tests[0]?.mounts[0]?.source];
    };
    expect(await pathsIn({ HOME: '/home/me' })).toEqual([
      '../home/me/app',
      '../home/me/lib',
      '~lib',
      '../home/me/.npmrc',
      '../home/me/data',
    ]);
    expect(await pathsIn({})).toEqual(['~/app', '~/lib', '~lib', '~/.npmrc', '~/data']);
  });
});

/** What a message about a file without images ends with. */
const SMALLEST = `; write what is built:

images:
  - name: ghcr.io/acme/greeter
    build: .
    tests: [greeter --version]`;

describe('what is wrong is said with its place', () => {
  const file = 'sea-trial.yml';
  const keys =
    'id, name, tags, replaces, existing, targets, platforms, build, public-args, annotations, expect, foreign, tests';
  test.each<[string, readonly string[]]>([
    [
      'images: [{ name: a }',
      [`${file}:1:21 this is not valid YAML: the closing "]" or "}" is missing`],
    ],
    ['- a', [`${file}:1:1 the configuration must be a map, found a list`]],
    ['images: []', [`${file}:1:9 "images" is an empty list; it needs an item`]],
    ['images:', [`${file}:1:1 "images" is empty${SMALLEST}`]],
    ['publish: together\nimages: ~', [`${file}:2:1 "images" is empty${SMALLEST}`]],
    ['publish: together', [`${file} the file has no "images"${SMALLEST}`]],
    ['', [`${file} the file is empty${SMALLEST}`]],
    ['  \n\n', [`${file} the file is empty${SMALLEST}`]],
    ['# images:\n#  - name: a/b\n', [`${file} the file has only comments${SMALLEST}`]],
    [
      'images:\n- name: acme/x\nplatforms: [linux/amd64]\nbuild: .\ntests: [a]\n',
      [
        `${file}:4:1 "build" and "tests" belong to an item of "images" (line 1); indent them further`,
      ],
    ],
    [
      'images:\n- name: acme/x\n  build:\n  context: .\n  dockerfile: D\n  target: x\n  args: {A: b}\n',
      [
        `${file}:4:3 "context", "dockerfile", "target" and "args" belong below "build" (line 3); indent them further`,
      ],
    ],
    [
      'images:\n- name: acme/x\n  tests:\n  - run: echo\n  stdout: a\n  tags: [x]\n',
      [`${file}:5:3 "stdout" belongs to an item of "tests" (line 3); indent it further`],
    ],
    // Below a text nothing can stand.
    [
      'images:\n- name: acme/x\n  stdout: a\n  tests: [a]\n',
      [`${file}:3:3 "stdout" belongs to an item of "tests", beside "run: a"`],
    ],
    [
      'images:\n- { name: "acme/x:feature/login" }\n',
      [
        `${file}:2:11 "acme/x:feature/login" names a tag or digest; a tag has no "/", as "feature/login" has; write the repository here and tags under "tags"`,
      ],
    ],
    [
      image('    build: { shm_size: lots, extra_hosts: [foo, a=b, c=10.0.0.256] }'),
      [
        `${file}:4:24 "lots" is not a size; expected the form 64m or 1g`,
        `${file}:4:44 the host "foo" has no address; expected the form NAME=ADDRESS`,
        `${file}:4:49 "b" is not an address of the host "a"; expected one such as 10.0.0.1 or ::1, or host-gateway`,
        `${file}:4:54 "10.0.0.256" is not an address of the host "c"; expected one such as 10.0.0.1 or ::1, or host-gateway`,
      ],
    ],
    [
      image(
        '    build: { ulimits: { nofile: abc, nproc: 9:8, nofiles: 3, core: { soft: 4, hard: x }, cpu: 1:2:3 } }',
      ),
      [
        `${file}:4:33 "abc" is not a limit of nofile; expected a whole number, or -1 for none`,
        `${file}:4:45 the soft limit of nproc, 9, is above the hard one, 8`,
        `${file}:4:59 "nofiles" is not a limit; did you mean "nofile"?`,
        `${file}:4:62 "x" is not a limit of core; expected a whole number, or -1 for none`,
        `${file}:4:95 "1:2:3" is not a limit of cpu; expected SOFT:HARD`,
      ],
    ],
    [
      image(
        '    build: { shm_size: 1.5GiB, extra_hosts: [a=host-gateway, "b:::1", "c=[::1]"], ulimits: { nproc: -1, nofile: "3:-1" } }',
      ),
      [],
    ],
    ['images: x', [`${file}:1:9 "images" must be a list, found the text "x"`]],
    ['images: [x]', [`${file}:1:10 an item of "images" must be a map, found the text "x"`]],
    [
      image('    tags: { a: b }').replace('    tags: [dev]\n', ''),
      [`${file}:3:11 "tags" must be a text or a list of texts, found a map with "a"`],
    ],
    [
      image('    tests: [{ run: { a: b, c: d } }, { run: {} }, { run: }]'),
      [
        `${file}:4:20 "run" must be a text or a list of texts, found a map with "a" and "c"`,
        `${file}:4:45 "run" must be a text or a list of texts, found an empty map`,
        `${file}:4:53 "run" must be a text or a list of texts, found nothing`,
      ],
    ],
    [
      image('    foreign: [7, true, [], ~]'),
      [
        `${file}:4:15 an item of "foreign" must be a map with "path" and "reason", found the number 7`,
        `${file}:4:18 an item of "foreign" must be a map with "path" and "reason", found true`,
        `${file}:4:24 an item of "foreign" must be a map with "path" and "reason", found an empty list`,
        `${file}:4:28 an item of "foreign" must be a map with "path" and "reason", found nothing`,
      ],
    ],
    [
      image('    tests: [{ run: a, stdout: [b], exit-code: [1] }]', '    build: [a]'),
      [
        `${file}:4:31 "stdout" must be a text, found a list`,
        `${file}:4:47 "exit-code" must be a whole number from 0 to 255, found a list`,
        `${file}:5:12 "build" must be a text or a map, found a list`,
      ],
    ],
    [
      image('    build: { target: {arch}, args: { A: {arch} } }', '    tests: [{x}]'),
      [
        `${file}:4:22 "target" must be a text, found a map with "arch"; {arch} without quotes is a map in YAML: for a text, put it in quotes, '{arch}'`,
        `${file}:4:41 "A" must be a text, found a map with "arch"; {arch} without quotes is a map in YAML: for a text, put it in quotes, '{arch}'`,
        `${file}:5:14 unknown key "x"; there are: name, run, stdout, stderr, exit-code, env, workdir, timeout, platforms, process, user, mounts, network, on; {x} without quotes is a map in YAML: for a text, put it in quotes, '{x}'`,
        `${file}:5:13 this test has no "run"`,
      ],
    ],
    [
      image('    build: { args: [A=1, B, A=2], extra_hosts: [a=10.0.0.1, a=10.0.0.2] }'),
      [`${file}:4:29 "A" appears twice in "args" (also line 4); keep one of them`],
    ],
    ['images: [{}]', [`${file}:1:10 this image has neither "name" nor "targets"`]],
    [
      image('    platfroms: [linux/amd64]'),
      [`${file}:4:5 unknown key "platfroms"; did you mean "platforms"?`],
    ],
    [image('    zzz: 1'), [`${file}:4:5 unknown key "zzz"; there are: ${keys}`]],
    [
      image('    platforms: [linux/arm65]'),
      [`${file}:4:17 "linux/arm65" is not a platform; did you mean linux/arm64?`],
    ],
    [
      image('    platforms: [z80]'),
      [`${file}:4:17 "z80" is not a platform; expected the form linux/arm64`],
    ],
    [
      image('    platforms: [windows/amd64]'),
      [
        `${file}:4:17 "windows/amd64": Windows containers are not built; use a platform that begins with linux/`,
      ],
    ],
    [
      image('    foreign:', '      - { path: "**", reason: " " }', '      - path: usr/lib/x'),
      [
        `${file}:5:17 "**" would fit every file; name a file or a folder in it`,
        `${file}:5:31 the text is empty`,
        `${file}:6:9 this entry of "foreign" has no "reason"`,
      ],
    ],
    [
      image('    foreign: usr/lib/x'),
      [
        `${file}:4:14 "foreign" must be a map with "path" and "reason" or a list, found the text "usr/lib/x"`,
      ],
    ],
    [
      image('    os: windows'),
      [
        `${file}:4:5 "os": leave it out: images are for Linux, and Windows containers are not built`,
      ],
    ],
    [
      image('    platforms: [darwin/arm64]'),
      [`${file}:4:17 "darwin/arm64": only images for Linux are built`],
    ],
    [
      image('    platforms: []'),
      [
        `${file}:4:16 "platforms" is an empty list; write an item, or leave it out (default: those of the file, else the machine's own)`,
      ],
    ],
    [image('    tags: [x]'), [`${file}:4:5 key "tags" appears twice (also line 3)`]],
    [
      image('    targets: [a]'),
      [
        `${file}:4:5 "name" and "targets" say the same; keep one of them`,
        `${file}:3:5 with "targets", tags belong in each target`,
      ],
    ],
    [
      'images: [{ targets: [a], replaces: [linux/arm64] }]',
      [`${file}:1:26 with "targets", replaces belong in each target`],
    ],
    [
      'images: [{ targets: [{ name: a, existing: keep }] }]',
      [`${file}:1:43 "keep" is not known here; there are: replace, same, fail`],
    ],
    [
      'images: [{ targets: [a], existing: fail }]',
      [`${file}:1:26 with "targets", existing belong in each target`],
    ],
    [
      'images: [{ name: a, replaces: [linux/arm65, windows/amd64, linux/aarch64] }]',
      [`${file}:1:32 "linux/arm65" is not a platform; did you mean linux/arm64?`],
    ],
    [
      'images: [{ name: a, tags: [-x] }]',
      [
        `${file}:1:28 "-x" is not a tag; allowed are up to 128 letters, digits and "_ . -", not beginning with "." or "-"`,
      ],
    ],
    [
      'images: [{ name: a, tags: ["ghcr.io/a/b:1", a/b, "b:1", "1,2", "1, 2", "a b", "a b+"] }]',
      [
        `${file}:1:28 "ghcr.io/a/b:1" is a whole reference, and a tag is only its last part; write "1" here, and the repository, "ghcr.io/a/b", under "name"`,
        `${file}:1:45 "a/b" is not a tag, which has no "/"; for a branch, write "a-b"; a repository is written under "name"`,
        `${file}:1:50 "b:1" is a whole reference, and a tag is only its last part; write "1" here, and the repository, "b", under "name"`,
        `${file}:1:57 "1,2" is several tags in one text; write a list: [1, 2]`,
        `${file}:1:64 "1, 2" is several tags in one text; write a list: [1, 2]`,
        `${file}:1:72 "a b" is several tags in one text; write a list: [a, b]`,
        `${file}:1:79 "a b+" is not a tag; allowed are up to 128 letters, digits and "_ . -", not beginning with "." or "-"`,
      ],
    ],
    [
      image(
        '    platforms: [arm64/v9, arm64/v10, linux/arm64/v10, linux/arm/v9, linux/arm64/v9.7, linux/arm64/v9.8]',
      ),
      [
        `${file}:4:17 "arm64/v9" is not a platform, which begins with its system; write linux/arm64/v9`,
        `${file}:4:27 "arm64/v10" is not a platform: "v10" is not a variant of arm64; leave it out, or write one that containerd knows`,
        `${file}:4:38 "linux/arm64/v10" is not a platform: "v10" is not a variant of arm64; leave it out, or write one that containerd knows`,
        `${file}:4:55 "linux/arm/v9" is not a platform: "v9" is not a variant of arm; leave it out, or write one that containerd knows`,
        `${file}:4:87 "linux/arm64/v9.8" is not a platform: "v9.8" is not a variant of arm64; leave it out, or write one that containerd knows`,
      ],
    ],
    [
      'images: [{ name: ghcr.io }, { name: localhost }, { name: Acme/x }, { name: docker.io/library/my.app }]',
      [
        `${file}:1:18 "ghcr.io" is a host without a repository; expected the form ghcr.io/acme/greeter (docker reads it as docker.io/library/ghcr.io, which may be written so)`,
        `${file}:1:37 "localhost" is a host without a repository; expected the form localhost/acme/greeter (docker reads it as docker.io/library/localhost, which may be written so)`,
        `${file}:1:58 docker reads "Acme" in "Acme/x" as a host, since it has upper-case letters; write "acme/x"`,
      ],
    ],
    [
      image("    build: { args: ['--build-arg ARCH=amd64', '--build-arg=A=b', 'a b=c', A-b.c=d] }"),
      [
        `${file}:4:21 "--build-arg ARCH" is not the name of a build argument; leave "--build-arg" out: a list has items NAME=VALUE`,
        `${file}:4:47 "--build-arg" is not the name of a build argument; leave "--build-arg" out: a list has items NAME=VALUE`,
        `${file}:4:66 "a b" is not the name of a build argument; it has letters, digits and "_ . -", and begins with a letter, a digit or "_"`,
      ],
    ],
    [
      image(
        '    build: { secrets: [{ source: x, target: /run/secrets/x }, { id: /a/b }, npm_token=abc] }',
      ),
      [
        `${file}:4:24 this secret cannot be read: "/run/secrets/x" under "target" is a path, and is to be the id that RUN --mount=type=secret names; write "x", and the path with target= in the Dockerfile`,
        `${file}:4:63 this secret cannot be read: "/a/b" under "id" is a path, and is to be the id that RUN --mount=type=secret names; write "b", and the path with target= in the Dockerfile`,
        `${file}:4:77 this secret cannot be read: a secret's value stays out of what names it; write id=npm_token,env=VARIABLE, or id=npm_token,src=PATH`,
      ],
    ],
    [
      image('    build:', '      dockerfile: {arch}.Dockerfile'),
      [
        `${file}:5:25 this is not valid YAML: {arch}.Dockerfile needs quotes, '{arch}.Dockerfile': without them a brace begins a map`,
      ],
    ],
    [
      image('    build: { target: {{ arch }} }'),
      [
        `${file}:4:23 a key is a plain name, not a list or a map; a text with double braces needs quotes`,
        `${file}:4:22 "target" must be a text, found an empty map`,
      ],
    ],
    [
      'images: [{ name: a/B }]',
      [`${file}:1:18 "a/B" has upper-case letters; repositories must be lower case`],
    ],
    [
      'images: [{ name: "a:1" }]',
      [`${file}:1:18 "a:1" names a tag or digest; write the repository here and tags under "tags"`],
    ],
    [
      'images: [{ name: "Acme/Ship:1" }]',
      [
        `${file}:1:18 "Acme/Ship:1" names a tag or digest and has upper-case letters; write the repository here in lower case and tags under "tags"`,
      ],
    ],
    [
      'images: [{ name: "a:Rc1" }]',
      [
        `${file}:1:18 "a:Rc1" names a tag or digest; write the repository here and tags under "tags"`,
      ],
    ],
    [
      'images: [{ name: "https://a.example/b" }]',
      [`${file}:1:18 "https://a.example/b" is an address; leave out https://`],
    ],
    [
      'images: [{ name: "a b" }]',
      [`${file}:1:18 "a b" is not a repository; expected the form ghcr.io/acme/greeter`],
    ],
    [
      'images: [{ name: a, id: "x@y" }]',
      [
        `${file}:1:25 "x@y" is not an id; allowed are letters, digits and ". _ : -", beginning with a letter or digit`,
      ],
    ],
    ['images: [{ name: [a] }]', [`${file}:1:18 "name" must be a text, found a list`]],
    [
      image('    build: { contxt: . }'),
      [`${file}:4:14 unknown key "contxt"; did you mean "context"?`],
    ],
    [
      image('    build: { timeout: 90 }'),
      [`${file}:4:23 "90" is not a duration; expected the form 90s, 5m or 1h30m`],
    ],
    [image('    build: { no_cache: yes }'), [`${file}:4:24 "yes" is neither true nor false`]],
    [
      image('    build: { privileged: true }'),
      [`${file}:4:14 "privileged": use "entitlements: [security.insecure]", and grant it`],
    ],
    [
      image('    build: { network: bridge }'),
      [`${file}:4:23 "bridge" is not known here; there are: default, none, host`],
    ],
    [
      image('    build: { args: x }'),
      [
        `${file}:4:20 "args" must be a map of names with values or a list of NAME=value, found the text "x"`,
      ],
    ],
    [
      image('    build: { args: [=x, [y]] }'),
      [
        `${file}:4:21 an item of "args" must be NAME=value, found the text "=x"`,
        `${file}:4:25 an item of "args" must be NAME=value, found a list`,
      ],
    ],
    [
      image('    build: { additional_contexts: { "a=b": c }, args: { "": d } }'),
      [
        `${file}:4:37 "a=b" is not a name; a name has characters, and no "="`,
        `${file}:4:57 "" is not a name; a name has characters, and no "="`,
      ],
    ],
    [
      image('    build: { dockerfile: "a\\0b", args: { "c\\0": d } }'),
      [`${file}:4:26 a text cannot hold a NUL`, `${file}:4:42 a text cannot hold a NUL`],
    ],
    [
      image(
        '    build: { additional_contexts: { x: "https://me:pw@a.example/b.git" }, cache_to: ["type=gha,ghtoken=pw"] }',
      ),
      [
        `${file}:4:37 the address holds credentials, which would be recorded; pass them as a secret`,
        `${file}:4:86 the cache's "ghtoken" would be recorded; leave it out: "gha" has the job's token by itself, "s3" takes AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN from the environment`,
      ],
    ],
    [
      image('    build: { context: "https://me:pw@a.example/b.git" }'),
      [
        `${file}:4:23 the address holds credentials, which would be recorded; pass them as a secret`,
      ],
    ],
    [
      image('    build: { secrets: [{ id: a, env: A, file: b }] }'),
      [`${file}:4:24 secret "a" has both an environment variable and a file; leave one out`],
    ],
    [
      image('    build: { secrets: ["env=A"] }'),
      [
        `${file}:4:24 this secret cannot be read: expected an id, or id=ID,env=NAME, or id=ID,src=PATH`,
      ],
    ],
    [image('    build: { additional_contexts: [a] }'), [`${file}:4:36 context "a" has no value`]],
    [
      image('    build: { ulimits: { nofile: { hard: 3 } } }'),
      [`${file}:4:33 this limit has no "soft"`],
    ],
    [image('    tests: [{ name: a }]'), [`${file}:4:13 this test has no "run"`]],
    [
      image('    tests: [[], "", [""], { run: " " }]'),
      [
        `${file}:4:13 this test is empty`,
        `${file}:4:17 this test is empty; it needs a program to run`,
        `${file}:4:22 this test is empty; it needs a program to run`,
        `${file}:4:34 this test is empty; it needs a program to run`,
      ],
    ],
    [image('    tests: [{ run: [] }]'), [`${file}:4:20 "run" is an empty list; it needs an item`]],
    [
      image('    tests: [{ run: a, stdout: "(" }]'),
      [
        `${file}:4:31 "(" is not a pattern in Go's syntax: error parsing regexp: missing closing ): \`(\``,
      ],
    ],
    [
      image(`    tests: [{ run: a, stdout: "${'x{1000}'.repeat(11)}" }]`),
      [
        `${file}:4:31 "${'x{1000}'.repeat(8)}x…" is too large a pattern: it has 11002 instructions of at most 10000; repeat less in it`,
      ],
    ],
    [
      image('    tests: [{ run: a, stdout: "(?=x)" }]'),
      [
        `${file}:4:31 "(?=x)" is not a pattern in Go's syntax, which has no lookahead: error parsing regexp: invalid or unsupported Perl syntax: \`(?=\``,
      ],
    ],
    [
      image('    tests: [{ run: a, timeout: 90 }]'),
      [`${file}:4:32 "90" is not a duration; expected the form 90s, 5m or 1h30m`],
    ],
    [
      image('    tests: [{ run: a, exit-code: 256 }]'),
      [`${file}:4:34 "256" is not a whole number from 0 to 255`],
    ],
    [
      image('    tests: [{ run: a, mounts: [x] }]'),
      [`${file}:4:32 a mount is SOURCE:TARGET, with an absolute target`],
    ],
    [
      image('    tests: [{ run: a, on: host, user: b }]'),
      [`${file}:4:33 "user" is for containers; this test runs on the host`],
    ],
    [
      image('    tests: [{ run: a, workdir: b/c }, { run: b, on: host, workdir: b/c }]'),
      [`${file}:4:32 "b/c" is not absolute, as the "workdir" of a test in the image is`],
    ],
    [
      image('    tests: [{ process: a/b }, { run: a, process: b }, { process: a, on: host }]'),
      [
        `${file}:4:24 "a/b" is not a process type, which has letters, digits, ".", "_" and "-"`,
        `${file}:4:50 "process" starts a program by itself; write it or "run"`,
        `${file}:4:57 "process" is for containers; this test runs on the host`,
      ],
    ],
    [
      image('    tests: [{ command: a }]'),
      [`${file}:4:15 "command": write "run"`, `${file}:4:13 this test has no "run"`],
    ],
    [
      'checks: { nope: off, arch-mismatc: off, digest-mismatch: note, test-failed: low }\n' +
        image(),
      [
        `${file}:1:11 unknown code "nope"`,
        `${file}:1:22 unknown code "arch-mismatc"; did you mean "arch-mismatch"?`,
        `${file}:1:77 "low" is not known here; there are: error, warning, note, off`,
        `${file}:1:41 "digest-mismatch" belongs to the proof chain; it cannot be lowered`,
      ],
    ],
    [
      `checks: { test-errored: off, not-pulled: note, engine-failed: error }\n${image()}`,
      [
        `${file}:1:11 "test-errored" is about the environment; it cannot be lowered`,
        `${file}:1:30 "not-pulled" is about the environment; it cannot be lowered`,
      ],
    ],
    [`severities: {}\n${image()}`, [`${file}:1:1 "severities": write "checks"`]],
    [
      `vars: [a]\n${image()}`,
      [`${file}:1:7 "vars" must be a map of names with values, found a list`],
    ],
    [image('    platforms: *all'), [`${file}:4:16 anchor "all" is not defined before this`]],
    [
      image('    build: !env x'),
      [`${file}:4:12 tags (!name) are not read; write the value plainly`],
    ],
    [`${image()}\n---\na: b`, [`${file}:4:1 a second document starts here; one file holds one`]],
    [image('    ? [a]\n    : b'), [`${file}:4:7 a key is a plain name, not a list or a map`]],
  ])('%s', async (text, expected) => {
    expect(lines(await load(text))).toEqual(expected);
  });

  test('all of them together', async () => {
    const config = await load(
      image(
        '    platfroms: [x]',
        '    build: { no_cache: 1 }',
        '    tests: [{ run: a, timeout: b }]',
      ),
    );
    expect(config.problems.map(({ line }) => line)).toEqual([4, 4, 5, 6]);
  });
});

test.each(['image', 'imagse'])('images under another name are not taken: %s', async (name) => {
  expect(lines(await load(`${name}: [{ name: a/b }]`))).toEqual([
    `sea-trial.yml:1:1 unknown key "${name}"; did you mean "images"?`,
  ]);
});

describe('limits', () => {
  test('a file that is too large is not read', async () => {
    expect(lines(await load(`# ${'x'.repeat(1024 * 1024)}`))).toEqual([
      'sea-trial.yml the file is larger than 1048576 bytes',
    ]);
  });

  test('lists that are nested too deeply', async () => {
    expect(lines(await load(`images: ${'['.repeat(60)}${']'.repeat(60)}`))).toEqual([
      'sea-trial.yml:1:49 lists and maps are nested more than 40 deep',
    ]);
  });

  test('nesting that the parser itself cannot follow', async () => {
    const [problem] = lines(await load('['.repeat(200_000)));
    expect(problem).toMatch(/^sea-trial\.yml/);
  });

  test('aliases that multiply', async () => {
    const levels = Array.from({ length: 12 }, (_, i) =>
      i === 0 ? 'x-0: &l0 [a, a, a]' : `x-${i}: &l${i} [*l${i - 1}, *l${i - 1}, *l${i - 1}]`,
    );
    const [problem] = lines(await load(levels.join('\n')));
    expect(problem).toMatch(/there are more than 50000 values, aliases counted in full$/);
  });

  test('texts of a size that slow patterns would never get through', async () => {
    const long = ':'.repeat(300_000);
    const text = `images: [{ name: "${long}/", build: "https://${long}", tests: [{ run: a, timeout: "${long}" }] }]`;
    const config = await load(text);
    expect(config.problems.map(({ column }) => column)).toEqual([
      18,
      text.indexOf('timeout: ') + 'timeout: '.length + 1,
    ]);
  });

  test('an anchor that holds itself', async () => {
    expect(lines(await load('x-a: &a [*a]'))).toEqual([
      'sea-trial.yml:1:9 lists and maps are nested more than 40 deep',
    ]);
  });

  test('names of every object are names like others', async () => {
    const one = await first(
      image('    build: { args: { __proto__: a, constructor: b, toString: c } }'),
    );
    expect(Object.entries(fromDockerfile(one.build).args)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
    expect(lines(await load(image('    constructor: x')))[0]).toMatch(/unknown key "constructor"/);
  });
});

describe('which file is read', () => {
  test.each<[string, Readonly<Record<string, string>>, string | undefined, readonly string[]]>([
    ['the usual name', { 'sea-trial.yml': image() }, undefined, []],
    ['its other ending', { 'sea-trial.yaml': image() }, undefined, []],
    ['the one that is named', { 'a/b.yml': image() }, 'a/b.yml', []],
    ['one that is not there', {}, 'a.yml', ['a.yml there is no file "a.yml"']],
    [
      'none',
      {},
      undefined,
      [
        'there is no sea-trial.yml in /work; name another file with --config FILE, or write one:\n\nimages:\n  - name: ghcr.io/acme/greeter\n    build: .\n    tests: [greeter --version]',
      ],
    ],
  ])('%s', async (_, files, configuration, expected) => {
    const config = await load(files, configuration === undefined ? {} : { configuration });
    expect(lines(config)).toEqual(expected);
  });

  test.each<[string, Record<string, string>, string]>([
    ['seatrial.yml', { 'seatrial.yml': '' }, '; "seatrial.yml" is not a name that is looked for;'],
    ['.sea-trial.yml', { '.sea-trial.yml': '' }, '; ".sea-trial.yml" is not a name that is l'],
    ['sea_trial.YAML', { 'sea_trial.YAML': '' }, '; "sea_trial.YAML" is not a name that is l'],
    ['another file', { 'trial.yml': '' }, ' in /work; name another file'],
    ['a folder of such a name', { 'seatrial.yml/x': '' }, ' in /work; name another file'],
  ])('none, and the folder has %s', async (_name, files, words) => {
    const [problem] = (await load(files)).problems;
    expect(problem?.message).toContain(`there is no sea-trial.yml in /work`);
    expect(problem?.message).toContain(words);
  });

  test.each<[string, readonly string[], string]>([
    ['its root', ['.git/HEAD', 'sea-trial.yml'], '; "../../sea-trial.yml" is there, above it;'],
    ['the nearest', ['.git/HEAD', 'sea-trial.yml', 'a/sea-trial.yaml'], '; "../sea-trial.yaml" is'],
    ['a folder', ['.git/HEAD', 'sea-trial.yml/x'], '/work/a/b; name another'],
    ['none above its root', ['a/.git/HEAD', 'sea-trial.yml'], '/work/a/b; name another'],
    ['none without a repository', ['sea-trial.yml'], '/work/a/b; name another'],
  ])('none, and of a repository %s', async (_name, files, words) => {
    const content = Object.fromEntries([...files, 'a/b/x'].map((file) => [file, '']));
    const [problem] = (await load(content, { root: '/work/a/b' })).problems;
    expect(problem?.message).toContain('there is no sea-trial.yml in /work/a/b');
    expect(problem?.message).toContain(words);
  });

  test('none, and an untrusted run is not told what is above', async () => {
    const content = { '.git/HEAD': '', 'sea-trial.yml': '', 'a/b/x': '' };
    const trust = { untrusted: true, why: 'it is' } as unknown as Request['trust'];
    const [problem] = (await load(content, { root: '/work/a/b', trust })).problems;
    expect(problem?.message).toContain('there is no sea-trial.yml in /work/a/b; name another');
  });

  test('none, where the action asks', async () => {
    expect(lines(await load({ 'README.md': '' }, { from: 'inputs' }))).toEqual([
      'there is no sea-trial.yml in /work, and no input "tags" describes an image',
    ]);
  });

  describe('none, where the action asks and no tags are given', () => {
    const env = { GITHUB_REPOSITORY: 'Acme/Greeter.' };
    const asked = (more: Partial<Request>, files: Record<string, string> = { Dockerfile: '' }) =>
      load(files, { from: 'inputs', ...more }, env);

    test('the Dockerfile is an image with the name of the repository', async () => {
      const config = await asked({});
      expect(lines(config)).toEqual([]);
      expect(config).toMatchObject({
        isUnnamed: true,
        images: [
          {
            id: { value: 'greeter' },
            targets: [{ repository: 'acme/greeter', tags: ['latest'] }],
            fromInputs: true,
          },
        ],
      });
    });

    test.each<[string, string | undefined]>([
      ['Acme/Greeter', 'acme/greeter'],
      ['_acme_/-a..b-', 'acme/a.b'],
      ['acme/a...b', 'acme/a.b'],
      ['acme/a__b', 'acme/a__b'],
      ['acme/b-._', 'acme/b'],
      ['acme/-', undefined],
      ['', undefined],
    ])('of the repository %s the name is %s', async (repository, name) => {
      const files = { Dockerfile: '' };
      const config = await load(files, { from: 'inputs' }, { GITHUB_REPOSITORY: repository });
      const named = config.images.flatMap(({ targets }) => targets.map((one) => one.repository));
      expect(named).toStrictEqual(name === undefined ? [] : [name]);
    });

    test('with push there is nothing to push to', async () => {
      expect(lines(await asked({ push: true }))).toEqual([
        'there is no sea-trial.yml in /work, and the input "tags" is empty, so there is nothing to push to. If a step such as docker/metadata-action makes the tags, it makes none for this event: give it a rule for the event, or push only where there are tags',
      ]);
    });

    test.each<[string, Partial<Request>, Record<string, string>]>([
      ['there is no Dockerfile', {}, {}],
      ['the command line asks', { from: 'arguments' }, { Dockerfile: '' }],
      ['a file cannot be read', {}, { Dockerfile: '', 'sea-trial.yml': 'images: [' }],
      ['a file has no images', {}, { Dockerfile: '', 'sea-trial.yml': 'vars: { A: b }' }],
      ['another file was named', { configuration: 'a.yml' }, { Dockerfile: '' }],
    ])('not where %s', async (_, more, files) => {
      const config = await asked(more, files);
      expect(config.problems).toHaveLength(1);
      expect(config.images).toEqual([]);
    });

    test('not where the repository is not known', async () => {
      expect(lines(await load({ Dockerfile: '' }, { from: 'inputs' }))).toEqual([
        'there is no sea-trial.yml in /work, and no input "tags" describes an image',
      ]);
    });
  });

  test('none, where nothing was checked out', async () => {
    expect(lines(await load({}, { from: 'inputs' }))).toEqual([
      'there is no sea-trial.yml in /work, which is empty: no step before this one has checked the repository out (uses: actions/checkout)',
    ]);
  });

  test('the file that is shown where there is none can be read', async () => {
    const [, text = ''] = (await load({})).problems[0]?.message.split('\n\n') ?? [];
    expect(lines(await load(text))).toEqual([]);
  });

  const read = (files: Partial<Files>, more: Partial<Request> = {}) =>
    loadConfig(request(more), {
      files: { ...memoryFiles({ 'sea-trial.yml': image() }), ...files },
      env: {},
      machine: MACHINE,
    });

  test.each<[string, string]>([
    ['EACCES', '"sea-trial.yml" cannot be read: EACCES'],
    ['EFBIG', 'the file is larger than 1048576 bytes'],
    ['EISDIR', '"sea-trial.yml" is a folder; name the file in it'],
    ['EFTYPE', '"sea-trial.yml" is a pipe (FIFO), a device or a socket; a file was expected'],
  ])('one that may not be read, with %s', async (code, message) => {
    const fail = () => Promise.reject(Object.assign(new Error('no'), { code }));
    expect(lines(await read({ read: fail }))).toStrictEqual([`sea-trial.yml ${message}`]);
  });

  test('a fault of the program is none of the file', async () => {
    const fail = () => Promise.reject(new Error('broken'));
    await expect(read({ read: fail })).rejects.toThrow('broken');
  });

  test('one that is not UTF-8', async () => {
    const latin = async () => Buffer.from('images: [{ name: gr\xfc\xdfe }]', 'latin1');
    expect(lines(await read({ read: latin }))).toStrictEqual([
      'sea-trial.yml the file is not UTF-8',
    ]);
  });

  test('of an untrusted run it is no link', async () => {
    const link = { kind: 'symlink', size: 0, modified: 0n, mode: 0o777 } as const;
    const look = async () => link;
    expect(lines(await read({ look }))).toStrictEqual([]);
    expect(lines(await read({ look }, UNTRUSTED))).toStrictEqual([
      'sea-trial.yml "sea-trial.yml" goes through a symbolic link, which is not allowed for the configuration of an untrusted run',
    ]);
    expect(lines(await read({}, UNTRUSTED))).toStrictEqual([]);
    const outside = { configuration: '/work/../other/x.yml', ...UNTRUSTED };
    expect(lines(await read({ look }, outside))).toStrictEqual([
      '../other/x.yml "/work/../other/x.yml" goes through a symbolic link, which is not allowed for the configuration of an untrusted run',
    ]);
    expect(lines(await read({}, outside))).toStrictEqual([
      '../other/x.yml there is no file "/work/../other/x.yml"',
    ]);
  });

  test('the first of both usual names', async () => {
    const config = await load({ 'sea-trial.yaml': '[', 'sea-trial.yml': image() });
    expect(config.file).toBe('sea-trial.yml');
  });

  test('a folder that cannot be listed may have been checked out', async () => {
    const none = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOENT' }));
    const list = () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }));
    expect(lines(await read({ read: none, list }, { from: 'inputs' }))).toStrictEqual([
      'there is no sea-trial.yml in /work, and no input "tags" describes an image',
    ]);
  });
});

test.each<[string, readonly string[]]>([
  ['{ source: npm, file: f }', ['npm']],
  ['{ source: npm, target: npmrc, file: f }', ['npmrc']],
  ['{ target: npmrc, file: f }', ['npmrc']],
])('a secret as Compose writes it: %s', async (secret, ids) => {
  const one = await first(image(`    build: { secrets: [${secret}] }`));
  expect(one.build.secrets.map(({ id }) => id)).toEqual(ids);
});

test('a secret with both names of its id is refused', async () => {
  const text = image('    build: { secrets: [{ id: a, target: b, file: f }] }');
  expect(lines(await load(text))).toEqual([
    'sea-trial.yml:4:24 this secret cannot be read: its "id" and "target" say the same; keep one of them',
  ]);
});

test('capitals in the host of a registry are mentioned, as docker keeps them', async () => {
  const config = await load(
    'images: [{ targets: [GHCR.IO/acme/x, { name: "Registry:5000/x" }, ghcr.io/acme/y] }]',
  );
  expect(lines(config)).toEqual([]);
  expect(config.notes).toEqual([
    'sea-trial.yml:1:22: the host "GHCR.IO" has capitals, which docker keeps: a login for "ghcr.io" is not used for it. Write "ghcr.io".',
    'sea-trial.yml:1:38: the host "Registry:5000" has capitals, which docker keeps: a login for "registry:5000" is not used for it. Write "registry:5000".',
  ]);
});
