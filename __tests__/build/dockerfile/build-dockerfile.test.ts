import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { DockerfileOrder } from '../../../src/build/dockerfile/command.js';
import { build } from '../../../src/build/index.js';
import { createRedactor, type Event } from '../../../src/evidence/index.js';
import { createLayout } from '../../../src/oci/index.js';
import { type Command, type Exit, realPorts } from '../../../src/ports/index.js';
import { exportTar, makeExport } from '../../oci/images.js';
import { plannedBuild, plannedImage } from '../../plans.js';
import { quickClock } from '../../test/engine.js';

const { files, ...real } = realPorts();
const folders: string[] = [];

afterEach(async () => {
  for (const one of folders.splice(0)) await files.remove(one);
});

const TO = { image: 'greeter', platform: 'linux/amd64' };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const started = '2026-01-01T00:00:00Z';
const STEP = '[2/2] RUN make';
const RUNS = JSON.stringify({ vertexes: [{ digest: 'a', name: STEP, started }] });
const SAYS = JSON.stringify({ logs: [{ vertex: 'a', data: base64('one\ntwo\n') }] });
const FAILS = JSON.stringify({
  vertexes: [{ digest: 'a', name: STEP, started, completed: started, error: 'exit code: 3' }],
});
const WARNS = JSON.stringify({
  warnings: [
    {
      vertex: 'a',
      short: base64('JSONArgsRecommended: use JSON'),
      url: 'https://docs.docker.com/go/x',
      sourceInfo: { filename: 'Dockerfile' },
      range: [{ start: { line: 3 }, end: { line: 3 } }],
    },
  ],
});

interface Described {
  readonly order?: Partial<DockerfileOrder>;
  /** What buildx writes to its output; default: a whole image. */
  readonly bytes?: Buffer;
  readonly progress?: readonly string[];
  readonly exit?: Partial<Exit>;
  readonly signal?: AbortSignal;
  /** It does not end before it is ended. */
  readonly hangs?: boolean;
}

/** Builds the image `greeter` for linux/amd64; buildx is the test's. */
async function built(described: Described = {}) {
  const made = makeExport();
  const { bytes = exportTar(made), progress = [], exit = {}, signal } = described;
  const folder = await files.makeTemporary('sea-trial-build-');
  folders.push(folder);
  const commands: Command[] = [];
  const start = (command: Command) => {
    commands.push(command);
    const end = { code: 0, signal: null, ...exit };
    const stopped = new Promise<Exit>((resolve) => {
      const over = () => resolve({ code: null, signal: 'SIGTERM' });
      if (command.signal?.aborted) over();
      command.signal?.addEventListener('abort', over);
    });
    const ending = described.hangs ? stopped : Promise.resolve<Exit>(end);
    return {
      stdout: Readable.from(described.hangs ? [] : [bytes]),
      stderr: Readable.from(progress.map((line) => `${line}\n`)),
      exit: ending,
      kill() {},
    };
  };
  const events: Event[] = [];
  let ticks = 0;
  const order: DockerfileOrder = {
    image: plannedImage(),
    platform: TO.platform,
    root: '/src',
    builder: 'farm',
    buildx: { file: '/plugins/docker-buildx', prefix: ['--debug'] },
    bases: [],
    secretVariables: new Map(),
    ...described.order,
  };
  const result = await build(order, {
    ports: {
      files,
      env: { PATH: '/bin', GITHUB_TOKEN: 'secret' },
      exec: { ...real.exec, start },
      clock: { ...quickClock(), ticks: () => (ticks += 0.6) },
    },
    layout: await createLayout(files, `${folder}/layout`),
    scans: new Map(),
    secretEnvironment: {},
    redactor: createRedactor(),
    listen: (event) => void events.push(event),
    ...(signal === undefined ? {} : { signal }),
  });
  return { ...result, events, commands, made };
}

const codes = ({ findings }: Awaited<ReturnType<typeof built>>) => findings.map(({ code }) => code);

