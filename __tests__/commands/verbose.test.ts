import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { commandLine } from '../../src/commands/index.js';
import { verbose } from '../../src/commands/verbose.js';
import { createRedactor } from '../../src/evidence/index.js';
import { type Exec, realPorts } from '../../src/ports/index.js';
import { escapeCommands } from '../../src/report/index.js';
import { commandsIn } from '../e2e/commands.js';
import { captured } from '../github/captured.js';
import { hostile } from '../report/hostile.js';

const real = realPorts();
const env = { HIDDEN: 'a variable of the child' };
const nothing = { code: 0, signal: null, stdout: 'what it says', stderr: '' };

/** The line for a command that ends as is said. */
async function lineOf(
  args: readonly string[],
  { ended = nothing, file = 'docker', redactor = createRedactor(), cwd = '' } = {},
): Promise<string> {
  const lines: string[] = [];
  const exec = { run: () => Promise.resolve(ended) } as unknown as Exec;
  let now = 0;
  const clock = { ...real.clock, ticks: () => (now += 20.6) };
  const own = verbose({ exec, clock }, redactor, (line) => lines.push(line));
  await own.run({ file, args, env, input: 'an input', ...(cwd === '' ? {} : { cwd }) });
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}

/** What bash takes a line's words for. */
const wordsOf = (line: string) =>
  execFileSync('bash', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

describe('a command that is executed is one line', () => {
  test.each([
    ['well', nothing, 'exit code 0, 21 ms'],
    ['failed', { ...nothing, code: 125 }, 'exit code 125, 21 ms'],
    ['killed', { ...nothing, code: null, signal: 'SIGKILL' }, 'ended by SIGKILL, 21 ms'],
    [
      'not started',
      { ...nothing, code: null, notStarted: 'ENOENT' },
      'could not be started (ENOENT)',
    ],
  ])('that says how it ended: %s', async (_, ended, words) => {
    const line = await lineOf(['version'], { ended: ended as typeof nothing });
    expect(line).toBe(`docker version # ${words}`);
  });

  test('that a shell takes, in the folder where it was', async () => {
    const args = [
      '',
      '{{.ID}}',
      "it's",
      '$HOME `x` "y" \\ !',
      '~',
      '#',
      '*',
      'a\nb\tc',
      '\u001b[0m',
    ];
    expect(wordsOf(await lineOf(args))).toEqual(['docker', ...args]);
    expect(await lineOf(['x'], { cwd: '/a b' })).toMatch(/^\(cd '\/a b' && docker x\) # exit/);
  });

  test('that is not endless', async () => {
    const line = await lineOf(['x'.repeat(130_000), ...Array.from({ length: 5_000 }, () => 'y')]);
    expect(line.length).toBeLessThan(2_000);
    expect(line).toMatch(/^docker 'x{499}…' y .* # exit code 0, 21 ms; 4801 more arguments$/);
  });

  test('that shows neither environment nor input nor output', async () => {
    expect(await lineOf(['version'])).not.toMatch(/variable|input|says/);
  });
});

describe('a secret in an argument, where none should be,', () => {
  const redactor = createRedactor();
  redactor.learn('correct horse\nbattery "staple"');

  test.each([
    ['that the run knows', "it's correct horse", "'it'\\''s ***'"],
    ['of several lines', 'a correct horse\nbattery "staple"', "$'a ***\\n***'"],
    ['by its name', 'NPM_TOKEN=abc', "'NPM_TOKEN=***'"],
    ['by its name, as an option', '--build-arg=DB_PASSWORD=a b', "'--build-arg=DB_PASSWORD=***'"],
    ['by its look', `-H ghp_${'x'.repeat(36)}`, "'***'"],
    ['in an address', 'https://x:y@example.com/a.git#b', "'***'"],
    ['in some text', 'curl https://x@example.com/', "'curl https://***@example.com/'"],
  ])('%s is hidden', async (_, argument, shown) => {
    expect(await lineOf([argument], { redactor })).toBe(`docker ${shown} # exit code 0, 21 ms`);
  });

  test('is hidden from the moment it is known', async () => {
    const late = createRedactor();
    const lines = [await lineOf(['a-late-secret'], { redactor: late })];
    late.learn('a-late-secret');
    lines.push(await lineOf(['a-late-secret'], { redactor: late }));
    expect(lines.map((line) => line.includes('late'))).toEqual([true, false]);
  });
});

test('no argument is a command for the runner, whatever it is', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, fc.array(hostile), async (file, args) => {
      const line = await lineOf(args, { file });
      expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      expect(commandsIn(escapeCommands(line))).toEqual([]);
      const debug = await captured((runner) => runner.debug(escapeCommands(line)));
      expect(commandsIn(debug).map(({ name }) => name)).toEqual(['debug']);
      expect(debug.match(/\n/g)).toHaveLength(1);
    }),
  );
});

