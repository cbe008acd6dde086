import { type Finding, finding } from '../evidence/index.js';
import { architectureOf } from '../platform/index.js';
import { type BinfmtHandler, emulatorName } from './handlers.js';
import type { FailedProof, ProofFault } from './judge-proof.js';

/** Faults that a missing emulator explains; no other emulator is involved. */
const MISSING: readonly ProofFault[] = ['no-handler', 'unprivileged'];

/** For machines that cannot pull or run binfmt's image. */
const PACKAGES = 'apt-get install qemu-user-static (Debian 13 and later: qemu-user-binfmt)';

function reason(fault: ProofFault, found: string, expected: string): string {
  switch (fault) {
    case 'no-handler':
    case 'unprivileged':
      return `no emulator is registered for its programs (${found})`;
    case 'outside-container':
      return `its emulator is registered, but containers do not see it (${found}): it was registered without the flag F, or is not a static program`;
    case 'wrong-machine':
      return `its programs are run by something else: found ${found}, expected ${expected}`;
    case 'not-again':
      return `a program there cannot start itself through /proc/self/exe (${found}), as shells, Go programs and busybox do`;
    case 'name-lost':
      return `a started program loses its name: argv[0] arrived as ${found} instead of ${expected}; the emulator was registered without the flag P, so links to busybox silently run another command`;
    case 'status-lost':
      return `exit statuses do not arrive: ${found} instead of ${expected}, so a failing test would seem to pass`;
    case 'crashed':
      return `a one-kilobyte program crashed there (${found})`;
    case 'hung':
      return 'a one-kilobyte program did not end there within 60 seconds';
    case 'not-started':
      return `a program could not be started there: ${found}`;
  }
}

function remedy(platform: string, fault: ProofFault, { native, installer }: Circumstances): string {
  const architecture = architectureOf(platform);
  const run = `docker run --privileged --rm ${installer}`;
  if (native && !MISSING.includes(fault)) {
    return 'The processor, the kernel or the engine of this machine is faulty: use another machine for this platform.';
  }
  if (fault === 'unprivileged') {
    return `This engine does not allow emulators to be registered. Have the administrator of its machine do it there, as root: ${PACKAGES}. Or use a machine of that architecture, or an engine that runs privileged containers.`;
  }
  if (fault === 'wrong-machine') {
    return "Find the handler that takes these programs under /proc/sys/fs/binfmt_misc on the engine's machine, and remove it: echo -1 > /proc/sys/fs/binfmt_misc/NAME. If that machine is not yours, ask its administrator.";
  }
  if (fault === 'no-handler') {
    return `Register one on the engine's machine: ${run} --install ${architecture}. Without that image: ${PACKAGES}.`;
  }
  return `Register it again on the engine's machine: ${run} --uninstall ${emulatorName(platform)}, then ${run} --install ${architecture}. If that machine is not yours, ask its administrator.`;
}

/** What else is known about why a platform does not run. */
interface Circumstances {
  /** The engine's own architecture can run it without an emulator. */
  readonly native: boolean;
  /** The image that installs emulators. */
  readonly installer: string;
  /** Handlers of this machine, as information. */
  readonly handlers: readonly BinfmtHandler[];
  /** Which image was to install an emulator, and its last output, where that was done. */
  readonly installation?: string;
}

/** The finding for a platform whose proof failed. */
export function notRunnable(
  platform: string,
  { fault, found, expected }: FailedProof,
  circumstances: Circumstances,
): Finding {
  const { handlers, installation } = circumstances;
  const handler = handlers.find(({ name }) => name === emulatorName(platform));
  const missing = MISSING.includes(fault);
  const tried = missing && installation !== undefined ? `, and ${installation}` : '';
  return finding(
    'platform-not-runnable',
    { platform },
    `${platform} cannot be run here: ${reason(fault, found, expected)}${tried}.`,
    {
      found: { value: found, from: 'a proof program run in a container' },
      expected: { value: expected, from: 'what the proof program does on its own machine' },
      remedy: remedy(platform, fault, circumstances),
      ...(handler === undefined ? {} : { detail: [describeHandler(handler)] }),
    },
  );
}

/** The finding for a platform that nothing can be run for to see. */
export function notProvable(platform: string): Finding {
  return finding(
    'platform-not-runnable',
    { platform },
    `${platform} cannot be tested here: there is no program to prove that it runs.`,
    { remedy: 'Remove the platform from the configuration.' },
  );
}

/** A handler for people, e.g. `qemu-arm (/usr/bin/qemu-arm, flags POF)`. */
export function describeHandler({ name, interpreter, flags }: BinfmtHandler): string {
  return `${name} (${interpreter}, flags ${flags || 'none'})`;
}
