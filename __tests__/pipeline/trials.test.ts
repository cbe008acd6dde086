import { createWriteStream } from 'node:fs';
import { expect, test } from '@jest/globals';
import { createBackgroundTasks } from '../../src/engine/index.js';
import type { Environment } from '../../src/environment/index.js';
import { createRedactor, type Event, finding, judge } from '../../src/evidence/index.js';
import { digestOf } from '../../src/oci/index.js';
import type { RunContext } from '../../src/pipeline/context.js';
import { cleanUp } from '../../src/pipeline/environment.js';
import { createLocalRegistry } from '../../src/pipeline/local-registry.js';
import { runTrials } from '../../src/pipeline/trials.js';
import { realPorts } from '../../src/ports/index.js';
import { recordInMemory } from '../cleanup/record-in-memory.js';
import { request } from '../config/memory.js';
import { evidenceOf } from '../evidence/sample.js';
import { plannedBuild, plannedImage, planOf } from '../plans.js';
import { rejection } from '../registry/rig.js';

const ports = realPorts();
const FORBIDDEN = 'ghcr.io/acme/greeter does not accept it';
const notAuthorized = finding('not-authorized', { reference: 'ghcr.io/acme/greeter' }, 'It is no.');
const slow = finding('platform-not-runnable', { platform: 'linux/arm64' }, 'It is gone.');

/** Trials that the registries forbid, so that no builder and no engine is needed. */
async function forbidden(
  known: () => Promise<object> = async () => ({
    surroundings: { engine: { name: 'docker' } },
    findings: [slow],
  }),
  signal = new AbortController().signal,
) {
  const build = plannedBuild({ context: 'https://git.example/a.git' });
  const images = ['greeter', 'welcomer'].map((id) => plannedImage({ id, build }));
  const plan = planOf({ images });
  const evidence = { ...evidenceOf({ images, trials: [], publications: [] }), plan };
  const note = finding('build-warning', { image: 'greeter' }, 'Said of the plan.');
  const events: Event[] = [];
  const context = {
    options: {
      planned: { plan, bases: new Map(), lookAlikes: [] },
      request: request(),
      run: { id: 'run' },
      folder: '/run',
      record: recordInMemory('run'),
      listen: (event: Event) => void events.push(event),
      redactor: createRedactor(),
      signal,
    },
    ports: { ...ports, files: { ...ports.files, makeDirectory: async () => {} } },
    identity: { env: {} },
    environment: {
      facts: { platform: 'linux/amd64', store: 'containerd' },
      buildx: { file: 'docker', prefix: ['buildx'], version: '0.29.1' },
      builder: { name: 'default', driver: 'docker', nodes: [], env: {} },
      known: known(),
    },
    preflight: {
      environment: { targets: [], tags: [] },
      bases: new Map(),
      findings: [notAuthorized],
      obstacle: FORBIDDEN,
    },
    loadedNames: {},
    background: createBackgroundTasks(),
  } as unknown as RunContext;
  return { events, evidence: await runTrials({ ...evidence, findings: [note] }, context) };
}

test('every image of a plan has a trial on each of its platforms, in the order of the plan', async () => {
  const { evidence, events } = await forbidden();
  expect(evidence.trials.map(({ image, platform, notRun }) => [image, platform, notRun])).toEqual([
    ['greeter', 'linux/amd64', FORBIDDEN],
    ['greeter', 'linux/arm64', FORBIDDEN],
    ['welcomer', 'linux/amd64', FORBIDDEN],
    ['welcomer', 'linux/arm64', FORBIDDEN],
  ]);
  expect(evidence.trials.map(({ emulated }) => emulated)).toEqual([false, true, false, true]);
  expect(events).toHaveLength(4);
  expect(judge(evidence).exitCode).toBe(3);
});

test('the evidence has what the plan, the environment, the registries and the trials have found', async () => {
  const { evidence } = await forbidden();
  expect(evidence.environment).toEqual({ engine: { name: 'docker' }, targets: [], tags: [] });
  expect(evidence.findings.map(({ code }) => code)).toEqual([
    'build-warning',
    'platform-not-runnable',
    'not-authorized',
  ]);
});

test('an interruption ends the proofs, and keeps what the trials have learned', async () => {
  const ended = () => Promise.reject(new Error('the proofs have ended'));
  const { evidence } = await forbidden(ended, AbortSignal.abort());
  expect(evidence.trials).toHaveLength(4);
  expect(evidence.findings.map(({ code }) => code)).toEqual(['build-warning', 'not-authorized']);
  expect((await rejection(forbidden(ended))) as Error).toMatchObject({
    message: 'the proofs have ended',
  });
});

test.each<[string, readonly Error[], Error | undefined, readonly string[]]>([
  ['nothing where all of it is gone', [], undefined, []],
  ['what a test has left', [new Error('c1 is in use')], undefined, ['c1 is in use']],
  ['what the environment has left', [], new Error('b1 is in use'), ['b1 is in use']],
  ['the first of both', [new Error('c1')], new Error('b1'), ['c1']],
])('cleaning up tells of %s', async (_, left, problem, told) => {
  const background = createBackgroundTasks();
  for (const one of left) background.add(Promise.reject(one));
  const closed: string[] = [];
  const findings = await cleanUp({
    background,
    localRegistry: {
      host: async () => '',
      throwDiskError() {},
      close: async () => void closed.push('registry'),
    },
    environment: {
      undo: async () => {
        if (problem !== undefined) throw problem;
      },
    } as unknown as Environment,
  });
  expect(closed).toEqual(['registry']);
  expect(findings).toEqual(
    told.map((words) =>
      expect.objectContaining({
        code: 'engine-failed',
        severity: 'warning',
        subject: {},
        message: `Not everything that this run created could be removed: ${words}`,
        remedy: 'Run sea-trial clean once the engine answers and nothing uses the rest.',
      }),
    ),
  );
});

test('the local registry is started when it is first needed, once, and closed', async () => {
  const folder = await ports.files.makeTemporary('sea-trial-local-');
  try {
    const unused = createLocalRegistry(`${folder}/none`, folder, ports.files);
    unused.throwDiskError();
    await unused.close();
    expect(await ports.files.look(`${folder}/none`)).toBeUndefined();
    const registry = createLocalRegistry(`${folder}/registry`, folder, ports.files);
    const [one, two] = await Promise.all([registry.host(), registry.host()]);
    expect(one).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(two).toBe(one);
    expect((await fetch(`http://${one}/v2/`)).status).toBe(200);
    registry.throwDiskError();
    await registry.close();
    await expect(fetch(`http://${one}/v2/`)).rejects.toThrow();
  } finally {
    await ports.files.remove(folder);
  }
});

test('the local registry names the disk error that it has met', async () => {
  const folder = await ports.files.makeTemporary('sea-trial-local-');
  const files = { ...ports.files, writer: () => createWriteStream('/dev/full') };
  const registry = createLocalRegistry(`${folder}/registry`, folder, files);
  try {
    const url = `http://${await registry.host()}/v2/a/blobs/uploads/?digest=${digestOf('x')}`;
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(507);
    expect(() => registry.throwDiskError()).toThrow('ENOSPC');
  } finally {
    await registry.close();
    await ports.files.remove(folder);
  }
});
