import { describe, expect, test } from '@jest/globals';
import { fromInputs } from '../../../src/config/index.js';
import { opts } from '../../driver-options.js';
import { lines, MODES } from '../memory.js';

function read(values: Readonly<Record<string, string>>) {
  return fromInputs(new Map(Object.entries(values)), { root: '/work', env: {} }, MODES);
}

function problems(values: Readonly<Record<string, string>>): readonly string[] {
  const asked = read(values);
  return 'problems' in asked ? lines(asked) : [];
}

/** The fields of a request that are about the builder and pack. */
function asked(values: Readonly<Record<string, string>>) {
  const found = read(values);
  if ('problems' in found) throw new Error(lines(found).join('\n'));
  const { builder, newBuilder, buildx, pack } = found.request;
  return { builder, newBuilder, buildx, pack };
}

const PLAIN = { driverOptions: [], nodes: [], keepState: false, cleanup: true };

describe('inputs of setup-buildx-action', () => {
  test('nothing but their defaults asks for nothing', () => {
    const defaults = { 'keep-state': 'false', cleanup: 'true', driver: '', append: '' };
    expect(asked(defaults)).toEqual({});
  });

  test('name the release of pack, and where it comes from', () => {
    const mirror = 'https://mirror.example.org/pack';
    expect(asked({ 'pack-version': 'v0.40.8', 'pack-mirror': mirror })).toEqual({
      pack: { version: 'v0.40.8', mirror },
    });
  });

  test('describe a builder', () => {
    const append = [
      '- endpoint: ssh://me@graviton',
      '  name: arm',
      '  platforms: linux/arm64, linux/arm/v7',
      '  driver-opts:',
      '    - env.A=b',
      '    - network=host',
      '  buildkitd-flags: --debug',
      '- driver-opts: |',
      '    image=x',
      '    memory=1g',
      '  platforms: [linux/s390x]',
    ].join('\n');
    const values = {
      builder: 'big',
      driver: 'docker-container',
      'driver-opts': 'image=moby/buildkit:master, network=lan\n"env.NO_PROXY=a,b"',
      'buildkitd-flags': '--debug',
      'buildkitd-config': 'ci/buildkitd.toml',
      endpoint: 'my-context',
      append,
      'keep-state': 'true',
      cleanup: 'false',
      version: 'v0.36.1',
      'buildx-mirror': 'https://mirror.example.org/buildx/',
    };
    expect(asked(values)).toEqual({
      builder: 'big',
      newBuilder: {
        driver: 'docker-container',
        driverOptions: opts('image=moby/buildkit:master', 'network=lan', 'env.NO_PROXY=a,b'),
        buildkitdFlags: '--debug',
        buildkitdConfig: { file: '/work/ci/buildkitd.toml' },
        endpoint: 'my-context',
        nodes: [
          {
            name: 'arm',
            endpoint: 'ssh://me@graviton',
            driverOptions: opts('env.A=b', 'network=host'),
            buildkitdFlags: '--debug',
            platforms: ['linux/arm64', 'linux/arm/v7'],
          },
          { driverOptions: opts('image=x', 'memory=1g'), platforms: ['linux/s390x'] },
        ],
        keepState: true,
        cleanup: false,
      },
      buildx: { version: 'v0.36.1', mirror: 'https://mirror.example.org/buildx/' },
    });
  });

  test.each<[Record<string, string>, object]>([
    [{ cleanup: 'false' }, { newBuilder: { ...PLAIN, cleanup: false } }],
    [
      { 'buildkitd-config-inline': 'debug = true\n' },
      { newBuilder: { ...PLAIN, buildkitdConfig: { text: 'debug = true' } } },
    ],
    [
      { driver: 'remote', endpoint: 'tcp://h:1' },
      { newBuilder: { ...PLAIN, driver: 'remote', endpoint: 'tcp://h:1' } },
    ],
    [{ driver: 'docker' }, { newBuilder: { ...PLAIN, driver: 'docker' } }],
    [{ driver: 'kubernetes' }, { newBuilder: { ...PLAIN, driver: 'kubernetes' } }],
    [{ 'driver-opts': 'a=b' }, { newBuilder: { ...PLAIN, driverOptions: opts('a=b') } }],
    [{ 'buildkitd-flags': '--debug' }, { newBuilder: { ...PLAIN, buildkitdFlags: '--debug' } }],
    [
      { 'buildkitd-config': '/etc/b.toml' },
      { newBuilder: { ...PLAIN, buildkitdConfig: { file: '/etc/b.toml' } } },
    ],
    [{ endpoint: 'lan' }, { newBuilder: { ...PLAIN, endpoint: 'lan' } }],
    [
      { append: '- endpoint: lan' },
      { newBuilder: { ...PLAIN, nodes: [{ endpoint: 'lan', driverOptions: [], platforms: [] }] } },
    ],
    [{ append: '[]' }, {}],
    [
      { 'keep-state': 'true', builder: 'b' },
      { builder: 'b', newBuilder: { ...PLAIN, keepState: true } },
    ],
    [
      { 'keep-state': 'true', builder: 'b', driver: 'docker-container' },
      { builder: 'b', newBuilder: { ...PLAIN, driver: 'docker-container', keepState: true } },
    ],
    [{ version: 'latest' }, { buildx: { version: 'latest' } }],
    [{ 'buildx-mirror': 'http://a' }, { buildx: { mirror: 'http://a' } }],
    [{ 'pack-version': '0.40.8' }, { pack: { version: '0.40.8' } }],
    [{ 'pack-mirror': 'https://me:p%40ss@a/b' }, { pack: { mirror: 'https://me:p%40ss@a/b' } }],
    [{ builder: 'mine' }, { builder: 'mine' }],
  ])('%j', (values, expected) => {
    const nothing = {
      builder: undefined,
      newBuilder: undefined,
      buildx: undefined,
      pack: undefined,
    };
    expect(asked(values)).toStrictEqual({ ...nothing, ...expected });
  });
});

