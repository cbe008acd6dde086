/** A signal of Linux by its number (signal(7)). */
interface LinuxSignal {
  readonly number: number;
  readonly name: string;
  readonly title: string;
}

/**
 * Signals that end a program. The numbers are Linux's, which is what runs in containers:
 * node's `os.constants.signals` are those of the machine that the client is on.
 */
const SIGNALS: readonly LinuxSignal[] = [
  { number: 4, name: 'SIGILL', title: 'illegal instruction' },
  { number: 5, name: 'SIGTRAP', title: 'trap' },
  { number: 6, name: 'SIGABRT', title: 'abort' },
  { number: 7, name: 'SIGBUS', title: 'bus error' },
  { number: 8, name: 'SIGFPE', title: 'arithmetic error' },
  { number: 9, name: 'SIGKILL', title: 'kill' },
  { number: 11, name: 'SIGSEGV', title: 'segmentation fault' },
  { number: 13, name: 'SIGPIPE', title: 'broken pipe' },
  { number: 14, name: 'SIGALRM', title: 'alarm' },
  { number: 15, name: 'SIGTERM', title: 'termination' },
  { number: 24, name: 'SIGXCPU', title: 'limit of CPU time' },
  { number: 25, name: 'SIGXFSZ', title: 'limit of file size' },
  { number: 31, name: 'SIGSYS', title: 'bad system call' },
];

const BY_NUMBER = new Map(SIGNALS.map((signal) => [signal.number, signal]));

/**
 * The signal that an exit code tells of: engines and shells report 128 and the number,
 * as a program may that chose such a code itself. So the table leaves out signals whose
 * codes programs do choose: 129 (git's, for wrong usage), 130 and 131.
 */
export function signalIn(exitCode: number): string | undefined {
  return BY_NUMBER.get(exitCode - 128)?.name;
}

/** The name of a signal, or its number: `SIGSEGV`, `signal 40`. */
export function signalName(number: number): string {
  return BY_NUMBER.get(number)?.name ?? `signal ${number}`;
}

/** `signal 11, segmentation fault`. */
export function describeSignal(number: number): string {
  const title = BY_NUMBER.get(number)?.title;
  return title === undefined ? `signal ${number}` : `signal ${number}, ${title}`;
}
