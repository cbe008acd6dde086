// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { describe, expect, test } from '@jest/globals';
import { fromInputs, type Request } from '../../src/config/index.js';
import { fromDockerfile } from '../plans.js';
import { lines, load, MODES, UNTRUSTED } from './memory.js';

type Env = Readonly<Record<string, string>>;

async function args(text: string, env: Env = {}, more: Partial<Request> = {}) {
  const head = 'vars: { FROM_VARS: vars, LOWER: low, USES: "${LOWER}er" }\n';
  const config = await load(`${head}images: [{ name: a/b, build: { args: ${text} } }]`, more, env);
  return config.problems.length > 0 ? lines(config) : fromDockerfile(config.images[0]?.build).args;
}

const NOT_EVALUATED = 'expressions of GitHub are not evaluated in this file; write';

/** Expressions of workflows, with what to write instead. */
const EXPRESSIONS: readonly [string, string][] = [
  [
    '${{ github.sha }}',
    `"\${{ github.sha }}": ${NOT_EVALUATED} \${GITHUB_SHA}, which the workflow's job has in its environment`,
  ],
  [
    'a-${{github.ref_name}}-b',
    `"\${{github.ref_name}}": ${NOT_EVALUATED} \${GITHUB_REF_NAME}, which the workflow's job has in its environment`,
  ],
  [
    '${{ env.COMMIT }}',
    `"\${{ env.COMMIT }}": ${NOT_EVALUATED} \${COMMIT}, which the workflow's job has in its environment`,
  ],
  [
    '${{ matrix.arch }}',
    `"\${{ matrix.arch }}": ${NOT_EVALUATED} \${NAME}, and in the workflow NAME=\${{ matrix.arch }} in the action's input "set"`,
  ],
  [
    "${{ github.ref == 'refs/heads/main' && 'a' }}",
    `"\${{ github.ref == 'refs/heads/main' && 'a' }}": ${NOT_EVALUATED} \${NAME}, and in the workflow NAME=\${{ github.ref == 'refs/heads/main' && 'a' }} in the action's input "set"`,
  ],
  [
    '${{ secrets.NPM_TOKEN }}',
    `"\${{ secrets.NPM_TOKEN }}": ${NOT_EVALUATED} npm_token under "secrets" of "build", and in the workflow npm_token=\${{ secrets.NPM_TOKEN }} in the action's input "secrets"`,
  ],
  [
    '${github.sha}',
    `"\${github.sha}": ${NOT_EVALUATED} \${GITHUB_SHA}, which the workflow's job has in its environment`,
  ],
  [
    '${matrix.arch}',
    `"\${matrix.arch}": ${NOT_EVALUATED} \${NAME}, and in the workflow NAME=\${{ matrix.arch }} in the action's input "set"`,
  ],
  [
    '${{ github.token }}',
    `"\${{ github.token }}": ${NOT_EVALUATED} token under "secrets" of "build", and in the workflow token=\${{ github.token }} in the action's input "secrets"`,
  ],
];

test.each(['$1', '$', '$-x', '$$X', '$$$$X', 'x$', '\\\\$(X)'])(
  '%s in a build is no variable without braces',
  async (text) => {
    const { notes } = await load(`images: [{ name: a/b, build: { args: { A: "${text}" } } }]`);
    expect(notes).toStrictEqual([]);
  },
);

test('a variable without braces in a build is mentioned, and in a test it is the shell’s', async () => {
  const config = await load(
    "images: [{ name: a/b, build: { args: { A: $SHA, B: 'x$Y', C: $$Z, D: '${E:-}' } }, tests: ['echo $HOME'] }]",
  );
  const note = (column: number, name: string) =>
    `sea-trial.yml:1:${column}: "$${name}" stays as it is; a variable is written \${${name}}, and "$$${name}" is the text without this note.`;
  expect(config.notes).toEqual([note(43, 'SHA'), note(52, 'Y')]);
  expect(lines(config)).toEqual([]);
});

