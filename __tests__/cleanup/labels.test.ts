import { describe, expect, test } from '@jest/globals';
import {
  labelsOf,
  type Owner,
  ownerText,
  readLabels,
  readOrigin,
  readOwner,
} from '../../src/cleanup/labels.js';
import { addedBy, hasEnded, reliedOn } from '../../src/cleanup/noted-handlers.js';
import {
  engineVariables,
  folderRun,
  type Made,
  type RunLeftovers,
  readRecord,
  stateFolder,
  temporaryFolder,
  towardsEngine,
} from '../../src/cleanup/run-record.js';

const RUN = 'local-00000001';
const STARTED = '2026-01-01T00:00:00.000Z';
const PROCESS = { host: 'h', boot: 'b', space: 's', pid: 7, started: '1' };
const ORIGIN = { run: RUN, started: STARTED, process: PROCESS };

describe('what a thing says of the run that made it', () => {
  test('is read as it was written', () => {
    const labels = labelsOf(ORIGIN);
    expect(Object.keys(labels)).toEqual([
      'sea-trial.run',
      'sea-trial.started',
      'sea-trial.process',
    ]);
    const [run = '', started = '', process = ''] = Object.values(labels);
    expect(readLabels(run, started, process)).toEqual(ORIGIN);
    expect(readOrigin(JSON.stringify(ORIGIN))).toEqual(ORIGIN);
    const owner: Owner = { ...ORIGIN, builder: 'b', keepState: true };
    expect(ownerText(owner)).toMatch(/^[\w-]+$/);
    expect(readOwner(ownerText(owner))).toEqual(owner);
    expect(readOwner(ownerText({ ...owner, keepState: false }))).toMatchObject({
      keepState: false,
    });
  });

  test.each([
    ['', STARTED, undefined],
    ['local', STARTED, undefined],
    [RUN, 'yesterday', { run: RUN }],
    [RUN, '', { run: RUN }],
    [RUN, STARTED, { run: RUN, started: STARTED }],
  ])('of the run %j, started %j: %j', (run, started, expected) => {
    expect(readLabels(run, started, '')).toEqual(expected);
  });

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ...(['host', 'boot', 'space', 'started'] as const).map((key): [string, string] => [
      `no text as ${key}`,
      JSON.stringify({ ...PROCESS, [key]: 1 }),
    ]),
    ['no number as pid', JSON.stringify({ ...PROCESS, pid: '7' })],
  ])('with a process of %s says nothing of that', (_, process) => {
    expect(readLabels(RUN, STARTED, process)).toEqual({ run: RUN, started: STARTED });
  });

  test('holds no more than it may', () => {
    const more = JSON.stringify({ ...ORIGIN, process: { ...PROCESS, more: 'x' }, made: [{}] });
    expect(readOrigin(more)).toEqual(ORIGIN);
    for (const text of ['', '{', '[]', '"x"', '{"run":"x"}']) {
      expect(readOrigin(text)).toBeUndefined();
    }
  });

  test.each([
    ['no text', ''],
    ['no builder', Buffer.from(JSON.stringify(ORIGIN)).toString('base64url')],
    ['no run', Buffer.from('{"builder":"b"}').toString('base64url')],
  ])('as the owner of a builder is nobody with %s', (_, text) => {
    expect(readOwner(text)).toBeUndefined();
  });

  test('that keeps its state only if it says so', () => {
    const text = Buffer.from(JSON.stringify({ ...ORIGIN, builder: 'b', keepState: 'yes' }));
    expect(readOwner(text.toString('base64url'))).toMatchObject({ keepState: false });
  });
});

