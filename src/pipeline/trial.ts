import type { LimitFunction } from 'p-limit';
import { type BuildOrder, type BuildTools, type BuiltImage, build } from '../build/index.js';
import type { BuiltPlatform } from '../checks/index.js';
import type { Reproof, Standing } from '../environment/index.js';
import {
  applySeverities,
  type Finding,
  INTERRUPTED,
  type Plan,
  type PlannedTest,
  type Trial,
} from '../evidence/index.js';
import { inspect } from '../inspect/index.js';
import { engineArchive, layoutOf } from '../oci/index.js';
import {
  type Aside,
  createAside,
  engineFinding,
  type Held,
  type Hold,
  keptNames,
  type LoadedNames,
  loadedFinding,
  type Space,
  type TestOrder,
  type TestTools,
  tryImage,
} from '../test/index.js';
import { keepNames } from './loaded.js';
import { lookAgain } from './second-look.js';
import { withEmulation } from './what-ran.js';

/** What every trial of a run shares. */
export interface TrialRoom {
  readonly buildTools: BuildTools;
  readonly testTools: Omit<TestTools, 'later'>;
  /** Takes what is cleared away while other trials go on. */
  readonly aside: Aside;
  readonly hold: Hold;
  /** The engine's disk. */
  readonly space: Space;
  /** When no trial needs the engine any more. Never rejects. */
  readonly over: Promise<void>;
  /** Bounds how many containers and images go at once. */
  readonly removals: LimitFunction;
  /** Its severities say which findings are errors. */
  readonly plan: Plan;
  /** Images that passed stay in the engine, for later steps. */
  readonly load: boolean;
  readonly loadedNames: LoadedNames;
  /** Names of others are not taken from them. */
  readonly untrusted: boolean;
  /** Bounds how many builds run at once. */
  readonly builds: LimitFunction;
  /** Bounds how many of them are emulated. */
  readonly emulatedBuilds: LimitFunction;
  readonly labels: Readonly<Record<string, string>>;
}

/** One image on one platform, with what the machine says of it. */
export interface TrialOrder extends BuildOrder {
  /** The engine's own platform: a build for it needs no emulator, whatever the proof will say. */
  readonly native: boolean;
  readonly enginePlatform: string;
  standing(): Promise<Standing>;
  /** Proves the platform once more. */
  again(): Promise<Reproof>;
  /** The Dockerfile's text, where it is a file of ours. */
  readonly dockerfile?: string;
  /** Why it cannot be tried here at all. */
  readonly notRun?: string;
}

export interface TrialOutcome {
  readonly trial: Trial;
  readonly findings: readonly Finding[];
  /** What is compared with the image's other platforms; undefined where nothing was built. */
  readonly built?: BuiltPlatform;
}

type Tried = Pick<Trial, 'loaded' | 'tests' | 'notRun'> & { readonly findings: readonly Finding[] };

/** Nothing is wrong, as far as it was tried. */
function isFaultless(findings: readonly Finding[], { plan }: TrialRoom) {
  return !applySeverities(plan, findings).some(({ severity }) => severity === 'error');
}

/** Nothing is wrong so far, and nothing was left out. */
function isSound(tests: Trial['tests'], findings: readonly Finding[], room: TrialRoom) {
  return tests.every(({ outcome }) => outcome !== 'not-run') && isFaultless(findings, room);
}

/** Why a trial did not come to its end; what it had found wrong by then outweighs that. */
function untried({ trial: { notRun, tests }, findings }: TrialOutcome, room: TrialRoom) {
  if (notRun !== undefined) return notRun;
  const left = tests.find(({ outcome }) => outcome === 'not-run');
  return left !== undefined && isFaultless(findings, room) ? (left.reason ?? '') : undefined;
}

/** Bytes that an engine needs at most: the containerd store keeps layers packed and unpacked. */
function sizeOf({ facts }: BuiltImage): number {
  return facts.layers.reduce((sum, layer) => sum + layer.size + layer.uncompressedSize, 0);
}

/**
 * An engine stands still while it sweeps up after a container or an image, so they go
 * when that holds up no trial, together; sooner only where their room is needed.
 */
async function putOff(removal: () => Promise<void>, room: TrialRoom): Promise<void> {
  await room.space.untilOver(room.over);
  await room.removals(removal);
}

async function clear(used: Aside, held: Held, room: TrialRoom): Promise<void> {
  const [problem] = await used.settled();
  if (problem !== undefined) throw problem;
  await putOff(() => held.release(), room);
}

/** What is known of an image before it is tested. */
interface Known extends Pick<TestOrder, 'emulated' | 'programOf'> {
  readonly shellFile: string | undefined;
  readonly findings: readonly Finding[];
}

