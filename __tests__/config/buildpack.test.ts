import { describe, expect, test } from '@jest/globals';
import { lines, load } from './memory.js';

/** One image whose `build` begins on line 4. */
function image(...build: readonly string[]): string {
  const own = build.map((line) => `      ${line}`);
  return ['images:', '  - name: ghcr.io/acme/web', '    build:', ...own].join('\n');
}

const HEROKU = 'buildpack: { builder: heroku/builder:24 }';

async function problems(...build: readonly string[]): Promise<readonly string[]> {
  return lines(await load(image(...build)));
}

async function build(...written: readonly string[]) {
  const config = await load(image(...written));
  expect(lines(config)).toEqual([]);
  const [one] = config.images;
  if (one?.build.kind !== 'buildpack') throw new Error('it is not built with buildpacks');
  return one.build;
}

describe('a build with buildpacks that is right', () => {
  test('may be a builder alone', async () => {
    const read = await build('buildpack: heroku/builder:24');
    const at = { file: 'sea-trial.yml', line: 4, column: 18 };
    expect(read).toEqual({
      kind: 'buildpack',
      context: { value: '.', at: { file: 'sea-trial.yml', line: 4, column: 7 } },
      builder: { value: 'heroku/builder:24', at },
      flow: { value: 'pack', at },
      buildpacks: [],
      preBuildpacks: [],
      postBuildpacks: [],
      env: {},
      clearCache: false,
      trustBuilder: { value: false, at },
      volumes: [],
      bindings: [],
      secrets: [],
      cacheFrom: [],
      cacheTo: [],
    });
  });

  test('may say everything', async () => {
    const read = await build(
      'context: app',
      'no_cache: true',
      'timeout: 10m',
      'cache_to: ["type=registry,ref=ghcr.io/acme/cache"]',
      'cache_from: ghcr.io/acme/cache',
      'secrets: [uri]',
      'buildpack:',
      '  builder: heroku/builder:24',
      '  flow: creator',
      '  run-image: heroku/heroku:24',
      '  buildpacks: [heroku/python@0.25.0, ./bp, from=builder]',
      '  env: [A=1, B=]',
      '  process: worker',
      '  descriptor: app/other.toml',
      '  creation-time: now',
      '  trust-builder: true',
      '  network: host',
      '  volumes: [./data:/data, deps:/deps:rw]',
      '  bindings: { db: { type: postgresql, uri: uri } }',
    );
    expect(read).toMatchObject({
      context: { value: 'app' },
      flow: { value: 'creator', at: { line: 12 } },
      runImage: { value: 'heroku/heroku:24' },
      buildpacks: [
        { value: 'urn:cnb:builder:heroku/python@0.25.0' },
        { value: './bp' },
        { value: 'from=builder' },
      ],
      env: { A: '1', B: '' },
      process: { value: 'worker' },
      descriptor: { value: 'app/other.toml' },
      clearCache: true,
      timeout: 600_000,
      creationTime: 'now',
      trustBuilder: { value: true },
      network: { value: 'host' },
      volumes: [{ value: './data:/data:ro' }, { value: 'deps:/deps:rw' }],
      bindings: [{ name: 'db', type: 'postgresql', entries: [{ key: 'uri', secret: 'uri' }] }],
      secrets: [{ id: 'uri' }],
      cacheTo: [{ type: 'registry' }],
      cacheFrom: [{ type: 'registry' }],
    });
  });

  test('may add to the order of the builder', async () => {
    const read = await build(
      'buildpack: { builder: b/b, pre-buildpacks: docker://acme/apt, post-buildpacks: ["https://a.example/bp.tgz"] }',
    );
    expect(read.preBuildpacks).toMatchObject([{ value: 'docker://acme/apt' }]);
    expect(read.postBuildpacks).toMatchObject([{ value: 'https://a.example/bp.tgz' }]);
  });

  test('paths start at the folder of the file', async () => {
    const text = image(
      'buildpack: { builder: b/b, descriptor: p.toml, buildpacks: [./bp], volumes: ["./d:/d"] }',
    );
    const config = await load({ 'ci/x.yml': text }, { configuration: 'ci/x.yml' });
    expect(lines(config)).toEqual([]);
    expect(config.images[0]?.build).toMatchObject({
      context: { value: 'ci' },
      descriptor: { value: 'ci/p.toml' },
      buildpacks: [{ value: './ci/bp' }],
      volumes: [{ value: './ci/d:/d:ro' }],
    });
  });

  test('keys of Dockerfile builds that ask for nothing may stand beside it', async () => {
    await build(HEROKU, 'sbom: false', 'provenance: false', 'pull: false', 'args: {}', 'ssh: []');
  });

  test('a variable without a value takes that of the environment', async () => {
    const text = image('buildpack: { builder: b/b, env: [A, B] }');
    const config = await load(text, { set: new Map([['A', '1']]) });
    expect(lines(config)).toEqual([]);
    expect(config.images[0]?.build).toMatchObject({ env: { A: '1' } });
  });
});

