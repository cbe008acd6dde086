import { writeDuration } from '../document/index.js';
import { type Finding, finding } from '../evidence/index.js';
import type { Clock } from '../ports/index.js';
import { defined } from '../types/index.js';
import type { PlatformOrder } from './kind.js';

/** A step that has begun and not ended. Times are in milliseconds. */
export interface RunningStep {
  readonly name: string;
  /** How long ago it began. */
  readonly age: number;
  /** For how long it has written nothing. */
  readonly silence: number;
  /** The last lines that it wrote. */
  readonly log: readonly string[];
}

/** The limit of one build's time. */
export interface BuildLimit {
  /** Aborts when the time is over. */
  readonly signal: AbortSignal;
  /** The build is over: its time no longer counts. */
  end(): void;
  /** Why there is no image, where the build was ended by this limit. */
  failure(): Finding | undefined;
}

function seconds(milliseconds: number): string {
  return writeDuration(Math.max(1, Math.floor(milliseconds / 1000)) * 1000);
}

function describe([first, ...others]: readonly RunningStep[]): string {
  if (first === undefined) return 'no step was running';
  const { name, age, silence, log } = first;
  const silent = log.length === 0 ? 'any output' : `output for ${seconds(silence)}`;
  const more =
    others.length === 0 ? '' : `; beside it: ${others.map((one) => one.name).join(', ')}`;
  return `step ${name} was still running after ${seconds(age)}, without ${silent}${more}`;
}

function remedyFor(emulated: boolean): string {
  const longer = 'If it only needs more time, raise "timeout" of the build.';
  return emulated
    ? `A program that stands still under emulation is often the emulator's fault: use a newer emulator, or a machine of that architecture. ${longer}`
    : `Find out from its output what the step waits for. ${longer}`;
}

function timedOut(
  { image, platform, emulated = false }: PlatformOrder,
  limit: number,
  running: readonly RunningStep[],
): Finding {
  const steps = [...running].sort((one, other) => other.silence - one.silence);
  const { build } = image;
  const location = build.kind === 'dockerfile' ? { file: build.file } : image.location;
  const message = `the build did not end within ${writeDuration(limit)}: ${describe(steps)}`;
  return finding('build-failed', { image: image.id, platform }, message, {
    remedy: remedyFor(emulated),
    detail: steps[0]?.log.slice(-20) ?? [],
    ...defined({ location }),
  });
}

/**
 * Begins to measure the time of a build, where the plan limits it; `running` answers
 * the steps under way, and is asked when the time is over.
 */
export function limitTime(
  order: PlatformOrder,
  clock: Clock,
  running: () => readonly RunningStep[],
): BuildLimit {
  const { timeout } = order.image.build;
  const [over, ended] = [new AbortController(), new AbortController()];
  let failure: Finding | undefined;
  const wait = async (limit: number) => {
    await clock.sleep(limit, ended.signal);
    failure = timedOut(order, limit, running());
    over.abort();
  };
  // It rejects when the build has ended before.
  if (timeout !== undefined) wait(timeout).catch(() => {});
  return { signal: over.signal, end: () => ended.abort(), failure: () => failure };
}