/** Loads the built bytes, proves that the engine holds these and no others, and runs the tests. */
async function tryBuilt(
  image: BuiltImage,
  { emulated, programOf, shellFile, findings: before }: Known,
  order: TrialOrder,
  room: TrialRoom,
): Promise<Tried> {
  const { platform } = order;
  const subject = { image: order.image.id, platform };
  const { layout } = room.buildTools;
  room.testTools.listen({ kind: 'trial', ...subject, phase: 'loading' });
  const place = await room.space.reserve(sizeOf(image));
  try {
    const held = await room.hold.take(image.facts, (name) =>
      engineArchive(layout, image.facts, name),
    );
    place.landed();
    // This trial's containers, which go before its image.
    const used = createAside();
    try {
      const { loaded } = held;
      const other = loadedFinding(subject, image.facts, loaded);
      if (other !== undefined) return { loaded, tests: [], findings: [other] };
      const berth = {
        imageId: loaded.id,
        image: image.facts,
        ...(shellFile === undefined ? {} : { shellFile }),
        labels: room.labels,
      };
      const { root } = order;
      const own = () => layoutOf(image.facts.manifest, layout, room.testTools.ports.files);
      const first = await tryImage(
        { ...berth, planned: order.image, platform, emulated, programOf, root, layout: own },
        { ...room.testTools, later: (removal) => used.add(putOff(removal, room)) },
      );
      const tried = emulated ? await lookAgain(first, subject, order.again) : first;
      if (room.load && isSound(tried.tests, [...before, ...tried.findings], room)) {
        const names = keptNames(order.image, platform, order.native);
        const kept = await keepNames(held, subject, names, room);
        return { ...tried, ...kept, findings: [...tried.findings, ...kept.findings] };
      }
      return { loaded, ...tried };
    } finally {
      room.aside.add(clear(used, held, room).finally(place.release));
    }
  } catch (error) {
    place.release();
    // A client that was ended by us says nothing about the engine.
    if (room.testTools.signal?.aborted) return { tests: [], findings: [], notRun: INTERRUPTED };
    return { tests: [], findings: [engineFinding(subject, error, before)] };
  }
}

type Notable = Pick<Trial, 'emulated'> & { readonly build?: Trial['build'] };

/** A trial that came to no test, and why. */
function notRun(order: TrialOrder, reason: string, more: Notable): TrialOutcome {
  const { image, platform } = order;
  return {
    trial: { image: image.id, platform, notRun: reason, tests: [], duration: 0, ...more },
    findings: [],
  };
}

function cannotRun({ platform }: TrialOrder): string {
  return `this machine cannot run ${platform}`;
}

function buildsNatively({ native, nodes = [] }: TrialOrder): boolean {
  return nodes.length === 0 ? native : nodes.some((node) => node.native);
}

/** A step that the base asked for: what it made comes after the base, though no line of the Dockerfile says so. */
const TRIGGER = /^\[[^\]]*\] ONBUILD /;

async function goThrough(order: TrialOrder, room: TrialRoom): Promise<TrialOutcome> {
  const { clock } = room.testTools.ports;
  const { listen, signal } = room.testTools;
  const { platform, native } = order;
  const subject = { image: order.image.id, platform };
  if (!native) {
    // A broken emulator would leave wrong layers in the builder's cache.
    const { runs, emulated } = await order.standing();
    if (!runs) return notRun(order, cannotRun(order), { emulated });
  }
  const from = clock.ticks();
  const inTurn = () =>
    room.builds(() => {
      if (signal?.aborted) return undefined;
      listen({ kind: 'trial', ...subject, phase: 'building' });
      return build({ ...order, emulated: !buildsNatively(order) }, room.buildTools);
    });
  const built = await (buildsNatively(order) ? inTurn() : room.emulatedBuilds(inTurn));
  const { runs, emulated } = await order.standing();
  if (built === undefined || (signal?.aborted && built.image === undefined)) {
    return notRun(order, INTERRUPTED, { emulated });
  }
  const trial = { ...subject, emulated, build: built.build };
  if (built.image === undefined) {
    const duration = Math.round(clock.ticks() - from);
    return { trial: { ...trial, tests: [], duration }, findings: built.findings };
  }
  if (!runs) return notRun(order, cannotRun(order), trial);
  listen({ kind: 'trial', ...subject, phase: 'inspecting' });
  const { image, dockerfile } = order;
  const asked = { image, platform, ...(dockerfile === undefined ? {} : { dockerfile }) };
  const inspected = inspect(asked, built.image, clock);
  const before = [...built.findings, ...inspected.findings];
  const { config, layers } = built.image;
  const hasTriggers = built.build.steps.some(({ name }) => TRIGGER.test(name));
  const machine = { platform, emulated, enginePlatform: order.enginePlatform };
  const programOf = (test: PlannedTest) => withEmulation(inspected.programOf(test), machine);
  const { shellFile } = inspected;
  const known = { emulated, programOf, shellFile, findings: before };
  const { findings, ...tried } = await tryBuilt(built.image, known, order, room);
  return {
    trial: {
      ...trial,
      built: built.image.facts,
      contents: inspected.contents,
      ...tried,
      duration: Math.round(clock.ticks() - from),
    },
    findings: [...before, ...findings],
    built: { platform, config, layers, baseLayers: hasTriggers ? 0 : (inspected.baseLayers ?? 0) },
  };
}

/**
 * One trial: build, inspect, load, test. A failure is facts and findings, never
 * a rejection; the trial goes on as soon as its own build is done.
 */
export async function trial(order: TrialOrder, room: TrialRoom): Promise<TrialOutcome> {
  const emulated = !order.native;
  const outcome =
    order.notRun === undefined
      ? await goThrough(order, room).catch((error: unknown) => {
          if (!room.testTools.signal?.aborted) throw error;
          return notRun(order, INTERRUPTED, { emulated });
        })
      : notRun(order, order.notRun, { emulated });
  const reason = untried(outcome, room);
  room.testTools.listen({
    kind: 'trial',
    image: order.image.id,
    platform: order.platform,
    phase: 'done',
    ok: reason === undefined && isSound(outcome.trial.tests, outcome.findings, room),
    ...(reason === undefined ? {} : { tried: false, detail: reason }),
  });
  return outcome;
}