describe('a build from a Dockerfile', () => {
  test('starts buildx in the workspace, and takes in what that exports', async () => {
    const { image, build: facts, findings, commands, made } = await built();
    expect(image?.facts.manifest.digest).toBe(made.manifest.digest);
    expect(findings).toEqual([]);
    expect(facts).toMatchObject({ started: '1970-01-01T00:00:00.000Z', bases: [], warnings: [] });
    expect(Number.isInteger(facts.duration)).toBe(true);
    const [{ file, args, env, cwd } = { args: [] }] = commands;
    expect([file, args.slice(0, 2), cwd, env]).toEqual([
      '/plugins/docker-buildx',
      ['--debug', 'build'],
      '/src',
      { PATH: '/bin' },
    ]);
  });

  test('has the bases that its provenance names, where that is not too large to be read', async () => {
    const materials = [{ uri: 'pkg:docker/golang@1.26', digest: { sha256: 'a'.repeat(64) } }];
    const attested = (predicate: object) =>
      exportTar(makeExport({ attested: true, predicate: { materials, ...predicate } }));
    const { build: facts } = await built({ bytes: attested({}) });
    expect(facts.bases).toStrictEqual([
      { reference: 'golang:1.26', digest: `sha256:${'a'.repeat(64)}` },
    ]);
    const large = await built({ bytes: attested({ log: 'x'.repeat(4 * 1024 * 1024) }) });
    expect([large.build.bases, large.image !== undefined]).toStrictEqual([[], true]);
  });

  test('tells its steps and what they write as they come', async () => {
    const { build: facts, events } = await built({ progress: [RUNS, SAYS] });
    expect(facts.steps).toMatchObject([{ name: STEP }]);
    expect(events).toEqual([
      { kind: 'trial', ...TO, phase: 'building', detail: STEP },
      { kind: 'output', ...TO, source: 'build', text: 'one' },
      { kind: 'output', ...TO, source: 'build', text: 'two' },
    ]);
  });

  test('tells which step goes on where another one has ended', async () => {
    const other = { digest: 'b', name: '[other 1/1] RUN test', started };
    const { events } = await built({
      progress: [
        RUNS,
        JSON.stringify({ vertexes: [other] }),
        JSON.stringify({ vertexes: [{ ...other, completed: started }] }),
      ],
    });
    expect(events.filter(({ kind }) => kind === 'remaining')).toStrictEqual([
      { kind: 'remaining', ...TO, step: STEP, age: expect.any(Number) },
    ]);
  });

  test('has a finding for each warning, with its line and where to read of it', async () => {
    const outcome = await built({ progress: [WARNS] });
    expect(outcome.findings).toMatchObject([
      {
        code: 'build-warning',
        severity: 'note',
        subject: TO,
        message: 'JSONArgsRecommended: use JSON',
        location: { file: 'Dockerfile', line: 3 },
        remedy: 'https://docs.docker.com/go/x',
      },
    ]);
    expect(outcome.image).toBeDefined();
  });

  test('names the machine that built it, where that is known', async () => {
    const nodes = [{ name: 'there', native: false }];
    expect((await built({ order: { nodes } })).build).toMatchObject({
      node: 'there',
      emulated: true,
    });
    expect((await built()).build).not.toHaveProperty('node');
  });
});

describe('a build that fails', () => {
  test('has no image, and the step that failed', async () => {
    const outcome = await built({
      bytes: Buffer.alloc(0),
      exit: { code: 1 },
      progress: [RUNS, SAYS, WARNS, FAILS],
      order: { nodes: [{ name: 'there', native: true }] },
    });
    expect(outcome.image).toBeUndefined();
    expect(codes(outcome)).toEqual(['build-warning', 'build-failed']);
    expect(outcome.findings[1]).toMatchObject({ subject: TO, detail: ['one', 'two'] });
    // Of what failed it is not said where it was built.
    expect(outcome.build).not.toHaveProperty('node');
  });

  test.each<[string, Partial<Exit>, Buffer, string]>([
    ['ends early is the failure of the build', { code: 1 }, Buffer.alloc(0), 'build-failed'],
    [
      'ends early though buildx ended well is a fault of the builder',
      {},
      Buffer.alloc(0),
      'engine-failed',
    ],
    [
      'has bytes that are not what they are called, whatever buildx says',
      { code: 1 },
      exportTar({
        ...makeExport(),
        blobs: new Map([...makeExport().blobs].map(([digest]) => [digest, Buffer.from('other')])),
      }),
      'digest-mismatch',
    ],
  ])('because its stream %s', async (_, exit, bytes, code) => {
    const outcome = await built({ exit, bytes });
    expect([outcome.image, codes(outcome)]).toEqual([undefined, [code]]);
  });

  test('because buildx is not there is the fault of the surroundings', async () => {
    const exit = { code: null, notStarted: 'ENOENT' };
    const outcome = await built({ exit, bytes: Buffer.alloc(0) });
    expect(outcome.findings).toMatchObject([
      {
        code: 'engine-failed',
        subject: TO,
        message: expect.stringMatching(/^buildx could not be started: .*ENOENT/),
      },
    ]);
  });

  test('because its node is lost is ended, and says which node that was', async () => {
    const signals: AbortSignal[] = [];
    const lost = async (signal: AbortSignal) => {
      signals.push(signal);
      return 'pod-1';
    };
    const outcome = await built({ hangs: true, order: { lost } });
    expect(outcome.findings).toMatchObject([
      { code: 'engine-failed', message: expect.stringContaining('(node "pod-1") was lost') },
    ]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test('because its time is over is ended, and says how long it had', async () => {
    const image = plannedImage({ build: plannedBuild({ timeout: 90_000 }) });
    const outcome = await built({ hangs: true, order: { image }, progress: [RUNS] });
    expect(outcome.findings).toMatchObject([
      {
        code: 'build-failed',
        message: expect.stringMatching(/^the build did not end within 1m30s: /),
      },
    ]);
  });

  test('because the run was interrupted is ended', async () => {
    const stop = new AbortController();
    setImmediate(() => stop.abort('SIGTERM'));
    const outcome = await built({ hangs: true, signal: stop.signal });
    expect(outcome.image).toBeUndefined();
  });
});
