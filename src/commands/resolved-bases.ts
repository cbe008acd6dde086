import { resolveBases } from '../build/index.js';
import type { Planned } from '../plan/index.js';
import type { Ports } from '../ports/index.js';
import { registryReader } from './parity-readers.js';

/** An image that a Dockerfile starts from or copies from, and what it means now. */
export interface ResolvedBase {
  readonly image: string;
  readonly reference: string;
  /** As a line can pin it; undefined where it could not be read. */
  readonly pinned?: string;
  /** Why there is nothing to pin, or no need to. */
  readonly reason?: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Asks registries what the bases of a plan are, each once. Rejects with the signal's reason. */
export async function resolvedBases(
  { bases }: Pick<Planned, 'bases'>,
  ports: Ports,
  signal: AbortSignal,
): Promise<readonly ResolvedBase[]> {
  const named = [...bases].flatMap(([image, own]) => own.map((base) => ({ image, ...base })));
  // Another platform may name the same one in the same line.
  const all = [
    ...new Map(
      named.map((base) => [JSON.stringify([base.image, base.line, base.reference]), base]),
    ).values(),
  ];
  const open = all.filter(({ pinned, unresolved }) => !pinned && !unresolved);
  const { pinned, refused } =
    open.length === 0
      ? { pinned: new Map(), refused: new Map() }
      : await resolveBases(
          open.map(({ reference }) => reference),
          await registryReader(ports, signal),
          signal,
        );
  signal.throwIfAborted();
  return all.map(({ image, reference, line, pinned: isPinned, unresolved }): ResolvedBase => {
    const base = { image, reference, line };
    if (isPinned) return { ...base, pinned: reference, reason: 'is pinned' };
    if (unresolved) return { ...base, reason: 'is known to the build alone' };
    const digest = pinned.get(reference)?.digest;
    if (digest !== undefined) return { ...base, pinned: `${reference}@${digest}` };
    const why = refused.get(reference)?.message;
    return { ...base, reason: `cannot be read${why === undefined ? '' : `: ${why}`}` };
  });
}
