import type { Finding } from '../evidence/index.js';
import type { Ports } from '../ports/index.js';
import { notRunnable } from './explain.js';
import { registeredHandlers } from './handlers.js';
import { forgetProofs } from './kept-proofs.js';
import { type Prover, prove } from './prove.js';
import { isNative } from './surroundings.js';

/**
 * Proves a platform again, one after the other, and says why it does not run any
 * more; undefined where it does. What was kept of earlier proofs is forgotten then.
 * Rejects as `prove` does. `installer` is the image that registers emulators, and
 * `cleared` when no earlier proof is still being cleared away.
 */
export function secondProofs(
  prover: Omit<Prover, 'later'>,
  installer: string,
  world: Pick<Ports, 'files' | 'env'>,
  cleared: () => Promise<unknown>,
): (platform: string) => Promise<Finding | undefined> {
  let before: Promise<unknown> = Promise.resolve();
  const look = async (platform: string) => {
    await cleared();
    const proof = (await prove([platform], prover)).get(platform);
    if (proof === undefined || proof.proved) return undefined;
    await forgetProofs(world);
    const handlers = await registeredHandlers(world.files);
    const native = isNative(platform, prover.own);
    return notRunnable(platform, proof, { native, installer, handlers });
  };
  return (platform) => {
    const looking = before.then(() => look(platform));
    before = looking.catch(() => {});
    return looking;
  };
}
