import type { EngineFacts } from '../engine/index.js';
import type { Finding, Surroundings } from '../evidence/index.js';
import type { Builder } from './buildx.js';
import { describeHandler, notProvable, notRunnable } from './explain.js';
import { emulatorName, type Handler } from './handlers.js';
import { architectureOf, programPath } from './image.js';
import type { Judgement } from './judge.js';
import type { Shared } from './place.js';
import type { Proofs } from './prove.js';

/** Everything that was found out about where a run takes place. */
interface Found {
  readonly facts: EngineFacts;
  readonly buildx: string;
  readonly builder: Builder;
  readonly proofs: Proofs;
  /** Handlers of this machine, as information. */
  readonly handlers: readonly Handler[];
  /** The image that installs emulators. */
  readonly installer: string;
  readonly sharesLoopback: Shared;
  readonly sharesFiles: Shared;
  /** What installing emulators said, where that was tried. */
  readonly installation?: string;
}

/**
 * Whether a machine may run a platform by itself: amd64 runs 386, and many a
 * 64-bit arm runs the 32-bit ones. What really ran is in the proof.
 */
export function isNative(platform: string, own: string): boolean {
  const [wanted, has] = [architectureOf(platform), architectureOf(own)];
  return (
    wanted === has || (wanted === '386' && has === 'amd64') || (wanted === 'arm' && has === 'arm64')
  );
}

/** The handlers that programs of those platforms go to, on an engine with a platform of its own. */
export function handlersFor(platforms: readonly string[], own: string): readonly string[] {
  return [...new Set(platforms.filter((one) => !isNative(one, own)).map(emulatorName))];
}

/** What is known of a platform after its proof; `own` is the engine's own platform. */
export function platformFacts(
  platform: string,
  proof: Judgement | undefined,
  own: string,
  handlers: readonly Handler[],
): Surroundings['platforms'][number] {
  const expected = !isNative(platform, own);
  if (proof?.proved !== true) return { platform, emulated: expected };
  const { executed, machine, at } = proof;
  const when = at === undefined ? '' : ` (${at}; nothing that runs it has changed since)`;
  const emulated = executed === undefined ? expected : executed !== programPath(platform);
  const known = handlers.find(({ interpreter }) => interpreter === executed);
  const handler = known === undefined ? executed : describeHandler(known);
  return {
    platform,
    emulated,
    ...(emulated && handler !== undefined ? { handler } : {}),
    proof: `a program ran as ${machine}, and its name and its exit status arrived${when}`,
  };
}

function builderFacts({ builder, buildx }: Found): Surroundings['builder'] {
  const nodes = builder.nodes.map(({ name, buildkit, platforms }) => ({
    name,
    ...(buildkit === undefined ? {} : { buildkit }),
    platforms,
  }));
  return { name: builder.name, driver: builder.driver, buildx, nodes };
}

/** The evidence of the surroundings, platforms in the order they were asked for. */
export function surroundingsOf(found: Found): Surroundings {
  const { name, version, store, platform, rootless } = found.facts;
  const { sharesLoopback, sharesFiles } = found;
  return {
    engine: { name, version, store, platform, rootless, sharesLoopback, sharesFiles },
    builder: builderFacts(found),
    platforms: Array.from(found.proofs, ([one, proof]) =>
      platformFacts(one, proof, platform, found.handlers),
    ),
  };
}

function findingOf(platform: string, proof: Judgement | undefined, found: Found): Finding[] {
  if (proof === undefined) return [notProvable(platform)];
  if (proof.proved) return [];
  const { facts, handlers, installer, installation } = found;
  const native = isNative(platform, facts.platform);
  return [
    notRunnable(platform, proof, {
      native,
      installer,
      handlers,
      ...(installation === undefined ? {} : { installation }),
    }),
  ];
}

/** A finding for each platform that cannot be relied on here. */
export function findingsOf(found: Found): readonly Finding[] {
  return Array.from(found.proofs, ([one, proof]) => findingOf(one, proof, found)).flat();
}
