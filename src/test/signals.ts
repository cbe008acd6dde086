/**
 * Signals that end a program, by Linux's numbers (signal(7)), which is what runs in
 * containers wherever the client is. Engines and shells report them as 128 and the
 * number, and nothing tells that from a program that chose such a code itself. So
 * those are left out whose codes programs do choose: 129 (git's, for wrong usage),
 * 130 and 131.
 */
const SIGNALS: ReadonlyMap<number, string> = new Map([
  [4, 'SIGILL'],
  [5, 'SIGTRAP'],
  [6, 'SIGABRT'],
  [7, 'SIGBUS'],
  [8, 'SIGFPE'],
  [9, 'SIGKILL'],
  [11, 'SIGSEGV'],
  [13, 'SIGPIPE'],
  [14, 'SIGALRM'],
  [15, 'SIGTERM'],
  [24, 'SIGXCPU'],
  [25, 'SIGXFSZ'],
  [31, 'SIGSYS'],
]);

/** The signal that an exit code tells of. */
export function signalIn(exitCode: number): string | undefined {
  return SIGNALS.get(exitCode - 128);
}

/** The name of a signal, or its number. */
export function signalName(number: number): string {
  return SIGNALS.get(number) ?? `signal ${number}`;
}

/** What ended a program, and under which emulator, where it ran under one. */
export function killedBy(signal: string, emulator?: string): string {
  if (emulator === undefined) return `killed by ${signal}`;
  return `killed by ${signal} under ${emulator}: the program or the emulator; a native runner tells`;
}
