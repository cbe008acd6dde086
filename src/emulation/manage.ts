import { addedBy, createUndo, type RunTools, removeIfPulled } from '../cleanup/index.js';
import type { EngineFacts } from '../engine/index.js';
import { architectureOf, isNative } from '../platform/index.js';
import { defined } from '../types/index.js';
import { leaseHandlers, releaseHandlers } from './handler-lease.js';
import {
  BINFMT_IMAGE,
  type BinfmtHandler,
  emulatorName,
  type Installer,
  registeredHandlers,
} from './handlers.js';
import { makeRunnable } from './install.js';
import { recall, remember } from './installed.js';
import type { PlatformProof } from './judge-proof.js';
import { findingOf, handlersFor, type ProvedHere, platformFacts } from './platform-facts.js';
import { programs } from './programs.js';
import { createProver, prove } from './prove.js';

/** What the commands about emulation need. */
export interface EmulationTools extends Omit<RunTools, 'undo'> {
  /** The image that registers emulators (default: binfmt's, pinned). */
  readonly installer?: string;
}

/** One platform as it stands here. */
export interface PlatformCheck {
  readonly platform: string;
  /** Whether a program of it was run here, to its end and as it should. */
  readonly proved: boolean;
  readonly emulated: boolean;
  /** What executes it, e.g. `qemu-arm (/usr/bin/qemu-arm, flags POCF)`. */
  readonly handler?: string;
  readonly problem?: string;
  /** What it runs wrongly all the same. */
  readonly warning?: string;
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
  readonly handlers: readonly (BinfmtHandler & { readonly installed: boolean })[];
}

/** Every platform that can be proved. */
export const provablePlatforms: readonly string[] = Object.keys(programs);

function checkOf(
  platform: string,
  proof: PlatformProof | undefined,
  found: ProvedHere,
): PlatformCheck {
  const { emulated, handler } = platformFacts(platform, proof, found.own, found.handlers);
  const known = { platform, emulated, ...defined({ handler }) };
  const problem = findingOf(platform, proof, found);
  if (problem === undefined) return { ...known, proved: true, missing: false };
  const { message, remedy } = problem;
  const told = defined({ remedy });
  if (proof?.proved) return { ...known, proved: true, missing: false, warning: message, ...told };
  return {
    ...known,
    proved: false,
    missing: proof?.proved === false && proof.fault === 'no-handler',
    problem: message,
    ...told,
  };
}

async function checksOf(
  { proofs, installation }: Pick<ProvedHere, 'proofs' | 'installation'>,
  own: string,
  { ports, installer = BINFMT_IMAGE }: EmulationTools,
): Promise<readonly PlatformCheck[]> {
  const handlers = await registeredHandlers(ports.files);
  const tried = defined({ installation });
  const found = { proofs, own, handlers, installer, ...tried };
  return Array.from(proofs, ([platform, proof]) => checkOf(platform, proof, found));
}

/** The engine's own platform; from now on things may be made there. */
async function begin({ engine, record }: EmulationTools): Promise<string> {
  const { platform, version } = await engine.facts();
  await record.note({ answered: version });
  return platform;
}

/** Does something with the emulators of some platforms, which stay meanwhile. */
async function relying<T>(
  platforms: readonly string[],
  own: string,
  { record, ports, signal }: EmulationTools,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await leaseHandlers(handlersFor(platforms, own), record, ports, signal);
    return await work();
  } finally {
    await releaseHandlers(record, ports);
  }
}

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
): Promise<readonly PlatformCheck[]> {
  const own = await begin(tools);
  const proofs = await relying(platforms, own, tools, () =>
    prove(platforms, createProver(own, tools)),
  );
  return checksOf({ proofs }, own, tools);
}

/** What `install` came to: every platform asked for, and the handlers that it added. */
interface Installed {
  readonly platforms: readonly PlatformCheck[];
  readonly added: readonly string[];
}

/**
 * Installs emulators for those of the platforms that do not run, proves all of
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
  const installer: Installer = { installer: image, platform, labels: record.labels };
  const add = (more: readonly string[]) => {
    const handlers = [...new Set([...before.handlers, ...more])];
    return remember({ handlers, installer: more.length === 0 ? before.installer : image }, ports);
  };
  const installing = {
    installer,
    listener: { before: add, after: add },
    prover: createProver(platform, tools),
  };
  const undo = createUndo();
  const runnable = await relying(platforms, platform, tools, async () => {
    try {
      return await makeRunnable(platforms, installing, { ...tools, undo });
    } finally {
      await adopt(handlersFor(platforms, platform), tools);
      await undo.run();
    }
  });
  return { platforms: await checksOf(runnable, platform, tools), added: runnable.added };
}

/** Handlers that runs have added for themselves stay from now on: the user has asked for them. */
async function adopt(names: readonly string[], { record, ports }: EmulationTools): Promise<void> {
  for (const remains of await record.all()) {
    for (const { handlers, installer } of addedBy(remains)) {
      const wanted = handlers.filter((name) => names.includes(name));
      if (wanted.length === 0) continue;
      const { handlers: known } = await recall(ports);
      await remember({ handlers: [...new Set([...known, ...wanted])], installer }, ports);
    }
  }
}

/**
 * Handlers that `remove` took away or left to the last run that uses them, and
 * those asked for that `install` has not added.
 */
interface Removed {
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Removes what `install` added, for some platforms or for all of them (none given).
 * What a run uses meanwhile goes when that is over.
 */
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
  const installer = tools.installer ?? known;
  const left = installed.filter((one) => !removed.includes(one));
  const undo = createUndo();
  try {
    await removeIfPulled({ image: installer }, { engine, ports, record, undo });
    await record.note({ handlers: removed, installer, platform });
    await remember({ handlers: left, installer: known }, ports);
    await releaseHandlers(record, ports);
  } catch (error) {
    await remember({ handlers: installed, installer: known }, ports);
    throw error;
  } finally {
    await undo.run();
  }
  return { removed, kept };
}
