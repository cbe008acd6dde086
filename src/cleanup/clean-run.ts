import {
  atEndpoint,
  containerNames,
  containerRun,
  dockerContexts,
  dockerHousekeeping,
  type Housekeeping,
  lostContexts,
  removeBuildNetwork,
  runNames,
} from '../engine/index.js';
import { endMarkedProcesses, type Ports, waitForMarkedProcesses } from '../ports/index.js';
import { addedBy } from './noted-handlers.js';
import { isNeededByOthers } from './pulled-image.js';
import {
  DAY,
  foldersOf,
  type Made,
  type MadeBuilder,
  type MadeImage,
  noteIn,
  type RunLeftovers,
  readRunRecords,
  recordOf,
  towardsEngine,
} from './run-record.js';

/** What cleaning needs of the ports. */
export type CleanupPorts = Pick<Ports, 'exec' | 'env' | 'files' | 'clock' | 'processes'>;

/** What removes those things that only other rooms know how to remove. */
export interface Removers {
  /** Removes a builder with its nodes, and says whether buildx knew it. */
  builder(
    name: string,
    ports: CleanupPorts & { readonly driver?: string },
    options: { readonly keepState: boolean },
  ): Promise<boolean>;
  /**
   * Takes away the handlers that a run added, but for what others need; answers the
   * number of those that are gone. `all` reads the records of all runs, and `note`
   * adds a line to the run's own.
   */
  handlers(
    remains: RunLeftovers,
    all: () => Promise<readonly RunLeftovers[]>,
    note: (made: Made) => Promise<void>,
    ports: CleanupPorts,
  ): Promise<number>;
}

/** The results of a cleaning, in sentences. */
export interface Cleaned {
  readonly removed: readonly string[];
  /** What could not be removed, and why; its record stays for another attempt. */
  readonly problems: readonly string[];
}

/** The cleaning of one run. */
interface CleanedRun extends Cleaned {
  /** Tries again to remove images that the run pulled and a container used; answers how many have gone. */
  readonly again: () => Promise<number>;
}

/** Milliseconds in which the engine may still answer a client that has ended. */
const LATE = 300;

/** Milliseconds after which a run's leftovers in an unreachable engine are given up. */
const FORGOTTEN = 7 * DAY;

/**
 * Children outlive a run that was killed. A client that is making something is
 * given the time to make it: cut off, it would leave that behind unseen.
 */
async function endProcesses(run: string, ports: CleanupPorts): Promise<number> {
  const found = await ports.processes.startedWith('SEA_TRIAL_RUN', run);
  if (!(await waitForMarkedProcesses('SEA_TRIAL_RUN', run, ports))) {
    await endMarkedProcesses('SEA_TRIAL_RUN', run, ports);
  }
  return found.length;
}

async function removeContainers(run: string, engine: Housekeeping): Promise<number> {
  const found = await engine.containers(containerNames(run));
  await engine.removeContainers(
    found.map(({ id }) => id),
    true,
  );
  return found.length;
}

/** Networks of builds, each with what pack has left on it; answers the number of the networks. */
async function removeNetworks(run: string, ports: CleanupPorts): Promise<number> {
  const engine = dockerHousekeeping(ports);
  const found = await engine.networks(containerNames(run));
  const ours = found.filter((name) => containerRun(name) === run);
  for (const name of ours) await removeBuildNetwork(name, engine, ports.clock);
  return ours.length;
}

/** Removes what is left of a builder's nodes in one engine. */
async function removeNodes(
  { builder, keepState, nodes = [] }: MadeBuilder,
  engine: Housekeeping,
): Promise<number> {
  let removed = 0;
  const kinds: readonly (readonly [string, RegExp])[] = [
    // buildx numbers the nodes of a builder from 0 on.
    [builder, /^\d+(_state)?$/],
    ...nodes.map((name) => [name, /^(_state)?$/] as const),
  ];
  for (const [name, rest] of kinds) {
    const node = `buildx_buildkit_${name}`;
    // A filter finds all names that contain it.
    const isMeant = (one: string) => one.startsWith(node) && rest.test(one.slice(node.length));
    const found = (await engine.containers(node)).filter((one) => isMeant(one.name));
    await engine.removeContainers(
      found.map(({ id }) => id),
      false,
    );
    const listed = await engine.volumes(node);
    const volumes = keepState ? [] : listed.filter(isMeant);
    await engine.removeVolumes(volumes);
    removed += found.length + volumes.length;
  }
  return removed;
}

/** buildx may have forgotten the builder; then its containers and volumes are still there. */
async function removeBuilderOf(
  made: MadeBuilder,
  since: Date,
  ports: CleanupPorts,
  removers: Removers,
): Promise<number> {
  const { builder, keepState, driver, endpoints = [], images = [] } = made;
  const its = driver === undefined ? ports : { ...ports, driver };
  let removed = Number(await removers.builder(builder, its, { keepState }));
  for (const endpoint of [undefined, ...new Set(endpoints)]) {
    const engine = dockerHousekeeping(atEndpoint(ports, endpoint));
    removed += await removeNodes(made, engine);
    for (const image of images) {
      await engine.removeContainers(await engine.cardProbes(image, since), false);
    }
  }
  return Math.min(1, removed);
}

async function removeBuilders(
  { made, started }: RunLeftovers,
  ports: CleanupPorts,
  removers: Removers,
): Promise<number> {
  const since = new Date(started);
  const noted = made.filter((one): one is MadeBuilder => 'builder' in one);
  let removed = 0;
  for (const builder of noted) removed += await removeBuilderOf(builder, since, ports, removers);
  return removed;
}

/**
 * A docker context that is not there any more leads to no engine: what a run noted
 * of it could be looked for for ever. `lost` are the contexts of that kind.
 */