describe('where a run was', () => {
  test('on which engine is said by variables that are no secrets, and they lead there again', () => {
    const env = { DOCKER_HOST: 'unix:///x', DOCKER_CONTEXT: '', DOCKER_PASSWORD: 'p', HOME: '/h' };
    expect(engineVariables(env)).toEqual({ DOCKER_HOST: 'unix:///x' });
    expect(towardsEngine({ ...env, BUILDX_CONFIG: '/b' }, { DOCKER_CONTEXT: 'far' })).toEqual({
      DOCKER_PASSWORD: 'p',
      HOME: '/h',
      DOCKER_CONTEXT: 'far',
    });
  });

  test.each([
    [{ XDG_STATE_HOME: '/x', HOME: '/h', RUNNER_TEMP: '/r' }, '/x/sea-trial'],
    [{ HOME: '/h', RUNNER_TEMP: '/r' }, '/h/.local/state/sea-trial'],
    [{ HOME: '', RUNNER_TEMP: '/r' }, '/r/sea-trial'],
  ])('its records are kept with %j in %s', (env, folder) => {
    expect(stateFolder(env as Record<string, string>)).toBe(folder);
  });

  test('has no records where there is no folder for them', () => {
    expect(() => stateFolder({})).toThrow('set HOME or XDG_STATE_HOME');
    expect(() => stateFolder({})).toThrow(expect.objectContaining({ code: 'failed' }));
  });

  test.each([
    [{ RUNNER_TEMP: '/r', TMPDIR: '/t' }, ['/r', 'RUNNER_TEMP']],
    [{ RUNNER_TEMP: '', TMPDIR: '/t', TEMP: '/u' }, ['/t', 'TMPDIR']],
    [{ TEMP: '/u' }, ['/u', 'TEMP']],
    [{}, ['/tmp', 'TMPDIR']],
  ])('its folders are with %j in %j', (env, expected) => {
    expect(temporaryFolder(env as Record<string, string>)).toEqual(expected);
  });

  test.each([
    [`sea-trial-${RUN}-abc123`, RUN],
    [`sea-trial-${RUN}-abc1234`, undefined],
    [`sea-trial-${RUN}-abc-23`, undefined],
    [`x-sea-trial-${RUN}-abc123`, undefined],
    ['sea-trial-other-abc123', undefined],
  ])('a folder %s is of the run %s', (name, run) => {
    expect(folderRun(name)).toBe(run);
  });
});

describe('a record', () => {
  const HEAD = { ...ORIGIN, temporary: '/tmp', engine: {} };
  const read = (head: object, ...made: readonly string[]) =>
    readRecord(`/s/${RUN}.jsonl`, [JSON.stringify(head), ...made].join('\n'));

  test('has what was made, and nothing that is not known', () => {
    const known = [
      '{"answered":"28"}',
      '{"image":"a"}',
      '{"builder":"b"}',
      '{"handlers":[]}',
      '{"relies":[]}',
      '{"removing":[]}',
      '{"settled":[]}',
    ];
    const others = ['{"image":1}', '{"handlers":"x"}', '{"other":"x"}', '[]', '7', '', '{"ima'];
    expect(read(HEAD, ...known, ...others)).toEqual({
      ...HEAD,
      path: `/s/${RUN}.jsonl`,
      made: known.map((line) => JSON.parse(line)),
    });
  });

  test.each([
    ['its run', { ...HEAD, run: 'x' }],
    ['its own run', { ...HEAD, run: 'local-00000002' }],
    ['its start', { ...HEAD, started: 1 }],
    ['its folder', { ...HEAD, temporary: undefined }],
    ['its process', { ...HEAD, process: 'x' }],
    ['its engine', { ...HEAD, engine: [] }],
  ])('is none without %s', (_, head) => {
    expect(read(head)).toBeUndefined();
  });

  const remains = (...made: readonly Made[]) => ({ ...HEAD, made }) as RunLeftovers;
  const added = (...handlers: readonly string[]) => ({ handlers, installer: 'i', platform: 'p' });

  test('tells which handlers were added and are to be removed', () => {
    expect(addedBy(remains(added('a', 'b'), added('c'), { settled: ['a', 'c'] }))).toEqual([
      added('b'),
    ]);
    expect(addedBy(remains())).toEqual([]);
  });

  test('tells which handlers are used: the last line holds, and an empty one ends it', () => {
    expect(reliedOn(remains())).toBeUndefined();
    expect(reliedOn(remains({ relies: ['a'] }, { relies: ['b'] }))).toEqual(['b']);
    expect(hasEnded(remains())).toBe(false);
    expect(hasEnded(remains({ relies: ['a'] }))).toBe(false);
    expect(hasEnded(remains({ relies: ['a'] }, { relies: [] }))).toBe(true);
  });
});
