import { describe, expect, test } from '@jest/globals';
import { fromInputs } from '../../src/config/index.js';
import { isStart, runsInContainer, startTest } from '../../src/kinds/index.js';
import { lines, load, MODES } from '../config/memory.js';

const FILES = { Dockerfile: '', data: '' };

/** What the inputs describe. */
function loadInputs(given: Readonly<Record<string, string>>) {
  const asked = fromInputs(new Map(Object.entries(given)), { root: '/work', env: {} }, MODES);
  if ('problems' in asked) throw new Error(JSON.stringify(asked.problems));
  return load(FILES, asked.request);
}

/** What is read of one entry of `tests`, and what is wrong with it. */
async function entry(text: string) {
  const yaml = `images:\n  - name: acme/a\n    tests: [${text}]\n`;
  const config = await load({ ...FILES, 'sea-trial.yml': yaml });
  const [one] = config.images[0]?.tests ?? [];
  return { plan: one?.plan, one, problems: lines(config) };
}

const BARE = { kind: 'command', exitCode: 0, env: {}, mounts: [], timeout: 300_000 };

describe('what a test asks for', () => {
  test.each<[string, object]>([
    ['{ run: make test }', { ...BARE, name: 'make test', run: { shell: 'make test' } }],
    ['make test', { ...BARE, name: 'make test', run: { shell: 'make test' } }],
    ['{ run: [a, b c] }', { ...BARE, name: 'a b c', run: { exec: ['a', 'b c'] } }],
    ['{ run: "one\\n two" }', { ...BARE, name: 'one', run: { shell: 'one\n two' } }],
    [
      `{ run: ${'x'.repeat(130)} }`,
      { ...BARE, name: 'x'.repeat(120), run: { shell: 'x'.repeat(130) } },
    ],
    ['{ process: worker }', { ...BARE, name: 'process worker', process: 'worker' }],
    [
      '{ name: n, run: a, stdout: o, stderr: e, exit-code: 3, env: { A: b }, timeout: 90s }',
      {
        ...BARE,
        name: 'n',
        run: { shell: 'a' },
        stdout: 'o',
        stderr: 'e',
        exitCode: 3,
        env: { A: 'b' },
        timeout: 90_000,
      },
    ],
    [
      '{ run: a, user: u, workdir: /w, network: none }',
      { ...BARE, name: 'a', run: { shell: 'a' }, user: 'u', workdir: '/w', network: 'none' },
    ],
    [
      '{ run: a, on: host, workdir: sub }',
      { ...BARE, kind: 'host', name: 'a', run: { shell: 'a' }, workdir: 'sub' },
    ],
    ['{ run: a, on: image }', { ...BARE, name: 'a', run: { shell: 'a' } }],
    ...['data:/x', 'data:/x:ro', '{ source: data, target: /x }'].map((mount): [string, object] => [
      `{ run: a, mounts: [${mount.startsWith('{') ? mount : `"${mount}"`}] }`,
      { ...BARE, name: 'a', run: { shell: 'a' }, mounts: [{ source: 'data', target: '/x' }] },
    ]),
  ])('%s', async (text, plan) => {
    const read = await entry(text);
    expect(read.problems).toEqual([]);
    expect(read.plan).toEqual(plan);
  });

  test.each<[string, readonly object[]]>([
    ['{ run: a }', []],
    ['{ run: a, network: none }', []],
    ['{ run: a, network: host }', [{ grant: 'network.host', what: 'the host network in a test' }]],
    [
      '{ run: a, on: host }',
      [
        {
          grant: 'host-tests',
          what: 'a test on the host, in an untrusted run,',
          untrusted: true,
        },
      ],
    ],
  ])('%s needs %j', async (text, grants) => {
    expect((await entry(text)).one?.grants).toMatchObject(grants);
    expect((await entry(text)).one?.grants).toHaveLength(grants.length);
  });

  test('each text that becomes one argument is known by its test', async () => {
    const { one } = await entry('{ name: n, run: [a, b], env: { A: c } }');
    expect(one?.texts).toEqual([
      { what: 'test "n": "run"', text: 'a' },
      { what: 'test "n": "run"', text: 'b' },
      { what: 'test "n": the variable "A"', text: 'A=c' },
    ]);
  });

  test('platforms and processes have their places', async () => {
    const { one } = await entry('{ process: worker, platforms: [linux/arm64] }');
    expect(one?.platforms.map(({ value }) => value)).toEqual(['linux/arm64']);
    expect(one?.processes).toMatchObject([{ value: 'worker', at: { line: 3 } }]);
  });
});