describe('forms', () => {
  test.each<[string, string | undefined, string]>([
    ['${NAME}', 'x', 'x'],
    ['a-${NAME}-b', 'x', 'a-x-b'],
    ['${NAME}${NAME}', 'x', 'xx'],
    ['${NAME:-other}', 'x', 'x'],
    ['${NAME:-other}', '', 'other'],
    ['${NAME:-other}', undefined, 'other'],
    ['${NAME:-}', undefined, ''],
    ['${NAME:-a:-b}', undefined, 'a:-b'],
    ['${NAME:?needed}', 'x', 'x'],
    ['$${NAME}', 'x', '${NAME}'],
    ['$$$${NAME}', 'x', '$${NAME}'],
    ['$NAME', 'x', '$NAME'],
    ['^a$', 'x', '^a$'],
    ['$${{ x }}', 'x', '${{ x }}'],
    ['${NAME}', '${OTHER}', '${OTHER}'],
    ['${FROM_VARS}', undefined, 'vars'],
    ['${USES}', undefined, 'lower'],
  ])('%s with %j is %s', async (text, value, expected) => {
    const env: Env = value === undefined ? {} : { NAME: value };
    expect(await args(JSON.stringify({ A: text }), env)).toEqual({ A: expected });
  });

  test.each<[string, string]>([
    ['${NAME}', 'variable "NAME" is not set; give it with --set, the environment or "vars"'],
    [
      '${SEA_TRIAL_IMAGE}',
      'variable "SEA_TRIAL_IMAGE" is not set; a test on the host has it in its environment; write "$SEA_TRIAL_IMAGE" or "$${SEA_TRIAL_IMAGE}" for the shell',
    ],
    ['${EMPTY:?say whose}', 'variable "EMPTY" is not set or empty: say whose'],
    ['${LOVER}', 'variable "LOVER" is not set; did you mean "LOWER"?'],
    ['${NAME:?it is the version}', 'variable "NAME" is not set or empty: it is the version'],
    ['${NAME:?}', 'variable "NAME" is not set or empty: it is needed here'],
    ['${NAME', '"${" is not closed in "${NAME"'],
    ...['${X%y}', '${X:0:7}', '${X/a/b}', '${X^^}'].map((written): [string, string] => [
      written,
      `"${written}": only a whole variable can be used here; set one to the text that is needed, with --set SHORT=… or in the action's input "set", and write "\${SHORT}"`,
    ]),
    [
      '${X-y}',
      '"${X-y}" is not a variable, whose name has letters, digits and "_"; write "${X:-y}" for a default',
    ],
    [
      '${X?y}',
      '"${X?y}" is not a variable, whose name has letters, digits and "_"; write "${X:?y}" for a message',
    ],
    ['${#X}', '"${#X}" is not a variable; write "$${#X}" for the text itself'],
    ['${}', '"${}" is not a variable; write "$${}" for the text itself'],
    [
      '${GITHUB_TOKEN}',
      `the environment's "GITHUB_TOKEN" looks like a secret and would be recorded; pass it as a build secret, or, if it is public, name "GITHUB_TOKEN" under "public-args"`,
    ],
    ...EXPRESSIONS,
  ])('%s is a problem', async (text, message) => {
    const found = await args(JSON.stringify({ A: text }), {
      GITHUB_TOKEN: 'ghs_x',
      EMPTY: '',
    });
    expect(found).toEqual([`sea-trial.yml:2:43 ${message}`]);
  });
});

const IN_DOCKERFILE = 'BuildKit sets it, and only in a Dockerfile that has "ARG';