const UNFIT: readonly (readonly [string, string])[] = [
  ['dockerfile: Dockerfile', 'a Dockerfile is one way to build and "buildpack" another'],
  ['args: { A: 1 }', 'use "env" under "buildpack"'],
  ['target: release', 'there are no stages; "process" under "buildpack" chooses'],
  ['additional_contexts: { a: b }', 'the application is one folder, "context"'],
  ['pull: true', 'builder and run image are looked up in every run'],
  ['ssh: [default]', 'pass a key as a secret, with "bindings" under "buildpack"'],
  ['labels: { a: b }', 'labels would change the configuration that the lifecycle writes; use'],
  ['network: host', 'write it under "buildpack"'],
  ['shm_size: 64m', 'pack and the lifecycle have no such setting'],
  ['extra_hosts: [a=1.2.3.4]', 'pack and the lifecycle have no such setting'],
  ['ulimits: { nofile: 9 }', 'pack and the lifecycle have no such setting'],
  ['cgroup_parent: a', 'pack and the lifecycle have no such setting'],
  ['provenance: true', 'the lifecycle writes no attestations'],
  ['sbom: true', 'the lifecycle writes no attestations; buildpacks put their SBOM'],
  ['entitlements: [network.host]', 'buildpacks are never run with privileges'],
];

describe('a key of Dockerfile builds beside "buildpack"', () => {
  test.each(UNFIT)('%s is refused: %s', async (line, answer) => {
    const [key] = line.split(':');
    const start = `sea-trial.yml:5:7 "${key}" is not for builds with buildpacks: ${answer}`;
    expect(await problems(HEROKU, line)).toEqual([expect.stringContaining(start)]);
  });
});

const B = 'builder: b/b';

/** What `buildpack` says, and the problems, each as `line:column message` begins. */
const WRONG: readonly (readonly [string, readonly string[]])[] = [
  ['{ flow: pack }', ['4:18 "buildpack" has no "builder"']],
  ['{ builder: Heroku/Builder }', ['4:29 "Heroku/Builder" is not an image reference']],
  ['{ builder: "b/b:" }', ['4:29 "b/b:" is not an image reference: "" is not a tag']],
  [`{ ${B}, run-image: "https://a/b" }`, ['4:45 "https://a/b" is not an image reference']],
  [`{ ${B}, flow: kaniko }`, ['4:40 "kaniko" is not known here; there are: pack, creator']],
  [`{ ${B}, buildpacks: ["a,b"] }`, ['4:47 the buildpack "a,b" cannot be read: it holds a comma']],
  [`{ ${B}, buildpacks: [a/b, "urn:cnb:builder:a/b"] }`, ['4:52 the buildpack "urn:cnb:builder:a']],
  [`{ ${B}, buildpacks: [a/b], pre-buildpacks: [c/d] }`, ['4:70 "pre-buildpacks" and "post-bu']],
  [`{ ${B}, pre-buildpacks: [from=builder] }`, ['4:51 "from=builder" is the builder\'s order']],
  [
    `{ ${B}, post-buildpacks: ["https://me:pw@a.example/b.tgz"] }`,
    ['4:52 the address of this buildpack holds credentials, which would be recorded'],
  ],
  [`{ ${B}, env: { "a/b": 1 } }`, ['4:41 "a/b" is not the name of a variable of a build']],
  [`{ ${B}, env: { "..": 1 } }`, ['4:41 ".." is not the name of a variable of a build']],
  [`{ ${B}, process: "web; true" }`, ['4:43 "web; true" is not a process type']],
  [`{ ${B}, descriptor: "https://a/project.toml" }`, ['4:46 "https://a/project.toml" is an addr']],
  [`{ ${B}, clear-cache: often }`, ['4:47 "often" is neither true nor false']],
  [`{ ${B}, creation-time: 1.5 }`, ['4:49 "1.5" is not a time of creation; expected now, or who']],
  [`{ ${B}, creation-time: -1 }`, ['4:49 "-1" is not a time of creation']],
  [`{ ${B}, creation-time: 253402300800 }`, ['4:49 "253402300800" is not a time of creation']],
  [`{ ${B}, network: bridge }`, ['4:43 "bridge" is not known here; there are: default, host']],
  [`{ ${B}, volumes: ["/a:/layers"] }`, ['4:44 the volume "/a:/layers" cannot be read: nothing']],
  [`{ ${B}, volumes: ["/a:/c", "/b:/c/"] }`, ['4:53 two volumes lie at /c; keep one of them']],
  [`{ ${B}, bindings: { DB: { type: a } } }`, ['4:46 "DB" is not the name of a binding']],
  [`{ ${B}, bindings: { db: { x: s } } }`, ['4:46 binding "db" has no "type"', '4:52 "x" of bi']],
  [`{ ${B}, bindings: { db: { type: a, "../x": s } } }`, ['4:61 "../x" is not the name of a file']],
  [`{ ${B}, bindings: { db: { type: a, ..: s } } }`, ['4:61 ".." is not the name of a file']],
  [
    `{ ${B}, bindings: { db: { type: a, uri: s } } }`,
    ['4:61 "uri" of binding "db" is the secret "s", which the build does not have; name it under'],
  ],
  [`{ ${B}, bildpacks: [a/b] }`, ['4:34 unknown key "bildpacks"; did you mean "buildpacks"?']],
];

