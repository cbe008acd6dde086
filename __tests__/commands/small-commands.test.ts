import { describe, expect, test } from '@jest/globals';
import { clean } from '../../src/commands/clean.js';
import type { Console } from '../../src/commands/command.js';
import { emulation } from '../../src/commands/emulation.js';
import { errorText } from '../../src/commands/error-text.js';
import { evidenceProblems, saveEvidence } from '../../src/commands/evidence-file.js';
import { findingLines, sayFindings } from '../../src/commands/finding-lines.js';
import { runIdentity } from '../../src/commands/run-identity.js';
import { finding } from '../../src/evidence/index.js';
import { type Ports, realPorts } from '../../src/ports/index.js';
import { machine } from '../cleanup/machine.js';
import { request } from '../config/memory.js';
import { evidenceOf } from '../evidence/sample.js';
import { planOf } from '../plans.js';

const given = (
  words: readonly string[],
  options: Readonly<Record<string, readonly string[]>> = {},
) =>
  ({ words, options: new Map(Object.entries(options)) }) as unknown as Parameters<
    typeof clean.read
  >[0];

const START = { root: '/', env: {} } as unknown as Parameters<typeof clean.read>[1];

describe('sea-trial clean', () => {
  const VOLUME = `sea-trial-cache-${'a'.repeat(32)}`;

  /** What is printed by a cleaning of a machine, and its exit code. */
  async function cleaned(
    asked: { readonly json?: boolean; readonly caches?: boolean },
    answers: NonNullable<Parameters<typeof machine>[0]>['answers'] = {},
  ) {
    const printed: string[] = [];
    const screen = { out: (text: string) => printed.push(text) };
    const { ports, commands } = machine({ answers });
    const read = { json: false, caches: false, ...asked };
    const { exitCode } = await clean.run(read, ports, { screen } as unknown as Console);
    return { text: printed.join(''), exitCode, commands };
  }

  test('reads what is asked of it', () => {
    const reading = (options: Parameters<typeof given>[1]) => clean.read(given([], options), START);
    expect(reading({})).toEqual({ request: { json: false, caches: false } });
    expect(reading({ json: [], caches: [] })).toEqual({ request: { json: true, caches: true } });
  });

  test('says that nothing was left behind', async () => {
    const { text, exitCode } = await cleaned({});
    expect([text, exitCode]).toEqual(['Nothing was left behind.\n', 0]);
  });

  test('removes the caches of builds only where that is asked for', async () => {
    const answers = { 'volume ls --quiet --filter name=^sea-trial-cache': { stdout: VOLUME } };
    expect((await cleaned({}, answers)).commands.join('\n')).not.toContain('volume rm');
    const { text, exitCode } = await cleaned({ caches: true }, answers);
    expect([text, exitCode]).toEqual(['1 cache of builds with buildpacks removed\n', 0]);
  });

  test('says what remains, and what nobody knows of, and ends with 3 for the one alone', async () => {
    const answers = {
      'volume ls --quiet --filter name=^sea-trial-cache': { code: 1, stderr: 'no engine' },
      'volume ls --quiet --filter name=^pack': { stdout: 'pack-app-abcdefghij' },
    };
    const { text, exitCode } = await cleaned({ caches: true }, answers);
    const [problem, left] = text.split('\n');
    expect(problem).toBe('✘ caches of builds may be left: docker volume ls failed: no engine');
    expect(left).toMatch(/^Left in place, because nothing tells which build made it: 1 volume/);
    expect(exitCode).toBe(3);
    const known = await cleaned({}, answers);
    expect([known.text.split('\n')[0], known.exitCode]).toEqual(['Nothing was left behind.', 0]);
  });

  test('gives the same as JSON', async () => {
    const answers = { 'volume ls --quiet --filter name=^pack': { stdout: 'pack-app-abcdefghij' } };
    expect(JSON.parse((await cleaned({ json: true })).text)).toEqual({
      removed: [],
      problems: [],
      kept: [],
    });
    expect(JSON.parse((await cleaned({ json: true }, answers)).text).kept).toHaveLength(1);
  });
});

describe('sea-trial emulation', () => {
  const read = (words: readonly string[], options = {}) =>
    emulation.read(given(words, options), START);
  const messages = (words: readonly string[]) => {
    const reading = read(words);
    return 'problems' in reading ? reading.problems.map(({ message }) => message) : [];
  };

  test.each<[readonly string[], object]>([
    [['list'], { action: 'list', platforms: [] }],
    [['prove', 'linux/aarch64'], { action: 'prove', platforms: ['linux/arm64'] }],
    [['install', 'linux/arm64,linux/s390x'], { platforms: ['linux/arm64', 'linux/s390x'] }],
    [['remove', 'linux/arm64', 'linux/arm64'], { platforms: ['linux/arm64'] }],
  ])('%j is %j', (words, expected) => {
    expect(read(words)).toMatchObject({ request: { json: false, ...expected } });
    expect(read(words)).not.toHaveProperty('request.binfmtImage');
  });

  test('may have another image, and JSON', () => {
    expect(read(['prove'], { 'binfmt-image': ['a/b:1'], json: [] })).toEqual({
      request: { action: 'prove', platforms: [], binfmtImage: 'a/b:1', json: true },
    });
  });

  test.each<[readonly string[], readonly string[]]>([
    [[], ['emulation needs an action: list, prove, install, remove']],
    [['show'], ['emulation has no action "show"; there are: list, prove, install, remove']],
    [['list', 'linux/arm64'], ['emulation list shows everything; it takes no platforms']],
    [['prove', 'arm 64'], ['"arm 64" is not a platform; expected the form linux/arm64']],
  ])('%j is wrong: %j', (words, expected) => {
    expect(messages(words)).toEqual(expected);
  });
});

