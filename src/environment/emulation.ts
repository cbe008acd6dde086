import { join } from 'node:path';
import type { Engine, EngineFacts } from '../engine/index.js';
import type { Ports } from '../ports/index.js';
import { notProvable, notRunnable } from './explain.js';
import {
  BINFMT_IMAGE,
  emulatorName,
  type Handler,
  type Installer,
  registeredHandlers,
  removeHandlers,
} from './handlers.js';
import { architectureOf } from './image.js';
import { makeRunnable, type Registering, type Runnable, removeLaterIfPulled } from './install.js';
import type { Judgement } from './judge.js';
import { programs } from './programs.js';
import { type Proofs, proveAll } from './prove.js';
import { engineVariables, type RunRecord, stateFolder } from './record.js';
import { isNative, platformFacts } from './surroundings.js';
import { createUndo } from './undo.js';

/** What the commands about emulation need of the world. */
export interface EmulationTools {
  readonly engine: Engine;
  readonly ports: Ports;
  readonly record: RunRecord;
  readonly signal: AbortSignal;
  /** The image that registers emulators (default: binfmt's, pinned). */
  readonly installer?: string;
}

/** One platform as it stands here. */
export interface Footing {
  readonly platform: string;
  /** Whether a program of it was run here, to its end and as it should. */
  readonly proved: boolean;
  readonly emulated: boolean;
  /** What executes it, e.g. `qemu-arm (/usr/bin/qemu-arm, flags POCF)`. */
  readonly handler?: string;
  readonly problem?: string;
  readonly remedy?: string;
  /** There is no emulator for it, and none is at fault. */
  readonly missing: boolean;
}

/** What there is for running other platforms, without running anything. */
export interface Inventory {
  readonly engine: Pick<EngineFacts, 'version' | 'platform'>;
  /** Platforms that the engine's machine runs by itself. */
  readonly native: readonly string[];
  /** Handlers of this machine, which need not be the engine's. */
  readonly handlers: readonly (Handler & { readonly installed: boolean })[];
}

/** Every platform that can be proved. */
export const provablePlatforms: readonly string[] = Object.keys(programs);

/*
 * What `install` has added stays until `remove`, over runs and restarts; so that
 * nothing else is ever removed, it is remembered by engine.
 */

interface Memory {
  readonly handlers: readonly string[];
  /** The image that registered them, which also takes them away again. */
  readonly installer: string;
}

type World = Pick<Ports, 'files' | 'env'>;

const memoryFile = (env: Ports['env']) => join(stateFolder(env), 'emulators.json');

const engineKey = (env: Ports['env']) => JSON.stringify(engineVariables(env));

async function readAll({ files, env }: World): Promise<Readonly<Record<string, Memory>>> {
  try {
    const value: unknown = JSON.parse((await files.read(memoryFile(env))).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, Memory>) : {};
  } catch {
    return {};
  }
}

/** What `install` added to the engine that is in use and `remove` has not taken away. */
async function recall(world: World): Promise<Memory> {
  const nothing: Memory = { handlers: [], installer: BINFMT_IMAGE };
  return (await readAll(world))[engineKey(world.env)] ?? nothing;
}

async function remember(memory: Memory, world: World): Promise<void> {
  const { files, env } = world;
  const { [engineKey(env)]: _, ...others } = await readAll(world);
  const all = memory.handlers.length === 0 ? others : { ...others, [engineKey(env)]: memory };
  if (Object.keys(all).length === 0) return files.remove(memoryFile(env));
  await files.makeDirectory(stateFolder(env));
  await files.write(memoryFile(env), `${JSON.stringify(all)}\n`);
}

function footing(
  platform: string,
  proof: Judgement | undefined,
  own: string,
  handlers: readonly Handler[],
  installer: string,
  installation: string | undefined,
): Footing {
  const native = isNative(platform, own);
  const { emulated, handler } = platformFacts(platform, proof, own, handlers);
  const known = { platform, emulated, ...(handler === undefined ? {} : { handler }) };
  if (proof?.proved === true) return { ...known, proved: true, missing: false };
  const missing = proof?.fault === 'no-handler';
  const tried = missing && installation !== undefined ? { installation } : {};
  const { message, remedy } =
    proof === undefined
      ? notProvable(platform)
      : notRunnable(platform, proof, { native, installer, handlers, ...tried });
  const what = remedy === undefined ? {} : { remedy };
  return { ...known, proved: false, missing, problem: message, ...what };
}