describe('on a command line', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await real.files.makeTemporary('sea-trial-verbose-');
    await real.files.write(`${folder}/Dockerfile`, 'FROM scratch\n');
    const image = '{ name: ghcr.io/a/b, platforms: [linux/amd64], build: { context: . } }';
    await real.files.write(`${folder}/sea-trial.yml`, `images: [${image}]\n`);
  });
  afterAll(() => rm(folder, { recursive: true }));

  function terminal() {
    const [out, say]: [string[], string[]] = [[], []];
    const size = { columns: () => 80, rows: () => 24 };
    return {
      out,
      say,
      screen: { ...size, live: true, colour: true, out: into(out), say: into(say) },
    };
  }

  async function plan(argv: readonly string[], more: Readonly<Record<string, string>> = {}) {
    const { out, say, screen } = terminal();
    const started: string[] = [];
    const exec: Exec = {
      ...real.exec,
      run(command, limit) {
        started.push(command.args.join(' '));
        return real.exec.run(command, limit);
      },
    };
    const { PATH = '' } = process.env;
    const ports = { ...real, exec, env: { PATH, HOME: folder, ...more } };
    const code = await commandLine(['plan', '--json', ...argv], folder, ports, screen);
    const lines = say.join('').split('\n');
    return { code, document: JSON.parse(out.join('')), lines, started };
  }
  const into = (texts: string[]) => (text: string) => void texts.push(text);
  const told = (lines: readonly string[]) => lines.filter((line) => line.includes(' # exit code '));

  test.each([
    ['--verbose', ['--verbose'], {}],
    ['RUNNER_DEBUG=1', [], { RUNNER_DEBUG: '1' }],
  ])('%s tells of each on stderr, dimmed, and stdout is the document', async (_, argv, more) => {
    const { code, document, lines, started } = await plan(argv, more);
    expect([code, document.images.length]).toEqual([0, 1]);
    expect(started.length).toBeGreaterThan(0);
    expect(told(lines)).toHaveLength(started.length);
    for (const line of told(lines)) {
      expect(line.startsWith('\u001b[2mgit -') && line.endsWith(' ms\u001b[22m')).toBe(true);
    }
  });

  test.each([
    ['nothing', {}],
    ['RUNNER_DEBUG=0', { RUNNER_DEBUG: '0' }],
  ])('%s tells of none', async (_, more) => {
    const { started, lines } = await plan([], more);
    expect([started.length > 0, told(lines)]).toEqual([true, []]);
  });

  test.each([
    [[], true],
    [['--verbose'], false],
  ])('no rows are redrawn between the lines: %j', async (argv, redrawn) => {
    const { say, screen } = terminal();
    // Without docker it ends soon.
    const ports = { ...real, env: { PATH: `${folder}/bin`, HOME: folder } };
    expect(await commandLine(['run', ...argv], folder, ports, screen)).toBe(3);
    const text = say.join('');
    expect([text.includes('\u001b[K'), text.includes('could not be started (ENOENT)')]).toEqual([
      redrawn,
      !redrawn,
    ]);
  });

  test('in a step of a workflow the lines are plain, and no commands', async () => {
    const { lines, started } = await plan(['--verbose'], { GITHUB_ACTIONS: 'true' });
    expect(told(lines).filter((line) => line.startsWith('git -'))).toHaveLength(started.length);
    expect(commandsIn(lines.join('\n'))).toEqual([]);
  });
});
