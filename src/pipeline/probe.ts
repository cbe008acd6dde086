import { build } from '../build/index.js';
import { cacheVolume } from '../engine/index.js';
import { type Event, type Finding, redacted } from '../evidence/index.js';
import type { Ports } from '../ports/index.js';
import { defined } from '../types/index.js';
import type { RunContext, RunOptions } from './context.js';
import { cleanUp, openContext } from './environment.js';
import type { TrialInput } from './trial-context.js';
import { trialInputs } from './trial-inputs.js';
import { buildTools } from './trials.js';

/** A build of which only the output counts. */
export interface ProbeBuild {
  readonly image: string;
  readonly platform: string;
  /** What the build wrote. */
  readonly lines: readonly string[];
  /** Why it did not end well, which need not be a fault. */
  readonly findings: readonly Finding[];
}

/** Builds one, and removes the cache that it leaves. */
async function probe(input: TrialInput, context: RunContext): Promise<ProbeBuild> {
  const { listen, signal } = context.options;
  const { image, platform } = input;
  const about = { image: image.id, platform };
  const none = { ...about, lines: [], findings: [] };
  if (input.notRun !== undefined) return none;
  const status = input.native ? undefined : await input.platformStatus();
  if (status?.runs === false) return none;
  const lines: string[] = [];
  const heard = (event: Event) => {
    if (event.kind === 'output') lines.push(event.text);
    listen(event);
  };
  const tools = { ...buildTools(context), listen: heard };
  const emulated = status?.emulated ?? false;
  // Buildpacks build on the engine, whose emulators were looked at.
  const words = defined({ tarWords: status?.tarWords });
  const { findings } = await build({ ...input, emulated, ...words }, tools);
  signal.throwIfAborted();
  const { pack } = context;
  if (pack !== undefined) {
    await pack.tools.networks.removeVolume(cacheVolume(pack.cacheOf(image.id, platform)));
  }
  return { ...about, lines, findings };
}

async function probeAll(context: RunContext) {
  const builds: ProbeBuild[] = [];
  for (const input of await trialInputs(context)) builds.push(await probe(input, context));
  const known = await context.environment.known;
  return { builds, findings: [...context.preflight.findings, ...known.findings] };
}

/**
 * Builds the images of a plan for what their buildpacks write, one after the other; nothing of
 * them is kept, and what they wrote is redacted. Rejects with `EngineError` and with the
 * signal's reason, after cleaning up.
 */
export async function runProbes(
  options: RunOptions,
  ports: Ports,
): Promise<{ readonly builds: readonly ProbeBuild[]; readonly findings: readonly Finding[] }> {
  const context = await openContext(options, ports);
  const { builds, findings } = await probeAll(context).catch(async (error: unknown) => {
    await cleanUp(context);
    throw error;
  });
  const all = [...findings, ...(await cleanUp(context))];
  return redacted({ builds, findings: all }, options.redactor);
}
