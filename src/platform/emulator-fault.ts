/** What QEMU's user emulation says where it has failed itself. */
const FAULT = new RegExp(
  `^.*(?:${[
    /QEMU internal SIG[A-Z]+/,
    /qemu: fatal: /,
    /qemu(?:-\w+)*: unhandled CPU exception /,
    /qemu-\w[\w-]*: \S+\.(?:c|h|inc):\d+: .*(?:Assertion .* failed|fatal error)/,
    /ERROR:\S*\.(?:c|h|inc):\d+:\w+: (?:assertion failed|code should not be reached)/,
  ]
    .map(({ source }) => source)
    .join('|')}).*$`,
  'm',
);

/** Characters of it that are of use. */
const LONGEST = 200;

/**
 * The line in which an emulator says that it has failed itself. A program can write
 * the same, so that it counts only where programs are emulated, and never for an image.
 */
export function emulatorFault(said: string): string | undefined {
  return FAULT.exec(said)?.[0].trim().slice(0, LONGEST);
}