describe('what is refused, in words', () => {
  const UNNAMED =
    'of the driver is not NAME=VALUE; one whose value holds a comma must be in quotes: "env.NO_PROXY=a,b"';

  test.each<[Record<string, string>, readonly string[]]>([
    [
      { 'driver-opts': 'network=a\nimage=x\nnetwork=b', append: '- driver-opts: [a=1, a=2]' },
      [
        'input "driver-opts" option "network" is given twice; keep one of them',
        'input "append" node 1: option "a" is given twice; keep one of them',
      ],
    ],
    [
      { driver: 'dokcer' },
      [
        'input "driver" "dokcer" is not known; there are: docker, docker-container, kubernetes, remote',
      ],
    ],
    [
      { driver: 'cloud', endpoint: 'org/default' },
      [
        'input "driver" "cloud" is not known here, for it needs a buildx of its own; there are: docker, docker-container, kubernetes, remote',
      ],
    ],
    [
      { driver: 'remote', 'buildkitd-flags': '--debug' },
      [
        'input "buildkitd-flags" with the driver remote, BuildKit is started elsewhere; set it there',
        'input "endpoint" is empty; with the driver remote it is the address of BuildKit',
      ],
    ],
    [
      { driver: 'docker', 'driver-opts': 'a=b', append: '- endpoint: x' },
      [
        'input "driver-opts" the driver docker is the engine\'s own BuildKit, which does not take this',
        'input "append" the driver docker is the engine\'s own BuildKit, which does not take this',
      ],
    ],
    ...['endpoint', 'buildkitd-flags', 'buildkitd-config', 'buildkitd-config-inline'].map(
      (name): [Record<string, string>, readonly string[]] => [
        { driver: 'docker', [name]: 'x' },
        [
          `input "${name}" the driver docker is the engine's own BuildKit, which does not take this`,
        ],
      ],
    ),
    ...['buildkitd-config', 'buildkitd-config-inline'].map(
      (name): [Record<string, string>, readonly string[]] => [
        { driver: 'remote', endpoint: 'tcp://h:1', [name]: 'x' },
        [`input "${name}" with the driver remote, BuildKit is started elsewhere; set it there`],
      ],
    ),
    ...[
      'https://',
      'xhttps://a',
      'ftp://a',
      'https://a?b',
      'https://a/#b',
      'https://a/b?c',
      'https://me:%@a',
      'https://%:p@a',
    ].flatMap((mirror): [Record<string, string>, readonly string[]][] => [
      [
        { 'buildx-mirror': mirror },
        ['input "buildx-mirror" it is not an address such as https://mirror.example.org/buildx'],
      ],
      [
        { 'pack-mirror': mirror },
        ['input "pack-mirror" it is not an address such as https://mirror.example.org/pack'],
      ],
    ]),
    ...['xlatest', 'latest1', 'v1.2', 'xv0.36.1', 'v0.36.1-rc1', 'v0.36.1.2'].map(
      (version): [Record<string, string>, readonly string[]] => [
        { version },
        [
          `input "version" "${version}" is neither a release of buildx, such as v0.36.1, nor latest`,
        ],
      ],
    ),
    ...['v0.40', 'xv0.40.8', 'v0.40.8-rc1', '0.40.8.1'].map(
      (version): [Record<string, string>, readonly string[]] => [
        { 'pack-version': version },
        [`input "pack-version" "${version}" is not a release of pack, such as v0.40.8`],
      ],
    ),
    [
      { 'keep-state': 'true', builder: 'b', driver: 'remote', endpoint: 'tcp://h:1' },
      ['input "keep-state" the driver remote has none to keep; only docker-container has'],
    ],
    [
      { 'buildkitd-config': 'a', 'buildkitd-config-inline': 'b' },
      [
        'input "buildkitd-config" is set, and input "buildkitd-config-inline" too; keep one of them',
      ],
    ],
    [
      { 'keep-state': 'true' },
      [
        'input "keep-state" a cache that is kept is found again by its builder\'s name; set the input "builder" too',
      ],
    ],
    [
      { 'keep-state': 'true', builder: 'b', driver: 'kubernetes' },
      ['input "keep-state" the driver kubernetes has none to keep; only docker-container has'],
    ],
    [
      { 'keep-state': 'yes', cleanup: 'no' },
      [
        'input "keep-state" "yes" is neither true nor false',
        'input "cleanup" "no" is neither true nor false',
      ],
    ],
    [
      { 'driver-opts': 'env.NO_PROXY=a,pass\nimage=x,y', append: '- driver-opts: [memory]' },
      [
        `input "driver-opts" option 2 ${UNNAMED}`,
        `input "driver-opts" option 4 ${UNNAMED}`,
        `input "append" node 1: option 1 ${UNNAMED}`,
      ],
    ],
    [
      { endpoint: '--bootstrap' },
      ['input "endpoint" "--bootstrap" is neither an address nor a docker context'],
    ],
    [{ append: 'endpoint: x' }, ['input "append" it is not a list of nodes in YAML']],
    [
      { append: '- endpoints: x\n- y\n- name: --use\n- endpoint: --bootstrap' },
      [
        'input "append" node 1 has the unknown key "endpoints"; there are: name, endpoint, driver-opts, buildkitd-flags, platforms',
        'input "append" node 2 is not a map of name, endpoint, driver-opts, buildkitd-flags, platforms',
        'input "append" node 3: "--use" is not a name',
        'input "append" node 4: "--bootstrap" is not a name',
      ],
    ],
    [
      { append: '- !x y' },
      ['input "append" line 1: tags (!name) are not read; write the value plainly'],
    ],
    [
      { version: 'https://github.com/docker/buildx.git#master' },
      [
        'input "version" "https://github.com/docker/buildx.git#master" is neither a release of buildx, such as v0.36.1, nor latest',
      ],
    ],
    [
      { 'buildx-mirror': 'user:hunter2@mirror.example.org' },
      ['input "buildx-mirror" it is not an address such as https://mirror.example.org/buildx'],
    ],
    [
      { 'pack-version': 'latest', 'pack-mirror': 'user:hunter2@mirror.example.org' },
      [
        'input "pack-version" "latest" is not a release of pack, such as v0.40.8',
        'input "pack-mirror" it is not an address such as https://mirror.example.org/pack',
      ],
    ],
    [
      { version: 'v0.12.1', 'pack-version': '0.30.0' },
      [
        'input "version" buildx v0.12.1 is too old; leave it out (the docker client\'s buildx, or a known release), or name 0.13.0 or a later one',
        'input "pack-version" pack 0.30.0 is too old; leave it out (pack on PATH, or a known release), or name 0.40.4 or a later one',
      ],
    ],
    [{ version: '0.13.0', 'pack-version': 'v0.40.4' }, []],
    [{ version: 'v1.0.0', 'pack-version': 'v1.0.0' }, []],
    [{ version: '10.20.30', 'pack-version': '10.20.30' }, []],
    [
      { version: 'v0.12.9', 'pack-version': 'v0.40.3' },
      [
        'input "version" buildx v0.12.9 is too old; leave it out (the docker client\'s buildx, or a known release), or name 0.13.0 or a later one',
        'input "pack-version" pack v0.40.3 is too old; leave it out (pack on PATH, or a known release), or name 0.40.4 or a later one',
      ],
    ],
    [
      { name: 'b', install: 'true', use: 'true', 'cache-binary': 'false', 'config-inline': 'x' },
      [
        'input "name" use "builder" for the name of a builder, and "tags" for that of an image',
        'input "install" the default of "docker build" on this machine is never changed; leave it out: since Docker 23 docker build uses buildx by itself, and the environment variable BUILDX_BUILDER names its builder',
        'input "use" the current builder of this machine is never changed; name one with "builder", and for later steps with the environment variable BUILDX_BUILDER',
        'input "cache-binary" a buildx that is downloaded is kept in the runner\'s tool cache; leave it out',
        'input "config-inline" use "buildkitd-config-inline"; "config" is the file sea-trial.yml',
      ],
    ],
  ])('%j', (values, expected) => {
    expect(problems(values)).toEqual(expected);
  });
});
