import { randomBytes } from 'node:crypto';
import type { EnvironmentFacts } from '../evidence/index.js';
import { listen, type Ports } from '../ports/index.js';
import { docker } from './docker/index.js';

/*
 * An engine may be on another machine (DOCKER_HOST, Docker Desktop, a rootless
 * one), and a job in a container has another file system and another loopback
 * than the engine whose socket it was given. Neither can be told from the
 * engine's address, so both are tested.
 */

/** Whether something of the engine's is ours, too. */
export type Shared = NonNullable<EnvironmentFacts['engine']['sharesLoopback']>;

/** Milliseconds until an engine has looked at its own loopback; it takes a tenth of a second. */
const PATIENCE = 30_000;

/**
 * Whether the engine's loopback is ours: it is asked to pull from a server of ours
 * on it an image of a random name. Never rejects.
 */
export async function loopbackShared(
  world: Pick<Ports, 'exec' | 'env' | 'clock'>,
  signal: AbortSignal,
): Promise<Shared> {
  const name = `sea-trial/${randomBytes(16).toString('hex')}`;
  const done = new AbortController();
  let heard = false;
  const server = await listen(({ url = '' }, response) => {
    heard ||= url.includes(name);
    response.writeHead(404, { 'content-length': '0' }).end();
  }).catch(() => undefined);
  if (server === undefined) return 'unknown';
  // Content trust would ask another server first.
  const env = { ...world.env, DOCKER_CONTENT_TRUST: undefined };
  const over = AbortSignal.any([signal, done.signal]);
  const limit = world.clock.sleep(PATIENCE, over).then(
    () => done.abort(),
    () => {},
  );
  try {
    const args = ['pull', `${server.host}/${name}`];
    const { stderr } = await docker({ ...world, env }, args, over);
    if (heard) return 'yes';
    return /connection refused/i.test(stderr) ? 'no' : 'unknown';
  } catch {
    return heard ? 'yes' : 'unknown';
  } finally {
    done.abort();
    await limit;
    await server.close();
  }
}

/** A file of ours that the first container of a run is given, if the engine finds it. */
export interface Marker {
  /** Its absolute path on the first call, undefined afterwards. */
  take(): string | undefined;
  found(shared: Shared): void;
  shared(): Shared;
}

/** For a file that is there under a name that no other machine has. */
export function createMarker(path: string): Marker {
  let left: string | undefined = path;
  let known: Shared = 'unknown';
  return {
    take() {
      const taken = left;
      left = undefined;
      return taken;
    },
    found(shared) {
      known = shared;
    },
    shared: () => known,
  };
}
