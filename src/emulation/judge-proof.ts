import { architectureOf, describeSignal, unameOf } from '../platform/index.js';

/** What came of running the program of scripts/proof/proof.c in a container. */
export interface ProofOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** The engine's own words where the program could not be started. */
  readonly error: string;
  /** It did not end in time and was killed. */
  readonly hung: boolean;
}

/**
 * In which way a platform does not run:
 * - `no-handler`: the kernel has no handler for such programs;
 * - `unprivileged`: the same, and the engine does not allow one to be registered;
 * - `outside-container`: it knows an emulator, but that is not found from inside a
 *   container (registered without the flag F, or dynamically linked);
 * - `wrong-machine`: what ran says that it is another machine;
 * - `not-again`: it runs, but cannot start itself through /proc/self/exe;
 * - `name-lost`: a started program gets another argv[0] than it was given;
 * - `status-lost`: an exit status does not reach the process that waits for it;
 * - `crashed`, `hung`, `not-started`: as they say.
 */
export type ProofFault =
  | 'no-handler'
  | 'unprivileged'
  | 'outside-container'
  | 'wrong-machine'
  | 'not-again'
  | 'name-lost'
  | 'status-lost'
  | 'crashed'
  | 'hung'
  | 'not-started';

export interface PassedProof {
  readonly proved: true;
  /** What uname(2) says there. */
  readonly machine: string;
  /** What pid 1 executes: the program itself or its emulator; undefined where that is hidden. */
  readonly executed: string | undefined;
  /** The error number of openat2(2), where it fails. After `prove`: where it fails under emulation alone. */
  readonly openat2?: number;
  /** What emulates it, with its version, where that was asked because of such an error. */
  readonly emulator?: string;
  /** When an earlier run found that out, ISO 8601; undefined for this one. */
  readonly at?: string;
}

export interface FailedProof {
  readonly proved: false;
  readonly fault: ProofFault;
  readonly found: string;
  readonly expected: string;
}

export type PlatformProof = PassedProof | FailedProof;

const NAME = 'sea-trial-again';
const CHILD_STATUS = '042';
const STATUS = 23;

/** The signal that ended pid 1, which engines report as 128 and its number. */
function signalOf(exitCode: number): number | undefined {
  return exitCode > 128 && exitCode <= 128 + 64 ? exitCode - 128 : undefined;
}

type Lines = ReadonlyMap<string, string>;

/** The lines of the program, a word and its value each; the first of a kind counts. */
function readLines(stdout: string): Lines {
  const lines = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const [, key, value] = /^([a-z0-9]+) ([\x20-\x7e]{0,300})$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined && !lines.has(key)) lines.set(key, value);
  }
  return lines;
}

function failed(fault: ProofFault, found: string, expected: string): FailedProof {
  return { proved: false, fault, found, expected };
}

/** The last thing that was said, for a fault that has no name of its own. */
function lastWords({ stderr, error, exitCode }: ProofOutput): string {
  const all = (error || stderr).trim();
  const said = all.slice(all.lastIndexOf('\n') + 1).slice(0, 300);
  return said === '' ? `exit status ${exitCode} and no output` : said;
}

function judgeSilence(output: ProofOutput): FailedProof {
  const said = `${output.error}\n${output.stderr}`;
  const expected = 'the program runs';
  if (/exec format error/i.test(said)) {
    return failed('no-handler', 'exec format error', expected);
  }
  if (/no such file or directory/i.test(said)) {
    return failed('outside-container', 'no such file or directory', expected);
  }
  if (/invalid elf image/i.test(said)) {
    return failed('wrong-machine', 'an emulator for another architecture', 'its own emulator');
  }
  const signal = signalOf(output.exitCode);
  if (signal !== undefined) return failed('crashed', describeSignal(signal), expected);
  return failed('not-started', lastWords(output), expected);
}

function judgeMachine(platform: string, lines: Lines): FailedProof | undefined {
  const architecture = architectureOf(platform);
  const machines = unameOf(architecture);
  const built = lines.get('machine')?.replace(/\/.*/, '') ?? 'nothing';
  if (built !== architecture) return failed('wrong-machine', built, architecture);
  const machine = lines.get('uname') ?? 'nothing';
  return machines.includes(machine)
    ? undefined
    : failed('wrong-machine', machine, machines.join(' or '));
}

function judgeSecondStart(lines: Lines): FailedProof | undefined {
  const name = lines.get('name');
  if (name === NAME) return undefined;
  if (name !== undefined) return failed('name-lost', name || 'nothing', NAME);
  return failed('not-again', `exit status ${lines.get('exit') ?? 'none'} and no name`, NAME);
}

function judgeEnds(lines: Lines, exitCode: number): FailedProof | undefined {
  const child = lines.get('exit') ?? 'none';
  if (child === CHILD_STATUS && exitCode === STATUS) return undefined;
  return failed('status-lost', `${child} and ${exitCode}`, `${CHILD_STATUS} and ${STATUS}`);
}

/** Says whether a run of the proof program shows that the platform can be relied on. */
export function judge(platform: string, output: ProofOutput): PlatformProof {
  if (output.hung) return failed('hung', 'no end within the time limit', 'an end');
  const lines = readLines(output.stdout);
  if (!lines.has('machine')) return judgeSilence(output);
  const child = lines.get('signal');
  const signal = child === undefined ? signalOf(output.exitCode) : Number(child);
  const fault =
    judgeMachine(platform, lines) ??
    (signal === undefined ? undefined : failed('crashed', describeSignal(signal), 'an exit')) ??
    judgeSecondStart(lines) ??
    judgeEnds(lines, output.exitCode);
  if (fault !== undefined) return fault;
  const openat2 = Number(lines.get('openat2') ?? 0);
  return {
    proved: true,
    machine: lines.get('uname') ?? '',
    executed: lines.get('exe'),
    ...(openat2 > 0 ? { openat2 } : {}),
  };
}
