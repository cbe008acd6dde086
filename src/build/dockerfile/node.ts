import type { BuildFacts } from '../../evidence/index.js';
import type { Files } from '../../ports/index.js';
import type { DockerfileOrder } from './command.js';

/** The machine in `buildx.build.ref`, which is BUILDER/NODE/ID; undefined where there is none. */
export function nodeIn(metadata: string): string | undefined {
  try {
    const table = JSON.parse(metadata) as Readonly<Record<string, unknown>> | null;
    const ref = table?.['buildx.build.ref'];
    return typeof ref === 'string' ? ref.split('/')[1] : undefined;
  } catch {
    return undefined;
  }
}

async function readNode({ nodes, metadataFile }: DockerfileOrder, files: Files) {
  if (metadataFile === undefined) return nodes?.length === 1 ? nodes[0]?.name : undefined;
  const text = await files.read(metadataFile).catch(() => undefined);
  return text === undefined ? undefined : nodeIn(text.toString('utf8'));
}

/** Which machine of the builder built it, and whether that runs the platform natively. */
export async function builtOn(
  order: DockerfileOrder,
  files: Files,
): Promise<Pick<BuildFacts, 'node' | 'emulated'>> {
  const name = await readNode(order, files);
  const node = order.nodes?.find((one) => one.name === name);
  return node === undefined ? {} : { node: node.name, emulated: !node.native };
}