async function withoutLost(remains: RunLeftovers, ports: CleanupPorts) {
  const named = remains.made.flatMap((made) => {
    if ('image' in made) return made.endpoint ?? [];
    return 'builder' in made ? (made.endpoints ?? []) : [];
  });
  const contexts = named.length === 0 ? [] : await dockerContexts(ports);
  const lost = contexts === undefined ? [] : lostContexts(named, contexts);
  const isThere = (endpoint: string) => !lost.includes(endpoint);
  const made = remains.made.flatMap((one): readonly Made[] => {
    if ('image' in one) return one.endpoint === undefined || isThere(one.endpoint) ? [one] : [];
    if (!('builder' in one) || one.endpoints === undefined) return [one];
    return [{ ...one, endpoints: one.endpoints.filter(isThere) }];
  });
  return { reachable: { ...remains, made }, lost };
}

/** Images that a run pulled, but for those that others use by now. */
async function removePulled(remains: RunLeftovers, ports: CleanupPorts): Promise<number> {
  const noted = remains.made.filter((one): one is MadeImage => 'image' in one);
  let removed = 0;
  for (const pulled of noted) {
    if (await isNeededByOthers(remains, pulled, await readRunRecords(ports), ports)) continue;
    const { image, endpoint } = pulled;
    const fate = await dockerHousekeeping(atEndpoint(ports, endpoint)).removeImage(image);
    if (fate === 'removed') removed += 1;
  }
  return removed;
}

/** `used` takes the names that the run gave, of images that are in use. */
async function removeImages(
  remains: RunLeftovers,
  ports: CleanupPorts,
  used: string[] = [],
): Promise<number> {
  const engine = dockerHousekeeping(ports);
  const named = await engine.images(runNames(remains.run));
  let removed = 0;
  for (const image of named) {
    const fate = await engine.removeImage(image);
    if (fate === 'removed') removed += 1;
    if (fate === 'used') used.push(image);
  }
  return removed + (await removePulled(remains, ports));
}

function inUse(run: string, image: string): string {
  return `an image of the run ${run} remains: a container uses ${image}, and docker ps --all --filter ancestor=${image} shows which`;
}

function removeEmulators(
  remains: RunLeftovers,
  ports: CleanupPorts,
  removers: Removers,
): Promise<number> {
  const note = (made: Made) => noteIn(remains, made, ports);
  return removers.handlers(remains, () => readRunRecords(ports), note, ports);
}

async function removeFolders(remains: RunLeftovers, { files }: CleanupPorts): Promise<number> {
  const folders = await foldersOf(remains, files);
  for (const folder of folders) await files.remove(folder);
  return folders.length;
}

function counted(number: number, what: string): readonly string[] {
  if (number === 0) return [];
  const many = what === 'process' ? 'processes' : `${what}s`;
  return [number === 1 ? `1 ${what}` : `${number} ${many}`];
}

/** Whether a record still says what runs under way are to take away at their end. */
export async function isNeeded(run: string, ports: CleanupPorts): Promise<boolean> {
  const remains = await recordOf(run, ports).catch(() => undefined);
  return remains !== undefined && addedBy(remains).length > 0;
}

/**
 * Removes what one run has left, and its record when nothing is left. The run's
 * own process must have ended, or be the one that calls. Never rejects.
 */
export async function cleanRun(
  remains: RunLeftovers,
  here: CleanupPorts,
  removers: Removers,
): Promise<CleanedRun> {
  const { run, engine, path } = remains;
  const ports = { ...here, env: towardsEngine(here.env, engine) };
  const counts = new Map<string, number>();
  const problems: string[] = [];
  const attempt = async (what: string, step: () => Promise<number>) => {
    try {
      const number = await step();
      counts.set(what, (counts.get(what) ?? 0) + number);
      return number;
    } catch (error) {
      const kind = what === 'process' ? 'processes' : `${what}s`;
      problems.push(`${kind} of the run ${run} may be left: ${(error as Error).message}`);
      return 0;
    }
  };
  const children = await attempt('process', () => endProcesses(run, ports));
  const { reachable, lost } = await withoutLost(remains, ports);
  if (remains.made.some((made) => 'answered' in made)) {
    let found: number;
    do {
      if (children > 0) await here.clock.sleep(LATE);
      // Containers first: an image that one of them uses stays.
      found = await attempt('container', () => removeContainers(run, dockerHousekeeping(ports)));
      found += await attempt('network', () => removeNetworks(run, ports));
      found += await attempt('image', () => removeImages(reachable, ports));
    } while (children > 0 && found > 0 && problems.length === 0);
    await attempt('builder', () => removeBuilders(reachable, ports, removers));
    await attempt('emulator', () => removeEmulators(remains, ports, removers));
    // Again, for the image of the builder or of the emulators was in use until now.
    const used: string[] = [];
    await attempt('image', () => removeImages(reachable, ports, used));
    problems.push(...used.map((image) => inUse(run, image)));
  }
  await attempt('folder', () => removeFolders(remains, ports));
  const old = here.clock.now().getTime() - Date.parse(remains.started) > FORGOTTEN;
  if (old && problems.length > 0) problems.push(`${run}: its removal is not attempted again`);
  if (old || (problems.length === 0 && !(await isNeeded(run, here)))) {
    if (path !== undefined) await here.files.remove(path).catch(() => {});
  }
  const list = [...counts].flatMap(([what, number]) => counted(number, what));
  const gone = lost.map(
    (one) => `${run}: the docker context "${one}" no longer exists, so nothing is looked for in it`,
  );
  return {
    removed: [...gone, ...(list.length === 0 ? [] : [`${run}: ${list.join(', ')} removed`])],
    problems: [...new Set(problems)],
    again: () => removePulled(reachable, ports).catch(() => 0),
  };
}
