import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { PLATFORM_APIS } from '../../buildpacks/index.js';
import { type ContainerSpec, cacheVolume, EngineError } from '../../engine/index.js';
import { writeTar } from '../../oci/index.js';
import type { BuildTools } from '../kind.js';
import { volumeOf } from './command.js';
import { creatorFiles, LOGINS, ORDER_FILE, RUN_FILE } from './creator-files.js';
import { proxyVariables } from './environment.js';
import { type BuildpackOrder, pinnedBuilder, pinnedRunImage, runImageLogin } from './order.js';
import type { OpenPlace } from './place.js';

/** Seconds since 1970 of the time that images have where nothing else is asked for, as pack sets it. */
function epochOf(creationTime: string | undefined, now: Date): Readonly<Record<string, string>> {
  if (creationTime === undefined) return {};
  const seconds = creationTime === 'now' ? String(Math.floor(now.getTime() / 1000)) : creationTime;
  return { SOURCE_DATE_EPOCH: seconds };
}

/** The newest Platform API that the builder's lifecycle serves and pack knows, which pack takes, too. */
function platformApi({ platformBuilder: { lifecycle } }: BuildpackOrder): string {
  const api = PLATFORM_APIS.findLast((one) => lifecycle.platformApis.includes(one));
  if (api !== undefined) return api;
  throw new EngineError('failed', 'The lifecycle of the builder serves no known Platform API.', '');
}

const isSince = (api: string, since: string) =>
  PLATFORM_APIS.indexOf(api) >= PLATFORM_APIS.indexOf(since);

/** Where the proxies are written: their logins are in no list of processes. */
function proxyFile({ home }: Pick<OpenPlace, 'home'>): string {
  return join(home, 'proxies.env');
}

/** The container in which the lifecycle's creator builds. */
export function creatorContainer(
  order: BuildpackOrder,
  place: Pick<OpenPlace, 'name' | 'network' | 'cacheImage' | 'home'>,
  { hasOrder, now }: { readonly hasOrder: boolean; readonly now: Date },
): ContainerSpec {
  const { image, platform, root, pack } = order;
  const { build } = image;
  const { cacheImage } = place;
  const api = platformApi(order);
  return {
    image: pinnedBuilder(order),
    platform,
    entrypoint: '/cnb/lifecycle/creator',
    arguments: [
      ...['-log-level', 'debug', '-no-color', '-app', '/workspace'],
      ...(cacheImage === undefined ? ['-cache-dir', '/cache'] : ['-cache-image', cacheImage]),
      ...['-run-image', pinnedRunImage(order)],
      ...(isSince(api, '0.12') ? ['-run', RUN_FILE] : []),
      ...(build.process === undefined ? [] : ['-process-type', build.process]),
      ...(hasOrder ? ['-order', ORDER_FILE] : []),
      place.name,
    ],
    env: {
      CNB_PLATFORM_API: api,
      ...(isSince(api, '0.15') ? { CNB_EXEC_ENV: 'production' } : {}),
      ...epochOf(build.creationTime, now),
      ...(runImageLogin(order) === undefined ? {} : { DOCKER_CONFIG: LOGINS }),
    },
    envFile: proxyFile(place),
    // It gives its rights up before a buildpack runs.
    user: 'root',
    network: place.network,
    volumes: [
      ...(cacheImage === undefined
        ? [{ source: cacheVolume(order.cache), target: '/cache', writable: true }]
        : []),
      ...build.volumes.map((one) => volumeOf(one, root)),
    ],
    labels: pack.labels,
  };
}

/** Attempts to end the container, and milliseconds between them. */
const KILLS = 6;
const KILL_AGAIN = 500;

const STILL_RUNS = "The Docker engine lost a build's container; it was still running.";

/** Pulls the builder unless the engine has it. */
export async function pullBuilder(
  order: BuildpackOrder,
  { signal }: Pick<BuildTools, 'signal'>,
): Promise<void> {
  const { engine, networks, dockerConfig } = order.pack;
  const reference = pinnedBuilder(order);
  if ((await engine.imageId(reference)) !== undefined) return;
  await networks.pull({ reference, platform: order.platform, dockerConfig }, signal);
}

/**
 * Runs the lifecycle's creator in a container of the builder, as deployments with Tekton do,
 * and hands its outputs on. Answers its exit code. Rejects with `EngineError`, and with the
 * signal's reason.
 */
export async function runCreator(
  order: BuildpackOrder,
  place: OpenPlace,
  tools: BuildTools,
  follow: (output: Readable) => Promise<void>,
): Promise<number> {
  const { engine } = order.pack;
  const { signal, ports } = tools;
  await pullBuilder(order, tools);
  const { entries, hasOrder } = await creatorFiles(order, tools);
  const now = ports.clock.now();
  const proxies = Object.entries(proxyVariables(order.pack, place.gateway));
  const text = proxies.map(([name, value]) => `${name}=${value}\n`).join('');
  await order.pack.files.write(proxyFile(place), text, 0o600);
  const container = await engine.create(creatorContainer(order, place, { hasOrder, now }));
  const over = new AbortController();
  const kill = async (leave: () => void) => {
    // One that is only just starting cannot be killed yet.
    for (let kills = 0; kills < KILLS && !over.signal.aborted; kills++) {
      await engine.kill(container).catch(() => {});
      await ports.clock.sleep(KILL_AGAIN, over.signal).catch(() => {});
    }
    leave();
  };
  try {
    await engine.copyIn(container, writeTar(entries));
    signal?.throwIfAborted();
    const { stdout, stderr, ended, leave } = engine.start(container);
    signal?.addEventListener('abort', () => void kill(leave), { once: true, signal: over.signal });
    await Promise.all([ended, follow(stdout), follow(stderr)]).finally(() => over.abort());
    const { exitCode, error, running } = await engine.inspect(container);
    if (running) throw new EngineError('failed', STILL_RUNS, '');
    if (error !== '')
      throw new EngineError('failed', `The builder could not be started: ${error}`, error);
    return exitCode;
  } finally {
    await engine.remove(container);
  }
}
