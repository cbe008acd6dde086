import { BUILDX_PLUGIN, failure } from '../engine/index.js';
import { builderEnvironment, type CommandOutput, type Ports } from '../ports/index.js';
import { defined } from '../types/index.js';
import { type Builder, readBuilders } from './list.js';
import type { Buildx } from './tools/provide-buildx.js';

/** How buildx is run; without `buildx` it is the docker client's plugin. */
export type BuildxClient = Pick<Ports, 'exec' | 'env' | 'files'> & {
  readonly buildx?: Pick<Buildx, 'file' | 'prefix'>;
  /** Of the builder that is asked about, as far as it is known. */
  readonly driver?: string;
};

/** Runs buildx, which may pull images, to its end, whatever that is; rejects with the signal's reason alone. */
export async function runBuildx(
  client: BuildxClient,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<CommandOutput> {
  const { file, prefix } = client.buildx ?? BUILDX_PLUGIN;
  const output = await client.exec.run({
    file,
    args: [...prefix, ...args],
    env: builderEnvironment(client.env, client.driver),
    ...defined({ signal }),
  });
  signal?.throwIfAborted();
  return output;
}

/** Every builder that buildx knows. Rejects with `EngineError`. */
export async function listBuilders(
  client: BuildxClient,
  signal: AbortSignal,
): Promise<readonly Builder[]> {
  const output = await runBuildx(client, ['ls', '--format', 'json'], signal);
  if (output.code === 0) return readBuilders(output.stdout);
  const { code, signal: by, notStarted, stderr } = output;
  const ended = code === null ? `it was ended by ${by}` : `it ended with ${code}`;
  const said = stderr.trim() || (notStarted ?? `${ended} without a message`);
  throw failure('docker buildx could not list its builders:', said);
}