describe('a variable that is not set, by the place of the text', () => {
  test.each<[string, string]>([
    ['tests: ["echo ${X}"]', `GIVE, or write "$\${X}" for the shell's own`],
    ['tests: { run: [sh, -c, "echo ${X}"] }', `GIVE, or write "$\${X}" for the shell's own`],
    ['tests: { run: [echo, "${X}"] }', 'GIVE'],
    ['tests: [{ run: a, on: host, workdir: "${X}" }]', 'GIVE'],
    ['tests: [{ run: a, stdout: "${X}" }]', 'GIVE'],
    ['tags: ["${X}"]', 'GIVE'],
    ['build: { native: ["${X}"] }', `GIVE, or write "$\${X}" for the Dockerfile's own`],
    ['annotations: { a: "${X}" }', 'GIVE'],
  ])('%s', async (text, expected) => {
    const found = lines(await load(`images: [{ name: a/b, ${text} }]`));
    const give = 'variable "X" is not set; give it with --set, the environment or "vars"';
    expect(found.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      expected.replace('GIVE', give),
    ]);
  });

  test.each<[string, string, string]>([
    ['build: { args: { A: "${TARGETARCH}" } }', 'TARGETARCH', "; here, write '{arch}'"],
    ['build: { args: ["A=${TARGETOS}"] }', 'TARGETOS', "; here, write '{os}'"],
    ['build: { dockerfile: "${TARGETVARIANT}" }', 'TARGETVARIANT', "; here, write '{variant}'"],
    [
      'tests: [{ run: a, env: { A: "${TARGETPLATFORM}" } }]',
      'TARGETPLATFORM',
      "; here, write '{platform}'",
    ],
    [
      'tests: ["a ${TARGETARCH}"]',
      'TARGETARCH',
      `; here, write '{arch}', or write "$\${TARGETARCH}" for the shell's own`,
    ],
    [
      'tags: ["1-${TARGETARCH}"]',
      'TARGETARCH',
      ', and this text is one for all platforms; leave it out',
    ],
    ...['BUILDARCH', 'BUILDOS', 'BUILDPLATFORM', 'BUILDVARIANT'].map(
      (name): [string, string, string] => [
        `build: { args: { A: "\${${name}}" } }`,
        name,
        '; leave it out',
      ],
    ),
  ])('%s, which BuildKit sets', async (text, name, rest) => {
    const found = lines(await load(`images: [{ name: a/b, ${text} }]`));
    expect(found.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      `variable "${name}" is not set; ${IN_DOCKERFILE} ${name}"${rest}`,
    ]);
  });

  test('in "vars" it is the placeholder that is replaced where the variable stands', async () => {
    const text = (value: string) =>
      `vars: { A: "${value}" }\nimages: [{ name: a/b, platforms: [linux/arm64], build: { args: { B: "\${A}" } } }]`;
    expect(lines(await load(text('${TARGETARCH}')))).toEqual([
      `sea-trial.yml:1:12 variable "TARGETARCH" is not set; ${IN_DOCKERFILE} TARGETARCH"; here, write '{arch}'`,
    ]);
    const [image] = (await load(text('{arch}'))).images;
    expect(fromDockerfile(image?.perPlatform?.get('linux/arm64')).args).toEqual({ B: 'arm64' });
  });

  test('one that is set is used, whatever BuildKit calls so', async () => {
    const set = new Map([['TARGETARCH', 'x']]);
    expect(await args('{ A: "${TARGETARCH}" }', {}, { set })).toEqual({ A: 'x' });
  });

  test('a default of it, which is one for all platforms, is mentioned', async () => {
    const text =
      'images: [{ name: a/b, build: { args: { A: "${TARGETARCH:-amd64}", B: "${OTHER:-x}" } }, tests: ["a ${TARGETOS:-}"] }]';
    const note = (place: string, written: string, name: string, placeholder: string) =>
      `sea-trial.yml:1:${place}: "\${${written}}" is its default on every platform, since BuildKit sets ${name} in a Dockerfile alone; what differs per platform is written '{${placeholder}}'.`;
    const arch = note('43', 'TARGETARCH:-amd64', 'TARGETARCH', 'arch');
    const os = note('97', 'TARGETOS:-', 'TARGETOS', 'os');
    expect((await load(text, {}, { TARGETARCH: '' })).notes).toEqual([arch, os]);
    expect((await load(text, {}, { TARGETARCH: 'x' })).notes).toEqual([os]);
  });

  test('one that is needed says where it is set', async () => {
    expect(await args('{ A: "${TARGETARCH:?}", B: "${TARGETOS:?ask}" }')).toEqual([
      `sea-trial.yml:2:43 variable "TARGETARCH" is not set or empty: ${IN_DOCKERFILE} TARGETARCH"; here, write '{arch}'`,
      'sea-trial.yml:2:65 variable "TARGETOS" is not set or empty: ask',
    ]);
  });

  test('without braces it is named, too', async () => {
    const config = await load('images: [{ name: a/b, build: { args: { A: $TARGETARCH } } }]');
    expect(config.notes).toEqual([
      `sea-trial.yml:1:43: "$TARGETARCH" stays as it is; what BuildKit calls TARGETARCH is written '{arch}', and "$$TARGETARCH" is the text without this note.`,
    ]);
  });

  test('a form of the shell may be meant for it in a test', async () => {
    const found = lines(await load('images: [{ name: a/b, tests: ["echo ${X:0:7} ${!X}"] }]'));
    expect(found).toEqual([
      `sea-trial.yml:1:31 "\${X:0:7}": only a whole variable can be used here; write "$\${X:0:7}" for the shell, or set one to the text that is needed, with --set SHORT=… or in the action's input "set", and write "\${SHORT}"`,
      'sea-trial.yml:1:31 "${!X}" is not a variable; write "$${!X}" for the shell',
    ]);
  });
});

