import { basename } from 'node:path';
import type { Finding } from '../evidence/index.js';
import { isNative } from '../platform/index.js';
import type { Ports } from '../ports/index.js';
import { defined } from '../types/index.js';
import { notRunnable } from './explain.js';
import { registeredHandlers } from './handlers.js';
import type { PassedProof } from './judge-proof.js';
import { forgetProofs } from './kept-proofs.js';
import { programPath } from './proof-image.js';
import { emulatorOf, type Prover, prove } from './prove.js';

/** By the program that executed the proof, where it does not tell its version. */
function emulatorIn({ executed }: PassedProof, platform: string): string | undefined {
  const isItself = executed === undefined || executed === programPath(platform);
  return isItself ? undefined : basename(executed);
}

/** What the repeated proof of a platform showed. */
export interface Reprobe {
  /** Why the platform does not run any more, where that is so. */
  readonly lost?: Finding;
  /** What emulates it, as `qemu-aarch64 10.2.3`, as far as that is known. */
  readonly emulator?: string;
}

/**
 * Proves platforms again, one after the other, and says why one does not run any
 * more, or what emulates it. What was kept of earlier proofs is forgotten in the
 * first case. Rejects as `prove` does. `installer` is the image that registers
 * emulators, and `cleared` resolves when what earlier proofs left is removed.
 */
export function createReprobe(
  prover: Omit<Prover, 'later'>,
  installer: string,
  ports: Pick<Ports, 'files' | 'env'>,
  cleared: () => Promise<unknown>,
): (platform: string) => Promise<Reprobe> {
  let before: Promise<unknown> = Promise.resolve();
  const look = async (platform: string): Promise<Reprobe> => {
    await cleared();
    const proof = (await prove([platform], prover)).get(platform);
    if (proof === undefined) return {};
    if (proof.proved) {
      // Only messages depend on it.
      const told = await emulatorOf(platform, prover).catch(() => undefined);
      const emulator = told ?? emulatorIn(proof, platform);
      return defined({ emulator });
    }
    await forgetProofs(ports);
    const handlers = await registeredHandlers(ports.files);
    const native = isNative(platform, prover.own);
    return { lost: notRunnable(platform, proof, { native, installer, handlers }) };
  };
  return (platform) => {
    const looking = before.then(() => look(platform));
    before = looking.catch(() => {});
    return looking;
  };
}
