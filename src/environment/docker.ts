import { EngineError } from '../engine/index.js';
import { childEnvironment, type Output, type Ports } from '../ports/index.js';

type World = Pick<Ports, 'exec' | 'env'>;

/** Runs the docker client; answers its output, whatever its exit code, or rejects with the signal's reason. */
export async function docker(
  world: World,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<Output> {
  const output = await world.exec.run({
    file: 'docker',
    args,
    env: childEnvironment(world.env),
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