describe('a variable of the machine in a test that the container has, too', () => {
  const env = { HOME: '/root', PATH: '/bin', CI: 'true' };
  const head = "is the value of the machine that runs this, not the container's;";

  test.each<[string, readonly string[]]>([
    [
      '["ls ${HOME}"]',
      [`"\${HOME}" ${head} write "$HOME" or "$\${HOME}" for the container's own.`],
    ],
    [
      '[{ run: "ls ${HOME:-/} ${HOME} $${PATH} $PATH ${CI}" }]',
      [`"\${HOME}" ${head} write "$HOME" or "$\${HOME}" for the container's own.`],
    ],
    ...[
      'run: [ls, "${PATH}"]',
      'env: { A: "${PATH}:/x" }',
      'stdout: "^${PATH}$"',
      'stderr: "${PATH}"',
    ].map((more): [string, readonly string[]] => [
      `[{ ${more.startsWith('run') ? '' : 'run: a, '}${more} }]`,
      [`"\${PATH}" ${head} the container's own is known to a shell in "run" alone, as "$PATH".`],
    ]),
    ['[{ run: "ls ${HOME}", on: host }]', []],
    ['["ls $HOME $${HOME} ${CI}"]', []],
    ['[{ run: a, mounts: "${HOME}/x:/x", user: "${SHELL:-x}" }]', []],
  ])('%s', async (tests, notes) => {
    const config = await load(`images: [{ name: a/b, tests: ${tests} }]`, {}, env);
    expect(lines(config)).toEqual([]);
    expect(config.notes.map((note) => note.replace(/^\S+: /, ''))).toEqual(notes);
  });

  test('one that is given has the value that is meant', async () => {
    const text = 'images: [{ name: a/b, tests: ["ls ${HOME}"] }]';
    expect((await load(text, { set: new Map([['HOME', '/x']]) }, env)).notes).toEqual([]);
    expect((await load(`vars: { HOME: /x }\n${text}`, UNTRUSTED, env)).notes).toEqual([]);
  });

  test('an untrusted run, which may not read it, says what to write', async () => {
    const text = 'images: [{ name: a/b, tags: ["${HOME}"], tests: ["ls ${HOME}"] }]';
    const refused =
      'variable "HOME" is set in the environment, which an untrusted run may not read; use --set or the input "set"';
    expect(lines(await load(text, UNTRUSTED, env))).toEqual([
      `sea-trial.yml:1:30 ${refused}`,
      `sea-trial.yml:1:50 ${refused}; write "$HOME" or "$\${HOME}" for the container's own`,
    ]);
  });
});

describe('a variable that is given and that nothing uses', () => {
  const given = (...names: readonly string[]): Partial<Request> => ({
    set: new Map(names.map((name) => [name, '2'])),
  });
  const text =
    'vars: { A: "${IN_VARS:-}" }\nimages: [{ name: "a/${VERSION:-1}", build: { args: [BARE] } }]';

  test.each<[string, string, string]>([
    ['VERSON', text, 'did you mean "VERSION"?'],
    ['OTHER', text, 'there are: IN_VARS, VERSION, BARE'],
    ['OTHER', 'images: [{ name: a/b }]', 'the configuration has no variables'],
  ])('%s', async (name, written, hint) => {
    const message = `--set ${name}: nothing uses this variable; ${hint}`;
    expect(lines(await load(written, given(name)))).toEqual([message]);
    const asked = { ...given(name), from: 'inputs' as const };
    const place = `input "set" ${name}: nothing uses this variable; ${hint}`;
    expect(lines(await load(written, asked))).toEqual([place]);
  });

  test('any text may use it: vars, a key that is taken and not read, an argument without a value', async () => {
    const more = `x-more: "\${EXTRA:-}"\n${text}`;
    expect(lines(await load(more, given('IN_VARS', 'VERSION', 'BARE', 'EXTRA')))).toEqual([]);
  });

  test('one that "vars" names is not used by that', async () => {
    expect(lines(await load(text, given('A')))).toEqual([
      '--set A: nothing uses this variable; there are: IN_VARS, VERSION, BARE',
    ]);
  });

  test('what the environment gave is known', async () => {
    const env = { BARE: '1', IN_VARS: '2', VERSION: '3', UNUSED: '4' };
    const { fromEnvironment } = await load(text, given('VERSION'), env);
    expect([...fromEnvironment].sort()).toEqual([
      ['BARE', '1'],
      ['IN_VARS', '2'],
    ]);
  });

  test('nothing is said of a file that is not there', async () => {
    const config = await load({}, { ...given('A'), configuration: 'a.yml' });
    expect(lines(config)).toEqual(['a.yml there is no file "a.yml"']);
    expect((await load({}, given('A'))).problems).toHaveLength(1);
  });
});

