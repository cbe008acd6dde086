import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { realScreen } from '../../src/ports/index.js';

/** An output that keeps what it takes, with what node adds for a terminal. */
function output(more: object = {}) {
  const stream = new PassThrough();
  let text = '';
  stream.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  const written = () => new Promise((resolve) => setImmediate(() => resolve(text)));
  return { stream: Object.assign(stream, more) as unknown as NodeJS.WriteStream, written };
}

const failing = (code: string) => Object.assign(new Error(`${code}: write`), { code });

describe('the size of a terminal', () => {
  test.each([
    ['as it says', { columns: 120, rows: 50 }, [120, 50]],
    ['that says 0, as one without a window does', { columns: 0, rows: 0 }, [80, 24]],
    ['that is none', {}, [80, 24]],
  ])('%s', (_, size, expected) => {
    const [stdout, stderr] = [output().stream, output(size).stream];
    const screen = realScreen({ stdout, stderr });
    expect([screen.columns(), screen.rows()]).toEqual(expected);
  });
});

describe('what is coloured and redrawn', () => {
  const NAMES = ['NO_COLOR', 'FORCE_COLOR', 'TERM'] as const;
  const kept = NAMES.map((name) => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  afterEach(() => {
    for (const [name, value] of kept) set(name, value);
  });

  type Variables = Readonly<Partial<Record<(typeof NAMES)[number], string>>>;

  test.each<[Variables, boolean, boolean, boolean]>([
    [{}, true, true, true],
    [{}, false, false, false],
    [{ TERM: 'dumb' }, true, false, false],
    [{ NO_COLOR: '1' }, true, false, true],
    [{ NO_COLOR: '' }, true, true, true],
    [{ NO_COLOR: '' }, false, false, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false, true],
    [{ FORCE_COLOR: '1' }, false, true, false],
    [{ FORCE_COLOR: '1', TERM: 'dumb' }, true, true, false],
    [{ FORCE_COLOR: '0' }, false, false, false],
    [{ FORCE_COLOR: '' }, false, false, false],
    [{ FORCE_COLOR: '0' }, true, true, true],
  ])('with %j, and a terminal: %s', (variables, isTTY, colour, live) => {
    for (const name of NAMES) set(name, variables[name]);
    const terminal = output({ isTTY }).stream;
    const screen = realScreen({ stdout: terminal, stderr: terminal });
    expect([screen.colour, screen.live]).toEqual([colour, live]);
  });

  test('the result decides on colours, and progress on what is redrawn', () => {
    for (const name of NAMES) set(name, undefined);
    const [terminal, pipe] = [output({ isTTY: true }).stream, output().stream];
    const screens = [
      realScreen({ stdout: terminal, stderr: pipe }),
      realScreen({ stdout: pipe, stderr: terminal }),
    ];
    expect(screens.map(({ colour, live }) => [colour, live])).toEqual([
      [true, false],
      [false, true],
    ]);
  });
});

describe('an output that fails', () => {
  const before = process.listeners('exit');
  afterEach(() => {
    const added = process.listeners('exit').filter((one) => !before.includes(one));
    for (const one of added) process.off('exit', one);
  });

  test.each([['EPIPE'], ['EIO']])(
    'by %s is written to no more, and nothing is said',
    async (code) => {
      const [stdout, stderr] = [output(), output()];
      const screen = realScreen({ stdout: stdout.stream, stderr: stderr.stream });
      screen.out('one');
      stdout.stream.emit('error', failing(code));
      screen.out('two');
      screen.say('three');
      expect([await stdout.written(), await stderr.written()]).toEqual(['one', 'three']);
      expect(process.listeners('exit')).toEqual(before);
    },
  );

  test('by anything else is told, once', async () => {
    const [stdout, stderr] = [output(), output()];
    realScreen({ stdout: stdout.stream, stderr: stderr.stream });
    stdout.stream.emit('error', failing('ENOSPC'));
    stdout.stream.emit('error', failing('ENOSPC'));
    expect(await stderr.written()).toBe('The output could not be written: ENOSPC: write\n');
    expect(process.listeners('exit').length).toBe(before.length + 1);
  });

  test.each([
    [0, 3],
    [1, undefined],
  ])('makes of the exit code %d: %s', (code, expected) => {
    const { exitCode } = process;
    const [stdout, stderr] = [output(), output()];
    realScreen({ stdout: stdout.stream, stderr: stderr.stream });
    stdout.stream.emit('error', failing('ENOSPC'));
    try {
      process.exitCode = undefined;
      process.listeners('exit').at(-1)?.(code);
      expect(process.exitCode).toBe(expected);
    } finally {
      process.exitCode = exitCode;
    }
  });
});
