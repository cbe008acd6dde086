import { execFileSync } from 'node:child_process';
import { rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { fromInputs } from '../../src/config/index.js';
import { plan as schema } from '../../src/evidence/schema.js';
import { MODES, UNTRUSTED } from '../config/memory.js';
import { fromDockerfile } from '../plans.js';
import {
  type Content,
  DOCKERFILE,
  files,
  folder,
  git,
  planned,
  planOf,
  problems,
  removeFolders,
  repository,
  write,
  yaml,
} from './repository.js';

afterEach(removeFolders);

describe('what follows from another mistake is not said', () => {
  const unknown = (at: string, written: string, meant: string) =>
    `${at} unknown key "${written}"; did you mean "${meant}"?`;

  test.each<[string, readonly string[]]>([
    [
      'images:\n  - name: ghcr.io/a/b\n    build: { context: sub, dockerfile: "X }\n',
      [
        '4:1 this is not valid YAML: the quote, "[" or "{" opened above is not closed, or this line is indented too little',
      ],
    ],
    [
      'images:\n  - name: ghcr.io/a/b\n    build: { context: sub, dockerfil: X }\n',
      [unknown('3:28', 'dockerfil', 'dockerfile')],
    ],
    [
      'images:\n  - name: ghcr.io/a/b\n    build: { contxt: sub, dockerfile: X }\n',
      [unknown('3:14', 'contxt', 'context')],
    ],
    [
      'images:\n  - nam: ghcr.io/a/b\n    build: { context: sub, dockerfile: X }\n',
      [unknown('2:5', 'nam', 'name')],
    ],
    [
      `var: { A: sub }\nimages:\n  - name: ghcr.io/a/b\n    build: { context: "\${A}", dockerfile: X }\n`,
      [unknown('1:1', 'var', 'vars')],
    ],
    [
      'images:\n  - name: ghcr.io/a/b\n    build: { context: sub, dockerfile: X }\n    tests: [{ rn: a, mounts: [{ sorce: sub, target: /x }] }]\n',
      [unknown('4:15', 'rn', 'run'), unknown('4:33', 'sorce', 'source')],
    ],
  ])('%s', async (text, expected) => {
    const root = await repository({ 'sea-trial.yml': text, 'sub/X': 'FROM scratch\n' });
    expect(await problems(root)).toEqual(expected);
  });

  test('what stands behind a misspelt key is judged all the same', async () => {
    const root = await repository(files(yaml('    platfroms: [linux/arm65]')));
    expect(await problems(root)).toEqual([
      unknown('4:5', 'platfroms', 'platforms'),
      '4:17 "linux/arm65" is not a platform; did you mean linux/arm64?',
    ]);
  });

  test('a misspelt key beside the right one is only that', async () => {
    const root = await repository(files(yaml('    nam: x')));
    expect(await problems(root)).toEqual([unknown('4:5', 'nam', 'name')]);
  });
});

describe('a plan', () => {
  test('holds everything that is asked, normalised', async () => {
    const root = await repository({
      ...files(
        yaml(
          '    platforms: [linux/x86_64, linux/arm64/v8, linux/arm]',
          '    build: { args: { BASE: alpine:edge }, labels: { a: b }, target: final, entitlements: [security.insecure] }',
          '    annotations: { c: d }',
          '    expect: { go-main: ^acme }',
          '    foreign: { path: opt/probes/**, reason: run by the kernel }',
          '    tests:',
          '      - { name: t, run: greeter, platforms: [linux/arm/7, linux/aarch64] }',
        ),
      ),
      Dockerfile: 'ARG BASE=alpine:3.22\nFROM $BASE AS final\n',
    });
    const revision = await git(root, 'rev-parse', 'HEAD');
    const result = await planned(root, { grants: ['ssh', 'security.insecure'] });
    const described = {
      'org.opencontainers.image.created': '2024-05-06T07:08:09Z',
      'org.opencontainers.image.revision': revision,
      'org.opencontainers.image.source': 'https://github.com/acme/greeter',
      'org.opencontainers.image.version': 'dev',
    };
    const test = { exitCode: 0, env: {}, mounts: [], timeout: 300_000 };
    expect(result).toEqual({
      plan: {
        configuration: 'sea-trial.yml',
        publish: 'together',
        push: false,
        partial: false,
        grants: ['ssh', 'security.insecure'],
        severities: {},
        images: [
          {
            id: 'greeter',
            targets: [{ repository: 'ghcr.io/acme/greeter', tags: ['dev'] }],
            platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'],
            build: {
              kind: 'dockerfile',
              context: '.',
              file: 'Dockerfile',
              target: 'final',
              args: { BASE: 'alpine:edge' },
              contexts: {},
              secrets: [],
              ssh: [],
              labels: { ...described, a: 'b' },
              cacheFrom: [],
              cacheTo: [],
              noCache: false,
              pull: false,
              addHosts: [],
              ulimits: [],
              allow: ['security.insecure'],
              provenance: 'mode=min',
              sbom: 'false',
            },
            annotations: { ...described, c: 'd' },
            tests: [
              {
                ...test,
                name: 't',
                kind: 'command',
                run: { shell: 'greeter' },
                platforms: ['linux/arm/v7', 'linux/arm64'],
                location: { file: 'sea-trial.yml', line: 10, column: 9 },
              },
              { ...test, name: 'starts', kind: 'start', platforms: ['linux/amd64'] },
            ],
            expect: { goMain: '^acme' },
            foreign: [
              {
                path: 'opt/probes/**',
                reason: 'run by the kernel',
                location: { file: 'sea-trial.yml', line: 8, column: 14 },
              },
            ],
            location: { file: 'sea-trial.yml', line: 2, column: 5 },
          },
        ],
      },
      source: {
        repository: 'https://github.com/acme/greeter',
        revision,
        ref: 'refs/heads/main',
        dirty: [],
      },
      epoch: Date.parse('2024-05-06T07:08:09Z') / 1000,
      imageIds: ['greeter'],
      frontends: new Map(),
      fromEnvironment: new Map(),
      publicArgs: new Set(),
      lookAlikes: [],
      locks: new Map(),
      findings: [],
      bases: new Map([['greeter', [{ reference: 'alpine:edge', line: 2, pinned: false }]]]),
      notes: [],
    });
    expect(v.is(schema, result.plan)).toBe(true);
  });

  test('without tests tries the start, without platforms the machine', async () => {
    const { plan } = await planned(await repository(files(yaml())));
    const [image] = plan.images;
    expect(image?.tests).toEqual([
      { name: 'starts', kind: 'start', exitCode: 0, env: {}, mounts: [], timeout: 300_000 },
    ]);
    expect(image?.platforms).toEqual(['linux/amd64']);
  });

  test.each([
    ['arm64', 'linux/arm64'],
    ['arm', 'linux/arm/v7'],
    ['ia32', 'linux/386'],
    ['ppc64', 'linux/ppc64le'],
    ['s390x', 'linux/s390x'],
  ])('is for the machine, %s, where no platform is named', async (architecture, platform) => {
    const { plan } = await planned(await folder(files(yaml())), {}, {}, architecture);
    expect(plan.images[0]?.platforms).toEqual([platform]);
  });

  test('sends targets to another registry', async () => {
    const root = await repository(
      files(`images:
  - targets: [ghcr.io/acme/a, acme/b, alpine, "localhost:5000/c", localhost/d]
    id: a
`),
    );
    const { plan } = await planned(root, { push: true, registry: 'reg.example/staging' });
    expect(plan.push).toBe(true);
    expect(plan.images[0]?.targets.map(({ repository: name }) => name)).toEqual([
      'reg.example/staging/acme/a',
      'reg.example/staging/acme/b',
      'reg.example/staging/library/alpine',
      'reg.example/staging/c',
      'reg.example/staging/d',
    ]);
  });

  test('refuses a name that another registry makes too long, by its place', async () => {
    const long = `ghcr.io/acme/${'a'.repeat(200)}`;
    const root = await repository(files(`images: [{ id: a, name: ${long}, tags: [dev] }]`));
    const fits = `reg.example/${'p'.repeat(255 - 'reg.example/'.length - '/acme/'.length - 200)}`;
    expect(await problems(root, { push: true, registry: fits })).toEqual([]);
    const [problem, ...more] = await problems(root, { push: true, registry: `${fits}p` });
    expect(more).toEqual([]);
    expect(problem).toBe(
      `1:25 --registry ${fits}p: "${long}" would have a name of 256 characters there, and at most 255 are allowed; shorten the prefix or the name`,
    );
  });

  test('makes one target of those that another registry makes equal', async () => {
    const root = await repository(
      files(
        'images: [{ id: a, targets: [{ name: a.io/x, tags: [v1] }, { name: b.io/x, tags: [v1, v2] }] }]',
      ),
    );
    const { plan } = await planned(root, { push: true, registry: 'reg.example' });
    expect(plan.images[0]?.targets).toEqual([{ repository: 'reg.example/x', tags: ['v1', 'v2'] }]);
    expect(await problems(root)).toEqual([]);
  });

  test('keeps what tags may lose: said at a target, beside a name, or for the whole run', async () => {
    const root = await repository(
      files(`images:
  - id: a
    targets:
      - { name: x, tags: [v1], replaces: [linux/aarch64, windows/amd64] }
      - { name: x, tags: [v2] }
      - { name: x, tags: [v3] }
      - y
  - { id: b, name: z, replaces: linux/s390x, platforms: [linux/amd64, linux/arm/v7] }
`),
    );
    const plain = await planned(root);
    expect(plain.plan.images.map(({ targets }) => targets)).toEqual([
      [
        { repository: 'x', tags: ['v1'], replaces: ['linux/arm64', 'windows/amd64'] },
        { repository: 'x', tags: ['v2', 'v3'] },
        { repository: 'y', tags: ['latest'] },
      ],
      [{ repository: 'z', tags: ['latest'], replaces: ['linux/s390x'] }],
    ]);
    const asked = await planned(root, { replaces: ['linux/arm'] });
    expect(asked.plan.images.map(({ targets }) => targets.map(({ replaces }) => replaces))).toEqual(
      [
        [['linux/arm/v7', 'linux/arm64', 'windows/amd64'], ['linux/arm/v7'], ['linux/arm/v7']],
        [['linux/arm/v7', 'linux/s390x']],
      ],
    );
  });

  test('says of each target what becomes of tags that are there, and the run of all', async () => {
    const root = await repository(
      files(`images:
  - targets:
      - { name: x, tags: [v1], existing: fail }
      - { name: x, tags: [v2], existing: same }
      - { name: x, tags: [latest], existing: replace }
      - { name: x, tags: [dev] }
  - { name: z, existing: same }
`),
    );
    const said = async (more = {}) =>
      (await planned(root, more)).plan.images.map(({ targets }) =>
        targets.map(({ tags, existing }) => [tags.join(), existing]),
      );
    expect(await said()).toEqual([
      [
        ['v1', 'fail'],
        ['v2', 'same'],
        ['latest,dev', undefined],
      ],
      [['latest', 'same']],
    ]);
    expect(await said({ existing: 'replace' })).toEqual([
      [['v1,v2,latest,dev', undefined]],
      [['latest', undefined]],
    ]);
  });

  test('takes the stricter of two rules where --registry makes one tag of two', async () => {
    const root = await repository(
      files(`images:
  - targets:
      - { name: ghcr.io/acme/x, tags: [v1, v2], replaces: [linux/s390x, linux/arm64] }
      - { name: docker.io/acme/x, tags: [v1], replaces: linux/arm64, existing: fail }
`),
    );
    const { plan } = await planned(root, { registry: 'local.example' });
    const to = { repository: 'local.example/acme/x' };
    expect(plan.images[0]?.targets).toEqual([
      { ...to, tags: ['v1'], replaces: ['linux/arm64'], existing: 'fail' },
      { ...to, tags: ['v2'], replaces: ['linux/arm64', 'linux/s390x'] },
    ]);
  });

  test('lets no tag lose what is built', async () => {
    const built = 'which this run builds, so no tag loses it; remove it from one of the two';
    const root = await repository(
      files('images: [{ name: a, platforms: [linux/arm64], replaces: [linux/arm64/v8] }]'),
    );
    expect(await problems(root, { replaces: ['linux/aarch64', 'linux/amd64'] })).toEqual([
      `1:58 "replaces" names linux/arm64/v8, ${built}`,
      `--replaces linux/aarch64: it names a platform ${built}`,
    ]);
    expect(await planOf(root, { replaces: ['linux/arm64'], from: 'inputs' })).toStrictEqual({
      problems: [
        { file: 'input "replaces"', message: `it names linux/arm64, ${built}` },
        expect.objectContaining({ line: 1, column: 58 }),
      ],
    });
  });

  test('lets a tag of the run lose what only one of its images builds', async () => {
    const root = await repository(
      files(
        'images: [{ name: a, platforms: [linux/arm64] }, { name: b, platforms: [linux/amd64] }]',
      ),
    );
    expect(await problems(root, { replaces: ['linux/arm64'] })).toStrictEqual([]);
  });

  test('has no tag that loses a platform with an image that is not there', async () => {
    const root = await repository(files('images: []'));
    const said = await problems(root, { replaces: ['linux/arm64'] });
    expect(said).toStrictEqual(['1:9 "images" is an empty list; it needs an item']);
  });

  test('wants what it names to be there: sources of mounts, files and variables of secrets', async () => {
    const root = await repository({
      Dockerfile: DOCKERFILE,
      'sea-trial.yml': [
        'images:',
        '  - name: a',
        '    build: { context: ., secrets: [{ id: one, env: NOT_SET }, { id: two, file: no.pem }] }',
        '    tests: [{ run: a, mounts: ["nope:/x"] }]',
      ].join('\n'),
    });
    expect(await problems(root, { grants: ['secrets'] })).toEqual([
      '3:36 secret "one" comes from NOT_SET, which is not set',
      '3:63 there is nothing at "no.pem"',
      '4:32 there is nothing at "nope"',
    ]);
  });

  test('from inputs has no locations', async () => {
    const root = await repository({ Dockerfile: DOCKERFILE });
    const at = { file: 'input "tags"' };
    const scalar = (text: string) => ({ kind: 'scalar', text, empty: false, at }) as const;
    const inline = {
      kind: 'map',
      at,
      entries: [{ key: 'name', at, value: scalar('ghcr.io/acme/a') }],
    } as const;
    const secretSources = [{ id: 'token' }, { id: 'unset' }, { id: 'npm', env: 'NPM' }];
    const secretValues = new Map([
      ['token', 'x'],
      ['unset', ''],
    ]);
    const asked = { inline, secretSources, secretValues };
    const { plan } = await planned(root, asked, { NPM: 'x' });
    expect(plan.configuration).toBeUndefined();
    expect(plan.images[0]?.location).toBeUndefined();
    expect(plan.images[0]?.build.secrets).toEqual([{ id: 'token' }, { id: 'npm', env: 'NPM' }]);
  });

  test('has no secret of the file that the inputs give without a value', async () => {
    const root = await repository(files(yaml('    build: { secrets: [token, other] }')));
    const { plan } = await planned(root, {
      secretSources: [{ id: 'token' }, { id: 'other' }],
      secretValues: new Map([
        ['token', ''],
        ['other', 'hunter2'],
      ]),
    });
    expect(plan.images[0]?.build.secrets).toEqual([{ id: 'other' }]);
  });

  test('never holds the value of a secret', async () => {
    const root = await repository(files(yaml('    build: { secrets: [token] }')));
    const result = await planned(root, {
      secretSources: [{ id: 'token' }],
      secretValues: new Map([['token', 'hunter2']]),
      token: 'ghs_hunter2',
    });
    expect(result.plan.images[0]?.build.secrets).toEqual([{ id: 'token' }]);
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });
});

describe('what is wrong', () => {
  test('a folder in place of a file', async () => {
    const root = await folder(files(yaml()));
    const planning = await planOf(root, { configuration: '.' });
    expect(planning).toEqual({
      problems: [{ file: '.', message: '"." is a folder; name the file in it' }],
    });
  });

  test('a file in another encoding', async () => {
    const root = await folder({ Dockerfile: DOCKERFILE });
    const text = 'images: [{ name: a/b, tests: [echo Grüße] }]\n';
    await writeFile(join(root, 'sea-trial.yml'), text, 'latin1');
    expect(await problems(root)).toEqual(['the file is not UTF-8']);
  });

  test('one host in capitals and not', async () => {
    const root = await repository({
      'sea-trial.yml':
        'images:\n  - { id: a, name: A.example/x }\n  - { id: b, name: a.example/x }\n',
      Dockerfile: DOCKERFILE,
    });
    expect(await problems(root)).toEqual([
      '3:20 target "a.example/x:latest" belongs to image "a" too (also line 2)',
    ]);
  });

  test('of an image from a Dockerfile is a process type, which none of these has', async () => {
    const root = await repository(files(yaml('    tests: [{ process: web }]')));
    expect(await problems(root)).toEqual([
      '4:24 test "process web": "process: web" is for images from buildpacks; this one is built from a Dockerfile: write "run"',
    ]);
  });

  test('is said all together, with the problems of the file', async () => {
    const root = await repository({
      'sea-trial.yml': `images:
  - name: ghcr.io/acme/greeter
    tags: [dev]
    platfroms: [linux/amd64]
    build: { dockerfile: Dockerfil }
  - name: quay.io/acme/greeter
    platforms: [linux/arm65, linux/arm64, linux/aarch64]
    build: { context: gone, additional_contexts: { a: gone2, b: "docker-image://x" } }
    tests:
      - { name: one, run: a }
      - { name: one, run: b }
      - { run: a, platforms: [linux/s390x] }
  - { name: docker.io/x/y, id: z }
  - { name: x/y, id: w, tags: [latest, latest] }
  - { name: g/h, build: { context: "https://github.com/a/b.git", dockerfile: nowhere } }
`,
      Dockerfile: DOCKERFILE,
    });
    expect(await problems(root)).toEqual([
      '4:5 unknown key "platfroms"; did you mean "platforms"?',
      '5:26 there is no file "Dockerfil"; did you mean "Dockerfile"?',
      '6:11 image id "greeter" appears twice (also line 2); give one an "id" of its own',
      '7:17 "linux/arm65" is not a platform; did you mean linux/arm64?',
      '7:43 platform "linux/aarch64" appears twice, as linux/arm64 (also line 7)',
      '8:23 there is no folder "gone"',
      '8:52 there is no folder "gone2"',
      '11:9 test "one" appears twice (also line 10); give one a "name" of its own',
      '12:31 test "a" is for linux/s390x, which is not a platform of the image; it has linux/arm65, linux/arm64',
      '14:13 target "x/y:latest" belongs to image "z" too (also line 13)',
    ]);
  });

  test('what a variable spoiled, at its own line or by another variable, has no further problem', async () => {
    const text = [
      'vars:',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: what users write.
      '  ORG: ghcr.io/${OWNER}',
      'images:',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: what users write.
      ...['a/${NAME}', 'a/${OTHER}', '${ORG}/x', '${ORG}/y'].map(
        (name, at) => `  - { id: i${at}, name: "${name}", tags: [dev] }`,
      ),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: what users write.
      '  - { name: a/tagged, tags: ["${ONE}", "${TWO}"] }',
    ].join('\n');
    const unset = (name: string) =>
      `variable "${name}" is not set; give it with --set, the environment or "vars"`;
    expect(await problems(await folder(files(text)))).toEqual([
      `2:8 ${unset('OWNER')}`,
      `4:21 ${unset('NAME')}`,
      `5:21 ${unset('OTHER')}`,
      `8:30 ${unset('ONE')}`,
      `8:40 ${unset('TWO')}`,
    ]);
  });

  test.each<[string, string, string]>([
    ['a folder in the place of the Dockerfile', 'dockerfile: src', '4:26 "src" is not a file'],
    [
      'a file in the place of the context',
      'context: Dockerfile',
      '4:23 "Dockerfile" is a file, and the context of a build is a folder; write build: .',
    ],
  ])('%s', async (_, build, expected) => {
    const root = await repository({ ...files(yaml(`    build: { ${build} }`)), 'src/a': '' });
    expect(await problems(root)).toEqual([expected]);
  });

  test('a Dockerfile behind a link is there, unless the link leads nowhere', async () => {
    const root = await repository({ ...files(yaml('    build: { dockerfile: D }')) });
    await symlink('Dockerfile', join(root, 'D'));
    expect(await problems(root)).toEqual([]);
    await rm(join(root, 'Dockerfile'));
    expect(await problems(root)).toEqual(['4:26 "D" is a link to nothing that can be read']);
  });

  test('a FIFO in the place of a file that is read is named, and waited for by nothing', async () => {
    const noFile = 'is a pipe (FIFO), a device or a socket; a file was expected';
    const lists =
      '{ context: c, dockerfile: P, secrets: [{ id: s, file: S }], additional_contexts: { d: d } }';
    const text = [yaml(`    build: ${lists}`), '    tests: [{ run: a, mounts: ["M:/x"] }]'].join(
      '\n',
    );
    const root = await repository({ ...files(text), 'c/a': '', 'd/a': '' });
    const pipes = ['c/P', 'c/P.dockerignore', 'c/.dockerignore', 'd/.dockerignore', 'S', 'M'];
    for (const pipe of pipes) execFileSync('mkfifo', [join(root, pipe)]);
    const said = await problems(root, { grants: ['secrets'] });
    expect(said.map((line) => line.replace(/^\S+ /, '')).sort()).toEqual(
      pipes.map((pipe) => `"${pipe}" ${noFile}`).sort(),
    );
  });

  test('a Dockerfile that is none', async () => {
    const root = await repository({ ...files(yaml()), Dockerfile: '#'.repeat(1024 * 1024 + 1) });
    expect(await problems(root)).toEqual(['2:5 "Dockerfile" is larger than 1048576 bytes']);
    await rename(join(root, 'Dockerfile'), join(root, 'large'));
    await symlink('large', join(root, 'Dockerfile'));
    expect(await problems(root)).toEqual(['2:5 "Dockerfile" is larger than 1048576 bytes']);
  });
});

describe('what no program can be started with', () => {
  const long = 'x'.repeat(131_072);
  const most = 'x'.repeat(131_071);

  test.each<[string, string, readonly string[]]>([
    [
      'a variable of a test',
      `    tests: [{ name: t, run: a, env: { A: ${long}, B: ${most.slice(2)} } }]`,
      ['4:13 test "t": the variable "A" is 131074 bytes'],
    ],
    [
      'its program',
      `    tests: [{ name: t, run: "${long}" }, { name: u, run: [a, "${long}"] }, { name: v, run: "${most}" }]`,
      ['4:13 test "t": "run" is 131072 bytes', '4:131107 test "u": "run" is 131072 bytes'],
    ],
    [
      'a build argument',
      `    build: { args: { A: ${long} } }`,
      ['2:5 build argument "A" is 131086 bytes'],
    ],
    ['a label', `    build: { labels: { A: ${long} } }`, ['2:5 label "A" is 131082 bytes']],
    ['an annotation', `    annotations: { A: ${long} }`, ['2:5 annotation "A" is 131096 bytes']],
    [
      'a variable of a build with buildpacks',
      `    build: { buildpack: { builder: b/b, env: { A: ${long} } } }`,
      ['2:5 build variable "A" is 131080 bytes'],
    ],
  ])('%s', async (_, line, expected) => {
    const found = await problems(await repository(files(yaml(line))));
    expect(found).toEqual(
      expected.map(
        (start) =>
          `${start} long, and no program can be given more than 131071 at once; put it into a file`,
      ),
    );
  });

  test('a secret that is given by value', async () => {
    const secretValues = new Map([['s', long]]);
    const root = await repository(files(yaml()));
    expect(await problems(root, { secretValues })).toStrictEqual([
      'secret "s", which is given by value, is 131091 bytes long, and no program can be given more than 131071 at once; put it into a file',
    ]);
    const name = 'SEA_TRIAL_SECRET_1=';
    const fits = new Map([['s', most.slice(name.length)]]);
    expect(await problems(root, { secretValues: fits })).toStrictEqual([]);
  });
});

describe('filters', () => {
  const text = `platforms: [linux/amd64, linux/arm64]
images:
  - name: ghcr.io/acme/greeter
    tests: [{ name: both, run: a }, { name: arm, run: a, platforms: [linux/arm64] }]
  - name: ghcr.io/acme/web
  - { name: q/b, tags: ["{version}"], build: { dockerfile: "b_{version}.Dockerfile" } }
`;
  const content: Content = {
    ...files(text),
    'b_1.Dockerfile': DOCKERFILE,
    'b_2.Dockerfile': DOCKERFILE,
  };

  test.each<[readonly string[], readonly string[], readonly string[], boolean]>([
    [
      [],
      [],
      ['greeter amd64 arm64', 'web amd64 arm64', 'b:1 amd64 arm64', 'b:2 amd64 arm64'],
      false,
    ],
    [['web'], [], ['web amd64 arm64'], false],
    [['b:2'], [], ['b:2 amd64 arm64'], false],
    [['b'], [], ['b:1 amd64 arm64', 'b:2 amd64 arm64'], false],
    [['web@linux/aarch64'], [], ['web arm64'], true],
    [['web@linux/arm64', 'web@linux/amd64'], [], ['web amd64 arm64'], false],
    [['web', 'greeter@linux/amd64'], [], ['greeter amd64', 'web amd64 arm64'], true],
    [['web'], ['linux/arm64'], ['web arm64'], true],
    [
      [],
      ['linux/arm64', 'linux/amd64'],
      ['greeter amd64 arm64', 'web amd64 arm64', 'b:1 amd64 arm64', 'b:2 amd64 arm64'],
      false,
    ],
  ])('--only %j --platform %j', async (only, platforms, expected, partial) => {
    const { plan } = await planned(await repository(content), { only, platforms });
    const left = plan.images.map((image) =>
      [image.id, ...image.platforms.map((one) => one.replace('linux/', ''))].join(' '),
    );
    expect(left).toEqual(expected);
    expect(plan.partial).toBe(partial);
  });

  test('a platform that the only image does not have', async () => {
    const root = await repository(files(yaml('    platforms: [linux/amd64]')));
    expect(await problems(root, { platforms: ['linux/ppc64le'] })).toEqual([
      '--platform: "linux/ppc64le" is not a platform of "greeter"; there are: linux/amd64',
    ]);
  });

  test('tests of platforms that are left out go too', async () => {
    const root = await repository(content);
    const { plan } = await planned(root, { only: ['greeter@linux/amd64'] });
    expect(plan.images[0]?.tests.map(({ name }) => name)).toEqual(['both']);
  });

  test.each<[readonly string[], readonly string[], readonly string[]]>([
    [
      ['wep'],
      [],
      ['--only wep: there is no image "wep"; did you mean web? There are: greeter, web, b:1, b:2'],
    ],
    [
      ['zzzzzz'],
      [],
      ['--only zzzzzz: there is no image "zzzzzz"; there are: greeter, web, b:1, b:2'],
    ],
    [
      ['web@linux/arm65'],
      [],
      [
        '--only web@linux/arm65: "linux/arm65" is not a platform; did you mean linux/arm64? There are: linux/amd64, linux/arm64',
      ],
    ],
    [
      ['web@linux/s390x'],
      [],
      [
        '--only web@linux/s390x: "linux/s390x" is not a platform of "web"; there are: linux/amd64, linux/arm64',
      ],
    ],
    [['a@b@c'], [], ['--only a@b@c: expected ID or ID@PLATFORM']],
    [
      [],
      ['linux/arm'],
      [
        '--platform: "linux/arm" is not a platform of any of the images; did you mean linux/arm64? There are: linux/amd64, linux/arm64',
      ],
    ],
    [
      ['web@linux/arm64'],
      ['linux/amd64'],
      ['nothing is left to run: no trial matches both --only and --platform'],
    ],
  ])('--only %j --platform %j is a problem', async (only, platforms, expected) => {
    expect(await problems(await repository(content), { only, platforms })).toEqual(expected);
  });

  test('a part is never pushed', async () => {
    const root = await repository(content);
    expect(await problems(root, { only: ['web@linux/arm64'], push: true })).toEqual([
      "a part of an image's platforms is never tagged; leave out --push, or leave out --only and --platform",
    ]);
    expect(await problems(root, { only: ['web'], push: true })).toEqual([]);
  });
});

describe('untrusted runs', () => {
  test('may not have another file of this machine for their configuration', async () => {
    const root = await repository({ Dockerfile: DOCKERFILE });
    const elsewhere = await folder({ 'secrets.yml': yaml() });
    await symlink(join(elsewhere, 'secrets.yml'), join(root, 'sea-trial.yml'));
    expect(await problems(root, UNTRUSTED)).toEqual([
      '"sea-trial.yml" goes through a symbolic link, which is not allowed for the configuration of an untrusted run',
    ]);
    expect(await problems(root, {})).toEqual([]);
  });

  test('push nothing, and write no cache that others read', async () => {
    const cache = '[type=gha, "type=registry,ref=a/b", "type=local,dest=cache"]';
    const root = await repository(files(yaml(`    build: { cache_to: ${cache} }`)));
    const { plan, notes } = await planned(root, { push: true, ...UNTRUSTED });
    expect(plan.push).toBe(false);
    expect(plan.images[0]?.build.cacheTo).toEqual(['type=gha']);
    expect(notes).toEqual([
      'Images go to the embedded registry; nothing is pushed.',
      'This run is untrusted: of the caches of greeter, 2 are not written.',
    ]);
  });
});

test('annotations of other levels than manifest and index are refused', async () => {
  const root = await repository(
    files(
      yaml(
        '    annotations: { "manifest:a": b, "manifest,index:c": d, "index-descriptor:e": f, "manifest,manifest-descriptor[linux/amd64]:g": h }',
      ),
    ),
  );
  const refused = (written: string, level: string) =>
    `annotation "${written}": the level ${level} is not supported; use index or manifest`;
  expect(await problems(root)).toStrictEqual([
    `2:5 ${refused('index-descriptor:e', 'index-descriptor')}`,
    `2:5 ${refused('manifest,manifest-descriptor[linux/amd64]:g', 'manifest-descriptor')}`,
  ]);
});

test('annotations of the inputs have their input for a place', async () => {
  const root = await folder({ Dockerfile: DOCKERFILE });
  const given = new Map([
    ['tags', 'a/b'],
    ['annotations', 'index-descriptor:e=f'],
  ]);
  const asked = fromInputs(given, { root, env: {} }, MODES);
  if ('problems' in asked) throw new Error(JSON.stringify(asked.problems));
  expect(await planOf(root, asked.request)).toStrictEqual({
    problems: [
      {
        file: 'input "annotations"',
        message:
          'annotation "index-descriptor:e": the level index-descriptor is not supported; use index or manifest',
      },
    ],
  });
});

describe('a dirty tree', () => {
  test('refuses a push, and says which files', async () => {
    const root = await repository({ ...files(yaml()), a: '1', 'b c': '1', d: '1' });
    await write(root, { a: '2', new: '1', '.sea-trial/evidence.json': '{}', 'out.json': '{}' });
    await git(root, 'mv', 'b c', 'ü');
    const { source } = await planned(root, { evidence: 'out.json' });
    expect(source.dirty).toEqual(['a', 'b c', 'new', 'ü']);
    expect(await problems(root, { push: true, evidence: 'out.json' })).toEqual([
      'the checkout has changes, and what is pushed would have the revision of the last commit, which does not hold them: a, b c, new, ü. Commit them, name what no image needs in .dockerignore, or allow it with --allow-dirty (allow-dirty: true)',
    ]);
    const { plan } = await planned(root, { push: true, allowDirty: true });
    expect(fromDockerfile(plan.images[0]?.build).labels).toMatchObject({
      'org.opencontainers.image.revision': await git(root, 'rev-parse', 'HEAD'),
    });
    expect(await problems(root, { push: true, ...UNTRUSTED })).toEqual([]);
  });

  test('before the first commit there is no revision', async () => {
    const root = await folder(files(yaml()));
    await git(root, 'init', '-q');
    expect(await problems(root, { push: true })).toEqual([
      expect.stringContaining('what is pushed would have no revision: Dockerfile, '),
    ]);
  });

  test('a long list is cut', async () => {
    const root = await repository(files(yaml()));
    await write(root, Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`n${i}`, ''])));
    const [problem] = await problems(root, { push: true });
    expect(problem).toMatch(/n6 and 3 more\. Commit/);
  });

  test('what is no repository is noted, and pushed', async () => {
    const root = await folder(files(yaml()));
    const { plan, source, notes } = await planned(root, { push: true });
    expect(plan.push).toBe(true);
    expect(source).toEqual({ dirty: [] });
    expect(notes).toEqual([
      `${root} is not in a Git repository, or git may not read it: changes cannot be seen.`,
    ]);
  });

  test('where git is missing, that is said', async () => {
    const root = await repository(files(yaml()));
    const { notes } = await planned(root, {}, { PATH: join(root, 'none') });
    expect(notes).toEqual(['git is not in PATH: changes cannot be seen.']);
  });

  test('is that of the repository in which the configuration stands', async () => {
    const inner = await repository(files(yaml()));
    const outer = await repository({ other: '' });
    await write(inner, { new: '' });
    const configuration = join(inner, 'sea-trial.yml');
    const { source } = await planned(outer, { configuration });
    expect(source).toMatchObject({
      revision: await git(inner, 'rev-parse', 'HEAD'),
      dirty: ['new'],
    });
    expect(await problems(outer, { configuration, push: true })).toEqual([
      expect.stringContaining('the checkout has changes'),
    ]);
  });
});