describe('a name that looks like a secret is refused', () => {
  const why =
    'looks like a secret and would be recorded; pass it as a build secret, or, if it is public, name "API_KEY" under "public-args"';
  const using = 'images: [{ name: a/b, build: { args: { A: "${API_KEY}" } } }]';
  const set = new Map([['API_KEY', 'abc']]);

  test.each([
    using,
    'images: [{ name: a/b, build: { args: [API_KEY] } }]',
    'images: [{ name: a/b }]',
  ])('given, once: %s', async (text) => {
    expect(lines(await load(text, { set }))).toEqual([`--set API_KEY ${why}`]);
    const asked = { set, from: 'inputs' as const };
    expect(lines(await load(text, asked))).toEqual([`input "set" API_KEY ${why}`]);
  });

  test('in "vars", once, and used or not', async () => {
    const vars = 'vars: { API_KEY: abc, B: "${API_KEY}" }\n';
    const expected = [`sea-trial.yml:1:9 "API_KEY" in "vars" ${why}`];
    expect(lines(await load(vars + using))).toEqual(expected);
    expect(lines(await load(`${vars}images: [{ name: a/b }]`))).toEqual(expected);
  });
});

test('an expression of a workflow that quotes should hold is answered, too', async () => {
  const written = 'images: [{ name: a/b, build: { target: ${{ matrix.stage }} } }]';
  expect(lines(await load(written))).toEqual([
    `sea-trial.yml:1:41 this is not valid YAML: \${{ matrix.stage }} needs quotes; and expressions of GitHub are not evaluated in this file: write "\${NAME}", and in the workflow NAME=\${{ matrix.stage }} in the action's input "set"`,
  ]);
});