describe('a build with buildpacks that is wrong', () => {
  test.each(WRONG)('buildpack: %s', async (written, expected) => {
    const found = await problems(`buildpack: ${written}`);
    expect(found.slice(0, expected.length)).toEqual(
      expected.map((start) => expect.stringContaining(`sea-trial.yml:${start}`)),
    );
    expect(found.length).toBeGreaterThanOrEqual(expected.length);
  });

  test('all that is wrong is said together', async () => {
    expect(await problems('target: a', 'buildpack: { builder: B, flow: x }')).toHaveLength(3);
  });

  test('its context is a folder', async () => {
    expect(await problems(HEROKU, 'context: https://github.com/acme/web.git')).toEqual([
      'sea-trial.yml:5:16 the context is an address; buildpacks build a folder: check the repository out first, and name its folder',
    ]);
  });

  test('its caches are of type registry', async () => {
    expect(await problems(HEROKU, 'cache_to: [type=gha]')).toEqual([
      'sea-trial.yml:5:18 a build with buildpacks has no cache of type gha; use type=registry, or leave it out: between runs on one machine the cache is kept in a volume',
    ]);
    expect(await problems(HEROKU, 'cache_from: ["type=registry,ref=a/b,mode=max"]')).toEqual([
      'sea-trial.yml:5:20 a cache of a build with buildpacks has a "ref" and no "mode"',
    ]);
    expect(
      await problems(HEROKU, 'cache_from: ["type=registry,ref=a/b,ignore-error=true"]'),
    ).toEqual([
      'sea-trial.yml:5:20 a cache of a build with buildpacks has a "ref" and no "ignore-error"',
    ]);
    expect(await problems(HEROKU, 'cache_to: ["type=registry,ref=a/b,ignore-error=true"]')).toEqual(
      [],
    );
    expect(await problems(HEROKU, `cache_to: [a/b@sha256:${'a'.repeat(64)}]`)).toEqual([
      `sea-trial.yml:5:18 the cache "a/b@sha256:${'a'.repeat(64)}" is named by its digest, behind which nothing can be put; name a tag, or none: image and platform are put behind it`,
    ]);
    expect(await problems(HEROKU, 'cache_from: [Acme/Cache]')).toEqual([
      expect.stringMatching(/^sea-trial\.yml:5:20 this cache is no place in a registry: .*Acme/),
    ]);
  });

  test('a secret is in a binding', async () => {
    expect(await problems(HEROKU, 'secrets: [token]')).toEqual([
      'sea-trial.yml:5:17 no binding holds the secret "token": name it in an entry of "bindings" under "buildpack"; a build with buildpacks gets its secrets so and in no other way',
    ]);
  });

  test('a secret that is misspelt is named', async () => {
    const bindings = 'bindings: { db: { type: a, uri: tokn } }';
    expect(await problems(`buildpack: { ${B}, ${bindings} }`, 'secrets: [token]')).toEqual([
      'sea-trial.yml:4:61 "uri" of binding "db" is the secret "tokn", which the build does not have; did you mean "token"?',
      expect.stringContaining('no binding holds the secret "token"'),
    ]);
  });
});