describe('what is wrong with a test', () => {
  test.each<[string, readonly string[]]>([
    ['""', ['this test is empty; it needs a program to run']],
    ['{ run: " " }', ['this test is empty; it needs a program to run']],
    ['{ run: [" ", a] }', ['this test is empty; it needs a program to run']],
    [
      '{ run: a, workdir: sub }',
      ['"sub" is not absolute, as the "workdir" of a test in the image is'],
    ],
    [
      '{ process: "a b" }',
      ['"a b" is not a process type, which has letters, digits, ".", "_" and "-"'],
    ],
    ['{ process: a, run: b }', ['"process" starts a program by itself; write it or "run"']],
    [
      '{ run: a, mounts: ["data:/x:rw"] }',
      ['"data" cannot be written to: a test gets its own copy; leave out ":rw"'],
    ],
    ...['data:x', 'data', ':/x', 'data:/x:z', 'data:/x:ro:more'].map(
      (mount): [string, readonly string[]] => [
        `{ run: a, mounts: ["${mount}"] }`,
        ['a mount is SOURCE:TARGET, with an absolute target'],
      ],
    ),
    ...['user: u', 'mounts: ["data:/x"]', 'network: none', 'process: p'].map(
      (key): [string, readonly string[]] => [
        `{ run: a, on: host, ${key} }`,
        [`"${key.split(':')[0]}" is for containers; this test runs on the host`],
      ],
    ),
  ])('%s', async (text, words) => {
    const { problems } = await entry(text);
    expect(problems.map((line) => line.replace(/^\S+ /, ''))).toEqual(words);
  });
});

test('platforms without a test have one that starts the program of the image', () => {
  expect(startTest()).toEqual({ ...BARE, name: 'starts', kind: 'start' });
  expect(startTest(['linux/arm64'])).toEqual({ ...startTest(), platforms: ['linux/arm64'] });
  expect((['start', 'command', 'host'] as const).map((kind) => isStart({ kind }))).toEqual([
    true,
    false,
    false,
  ]);
  expect((['start', 'command', 'host'] as const).map((kind) => runsInContainer({ kind }))).toEqual([
    true,
    true,
    false,
  ]);
});

describe('what is no program', () => {
  const OPTION =
    "is an option; a test begins with its program, since the image's entrypoint is not put in front of it";
  const LIST = 'a program with its arguments is a list in the list';

  test.each<[string, readonly string[]]>([
    ['[/pilot, --version]', [`4:21 "--version" ${OPTION}; ${LIST}: [[/pilot, --version]]`]],
    [
      '[/pilot, --config, x, -v]',
      [`4:21 "--config" ${OPTION}; ${LIST}: [[/pilot, --config, x, -v]]`],
    ],
    [
      '[a, b, -c, { run: d }, -e]',
      [`4:19 "-c" ${OPTION}; ${LIST}: [[b, -c]]`, `4:35 "-e" ${OPTION}`],
    ],
    ['[--version]', [`4:13 "--version" ${OPTION}`]],
    ['--version', [`4:12 "--version" ${OPTION}`]],
    ['[{ run: " -v" }, { run: [-x, a] }]', [`4:20 " -v" ${OPTION}`, `4:37 "-x" ${OPTION}`]],
    ['[[/pilot, --version], "pilot --version"]', []],
  ])('tests: %s', async (tests, expected) => {
    const yaml = `images:\n  - name: acme/a\n    platforms: [linux/amd64, linux/arm64]\n    tests: ${tests}\n`;
    const config = await load({ ...FILES, 'sea-trial.yml': yaml });
    expect(lines(config)).toEqual(expected.map((one) => `sea-trial.yml:${one}`));
  });

  test('an option as the input', async () => {
    const config = await loadInputs({ tags: 'acme/a', test: '--version' });
    expect(lines(config)).toEqual([`input "test" "--version" ${OPTION}`]);
  });

  test.each<[string, string]>([
    [`tests: '["/pilot", "--version"]'`, '4:12 QUOTED: tests: [["/pilot", "--version"]]'],
    [`tests: ['["/{arch}", "-v"]']`, '4:13 QUOTED: tests: [["/{arch}", "-v"]]'],
    [`tests: '[ "/pilot", "-v" ]'`, '4:12 QUOTED: tests: [[ "/pilot", "-v" ]]'],
    [`tests: [{ name: a, run: ' ["x"]' }]`, '4:29 QUOTED: run: ["x"]'],
  ])('a list in quotes: %s', async (tests, expected) => {
    const yaml = `images:\n  - name: acme/a\n    platforms: [linux/amd64, linux/arm64]\n    ${tests}\n`;
    const quoted =
      'this test is a list in quotes, which a shell would get as one text; leave out the quotes around the list';
    expect(lines(await load({ ...FILES, 'sea-trial.yml': yaml }))).toEqual([
      `sea-trial.yml:${expected.replace('QUOTED', quoted)}`,
    ]);
  });

  test.each([
    '[ -f /etc/passwd ]',
    '["a"] || true',
    '[ "$(id -u)" = "0" ]',
    '[ "$A" ]',
    '[ "$A" = "b", ]',
  ])('%s is a command', async (text) => {
    const { problems } = await entry(JSON.stringify(text));
    expect(problems).toEqual([]);
  });

  test('as the input, that list is one', async () => {
    const config = await loadInputs({ tags: 'acme/a', test: '["/a", "-v"]' });
    expect(lines(config)).toEqual([]);
  });
});