describe('labels and annotations', () => {
  test('are set, switched off, and taken over', async () => {
    const root = await repository(
      files(
        yaml(
          '    build:',
          '      labels:',
          '        org.opencontainers.image.source: https://example.org/x',
          '        org.opencontainers.image.created: false',
          '        org.opencontainers.image.revision:',
          '        other: ""',
          '    annotations: { org.opencontainers.image.version: "" }',
        ),
      ),
    );
    const { plan } = await planned(root);
    expect(fromDockerfile(plan.images[0]?.build).labels).toEqual({
      'org.opencontainers.image.source': 'https://example.org/x',
      'org.opencontainers.image.version': 'dev',
      other: '',
    });
    expect(plan.images[0]?.annotations).toEqual({
      'org.opencontainers.image.source': 'https://example.org/x',
    });
  });

  test('SOURCE_DATE_EPOCH comes before the commit', async () => {
    const root = await repository(files(yaml()));
    const { plan, epoch } = await planned(root, {}, { SOURCE_DATE_EPOCH: '0' });
    expect(epoch).toBe(0);
    expect(fromDockerfile(plan.images[0]?.build).labels['org.opencontainers.image.created']).toBe(
      '1970-01-01T00:00:00Z',
    );
  });

  test('the runner knows the repository where git does not', async () => {
    const { source } = await planned(
      await folder(files(yaml())),
      {},
      {
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_REPOSITORY: 'acme/greeter',
        GITHUB_SHA: 'abc',
        GITHUB_REF: 'refs/heads/main',
      },
    );
    expect(source).toEqual({
      repository: 'https://github.com/acme/greeter',
      revision: 'abc',
      ref: 'refs/heads/main',
      dirty: [],
    });
  });
});

