import { basename } from 'node:path';
import { type Finding, finding } from '../evidence/index.js';
import { architectureOf } from '../platform/index.js';
import { describeHandler } from './explain.js';
import { BINFMT_IMAGE, type BinfmtHandler, emulatorName } from './handlers.js';
import type { PassedProof } from './judge-proof.js';

/*
 * openat2(2) is emulated by QEMU 9.2 and later (commit 9651cead2f1b), and by builds against
 * musl rightly for arm64 from binfmt's qemu-v10.1.3 on (tonistiigi/binfmt#285). GNU tar
 * calls it since its answer to CVE-2025-45582, without another way where it fails.
 */

/** Errors by their numbers, with the words of strerror(3). */
const ERRORS: ReadonlyMap<number, readonly [name: string, words: string]> = new Map([
  [22, ['EINVAL', 'Invalid argument']],
  [38, ['ENOSYS', 'Function not implemented']],
  // On mips.
  [89, ['ENOSYS', 'Function not implemented']],
]);

/** The error with which the emulator alone refuses openat2(2), by name; undefined where it does not. */
export function refusalOf({ openat2 }: PassedProof): string | undefined {
  return openat2 === undefined ? undefined : (ERRORS.get(openat2)?.[0] ?? `error ${openat2}`);
}

/** With what words GNU tar fails there; undefined where it does not, or they are not known. */
export function tarWords({ openat2 = 0 }: PassedProof): string | undefined {
  return ERRORS.get(openat2)?.[1];
}

/** The warning about a platform whose emulator is too old for programs of today. */
export function emulatorOld(
  platform: string,
  proof: PassedProof,
  handlers: readonly BinfmtHandler[],
): Finding | undefined {
  const refusal = refusalOf(proof);
  if (refusal === undefined) return undefined;
  const handler = handlers.find(({ interpreter }) => interpreter === proof.executed);
  const unnamed = proof.executed === undefined ? 'an emulator' : basename(proof.executed);
  const words = tarWords(proof) ?? refusal;
  const run = `docker run --privileged --rm ${BINFMT_IMAGE}`;
  return finding(
    'emulator-old',
    { platform },
    `${platform} is emulated by ${proof.emulator ?? unnamed}, under which openat2(2) fails with ${refusal}. GNU tar of 2026 (Ubuntu 26.04, RHEL 10) extracts files by it, and fails there: "Cannot open: ${words}".`,
    {
      found: { value: refusal, from: 'a proof program run under the emulator' },
      expected: { value: 'a new file', from: 'the same program run by this engine natively' },
      remedy: `Register a newer emulator on the engine's machine: ${run} --uninstall ${handler?.name ?? emulatorName(platform)}, then ${run} --install ${architectureOf(platform)}. Or use a machine of that architecture (a native runner).`,
      ...(handler === undefined ? {} : { detail: [describeHandler(handler)] }),
    },
  );
}
