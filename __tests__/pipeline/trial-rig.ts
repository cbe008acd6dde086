import { Readable } from 'node:stream';
import pLimit from 'p-limit';
import type { DockerfileOrder } from '../../src/build/index.js';
import {
  createBackgroundTasks,
  createDiskBudget,
  createLoadedImages,
  type Engine,
  type LoadedImages,
} from '../../src/engine/index.js';
import { createRedactor, type Event } from '../../src/evidence/index.js';
import { createLayout } from '../../src/oci/index.js';
import { keepImages } from '../../src/pipeline/loaded-names.js';
import { runTrial } from '../../src/pipeline/trial.js';
import type { BuiltTrial, TrialContext } from '../../src/pipeline/trial-context.js';
import { type Clock, type Command, realPorts } from '../../src/ports/index.js';
import { evidenceOf } from '../evidence/sample.js';
import { exportTar, makeExport } from '../oci/images.js';
import { rawTar } from '../oci/raw-tar.js';
import { plannedImage, plannedTest, planOf } from '../plans.js';
import { engineThat, engineWith, type Program, quickClock } from '../test/engine.js';

type DockerfileTrial = BuiltTrial & DockerfileOrder;

/* One trial whose builder and engine are the test's: what a run does with what they say. */

const ports = realPorts();
const MACHINES = { amd64: 0x3e, arm64: 0xb7 } as const;

/** The header of a program that is linked to nothing. */
function program(architecture: keyof typeof MACHINES): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(MACHINES[architecture], 18);
  header.writeUInt32LE(1, 20);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(64, 58);
  return header;
}

/** What a build exports for linux/`architecture`: one program, and files beside it. */
export function exportFor(
  architecture: keyof typeof MACHINES,
  files: Readonly<Record<string, string>> = {},
) {
  const layer = rawTar([
    { path: 'bin/app', content: program(architecture), mode: 0o755 },
    ...Object.entries(files).map(([path, content]) => ({ path, content })),
  ]);
  return makeExport({
    layers: [layer],
    config: { architecture, config: { Entrypoint: ['/bin/app'], Env: ['PATH=/bin'] } },
  });
}

interface Described {
  readonly image?: Parameters<typeof plannedImage>[0];
  /** Default: what a build for linux/amd64 exports. */
  readonly built?: ReturnType<typeof makeExport>;
  /** How buildx ends; not with 0, it exports nothing. */
  readonly exit?: number;
  /** Lines of buildx's progress. */
  readonly progress?: readonly string[];
  readonly program?: Program;
  readonly input?: Partial<DockerfileTrial>;
  /** Why it is not run at all. */
  readonly notRun?: string;
  readonly context?: Partial<TrialContext>;
  /** The id by which the engine calls what it loaded; default: the built manifest's digest. */
  readonly engineId?: string;
  /** What the engine does otherwise. */
  readonly engine?: Partial<Engine>;
  readonly signal?: AbortSignal;
  /** Default: one whose sleeps are over at once. */
  readonly clock?: Clock;
  /** Is told of each command of buildx before it goes on. */
  readonly whileBuilding?: () => void;
}

/** Runs one trial of the image `greeter`, for linux/amd64 on a machine of that platform. */
export async function trialOf(described: Described = {}) {
  const { built = exportFor('amd64'), exit = 0, progress = [], signal } = described;
  const folder = await ports.files.makeTemporary('sea-trial-trial-');
  const commands: Command[] = [];
  const start = (command: Command) => {
    commands.push(command);
    described.whileBuilding?.();
    return {
      stdout: Readable.from(exit === 0 ? [exportTar(built)] : []),
      stderr: Readable.from(progress.map((line) => `${line}\n`)),
      exit: Promise.resolve({ code: exit, signal: null }),
      kill() {},
    };
  };
  const ran = engineWith(described.program ?? {});
  const did: string[] = [];
  const engine = engineThat({
    ...ran.engine,
    names: async () => undefined,
    async load(tar) {
      for await (const _ of tar);
      did.push('load');
    },
    imageId: async () => described.engineId ?? built.manifest.digest,
    name: async (_id, name) => void did.push(`name ${name}`),
    removeImage: async () => void did.push('remove the image'),
    ...described.engine,
  });
  const clock = described.clock ?? quickClock();
  const events: Event[] = [];
  const listen = (event: Event) => void events.push(event);
  const redactor = createRedactor();
  const background = createBackgroundTasks();
  const over = Promise.withResolvers<void>();
  const named = Promise.withResolvers<void>();
  const shared = { redactor, listen, ...(signal === undefined ? {} : { signal }) };
  const held: LoadedImages = createLoadedImages(engine, 'containerd', 'run');
  const context: TrialContext = {
    buildTools: {
      ports: { ...ports, clock, exec: { ...ports.exec, start } },
      layout: await createLayout(ports.files, `${folder}/layout`),
      scans: new Map(),
      secretEnvironment: {},
      ...shared,
    },
    testTools: { engine, ports: { ...ports, clock }, limit: pLimit(1), ...shared },
    background,
    loadedImages: held,
    disk: createDiskBudget(async () => undefined),
    over: over.promise,
    named: named.promise,
    plan: planOf(),
    load: false,
    loadedNames: { taken: async () => [], record: async () => {} },
    untrusted: false,
    builds: pLimit(1),
    emulatedBuilds: pLimit(1),
    labels: { 'sea-trial.run': 'run' },
    ...described.context,
  };
  const input: DockerfileTrial = {
    image: plannedImage({
      platforms: ['linux/amd64'],
      tests: [plannedTest({ run: { exec: ['/bin/app'] } })],
      ...described.image,
    }),
    platform: 'linux/amd64',
    root: folder,
    builder: 'default',
    buildx: { file: 'docker', prefix: ['buildx'] },
    bases: [],
    secretVariables: new Map(),
    native: true,
    enginePlatform: 'linux/amd64',
    platformStatus: async () => ({ runs: true, emulated: false }),
    recheckPlatform: () => Promise.reject(new Error('nothing is to be proved again')),
    ...described.input,
  };
  const { notRun } = described;
  /** The trial and what follows it in a run that has no other. */
  async function runAlone() {
    const own = await runTrial(notRun === undefined ? input : { ...input, notRun }, context);
    over.resolve();
    if (signal?.aborted) return own;
    const plan = { ...context.plan, images: [input.image] };
    const evidence = evidenceOf({ trials: [own.trial], findings: own.findings, plan });
    const stop = new AbortController();
    const kept = await keepImages(evidence, [own], { ...context, signal: stop.signal });
    const [trial = own.trial] = kept.trials;
    return { ...own, trial, findings: [...own.findings, ...kept.findings] };
  }
  const ended = runAlone().finally(async () => {
    over.resolve();
    named.resolve();
    await background.settled();
    await ports.files.remove(folder);
  });
  const outcome = await ended;
  const problems = await background.settled();
  const phases = events.flatMap((event) => (event.kind === 'trial' ? [event] : []));
  const done = phases.findLast(({ phase }) => phase === 'done');
  return { ...outcome, commands, did, done, phases, problems, specs: ran.specs, built };
}
