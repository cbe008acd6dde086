import {
  type CommandOutput,
  childEnvironment,
  loginEnvironment,
  type Ports,
} from '../../ports/index.js';
import { defined } from '../../types/index.js';
import { EngineError } from '../errors.js';
import { containerOptions } from '../run-name.js';

/** What the docker client is started with. */
export type ClientPorts = Pick<Ports, 'exec' | 'env'>;

/** Runs the docker client; answers its output whatever its exit code is, and rejects with the signal's reason. */
export function docker(
  ports: ClientPorts,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<CommandOutput> {
  return client(ports, args, childEnvironment(ports.env), signal);
}

/** A container that may change its engine's kernel, and that goes when its program has ended. */
interface PrivilegedContainer {
  readonly image: string;
  readonly platform: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly arguments: readonly string[];
}

/**
 * Runs a privileged container without a network to its end. The client may have to
 * pull the image, and to ask a credential helper for that. Resolves with its output,
 * whatever its exit code, and rejects with the signal's reason.
 */
export function runPrivileged(
  { image, platform, labels, arguments: args }: PrivilegedContainer,
  ports: ClientPorts,
  signal?: AbortSignal,
): Promise<CommandOutput> {
  const options = ['--rm', '--privileged', '--network=none', `--platform=${platform}`];
  const all = ['run', ...options, ...containerOptions(labels), image, ...args];
  return client(ports, all, loginEnvironment(ports.env), signal);
}

/** How buildx is started where the docker client has it as its plugin. */
export const BUILDX_PLUGIN = { file: 'docker', prefix: ['buildx'] } as const;

async function client(
  ports: ClientPorts,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<CommandOutput> {
  const output = await ports.exec.run({
    file: 'docker',
    args,
    env,
    ...defined({ signal }),
  });
  signal?.throwIfAborted();
  return output;
}

/** An error whose message ends with the last line of `said`, if there is one. */
export function failure(message: string, said = ''): EngineError {
  const lines = said.trim().split('\n').slice(-5);
  const last = lines.at(-1)?.replace(/^ERROR: /, '') ?? '';
  return new EngineError('failed', last === '' ? message : `${message} ${last}`, lines.join('\n'));
}