describe('a secret that is written with its variable, and not with the name of it', () => {
  const env = { NPM_TOKEN: 'hush' };
  const right = 'write { id: npm_token, env: NPM_TOKEN }';
  test.each([
    "['npm_token=${NPM_TOKEN}']",
    "'npm_token=${NPM_TOKEN}'",
    "['npm_token=$NPM_TOKEN']",
    "['npm_token=${NPM_TOKEN:-}']",
    "['id=npm_token,env=${NPM_TOKEN}']",
    "[{ id: npm_token, env: '${NPM_TOKEN}' }]",
    '[{ source: npm_token, environment: $NPM_TOKEN }]',
  ])('%s has the right form as its answer, whether the variable is set or not', async (secrets) => {
    const text = `images: [{ name: a/b, build: { secrets: ${secrets} } }]`;
    for (const given of [env, {}]) {
      const config = await load(text, {}, given);
      expect(config.problems.map(({ message }) => message)).toEqual([
        `a secret's value stays out of this file, which names its variable alone: ${right}`,
      ]);
      const build = fromDockerfile(config.images[0]?.build);
      expect(build.secrets).toMatchObject([{ id: 'npm_token', env: 'NPM_TOKEN' }]);
      expect(JSON.stringify([...config.fromEnvironment])).not.toContain('hush');
    }
  });

  test.each<[string, string, string]>([
    ["'npm=${A_1}'", 'npm', 'A_1'],
    ["'id=npm,env=${A},required=true'", 'npm', 'A'],
    ["'env=${A:?x},id=npm'", 'npm', 'A'],
    ["{ id: npm, env: '${A}' }", 'npm', 'A'],
    ["[{ target: npm, source: x, env: '${A}' }]", 'npm', 'A'],
    ["[{ env: '${A}' }]", 'NAME', 'A'],
    ["[{ id: [x], env: '${A}' }]", 'NAME', 'A'],
  ])('%s is answered with the right form', async (secrets, id, variable) => {
    const config = await load(`images: [{ name: a/b, build: { secrets: ${secrets} } }]`);
    expect(config.problems[0]?.message).toBe(
      `a secret's value stays out of this file, which names its variable alone: write { id: ${id}, env: ${variable} }`,
    );
  });

  test.each([
    'npm=x${A}',
    'npm=${A}x',
    'npm=$A:-x',
    'npm=${A}${A}',
    'id=${A}',
    'src=${A}',
    'env=${A}',
    'npm=${A},env=B',
    '$A',
  ])('%s is none of these forms', async (secret) => {
    const text = `images: [{ name: a/b, build: { secrets: ['${secret}'] } }]`;
    const { problems } = await load(text, {}, { A: 'x' });
    const said = problems.map(({ message }) => message).join('\n');
    expect(said).not.toContain('stays out of this file');
  });

  test.each(['[[a]]', '[]', '{ a: [b] }', '[{ env: [x] }]', "[{ id: '${A}', file: x }]"])(
    '%s has no such variable',
    async (secrets) => {
      const text = `images: [{ name: a/b, build: { secrets: ${secrets} } }]`;
      const said = (await load(text)).problems.map(({ message }) => message).join('\n');
      expect(said).not.toContain('stays out of this file');
    },
  );

  test('a variable in its id or its path is one like others', async () => {
    const text = "images: [{ name: a/b, build: { secrets: ['id=${ID},src=${DIR}/key', 'a'] } }]";
    const config = await load(text, {}, { ID: 'x', DIR: 'keys' });
    expect(lines(config)).toEqual([]);
    expect(fromDockerfile(config.images[0]?.build).secrets).toMatchObject([
      { id: 'x', file: 'keys/key' },
      { id: 'a' },
    ]);
  });
});

test('a name that a platform makes of a placeholder is used by that platform alone', async () => {
  const text =
    'images: [{ name: a/b, platforms: [linux/amd64, linux/arm64], build: { args: ["BASE_{arch}", "V_{version}"], dockerfile: "x_{version}" }, tags: ["{version}"] }]';
  const files = { 'sea-trial.yml': text, x_1: '', x_2: '' };
  const set = new Map([
    ['BASE_amd64', 'a'],
    ['V_1', 'b'],
    ['BASE_s390x', 'c'],
  ]);
  expect(lines(await load(files, { set }))).toEqual([
    '--set BASE_s390x: nothing uses this variable; there are: BASE_amd64, V_1, BASE_arm64, V_2',
  ]);
});

test.each([
  ['build-args', 'API_{platform-slug}=x', 'API_linux-amd64'],
  ['build-args', 'X_KEY{arch}=x', undefined],
  ['build-args', 'NPM{variant}_TOKEN=x', 'NPM_TOKEN'],
  ['build-args', '{variant}API{variant}_KEY=x', 'API_KEY'],
])('of an input a name is judged as its platform has it: %s: %s', async (input, written, name) => {
  const given = new Map([
    ['tags', 'a/b'],
    [input, written],
  ]);
  const asked = fromInputs(given, { root: '/work', env: {} }, MODES);
  const { problems } = await load({}, 'request' in asked ? asked.request : {});
  const isSecret = name !== undefined && /TOKEN|API_KEY/.test(name);
  expect(problems.map(({ message }) => message)).toEqual(
    isSecret ? [expect.stringContaining(`${name} looks like a secret`)] : [],
  );
});

test('variables that use one another twice come to an end', async () => {
  const vars = Array.from({ length: 40 }, (_, i) => `  A${i + 1}: "\${A${i}}\${A${i}}"`);
  const text = ['vars:', '  A0: xxxxxxxxxx', ...vars, 'images: [{ name: "a/${A40}" }]'].join('\n');
  expect(lines(await load(text))).toEqual([
    'sea-trial.yml:18:8 the variables add more than 1 MiB of text',
  ]);
});

