import type { EnvironmentFacts, Finding } from '../evidence/index.js';
import { isNative } from '../platform/index.js';
import { defined } from '../types/index.js';
import { describeHandler, notProvable, notRunnable } from './explain.js';
import { type BinfmtHandler, emulatorName } from './handlers.js';
import type { PlatformProof } from './judge-proof.js';
import { emulatorOld, refusalOf } from './old-emulator.js';
import { programPath } from './proof-image.js';
import type { Proofs } from './prove.js';

/** What the proofs of a run were made with and came to. */
export interface ProvedHere {
  readonly proofs: Proofs;
  /** The engine's own platform. */
  readonly own: string;
  /** Handlers of this machine, as information. */
  readonly handlers: readonly BinfmtHandler[];
  /** The image that installs emulators. */
  readonly installer: string;
  /** The output of installing emulators, where that was done. */
  readonly installation?: string;
}

/** The handlers that programs of those platforms go to, on an engine with a platform of its own. */
export function handlersFor(platforms: readonly string[], own: string): readonly string[] {
  return [...new Set(platforms.filter((one) => !isNative(one, own)).map(emulatorName))];
}

/** What is known of a platform after its proof; `own` is the engine's own platform. */
export function platformFacts(
  platform: string,
  proof: PlatformProof | undefined,
  own: string,
  handlers: readonly BinfmtHandler[],
): EnvironmentFacts['platforms'][number] {
  const expected = !isNative(platform, own);
  if (proof?.proved !== true) return { platform, emulated: expected };
  const { executed, machine, at } = proof;
  const refusal = refusalOf(proof);
  const but = refusal === undefined ? '' : `; openat2(2) fails with ${refusal}`;
  const when = at === undefined ? '' : ` (${at}; nothing that runs it has changed since)`;
  const emulated = executed === undefined ? expected : executed !== programPath(platform);
  const known = handlers.find(({ interpreter }) => interpreter === executed);
  const handler = known === undefined ? executed : describeHandler(known);
  return {
    platform,
    emulated,
    ...(emulated && handler !== undefined ? { handler } : {}),
    proof: `a program ran as ${machine}, and its name and its exit status arrived${but}${when}`,
  };
}

/** Why a platform cannot be relied on here, or what its emulator lacks; undefined where all is well. */
export function findingOf(
  platform: string,
  proof: PlatformProof | undefined,
  { own, handlers, installer, installation }: Omit<ProvedHere, 'proofs'>,
): Finding | undefined {
  if (proof === undefined) return notProvable(platform);
  if (proof.proved) return emulatorOld(platform, proof, handlers);
  return notRunnable(platform, proof, {
    native: isNative(platform, own),
    installer,
    handlers,
    ...defined({ installation }),
  });
}

/** What is to be said of each platform here. */
export function findingsOf(found: ProvedHere): readonly Finding[] {
  return [...found.proofs].flatMap(([one, proof]) => findingOf(one, proof, found) ?? []);
}