describe('an error that ends the program', () => {
  test('of the system is told as its sentence', () => {
    const full = Object.assign(new Error('x'), { code: 'ENOSPC', syscall: 'write' });
    expect(errorText(full)).toMatch(/^✘ .*full.*\n$/);
  });

  test('of ours is told whole, to be reported', () => {
    expect(errorText(new TypeError('it is undefined'))).toMatch(
      /^sea-trial itself failed; please report this: TypeError: it is undefined/,
    );
  });

  test('is no longer than a page or two, and no command to the runner', () => {
    const text = errorText(new Error(`\n::error::${'x'.repeat(30_000)}`));
    expect(text.length).toBeLessThan(20_200);
    expect(text).not.toMatch(/^::error/m);
  });
});

describe('the file for the evidence', () => {
  const { files } = realPorts();

  async function problemsOf(evidence: string | undefined) {
    const root = await files.makeTemporary('sea-trial-evidence-');
    try {
      await files.makeDirectory(`${root}/folder`);
      await files.write(`${root}/file`, 'x');
      const asked = request({ root, ...(evidence === undefined ? {} : { evidence }) });
      const found = await evidenceProblems(asked, { files } as Ports);
      expect(await files.list(root)).toEqual(['file', 'folder']);
      return found.map(({ message }) => message);
    } finally {
      await files.remove(root);
    }
  }

  test.each<[string | undefined, readonly string[]]>([
    [undefined, []],
    ['new.json', []],
    ['file', []],
    ['folder/new.json', []],
    ['none/new.json', ['--evidence none/new.json: there is no folder "none"']],
    ['folder', ['--evidence folder: this is a directory; the evidence needs a file of its own']],
    ['/dev/null', ['--evidence /dev/null: this is a device; the evidence needs a file of its own']],
    ['file/new.json', ['--evidence file/new.json: it cannot be written there (ENOTDIR)']],
  ])('%s: %j', async (evidence, expected) => {
    expect(await problemsOf(evidence)).toEqual(expected);
  });

  test('that cannot be written leaves the report valid, and says so', async () => {
    const root = await files.makeTemporary('sea-trial-evidence-');
    const save = (evidence?: string) =>
      saveEvidence(evidenceOf(), request({ root, ...(evidence && { evidence }) }), {
        files,
      } as Ports);
    expect(await save()).toBeUndefined();
    expect(await save('e.json')).toBeUndefined();
    expect(await files.list(root)).toEqual(['e.json']);
    expect(await save('none/e.json')).toMatch(
      /^The evidence could not be written to none\/e\.json \(.*ENOENT.*\)\. The report is valid nevertheless;/,
    );
    await files.remove(root);
  });
});

describe('a finding where nothing was run', () => {
  const location = { file: 'Dockerfile', line: 3 };

  test('has its place, its message and what to do', () => {
    const error = finding('build-failed', {}, 'It is wrong.', { location, remedy: 'Fix it.' });
    expect(findingLines(error)).toEqual([
      '✘ build-failed  Dockerfile:3',
      '    It is wrong.',
      '    → Fix it.',
    ]);
    const more = {
      severity: 'warning',
      location: { file: 'Dockerfile' },
      remedy: 'Fix it.',
    } as const;
    expect(findingLines(finding('build-failed', {}, 'x', more))[0]).toBe(
      '⚠ build-failed  Dockerfile',
    );
    const note = { severity: 'note', remedy: 'Nothing.' } as const;
    expect(findingLines(finding('build-failed', {}, 'x', note))).toEqual([
      '· build-failed',
      '    x',
    ]);
  });

  test('is said as the plan configures it, notes only where all are', () => {
    const findings = [
      finding('build-failed', {}, 'one'),
      finding('tree-differs', {}, 'two'),
      finding('go-main', {}, 'three'),
    ];
    const plan = planOf({ severities: { 'go-main': 'off' } });
    const said = (which: 'all' | 'no notes') => {
      const lines: string[] = [];
      sayFindings({ plan, findings }, { say: (text: string) => void lines.push(text) }, which);
      return lines.filter((line) => !line.startsWith(' '));
    };
    expect(said('all')).toEqual(['✘ build-failed\n', '· tree-differs\n']);
    expect(said('no notes')).toEqual(['✘ build-failed\n']);
  });
});

test.each([
  [{ GITHUB_RUN_ID: '42', GITHUB_RUN_ATTEMPT: '3' }, /^42-/, 3],
  [{ GITHUB_RUN_ATTEMPT: 'x' }, /^local-/, 1],
  [{}, /^local-/, 1],
])('a run in %j has an id of its own', (env, id, attempt) => {
  const first = runIdentity(env as Ports['env']);
  expect(first.id).toMatch(id);
  expect(first.attempt).toBe(attempt);
  expect(runIdentity(env as Ports['env']).id).not.toBe(first.id);
});