test('a build argument whose name looks like a secret is refused, where a workflow gives it', async () => {
  const given = new Map([
    ['tags', 'a/b'],
    ['build-args', 'NPM_TOKEN=hush\nPORT=80'],
  ]);
  const asked = fromInputs(given, { root: '/work', env: {} }, MODES);
  const { problems } = await load({}, 'request' in asked ? asked.request : {});
  expect(problems).toEqual([
    {
      file: 'input "build-args"',
      message:
        'NPM_TOKEN looks like a secret and would be recorded; pass it as a build secret, or, if it is public, name "NPM_TOKEN" under "public-args"',
    },
  ]);
});

describe('a name that looks like a secret and is none', () => {
  const env = { MAPS_API_KEY: 'env' };
  const uses = (more: string) =>
    `images: [{ name: a/b, ${more}build: { args: { A: "\${MAPS_API_KEY}" } } }]`;
  const given = async (...of: Parameters<typeof load>) => {
    const config = await load(...of);
    return config.problems.length > 0
      ? lines(config)
      : fromDockerfile(config.images[0]?.build).args;
  };

  test.each(['[MAPS_API_KEY]', 'MAPS_API_KEY', '[OTHER, MAPS_API_KEY]'])(
    'is named under public-args: %s',
    async (names) => {
      const text = uses(`public-args: ${names}, `);
      expect(await given(text, {}, env)).toEqual({ A: 'env' });
      expect(await given(text, { set: new Map([['MAPS_API_KEY', 'set']]) })).toEqual({ A: 'set' });
      expect(await given(`vars: { MAPS_API_KEY: file }\n${text}`)).toEqual({ A: 'file' });
    },
  );

  test('is taken from the environment by an argument without a value', async () => {
    const text =
      'images: [{ name: a/b, public-args: MAPS_API_KEY, build: { args: [MAPS_API_KEY] } }]';
    expect(await given(text, {}, env)).toEqual({ MAPS_API_KEY: 'env' });
  });

  test('is empty', async () => {
    expect(await given(uses(''), {}, { MAPS_API_KEY: '' })).toEqual({ A: '' });
    expect(await given(uses(''), { set: new Map([['MAPS_API_KEY', '']]) })).toEqual({ A: '' });
    expect(await given(`vars: { MAPS_API_KEY: '' }\n${uses('')}`)).toEqual({ A: '' });
  });

  test('counts as used or not as every other', async () => {
    const set = new Map([['NPM_TOKEN', '']]);
    expect(lines(await load('images: [{ name: a/b }]', { set }))).toEqual([
      '--set NPM_TOKEN: nothing uses this variable; the configuration has no variables',
    ]);
  });

  test('is never a variable of the job', async () => {
    const text =
      'images: [{ name: a/b, public-args: ACTIONS_ID_TOKEN, build: { args: [ACTIONS_ID_TOKEN] } }]';
    expect(await given(text, {}, { ACTIONS_ID_TOKEN: 'x' })).toEqual([
      expect.stringContaining('"ACTIONS_ID_TOKEN" looks like a secret'),
    ]);
  });

  test('opens no environment to an untrusted run', async () => {
    expect(await given(uses('public-args: MAPS_API_KEY, '), UNTRUSTED, env)).toEqual([
      expect.stringContaining('which an untrusted run may not read'),
    ]);
  });

  test('is a name, not several in one text', async () => {
    expect(await given(uses('public-args: "A, MAPS_API_KEY", '), {}, env)).toContainEqual(
      expect.stringContaining('"A, MAPS_API_KEY" is not the name of a build argument'),
    );
  });

  test('in the inputs: the step that was refused', async () => {
    const step = (more: Record<string, string>) => {
      const inputs = {
        tags: 'ghcr.io/acme/web:1',
        'build-args': [
          'VITE_GOOGLE_MAPS_API_KEY=AIza-public-by-design',
          'PASSWORD_MIN_LENGTH=8',
          'NPM_TOKEN=',
          'CREDENTIALS_URL=https://login.example.com',
        ].join('\n'),
        ...more,
      };
      const asked = fromInputs(new Map(Object.entries(inputs)), { root: '/work', env: {} }, MODES);
      if (!('request' in asked)) throw new Error(JSON.stringify(asked));
      return given({}, asked.request as Partial<Request>);
    };
    const names = ['VITE_GOOGLE_MAPS_API_KEY', 'PASSWORD_MIN_LENGTH', 'CREDENTIALS_URL'];
    expect(await step({})).toEqual(
      names.map((name) => expect.stringMatching(`^input "build-args" ${name} looks like a secret`)),
    );
    expect(await step({ 'public-args': names.join(',') })).toEqual({
      VITE_GOOGLE_MAPS_API_KEY: 'AIza-public-by-design',
      PASSWORD_MIN_LENGTH: '8',
      NPM_TOKEN: '',
      CREDENTIALS_URL: 'https://login.example.com',
    });
  });
});

