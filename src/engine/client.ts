import { childEnvironment, loginEnvironment, type Output, type Ports } from '../ports/index.js';
import { EngineError } from './errors.js';

type World = Pick<Ports, 'exec' | 'env'>;

/** Runs the docker client; answers its output, whatever its exit code, or rejects with the signal's reason. */
export function docker(
  world: World,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<Output> {
  return client(world, args, childEnvironment(world.env), signal);
}

/** The same where the client may have to pull an image, and to ask a credential helper for that. */
export function dockerPulling(
  world: World,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<Output> {
  return client(world, args, loginEnvironment(world.env), signal);
}

async function client(
  world: World,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Output> {
  const output = await world.exec.run({
    file: 'docker',
    args,
    env,
    ...(signal === undefined ? {} : { signal }),
  });
  signal?.throwIfAborted();
  return output;
}

/** An error whose message ends with the last line that was said, if any was. */
export function failure(message: string, said = ''): EngineError {
  const lines = said.trim().split('\n').slice(-5);
  const last = lines.at(-1)?.replace(/^ERROR: /, '') ?? '';
  return new EngineError('failed', last === '' ? message : `${message} ${last}`, lines.join('\n'));
}
