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

/** Characters of a line that tar may have written. */
const LINE = 2_000;

const TAR = /\btar: .+: Cannot .+: /i;

/** The line in which GNU tar fails with those words, which are the system's. */
function tarFault(said: string, words: string): string | undefined {
  const end = `: ${words}`.toLowerCase();
  return said.split('\n').find((line) => {
    const text = line.trimEnd();
    return text.length <= LINE && text.toLowerCase().endsWith(end) && TAR.test(text);
  });
}

/**
 * The line in which an emulator says that it has failed itself, or in which GNU tar fails
 * with the words with which it does so under that emulator, where they are known. A program
 * can write the same, so that it counts only where programs are emulated, and never for an
 * image.
 */
export function emulatorFault(said: string, tarWords?: string): string | undefined {
  const fault = FAULT.exec(said)?.[0];
  const found = fault ?? (tarWords === undefined ? undefined : tarFault(said, tarWords));
  return found?.trim().slice(0, LONGEST);
}
