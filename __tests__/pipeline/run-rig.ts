import type { Request } from '../../src/config/index.js';
import {
  createRedactor,
  type Event,
  type Evidence,
  type Plan,
  type PlannedImage,
} from '../../src/evidence/index.js';
import { type RunOptions, runPipeline } from '../../src/pipeline/index.js';
import type { Planned } from '../../src/plan/index.js';
import { type Files, type Http, type Ports, realPorts } from '../../src/ports/index.js';
import { recordInMemory } from '../cleanup/record-in-memory.js';
import { request } from '../config/memory.js';
import { plannedImage, plannedTest, planOf } from '../plans.js';
import { type DockerDescribed, dockerInMemory } from './docker-in-memory.js';
import { exportFor } from './trial-rig.js';

/* Whole runs: what is in memory is the docker client; registries and files are real. */

const real = realPorts();
export const SECRET = 'a-secret-of-the-run';

interface RunDescribed extends Partial<DockerDescribed> {
  readonly images?: readonly PlannedImage[];
  readonly plan?: Partial<Plan>;
  readonly planned?: Partial<Planned>;
  readonly request?: Partial<Request>;
  readonly env?: Ports['env'];
  readonly http?: Http;
  readonly files?: Files;
  readonly signal?: AbortSignal;
  /** Of the machine; default: 2. */
  readonly processors?: number;
}

/** An image whose program is started on both platforms, and is tested by one test. */
export function greeter(more: Partial<PlannedImage> = {}): PlannedImage {
  return plannedImage({ tests: [plannedTest({ run: { exec: ['/bin/app'] } })], ...more } as object);
}

const architectureOf = (platform = '') => (platform.includes('arm64') ? 'arm64' : 'amd64');

/** Runs a plan to its end, with what it did to the engine and what it told. */
export async function run(described: RunDescribed = {}) {
  const { result, ...more } = await runThrough(runPipeline, described);
  return { evidence: result.value, error: result.error, ...more };
}

/** Takes a plan through a run of some kind, or to the error with which it ends. */
export async function runThrough<Value>(
  through: (options: RunOptions, ports: Ports) => Promise<Value>,
  described: RunDescribed = {},
) {
  const folder = await real.files.makeTemporary('sea-trial-run-');
  const root = `${folder}/checkout`;
  await real.files.makeDirectory(`${folder}/run`);
  await real.files.makeDirectory(root);
  await real.files.write(`${root}/Dockerfile`, 'FROM scratch\nCOPY app /bin/app\n');
  const docker = dockerInMemory({
    emulates: ['arm64'],
    build: (options) => exportFor(architectureOf(options.get('platform')?.[0])),
    ...described,
  });
  const env = { PATH: '/usr/bin', HOME: folder, XDG_STATE_HOME: `${folder}/state` };
  let ticks = 1_000_000;
  const ports: Ports = {
    ...real,
    exec: { ...real.exec, ...docker.exec },
    env: { ...env, ...described.env },
    http: described.http ?? real.http,
    files: described.files ?? real.files,
    clock: {
      ...real.clock,
      now: () => new Date(Date.UTC(2026, 4, 4, 9, 30)),
      ticks: () => (ticks += 0.4),
    },
    machine: { system: 'linux', architecture: 'x64', processors: described.processors ?? 2 },
  };
  const events: Event[] = [];
  const redactor = createRedactor();
  const planned: Planned = {
    plan: planOf({ images: described.images ?? [greeter()], ...described.plan }),
    fromEnvironment: new Set(),
    source: { dirty: [], revision: '1'.repeat(40) },
    lookAlikes: [],
    findings: [],
    bases: new Map(),
    frontends: new Map(),
    locks: new Map(),
    notes: [],
    ...described.planned,
  } as Planned;
  const noted: Parameters<typeof recordInMemory>[1] = [];
  const options: RunOptions = {
    planned,
    request: request({ root, ...described.request }),
    tool: { name: 'sea-trial', version: '1.2.3' } as Evidence['tool'],
    run: { id: 'run-7', attempt: 2 },
    folder: `${folder}/run`,
    record: recordInMemory('run-7', noted),
    listen: (event) => void events.push(event),
    redactor,
    signal: described.signal ?? new AbortController().signal,
  };
  const result = await through(options, ports).then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ value: undefined, error }),
  );
  /** Of a registry of the run's own, which keeps its content there. */
  const registry = await real.files.look(`${folder}/run/registry`);
  await real.files.remove(folder);
  const stages = events.flatMap((one) => (one.kind === 'stage' ? [[one.stage, one.detail]] : []));
  return { result, ...docker, events, stages, planned, registry };
}
