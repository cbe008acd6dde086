import type { Ports } from '../ports/index.js';
import { type BuildxClient, listBuilders } from './buildx.js';
import type { Builder, BuilderNode } from './list.js';

/** Milliseconds between two looks, each of which asks the cluster. */
const BETWEEN = 10_000;

type PodClient = BuildxClient & Pick<Ports, 'clock'>;

/** Undefined where buildx could not say: its cluster may be busy. */
async function look(name: string, client: PodClient, signal: AbortSignal) {
  const builders = await listBuilders(client, signal).catch(() => undefined);
  signal.throwIfAborted();
  return builders?.find((builder) => builder.name === name)?.nodes;
}

/**
 * Resolves with the name of a node whose pod is not there any more, and rejects with
 * the signal's reason: buildx (0.29) waits for ever for what a lost pod was to say.
 * Of a node with several pods it is not known which one builds.
 */
export async function podLost(
  { name, nodes }: Pick<Builder, 'name' | 'nodes'>,
  client: PodClient,
  signal: AbortSignal,
): Promise<string> {
  const missing = (seen: readonly BuilderNode[]) =>
    nodes.find(({ name: node, worker }) => {
      const now = seen.find((one) => one.name === node)?.worker;
      return worker !== undefined && now !== worker;
    })?.name;
  let before: string | undefined;
  for (;;) {
    await client.clock.sleep(BETWEEN, signal);
    const seen = await look(name, client, signal);
    const gone = seen && missing(seen);
    // Once may be a pod that was too busy to answer.
    if (gone !== undefined && gone === before) return gone;
    before = gone;
  }
}
