import { describe, expect, test } from '@jest/globals';
import { atWork, DETECTED, DETECTED_VERBOSE, finished, readOutput, SECRET } from './output.js';

const PYTHON = 'heroku/python@0.25.0';
const PROCFILE = 'heroku/procfile@4.0.0';

describe('the output of a build with buildpacks', () => {
  test('phases become steps by their names in the Platform API, with times', () => {
    const { progress, news } = readOutput(
      ...DETECTED,
      'Installing Python',
      '===> EXPORTING',
      "Adding layer 'heroku/python:python'",
    );
    expect(progress.steps()).toEqual([
      { name: 'analyze', cached: false, started: '2026-01-01T00:00:00.000Z', duration: 2000 },
      { name: 'detect', cached: false, started: '2026-01-01T00:00:02.000Z', duration: 3000 },
      { name: 'restore', cached: false, started: '2026-01-01T00:00:05.000Z', duration: 1000 },
      { name: 'build', cached: false, started: '2026-01-01T00:00:06.000Z', duration: 2000 },
      { name: 'export', cached: false, started: '2026-01-01T00:00:08.000Z', duration: 1000 },
    ]);
    expect(news.flatMap(({ step }) => step ?? [])).toEqual([
      'analyze',
      'detect',
      'restore',
      'build',
      'export',
    ]);
    expect(progress.buildpacks()).toEqual(['heroku/python 0.25.0', 'heroku/procfile 4.0.0']);
  });

  test('each buildpack is a step where the lifecycle names it, and only its own lines are shown', () => {
    const { progress, news, shown } = readOutput(
      ...DETECTED_VERBOSE,
      ...atWork(PYTHON, 'Installing Python', 'Looking up buildpack'),
      ...finished(PYTHON),
      ...atWork(PROCFILE, '', 'Reading Procfile'),
    );
    const names = [
      'analyze',
      'detect',
      'restore',
      'build heroku/python 0.25.0',
      'build heroku/procfile 4.0.0',
    ];
    expect(progress.steps().map(({ name }) => name)).toEqual(names);
    expect(news.flatMap(({ step }) => step ?? [])).toEqual(names);
    expect(shown.slice(shown.indexOf('Installing Python'))).toEqual([
      'Installing Python',
      'Looking up buildpack',
      '',
      'Reading Procfile',
    ]);
    expect(shown).not.toContainEqual(expect.stringMatching(/Timer|Settings|Args|descriptor/));
    expect(progress.last()).toMatchObject({
      phase: 'build',
      buildpack: 'heroku/procfile 4.0.0',
      log: ['', 'Reading Procfile'],
    });
    expect(progress.buildpacks()).toEqual(['heroku/python 0.25.0', 'heroku/procfile 4.0.0']);
  });

  test("what comes before the first phase is the pull of the builder, without its layers' progress", () => {
    const { progress, shown } = readOutput(
      `heroku/builder@sha256:${'1'.repeat(64)}: Pulling from heroku/builder`,
      '31830178ed2f: Pulling fs layer',
      '31830178ed2f: Pull complete',
      'Status: Downloaded newer image for heroku/builder',
      '===> ANALYZING',
    );
    expect(progress.steps()[0]).toMatchObject({ name: 'pull heroku/builder', duration: 4000 });
    expect(shown).toEqual(['Status: Downloaded newer image for heroku/builder']);
  });

  test('colours, prefixes of untrusted builders and line ends are taken off, and secrets masked', () => {
    const { progress, shown } = readOutput(
      '\u001b[36m===> DETECTING\u001b[0m',
      '[\u001b[36mdetector\u001b[0m] heroku/python 0.25.0\r',
      '===> BUILDING',
      `[builder] \u001b[1mtoken ${SECRET.slice(0, 4)}\u001b[0m${SECRET.slice(4)}`,
    );
    expect(progress.steps().map(({ name }) => name)).toEqual(['detect', 'build']);
    expect(shown[0]).toBe('heroku/python 0.25.0');
    expect(shown[1]).toMatch(/^token \*+$/);
    expect(progress.buildpacks()).toEqual(['heroku/python 0.25.0']);
  });

  test("what the lifecycle's words of level debug would hide is shown where a buildpack writes it", () => {
    const { shown } = readOutput(...DETECTED, 'Finding plan', 'Timer: mine');
    expect(shown.slice(-2)).toEqual(['Finding plan', 'Timer: mine']);
  });

  test('the last step has the error that the build ended with, and pack tells its exit code', () => {
    const { progress } = readOutput(
      ...DETECTED,
      'no such version',
      'ERROR: failed to build: exit status 1',
      'ERROR: failed to build: executing lifecycle: failed with status code: 51',
    );
    expect(progress.status()).toBe(51);
    expect(progress.steps().at(-1)).toMatchObject({
      name: 'build',
      error: 'failed to build: executing lifecycle: failed with status code: 51',
    });
    expect(progress.steps().slice(0, -1)).not.toContainEqual(
      expect.objectContaining({ error: expect.anything() }),
    );
  });

  test('warnings are those of pack and the lifecycle, each once, and none that a buildpack writes', () => {
    const lifecycle = [
      'Warning: a builder is old',
      ...DETECTED_VERBOSE,
      ...atWork(PYTHON, 'Warning: of the buildpack'),
      ...finished(PYTHON),
      'Warning: of the builder',
      '===> EXPORTING',
      "[\u001b[36mexporter\u001b[0m] \u001b[33;1mWarning: \u001b[0mFailed to cache layer 'a:b'",
      'Warning: Detected pack is running in a container. If using a shared docker host',
      "Warning: Failed to cache layer 'a:b'",
    ];
    expect(readOutput(...lifecycle).progress.warnings()).toEqual([
      'a builder is old',
      'of the builder',
      "Failed to cache layer 'a:b'",
    ]);
    const quiet = readOutput(...DETECTED, 'Warning: whose is it', '===> EXPORTING', 'Warning: x');
    expect(quiet.progress.warnings()).toEqual(['x']);
    const detecting = [
      '===> DETECTING',
      'Warning: y',
      '======== Output: a@1 ========',
      'Warning: z',
    ];
    expect(readOutput(...detecting, '===> RESTORING').progress.warnings()).toEqual(['y']);
  });

  test('buildpacks that take part stand behind the last answers, and not in what one has written', () => {
    const { progress } = readOutput(
      '===> DETECTING',
      '======== Output: a/b@1.0 ========',
      'python 3.12',
      '======== Results ========',
      'pass: a/b@1.0',
      'a/b  1.0',
      'none of them',
      '===> BUILDING',
      'ruby 3.4',
    );
    expect(progress.buildpacks()).toStrictEqual(['a/b 1.0']);
    expect(readOutput('===> DETECTING', 'a/b  1.0').progress.buildpacks()).toStrictEqual([
      'a/b 1.0',
    ]);
  });

  test('the step under way has its age, and is silent since its last line', () => {
    expect(readOutput('a line').progress.running(0)).toStrictEqual([]);
    const { progress } = readOutput(...DETECTED, 'Installing Python');
    const from = Date.parse('2026-01-01T00:00:00Z');
    expect(progress.running(from + 10_000)).toStrictEqual([
      { name: 'build', age: 4000, silence: 3000, log: ['Installing Python'] },
    ]);
  });

  test('a buildpack that writes lines of the lifecycle makes a limited number of steps', () => {
    const { progress } = readOutput(
      ...DETECTED,
      ...Array.from({ length: 2000 }, () => '===> BUILDING'),
      '===> EXPORTING',
    );
    expect(progress.steps()).toHaveLength(501);
    expect(progress.last()?.phase).toBe('export');
  });

  test('of errors that are many the last are kept, and its own of each step', () => {
    const many = Array.from({ length: 50 }, (_, at) => `ERROR: no ${at}`);
    const { progress } = readOutput('===> ANALYZING', ...many, '===> DETECTING', 'ERROR: that');
    expect(progress.errors()).toHaveLength(40);
    expect([progress.errors()[0], progress.errors().at(-1)]).toEqual(['no 11', 'that']);
    expect(progress.last()?.errors).toStrictEqual(['that']);
    expect(progress.status()).toBeUndefined();
  });

  test('of warnings that are many the first are kept', () => {
    const many = Array.from({ length: 150 }, (_, at) => `Warning: no ${at}`);
    const warnings = readOutput('===> ANALYZING', ...many).progress.warnings();
    expect([warnings.length, warnings[0], warnings.at(-1)]).toEqual([100, 'no 0', 'no 99']);
  });

  test('a line that is no error is none', () => {
    const { progress } = readOutput('===> ANALYZING', 'no error', 'an ERROR: within');
    expect([progress.errors(), progress.last()?.errors]).toStrictEqual([[], []]);
    expect(progress.steps()).toStrictEqual([
      { name: 'analyze', cached: false, started: '2026-01-01T00:00:00.000Z', duration: 2000 },
    ]);
  });

  test('nothing that was written is nothing', () => {
    const { progress, news } = readOutput();
    expect([
      progress.steps(),
      progress.text(),
      progress.errors(),
      progress.warnings(),
    ]).toStrictEqual([[], [], [], []]);
    expect([progress.last(), progress.buildpacks(), progress.detections(), news]).toStrictEqual([
      undefined,
      [],
      [],
      [],
    ]);
  });

  test.each([
    '===> UNKNOWN',
    '===> BUILDING it',
    ' ===> BUILDING',
    'Running build for buildpack a/b@1.0',
    'a/b: Pulling from a/b',
  ])('%j is no step in the phase "detect"', (line) => {
    const { progress, shown } = readOutput('===> DETECTING', line);
    expect(progress.steps().map(({ name }) => name)).toEqual(['detect']);
    expect(shown).toEqual([line]);
  });

  test.each([
    ['===> EXTENDING (BUILD)', 'extend the build image'],
    ['===> EXTENDING (RUN)', 'extend the run image'],
    ['r.io:5000/a/b@sha256:1: Pulling from a/b', 'pull r.io:5000/a/b'],
    ['a/b:1: Pulling from a/b', 'pull a/b:1'],
  ])('%j begins the step %s', (line, name) => {
    const { progress, news } = readOutput(line);
    expect(progress.steps().map((step) => step.name)).toEqual([name]);
    expect(news).toStrictEqual([{ step: name, output: [] }]);
  });

  test('of a long output the last lines are kept', () => {
    const { progress } = readOutput(
      ...DETECTED,
      ...Array.from({ length: 500 }, (_, at) => `line ${at}`),
    );
    expect(progress.last()?.log).toHaveLength(40);
    expect(progress.text()).toHaveLength(200);
    expect(progress.text().at(-1)).toBe('line 499');
  });
});
