import { join } from 'node:path';
import type { RunTools, Undo } from '../cleanup/index.js';
import { createMarker, type EngineFacts, type Shared } from '../engine/index.js';
import type { Finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { leaseHandlers, releaseHandlers } from './handler-lease.js';
import { BINFMT_IMAGE, registeredHandlers } from './handlers.js';
import { type Installing, makeRunnable, type Runnable } from './install.js';
import type { PlatformProof } from './judge-proof.js';
import { keepProofs, proofKey, recallProofs } from './kept-proofs.js';
import { emulatorOld, refusalOf, tarWords } from './old-emulator.js';
import { handlersFor, type ProvedHere, platformFacts } from './platform-facts.js';
import { createProver, type ProofListener, type Proofs } from './prove.js';
import { createReprobe, type Reprobe } from './reprobe.js';

/** Whether a platform's programs run here, and whether an emulator runs them. */
export interface PlatformStatus {
  readonly runs: boolean;
  readonly emulated: boolean;
  /** What its emulator lacks, though it runs. */
  readonly warning?: Finding;
  /** With what words GNU tar fails there, because of that. */
  readonly tarWords?: string;
}

/** Platforms whose proofs are under way. */
export interface PlatformProofs {
  /** Resolves as soon as that platform's own proof is over. Rejects as `all` does. */
  status(platform: string): Promise<PlatformStatus>;
  /** Proves a platform once more, because something speaks against it. Rejects as `all` does. */
  reprobe(platform: string): Promise<Reprobe>;
  /** Rejects with `EngineError`, and with the signal's reason. */
  readonly all: Promise<ProvedHere & { readonly sharesFiles: Shared }>;
  /** Never rejects. */
  readonly ended: Promise<void>;
}

/** Which platforms are to be proved, and where. */
interface WantedProofs {
  readonly platforms: readonly string[];
  readonly facts: EngineFacts;
  /** The image that installs emulators (default: binfmt's, pinned). */
  readonly installer?: string | undefined;
}

/** Tools of a run; without a folder of its own no proofs are kept, and files are not looked at. */
type ProofTools = RunTools & { readonly folder?: string };

/** Removes what proofs leave while the run goes on. What fails is tried once more at the end. */
function removeInBackground(undo: Undo) {
  const removals: Promise<unknown>[] = [];
  return {
    later(step: () => Promise<void>) {
      const removed = step().catch(() => step);
      removals.push(removed);
      undo.add(async () => (await removed)?.());
    },
    removed: () => Promise.all(removals),
  };
}

/** Takes the proofs that still hold, and makes the others. */
async function proveOrRecall(
  { platforms, facts }: WantedProofs,
  installing: Installing & { judged: ProofListener },
  tools: ProofTools,
): Promise<Runnable> {
  const { ports, folder } = tools;
  const { prover, judged } = installing;
  const key = folder === undefined ? undefined : await proofKey(facts, folder, ports);
  const kept: Proofs = key === undefined ? new Map() : await recallProofs(key, ports);
  const left = platforms.filter((one) => !kept.has(one));
  for (const one of platforms) if (kept.has(one)) judged(one, kept.get(one));
  if (left.length === 0) prover.marker?.found('yes');
  const runnable = await makeRunnable(left, installing, tools);
  const proofs = new Map(platforms.map((one) => [one, kept.get(one) ?? runnable.proofs.get(one)]));
  // Handlers of this machine say something about an engine only where that has its files.
  const isHere = prover.marker?.shared() === 'yes' && runnable.added.length === 0;
  if (key !== undefined && left.length > 0 && isHere) {
    await keepProofs(key, new Map([...kept, ...runnable.proofs]), ports);
  }
  return { ...runnable, proofs };
}

async function statusOf(
  platform: string,
  proof: PlatformProof | undefined,
  own: string,
  { files }: Pick<RunTools['ports'], 'files'>,
): Promise<PlatformStatus> {
  const { emulated } = platformFacts(platform, proof, own, []);
  if (proof?.proved !== true) return { runs: false, emulated };
  if (refusalOf(proof) === undefined) return { runs: true, emulated };
  const warning = emulatorOld(platform, proof, await registeredHandlers(files));
  return { runs: true, emulated, ...defined({ warning, tarWords: tarWords(proof) }) };
}

/** Leases the handlers of emulated platforms, and says what is to be done about new ones. */
async function useHandlers(
  platforms: readonly string[],
  own: string,
  image: string,
  { record, ports, undo, signal }: RunTools,
): Promise<Pick<Installing, 'installer' | 'listener'>> {
  const release = async () => releaseHandlers(record, ports);
  const handlers = handlersFor(platforms, own);
  if (handlers.length > 0) {
    undo.add(release);
    await leaseHandlers(handlers, record, ports, signal);
  }
  return {
    installer: { installer: image, platform: own, labels: record.labels },
    listener: {
      before: (added) => record.note({ handlers: added, installer: image, platform: own }),
      // Undone before the installer's image is removed, which removes them.
      after: async () => undo.add(release),
    },
  };
}

async function markerIn({ folder, ports }: ProofTools) {
  if (folder === undefined) return {};
  const path = join(folder, 'marker');
  await ports.files.write(path, '');
  return { marker: createMarker(path) };
}

/**
 * Begins to prove that programs of each platform run here; emulators are installed
 * where they are missing. Rejects with the signal's reason while it waits for
 * handlers that another run is removing.
 */
export async function beginProofs(
  wanted: WantedProofs,
  tools: ProofTools,
): Promise<PlatformProofs> {
  const { facts, installer: image = BINFMT_IMAGE } = wanted;
  const own = facts.platform;
  const platforms = [...new Set(wanted.platforms)];
  const background = removeInBackground(tools.undo);
  const marked = await markerIn(tools);
  const prover = createProver(own, tools);
  const installing = {
    ...(await useHandlers(platforms, own, image, tools)),
    prover: { ...prover, ...marked, later: background.later },
  };
  const statuses = new Map(platforms.map((one) => [one, Promise.withResolvers<PlatformStatus>()]));
  for (const { promise } of statuses.values()) promise.catch(() => {});
  const judged: ProofListener = (platform, proof) =>
    statuses.get(platform)?.resolve(statusOf(platform, proof, own, tools.ports));
  const proving = proveOrRecall({ platforms, facts }, { ...installing, judged }, tools);
  const ended = proving.then(
    () => {},
    (error: unknown) => {
      for (const { reject } of statuses.values()) reject(error);
    },
  );
  const all = proving.then(async ({ proofs, installation }) => ({
    proofs,
    own,
    handlers: await registeredHandlers(tools.ports.files),
    installer: image,
    sharesFiles: marked.marker?.shared() ?? ('unknown' as const),
    ...defined({ installation }),
  }));
  all.catch(() => {});
  return {
    status: async (platform) => statuses.get(platform)?.promise ?? { runs: false, emulated: false },
    reprobe: createReprobe(prover, image, tools.ports, background.removed),
    all,
    ended,
  };
}
