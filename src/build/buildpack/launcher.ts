import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { LAUNCHER } from '../../buildpacks/index.js';
import { EngineError } from '../../engine/index.js';
import { createTarReader, OciError } from '../../oci/index.js';
import { type BuildpackOrder, pinnedBuilder } from './order.js';

/** The digest of the one file in a tar; undefined where it holds none. */
async function digestIn(tar: Readable): Promise<string | undefined> {
  const hash = createHash('sha256');
  let files = 0;
  const reader = createTarReader({
    entry({ kind }) {
      if (kind === 'file') files += 1;
    },
    data: (piece) => void hash.update(piece),
    end() {},
  });
  for await (const piece of tar as AsyncIterable<Buffer>) reader.write(piece);
  reader.end();
  return files === 1 ? `sha256:${hash.digest('hex')}` : undefined;
}

/**
 * The digest of the launcher that the builder has, which the lifecycle puts into each image:
 * the engine holds the builder, by its digest. Rejects with `EngineError`.
 */
export async function builderLauncher(order: BuildpackOrder): Promise<string> {
  const { engine, labels } = order.pack;
  const image = pinnedBuilder(order);
  const spec = { image, platform: order.platform, arguments: [], env: {}, labels };
  const container = await engine.create(spec);
  const unreadable = (why: string) =>
    new EngineError('failed', `${LAUNCHER} of the builder ${image} cannot be read: ${why}.`, '');
  let digest: string | undefined;
  try {
    await engine.copyOut(container, LAUNCHER, async (tar) => {
      digest = await digestIn(tar);
    });
  } catch (error) {
    if (error instanceof OciError) throw unreadable(error.message);
    throw error;
  } finally {
    await engine.remove(container);
  }
  if (digest === undefined) throw unreadable('it is not a file');
  return digest;
}