async function footings(
  proofs: Proofs,
  own: string,
  { ports, installer = BINFMT_IMAGE }: EmulationTools,
  installation?: string,
): Promise<readonly Footing[]> {
  const handlers = await registeredHandlers(ports.files);
  return Array.from(proofs, ([platform, proof]) =>
    footing(platform, proof, own, handlers, installer, installation),
  );
}

/** The engine's own platform; from now on things may be made there. */
async function begin({ engine, record }: EmulationTools): Promise<string> {
  const { platform, version } = await engine.facts();
  await record.note({ answered: version });
  return platform;
}

const proverOf = ({ engine, ports, record, signal }: EmulationTools) => ({
  engine,
  clock: ports.clock,
  runId: record.run,
  signal,
});

/** Looks at what there is; nothing is run but the engine asked for its name. */
export async function takeInventory({ engine, ports }: EmulationTools): Promise<Inventory> {
  const { version, platform } = await engine.facts();
  const { handlers: installed } = await recall(ports);
  const handlers = await registeredHandlers(ports.files);
  return {
    engine: { version, platform },
    native: provablePlatforms.filter((one) => isNative(one, platform)),
    handlers: handlers.map((one) => ({ ...one, installed: installed.includes(one.name) })),
  };
}

/** Runs the proofs. Rejects with `EngineError`, and with the signal's reason. */
export async function provePlatforms(
  platforms: readonly string[],
  tools: EmulationTools,
): Promise<readonly Footing[]> {
  const platform = await begin(tools);
  return footings(await proveAll(platforms, proverOf(tools)), platform, tools);
}

/** What `install` came to: every platform asked for, and the handlers that it added. */
export interface Installed {
  readonly platforms: readonly Footing[];
  readonly added: readonly string[];
}

/**
 * Installs emulators for those of the platforms that nobody runs, proves all of
 * them, and remembers what was added. What is there is left as it is.
 */
export async function installEmulators(
  platforms: readonly string[],
  tools: EmulationTools,
): Promise<Installed> {
  const { ports, record } = tools;
  const platform = await begin(tools);
  const before = await recall(ports);
  const { installer: image = BINFMT_IMAGE } = tools;
  const installer: Installer = { installer: image, platform, run: record.run };
  const add = (more: readonly string[]) => {
    const handlers = [...new Set([...before.handlers, ...more])];
    return remember({ handlers, installer: more.length === 0 ? before.installer : image }, ports);
  };
  const registering: Registering = { before: add, after: add };
  const undo = createUndo();
  const work = { ports, prover: proverOf(tools), record, undo };
  let runnable: Runnable;
  try {
    runnable = await makeRunnable(platforms, installer, registering, work);
  } finally {
    await undo.run();
  }
  const { proofs, added, installation } = runnable;
  return { platforms: await footings(proofs, platform, tools, installation), added };
}

/** Handlers that `remove` took away, and those asked for that `install` has not added. */
export interface Removed {
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}

/** Removes what `install` added, for some platforms or for all of them (none given). */
export async function removeEmulators(
  platforms: readonly string[],
  tools: EmulationTools,
): Promise<Removed> {
  const { engine, ports, record } = tools;
  const { handlers: installed, installer: known } = await recall(ports);
  const asked = [...new Set(platforms.map((one) => emulatorName(architectureOf(one))))];
  const removed =
    platforms.length === 0 ? installed : installed.filter((one) => asked.includes(one));
  const kept = asked.filter((one) => !installed.includes(one));
  if (removed.length === 0) return { removed, kept };
  const platform = await begin(tools);
  const installer: Installer = {
    installer: tools.installer ?? known,
    platform,
    run: record.run,
  };
  const undo = createUndo();
  try {
    await removeLaterIfPulled(installer.installer, engine, record, undo);
    await removeHandlers(removed, installer, ports);
  } finally {
    await undo.run();
  }
  const left = installed.filter((one) => !removed.includes(one));
  await remember({ handlers: left, installer: known }, ports);
  return { removed, kept };
}