describe('where values come from', () => {
  const env = { FROM_VARS: 'env', GITHUB_SHA: 'abc' };

  test('--set, then the environment, then vars', async () => {
    const text = '{ A: "${FROM_VARS}" }';
    expect(await args(text)).toEqual({ A: 'vars' });
    expect(await args(text, env)).toEqual({ A: 'env' });
    expect(await args(text, env, { set: new Map([['FROM_VARS', 'set']]) })).toEqual({ A: 'set' });
  });

  test('an untrusted run reads the environment by a list', async () => {
    expect(await args('{ A: "${GITHUB_SHA}" }', env, UNTRUSTED)).toEqual({ A: 'abc' });
    expect(await args('{ A: "${FROM_VARS}" }', env, UNTRUSTED)).toEqual({ A: 'vars' });
    expect(await args('{ A: "${HOME}" }', { HOME: '/root' }, UNTRUSTED)).toEqual([
      'sea-trial.yml:2:43 variable "HOME" is set in the environment, which an untrusted run may not read; use --set or the input "set"',
    ]);
    expect(await args('[HOME]', { HOME: '/root' }, UNTRUSTED)).toEqual([
      'sea-trial.yml:2:39 variable "HOME" is set in the environment, which an untrusted run may not read; use --set or the input "set"',
    ]);
  });

  test('an argument without a value takes the variable, or is not given', async () => {
    expect(await args('[NAME, OTHER, E=]', { NAME: 'x' })).toEqual({ NAME: 'x', E: '' });
    expect(await args('{ NAME: , OTHER: }', { NAME: 'x' })).toEqual({ NAME: 'x' });
  });

  test('a name of every object is not set by itself', async () => {
    expect(await args('{ A: "${constructor}" }')).toEqual([
      'sea-trial.yml:2:43 variable "constructor" is not set; give it with --set, the environment or "vars"',
    ]);
  });

  test('a tag that a variable spoiled is none, and no other stands in its place', async () => {
    const text =
      'images: [{ name: a/b, tags: ["${A}", dev, "${B}"] }, { name: a/c, tags: "x${A}" }]';
    const config = await load(text);
    expect(lines(config)).toEqual(
      [
        ['30', 'A'],
        ['43', 'B'],
        ['73', 'A'],
      ].map(
        ([column, name]) =>
          `sea-trial.yml:1:${column} variable "${name}" is not set; give it with --set, the environment or "vars"`,
      ),
    );
    expect(config.images.map(({ targets }) => targets[0]?.tags)).toEqual([['dev'], []]);
  });

  test.each<[string, string]>([
    [
      'images: [{ name: a/b, tags: ["${V}"] }]',
      '"" is not a tag; allowed are up to 128 letters, digits and "_ . -", not beginning with "." or "-" (written as "${V}")',
    ],
    [
      'images: [{ name: a/b, build: { timeout: "${V}m" } }]',
      '"m" is not a duration; expected the form 90s, 5m or 1h30m (written as "${V}m")',
    ],
    ['images: [{ name: a/b, build: { target: "${V}" } }]', 'the text is empty (written as "${V}")'],
    [
      'publish: "${V}"\nimages: [{ name: a/b }]',
      '"" is not known here; there are: together, per-image (written as "${V}")',
    ],
  ])('what a variable made is shown as it is written, too: %s', async (text, message) => {
    const config = await load(text, {}, { V: '' });
    expect(config.problems.map((one) => one.message)).toEqual([message]);
  });

  test('what a variable spoiled has no second problem', async () => {
    const config = await load('images: [{ name: "a/${B}", platforms: ["${P}"] }]');
    expect(config.problems.map(({ message }) => message)).toEqual([
      'variable "B" is not set; give it with --set, the environment or "vars"',
      'variable "P" is not set; give it with --set, the environment or "vars"',
    ]);
    expect(config.images[0]?.targets[0]?.repository).toBe('a/');
  });
});
