import { expect, test } from '@jest/globals';
import { fromInputs } from '../../src/config/index.js';
import { fillText, platformValues } from '../../src/config/placeholders.js';
import { platformBuilds } from '../../src/plan/platform-builds.js';
import { fromDockerfile } from '../plans.js';
import { lines, load, MODES } from './memory.js';

test.each<[string, string]>([
  ['linux/amd64', 'linux amd64  linux/amd64 linux-amd64'],
  ['linux/arm64/v8', 'linux arm64  linux/arm64 linux-arm64'],
  ['linux/arm', 'linux arm v7 linux/arm/v7 linux-arm-v7'],
  ['linux/arm/v6', 'linux arm v6 linux/arm/v6 linux-arm-v6'],
  ['x86_64', 'linux amd64  linux/amd64 linux-amd64'],
])('what the placeholders stand for on %s', (platform, expected) => {
  const values = platformValues(platform) ?? {};
  expect(fillText('{os} {arch} {variant} {platform} {platform-slug}', values)).toBe(expected);
});

test.each<[string, string]>([
  ['bin/{arch}{variant}/x', 'bin/armv7/x'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's variable
  ['echo ${arch} $' + '{os} {os}', 'echo ${arch} ${os} linux'],
  ['{{arch}} {{ .Arch }} {"v":{arch}}', '{{arch}} {{ .Arch }} {"v":arm}'],
  ['a{3} {Arch} {version} {} {a,b}', 'a{3} {Arch} {version} {} {a,b}'],
  ['{{arch} {arch}} {toString}', '{arm arm} {toString}'],
])('%s on linux/arm/v7', (text, expected) => {
  expect(fillText(text, platformValues('linux/arm/v7') ?? {})).toBe(expected);
});

const BOTH = 'platforms: [linux/amd64, linux/arm64]';

/** The first image's build on each platform. */
async function builds(build: string, files: Readonly<Record<string, string>> = {}) {
  const text = `images:\n  - name: a/b\n    ${BOTH}\n    build: ${build}\n`;
  const config = await load({ 'sea-trial.yml': text, ...files });
  const [image] = config.images;
  if (image === undefined) throw new Error('there is no image');
  const all = platformBuilds(image).map((one) => fromDockerfile(one.build));
  return { problems: lines(config), notes: config.notes, builds: all };
}

test('a build whose texts have placeholders is one build for each platform', async () => {
  const found = await builds(
    `{ context: 'src/{arch}', dockerfile: '{os}.Dockerfile', target: 'for-{arch}', args: { A: '{platform}', B: 'x' }, additional_contexts: { more: 'lib/{platform-slug}' }, labels: { built: '{arch}' } }`,
  );
  expect(found.problems).toEqual([]);
  expect(
    found.builds.map(({ context, dockerfile, target, args, contexts, labels }) => [
      context.value,
      dockerfile.value,
      target,
      args,
      contexts.map(({ value }) => value),
      labels,
    ]),
  ).toEqual(
    ['amd64', 'arm64'].map((arch) => [
      `src/${arch}`,
      `src/${arch}/linux.Dockerfile`,
      `for-${arch}`,
      { A: `linux/${arch}`, B: 'x' },
      [`lib/linux-${arch}`],
      { built: arch },
    ]),
  );
});

test('the context alone may be the placeholder', async () => {
  const found = await builds("'{arch}'");
  expect(found.builds.map(({ context }) => context.value)).toEqual(['amd64', 'arm64']);
});

test('a build without placeholders is one for all platforms', async () => {
  // The shell's variable, and the value that a variable gives to an argument without one.
  const text = `vars: { FORMAT: '{Arch}' }\nimages:\n  - name: a/b\n    ${BOTH}\n    build: { args: { A: '$\${arch}' } }\n  - name: a/c\n    ${BOTH}\n    build: { args: [FORMAT] }\n`;
  const config = await load(text);
  expect(lines(config)).toEqual([]);
  expect(config.images.map(({ perPlatform }) => perPlatform)).toEqual([undefined, undefined]);
  expect(config.images.map(({ build }) => fromDockerfile(build).args)).toEqual([
    { A: `$${'{arch}'}` },
    { FORMAT: '{Arch}' },
  ]);
});

test('an image that names no platform is for that of the machine', async () => {
  const config = await load(
    "images: [{ name: a/b, build: { args: { A: '{arch}' } }, tests: ['cat /{arch}'] }]",
  );
  const [image] = config.images;
  expect([...(image?.perPlatform ?? [])].map(([platform]) => platform)).toEqual(['linux/amd64']);
  expect(image?.tests.map(({ plan, platforms }) => [plan.name, platforms])).toEqual([
    ['cat /amd64', []],
  ]);
});

test('a test is one for all platforms on which it is the same', async () => {
  const config = await load(`images:
  - name: a/b
    platforms: [linux/amd64, linux/arm64, linux/arm/v7]
    tests:
      - { name: its name, run: 'cat /{arch}', stdout: '^{arch}$', env: { P: '{platform}' }, mounts: ['data/{arch}:/data'] }
      - { name: its system, run: 'uname', stdout: '^{os}$' }
      - { name: some, platforms: [arm64, linux/amd64], run: 'echo {variant}.' }
      - { name: for a shell, run: 'echo $\${arch} {{arch}}' }
`);
  expect(lines(config)).toEqual([]);
  expect(
    config.images[0]?.tests.map(({ plan, platforms, mounts }) => [
      plan.name,
      plan.run,
      plan.stdout,
      plan.env,
      mounts.map(({ source }) => source),
      platforms.map(({ value }) => value),
    ]),
  ).toEqual([
    ...['amd64', 'arm64', 'arm'].map((arch) => {
      const platform = `linux/${arch}${arch === 'arm' ? '/v7' : ''}`;
      const env = { P: platform };
      return [
        'its name',
        { shell: `cat /${arch}` },
        `^${arch}$`,
        env,
        [`data/${arch}`],
        [platform],
      ];
    }),
    ['its system', { shell: 'uname' }, '^linux$', {}, [], []],
    ['some', { shell: 'echo .' }, undefined, {}, [], ['arm64', 'linux/amd64']],
    ['for a shell', { shell: `echo $${'{arch}'} {{arch}}` }, undefined, {}, [], []],
  ]);
});

test.each<[string, string]>([
  [
    "{ args: { A: '{ARCH}' } }",
    '"{ARCH}" is not a placeholder; did you mean "{arch}"? For the text "{ARCH}" itself, name the argument without a value, and give the value with --set or in "vars".',
  ],
  [
    "{ args: ['A={platfrom}'] }",
    '"{platfrom}" is not a placeholder; did you mean "{platform}"? For the text "{platfrom}" itself, name the argument without a value, and give the value with --set or in "vars".',
  ],
  [
    "{ buildpack: { builder: x, env: { A: '{targetarch}' } } }",
    '"{targetarch}" is not a placeholder; did you mean "{arch}"? For the text "{targetarch}" itself, name the variable without a value, and give the value with --set or in "vars".',
  ],
  [
    "{ args: { A: '{version}' } }",
    '"{version}" stands for nothing here: it needs a "dockerfile" with {version} in its name. For the text "{version}" itself, name the argument without a value, and give the value with --set or in "vars".',
  ],
  [
    "{ context: '{platform_slug}' }",
    '"{platform_slug}" is not a placeholder; did you mean "{platform-slug}"?',
  ],
  ["'{Arch}'", '"{Arch}" is not a placeholder; did you mean "{arch}"?'],
  ["{ dockerfile: '{ARCH}.Dockerfile' }", '"{ARCH}" is not a placeholder; did you mean "{arch}"?'],
  ["{ target: 'x-{TARGETARCH}' }", '"{TARGETARCH}" is not a placeholder; did you mean "{arch}"?'],
  [
    "{ labels: { a: '{version}' } }",
    '"{version}" stands for nothing here: it needs a "dockerfile" with {version} in its name',
  ],
])('%s is answered', async (build, message) => {
  const text = `images:\n  - name: a/b\n    ${BOTH}\n    build: ${build}\n`;
  const { problems } = await load({ 'sea-trial.yml': text, 'src/x_1.Dockerfile': '' });
  expect(problems.map((one) => one.message)).toEqual([message]);
});

test.each<[string, string]>([
  ['{architecture}', 'arch'],
  ['{TargetOS}', 'os'],
  ['{targetplatform}', 'platform'],
  ['{TARGETVARIANT}', 'variant'],
  ['{PLATFORM_SLUG}', 'platform-slug'],
  ['{Version}', 'version'],
  ['{verison}', 'version'],
  ['{vairant}', 'variant'],
  ['{arhc}', 'arch'],
  ['{OS}', 'os'],
])('%s is meant to be {%s}', async (written, near) => {
  const found = await builds(`{ target: 'x-${written}' }`);
  expect(found.problems).toStrictEqual([
    `sea-trial.yml:4:22 "${written}" is not a placeholder; did you mean "{${near}}"?`,
  ]);
});

test.each(['{so}', '{march}', '{latform}', '{search}', '{a}', '{-}', '{target}'])(
  '%s is another word',
  async (written) => {
    const found = await builds(`{ target: 'x-${written}' }`);
    expect([found.problems, found.notes]).toStrictEqual([[], []]);
  },
);

test('a word in braces that is none of ours stays, and nothing is said', async () => {
  const found = await builds(
    "{ args: { A: '{time} {level} {search} {ok} {id} {{Arch}} {{.Os}}' }, labels: { a: '{name}' } }",
  );
  expect([found.problems, found.notes]).toEqual([[], []]);
});

test('where nothing is replaced, a note says so', async () => {
  const config = await load(`images:
  - name: a/b
    ${BOTH}
    annotations: { built: '{arch}' }
    build: { cache_from: ['type=gha,scope=x-{arch}'] }
    tests: [{ name: a, run: 'echo {Arch} {version} {os}' }]
`);
  expect(lines(config)).toEqual([]);
  expect(config.notes).toEqual([
    expect.stringMatching(
      /^sea-trial\.yml:4:27: "\{arch\}" stays as it is; placeholders are replaced in context, dockerfile, args, /,
    ),
    expect.stringMatching(/^sea-trial\.yml:5:27: "\{arch\}" stays as it is/),
    'sea-trial.yml:6:29: "{Arch}" stays as it is; the placeholder is "{arch}".',
  ]);
});

test('a glob of versions leaves placeholders alone, and is looked for on each platform', async () => {
  const config = await load({
    'sea-trial.yml': `images:
  - name: a/b
    ${BOTH}
    tags: ['{version}']
    build: { context: 'of/{arch}', dockerfile: 'x_{version}.{arch}.Dockerfile', args: { V: '{version}-{arch}', W: '$\${version}' } }
`,
    'of/amd64/x_1.amd64.Dockerfile': '',
    'of/arm64/x_1.arm64.Dockerfile': '',
    'of/arm64/x_2.arm64.Dockerfile': '',
    'of/amd64/x_3.arm64.Dockerfile': '',
  });
  expect(lines(config)).toEqual([]);
  expect(
    config.images.map(({ id, perPlatform }) => [
      id.value,
      [...(perPlatform ?? [])].map(([platform, build]) => [
        platform,
        fromDockerfile(build).dockerfile.value,
        fromDockerfile(build).args,
      ]),
    ]),
  ).toEqual(
    ['1', '2'].map((version) => [
      `b:${version}`,
      ['amd64', 'arm64'].map((arch) => [
        `linux/${arch}`,
        `of/${arch}/x_${version}.${arch}.Dockerfile`,
        { V: `${version}-${arch}`, W: `$${'{version}'}` },
      ]),
    ]),
  );
});

test('of a build with buildpacks only the variables are per platform', async () => {
  const text = (keys: string) =>
    `images: [{ name: a/b, ${BOTH}, build: { context: app, buildpack: { builder: heroku/builder:24, ${keys} } } }]`;
  const config = await load(text("env: { A: '{arch}', B: b }"));
  expect(lines(config)).toEqual([]);
  const [image] = config.images;
  if (image === undefined) throw new Error('there is no image');
  expect(platformBuilds(image).map(({ build }) => build.kind === 'buildpack' && build.env)).toEqual(
    [
      { A: 'amd64', B: 'b' },
      { A: 'arm64', B: 'b' },
    ],
  );
  expect(lines(await load(text("run-image: 'heroku/heroku:24-{arch}'")))).toHaveLength(1);
});

const DIFFERS = 'would be another text on each platform, and';

test.each<[string, readonly string[]]>([
  [
    "tags: ['1-{arch}']",
    [`"1-{arch}": {arch} ${DIFFERS} "tags" is one for all platforms; leave {arch} out`],
  ],
  [
    "targets: [{ name: 'a/{os}', tags: ['x-{Arch}'] }]",
    [
      `"a/{os}": {os} ${DIFFERS} "name" is one for all platforms; leave {os} out`,
      `"x-{Arch}": {Arch} ${DIFFERS} "tags" is one for all platforms; leave {Arch} out`,
    ],
  ],
  [
    "tags: ['{version}', '{Version}']",
    [
      '"{version}" stands for nothing here: it needs a "dockerfile" with {version} in its name',
      '"{Version}" is not a placeholder; did you mean "{version}"?',
    ],
  ],
  [
    "tags: ['{other}']",
    [
      '"{other}" is not a tag; allowed are up to 128 letters, digits and "_ . -", not beginning with "." or "-"',
    ],
  ],
  [
    "tests: [{ run: a, platforms: ['linux/{arch}'] }]",
    [
      '"linux/{arch}": {arch} stands for a part of the platform, which "platforms" chooses; write the platforms themselves, as linux/arm64, or leave "platforms" out',
    ],
  ],
  [
    "id: 'a-{arch}'",
    [`"a-{arch}": {arch} ${DIFFERS} "id" is one for all platforms; leave {arch} out`],
  ],
  [
    "replaces: ['linux/{arch}']",
    [
      '"linux/{arch}": {arch} stands for a part of the platform, which "replaces" chooses; write the platforms themselves, as linux/arm64, or leave "replaces" out',
    ],
  ],
  [
    "tags: ['x-{version}', 'x-{Version}']",
    [
      '"x-{version}": "{version}" stands for nothing here: it needs a "dockerfile" with {version} in its name',
      '"x-{Version}": "{Version}" is not a placeholder; did you mean "{version}"?',
    ],
  ],
  [
    "platforms: '{platform}'",
    [
      '"{platform}": {platform} stands for a part of the platform, which "platforms" chooses; write the platforms themselves, as linux/arm64, or leave "platforms" out',
    ],
  ],
])('%s has one answer, and that is about the placeholder', async (key, expected) => {
  const name = key.startsWith('targets') ? '' : 'name: a/b, ';
  const { problems, notes } = await load(`images: [{ ${name}${key} }]`);
  expect(problems.map(({ message }) => message)).toEqual(expected);
  expect(notes).toEqual([]);
});

test('an input with a placeholder where there is none is answered so, too, beside what else is wrong', async () => {
  const given = new Map([['tags', 'a/b:1-{arch}, a/b:x-{version}, a/b:-z']]);
  const asked = fromInputs(given, { root: '/work', env: {} }, MODES);
  const { problems } = await load({}, 'request' in asked ? asked.request : {});
  expect(problems).toEqual(
    [
      `"1-{arch}": {arch} ${DIFFERS} "tags" is one for all platforms; leave {arch} out`,
      '"x-{version}": "{version}" stands for nothing here: it needs a "dockerfile" with {version} in its name',
      '"-z" is not a tag; allowed are up to 128 letters, digits and "_ . -", not beginning with "." or "-"',
    ].map((message) => ({ file: 'input "tags"', message })),
  );
});

test('placeholders are replaced in names as in values, in each form', async () => {
  const names = async (args: string) => {
    const found = await builds(`{ args: ${args} }`);
    expect(found.problems).toEqual([]);
    return found.builds.map(({ args: given }) => Object.keys(given));
  };
  const expected = [['A_amd64'], ['A_arm64']];
  expect(await names("{ 'A_{arch}': x }")).toEqual(expected);
  expect(await names("['A_{arch}=x']")).toEqual(expected);
  const { images } = await load(
    `images: [{ name: a/b, ${BOTH}, tests: [{ run: a, env: { 'E_{arch}': x } }] }]`,
  );
  expect(images[0]?.tests.map(({ plan }) => plan.env)).toEqual([
    { E_amd64: 'x' },
    { E_arm64: 'x' },
  ]);
});

test.each<[string, readonly string[]]>([
  [
    "{ args: { 'A_{arch}': 1, A_amd64: 2 } }",
    ['"A_{arch}" and "A_amd64" are both "A_amd64" on linux/amd64; keep one of them'],
  ],
  [
    "{ args: ['A_{os}=1', 'A_linux=2'] }",
    [
      '"A_{os}" and "A_linux" are both "A_linux" on linux/amd64; keep one of them',
      '"A_{os}" and "A_linux" are both "A_linux" on linux/arm64; keep one of them',
    ],
  ],
  [
    "{ args: ['A_{arch}=1', 'A_{arch}=2'] }",
    ['"A_{arch}" appears twice in "args" (also line 4); keep one of them'],
  ],
  [
    "{ labels: { 'l{variant}': 1, l: 2 } }",
    [
      '"l{variant}" and "l" are both "l" on linux/amd64; keep one of them',
      '"l{variant}" and "l" are both "l" on linux/arm64; keep one of them',
    ],
  ],
  [
    "{ buildpack: { builder: x, env: ['A_{arch}=1', 'A_arm64=2'] } }",
    ['"A_{arch}" and "A_arm64" are both "A_arm64" on linux/arm64; keep one of them'],
  ],
])('names that become one are an error: %s', async (build, expected) => {
  const { problems } = await load(`images:\n  - name: a/b\n    ${BOTH}\n    build: ${build}\n`);
  expect(problems.map(({ message }) => message)).toEqual(expected);
});
