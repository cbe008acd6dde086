import type { Finding } from '../evidence/index.js';
import type { Files } from '../ports/index.js';
import { notRunnable } from './explain.js';
import { registeredHandlers } from './handlers.js';
import { type Prover, prove } from './prove.js';
import { isNative } from './surroundings.js';

/**
 * Proves a platform again, one after the other, and says why it does not run any
 * more; undefined where it does. Rejects as `prove` does. `own` is the engine's
 * own platform, `installer` the image that registers emulators, and `cleared` when
 * no earlier proof is still being cleared away.
 */
export function secondProofs(
  prover: Omit<Prover, 'later'>,
  { own, installer }: { readonly own: string; readonly installer: string },
  files: Files,
  cleared: () => Promise<unknown>,
): (platform: string) => Promise<Finding | undefined> {
  let before: Promise<unknown> = Promise.resolve();
  const look = async (platform: string) => {
    await cleared();
    const proof = await prove(platform, prover);
    if (proof === undefined || proof.proved) return undefined;
    const handlers = await registeredHandlers(files);
    return notRunnable(platform, proof, { native: isNative(platform, own), installer, handlers });
  };
  return (platform) => {
    const looking = before.then(() => look(platform));
    before = looking.catch(() => {});
    return looking;
  };
}
