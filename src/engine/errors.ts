import { explainStartFailure } from '../ports/index.js';

/** An engine did not do what it was asked to: a fault of the environment, never of the image. */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly code:
      | 'not-installed'
      | 'not-answering'
      | 'permission'
      | 'disk-full'
      /** The input for it could not be read on this machine; `said` is why. */
      | 'input'
      | 'failed',
    message: string,
    /** The last lines of the client's output. */
    readonly said: string,
  ) {
    super(message);
  }
}

const REASONS = [
  [
    /permission denied while trying to connect/i,
    'permission',
    'You have no permission to use the Docker engine; add your user to the group "docker" or use a rootless engine.',
  ],
  [
    /cannot connect to the docker daemon|error during connect|is the docker daemon running|connection refused|failed to connect to the docker api/i,
    'not-answering',
    'The Docker engine does not answer; start it, or point DOCKER_HOST or the docker context at one that runs.',
  ],
  [
    /no space left on device/i,
    'disk-full',
    'The disk of the Docker engine is full; free some space, for example with "docker system prune".',
  ],
] as const;

/** Turns the docker client's output into an error with a cause that a person can act on. */
export function engineError(doing: string, said: string): EngineError {
  const tail = said.trim().split('\n').slice(-5).join('\n');
  const known = REASONS.find(([pattern]) => pattern.test(said));
  if (known !== undefined) return new EngineError(known[1], known[2], tail);
  return new EngineError('failed', `The Docker engine could not ${doing}: ${tail}`, tail);
}

/** An engine that has not answered for so many milliseconds. */
export function silent(patience: number): EngineError {
  return new EngineError(
    'not-answering',
    `The Docker engine has not answered "docker info" within ${patience / 1000} s; check its log or restart it, or point DOCKER_HOST or the docker context at one that answers.`,
    '',
  );
}

/** The docker client could not be started; `code` is why, e.g. `ENOENT`. */
export function notStarted(code: string): EngineError {
  if (code === 'ENOENT') {
    return new EngineError(
      'not-installed',
      'There is no "docker" on PATH; install Docker Engine 24 or later with buildx.',
      '',
    );
  }
  return new EngineError(
    'failed',
    `The docker client could not be started: ${explainStartFailure(code)}.`,
    '',
  );
}

/** A stream to the engine that failed while it was read. */
export function unread(doing: string, why: string): EngineError {
  return new EngineError('input', `The data needed to ${doing} could not be read: ${why}`, why);
}