test('a plan needs no git', async () => {
  const empty = await folder({});
  const planning = await planOf(await folder(files(yaml())), {}, { PATH: empty });
  expect(planning).toMatchObject({ source: { dirty: [] } });
});

describe("the workflow's token", () => {
  const files = {
    'sea-trial.yml': [
      'images:',
      '  - name: a',
      '    build: { context: "https://github.com/acme/private.git" }',
      '  - name: b',
      '    build: .',
    ].join('\n'),
    Dockerfile: DOCKERFILE,
  };
  const secretValues = new Map([['GIT_AUTH_TOKEN.github.com', 'secret']]);

  test.each([
    [false, [{ id: 'GIT_AUTH_TOKEN.github.com' }]],
    [true, []],
  ])(
    'goes to builds of Git contexts alone; in an untrusted run (%s): %j',
    async (untrusted, expected) => {
      const root = await repository(files);
      const { plan } = await planned(root, { secretValues, ...(untrusted ? UNTRUSTED : {}) });
      expect(plan.images.map(({ build }) => build.secrets)).toEqual([expected, []]);
    },
  );
});

test('an image of the inputs without tags is called after the repository, which the report says', async () => {
  const root = await repository({ Dockerfile: DOCKERFILE });
  const env = { GITHUB_REPOSITORY: 'Acme/Greeter' };
  const { plan, findings } = await planned(root, { from: 'inputs' }, env);
  expect(plan.images.map(({ id, targets }) => [id, targets])).toEqual([
    ['greeter', [{ repository: 'acme/greeter', tags: ['latest'] }]],
  ]);
  const message =
    'The input "tags" is empty; the image is called acme/greeter, after the repository.';
  expect(findings).toEqual([
    expect.objectContaining({
      code: 'named-after-repository',
      severity: 'note',
      subject: { image: 'greeter' },
      message,
    }),
  ]);
});

test('a push to a name that means an image of Docker itself is mentioned', async () => {
  const text = ['hello', 'ghcr.io/acme/hi', 'docker.io/acme/ho']
    .map((name) => `  - { name: ${name}, build: . }`)
    .join('\n');
  const root = await repository({ 'sea-trial.yml': `images:\n${text}\n`, Dockerfile: DOCKERFILE });
  const said = (await planned(root, { push: true })).notes;
  expect(said).toEqual([
    '"hello" is docker.io/library/hello, one of Docker\'s own images, which only Docker pushes; write its registry, as in ghcr.io/OWNER/hello, or docker.io/OWNER/hello for Docker Hub.',
  ]);
  expect((await planned(root)).notes).toEqual([]);
});
