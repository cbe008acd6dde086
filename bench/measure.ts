import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** One run of something that was measured. */
export interface Sample {
  readonly seconds: number;
  /** Bytes of memory that the program itself had at most; undefined where that was not asked. */
  readonly peak?: number;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Two things done one directly after the other, so that what disturbs the machine meets both. */
export interface Pair<T> {
  readonly ours: T;
  readonly theirs: T;
}

interface Outcome extends Sample {
  readonly stdout: string;
}

interface Run {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly memory?: boolean;
  /** Exit codes that are no failure, beside 0. */
  readonly codes?: readonly number[];
}

const KEPT = 4000;

/** Milliseconds between two looks; what comes in the last of them is missed. */
const BETWEEN = 20;

/** Looks how much memory a process has had at most (proc(5), VmHWM), its children not with it. */
function weigh(pid: number | undefined) {
  let peak = 0;
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      peak = 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? peak / 1024);
    } catch {
      // It has ended.
    }
  }, BETWEEN);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function spawned({ file, args, cwd, env, memory }: Run) {
  return new Promise<Outcome & { readonly code: number | null; readonly stderr: string }>(
    (resolve, reject) => {
      const texts = { stdout: '', stderr: '' };
      const from = performance.now();
      const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
      const weighed = memory ? weigh(child.pid) : undefined;
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        texts.stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        texts.stderr += text;
      });
      child.once('error', (error) => {
        weighed?.();
        reject(error);
      });
      child.once('close', (code) => {
        const peak = weighed === undefined ? {} : { peak: weighed() };
        resolve({ ...texts, code, seconds: (performance.now() - from) / 1000, ...peak });
      });
    },
  );
}

/** Runs a program to its end and takes the time, the program's start included. Rejects where it fails. */
export async function timed(run: Run): Promise<Outcome> {
  const { code, stderr, ...outcome } = await spawned(run);
  if (code !== 0 && !run.codes?.includes(code ?? -1)) {
    const said = `${outcome.stdout.slice(-KEPT)}\n${stderr.slice(-KEPT)}`;
    throw new Error(`${run.file} ${run.args.join(' ')} ended with ${code}:\n${said}`);
  }
  return outcome;
}

/** Does both in each round, the other one first every second time. */
export async function alternate<T>(
  rounds: number,
  ours: (round: number) => Promise<T>,
  theirs: (round: number) => Promise<T>,
): Promise<readonly Pair<T>[]> {
  const pairs: Pair<T>[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const first = await ours(round);
      pairs.push({ ours: first, theirs: await theirs(round) });
    } else {
      const first = await theirs(round);
      pairs.push({ ours: await ours(round), theirs: first });
    }
  }
  return pairs;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[Math.ceil(middle) - 1],
    sorted[Math.floor(middle)],
  ];
  return { median: (low + high) / 2, least: sorted[0] ?? low, most: sorted.at(-1) ?? high };
}

/** Ours over theirs, pair by pair. */
export function ratio(pairs: readonly Pair<Sample>[]): Spread {
  return spread(pairs.map(({ ours, theirs }) => ours.seconds / theirs.seconds));
}
