import { join } from 'node:path';
import {
  containerNames,
  containerRun,
  dockerSightings,
  imageRun,
  RUN_ID,
  RUN_LABEL,
  runNames,
  type Sightings,
} from '../engine/index.js';
import type { Ports } from '../ports/index.js';
import { defined } from '../types/index.js';
import {
  type KnownOrigin,
  ORIGIN_FILE,
  OWNER_VARIABLE,
  PROCESS_LABEL,
  readLabels,
  readOrigin,
  readOwner,
  START_LABEL,
} from './labels.js';
import {
  engineVariables,
  folderRun,
  type Made,
  type RunLeftovers,
  temporaryFolder,
} from './run-record.js';

/** Something that a run made, seen where it is. */
interface Leftover extends KnownOrigin {
  readonly made?: Made;
}

/** Stands for a process that is not known. */
const UNKNOWN_PROCESS = { host: '', boot: '', space: '', pid: 0, started: '' };

const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** `2026-11-25 14:09:32 +0000 UTC`, as docker's lists have it. */
function readDate(written: string): string {
  const [day, time, zone] = written.split(' ');
  const date = new Date(`${day}T${time}${zone?.replace(/(\d\d)$/, ':$1')}`);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}

const LABELS = [RUN_LABEL, START_LABEL, PROCESS_LABEL];

/** By the name that the run gave it; labels alone may be its image's. */
async function containers(engine: Sightings): Promise<readonly Leftover[]> {
  return (await engine.containers(containerNames(), LABELS)).flatMap((row) => {
    const [name = '', run = '', started = '', process = '', created = ''] = row.map(text);
    if (containerRun(name) !== run) return [];
    return readLabels(run, started || readDate(created), process) ?? [];
  });
}

/** By the name that the run gave it, and its labels, which are its own. */
async function networks(engine: Sightings): Promise<readonly Leftover[]> {
  return (await engine.networks(containerNames(), LABELS)).flatMap((row) => {
    const [name = '', run = '', started = '', process = '', created = ''] = row.map(text);
    if (containerRun(name) !== run) return [];
    return readLabels(run, started || readDate(created), process) ?? [];
  });
}

/** By the name that the run gave it; a proof's image has labels, too, and one under test cannot know the run's id. */
async function images(engine: Sightings): Promise<readonly Leftover[]> {
  const names = await engine.images(runNames());
  const found = names.map(async (name): Promise<readonly Leftover[]> => {
    const run = imageRun(name);
    if (run === undefined) return [];
    const seen = await engine.image(name, LABELS);
    const [labelled, started = '', process = '', named = ''] = seen.map(text);
    return [(labelled === run && readLabels(run, started, process)) || { run, started: named }];
  });
  return (await Promise.all(found)).flat();
}

const NODE = 'buildx_buildkit_';

/** The names that runs give their own builders, with the number of a node, and the run's id in it. */
const OWN_NODE = new RegExp(`^${NODE}(sea-trial-(${RUN_ID}))\\d+(?:_state)?$`);

function ownNode(node: string, started: string): readonly Leftover[] {
  const [, builder, run] = OWN_NODE.exec(node) ?? [];
  if (builder === undefined || run === undefined) return [];
  return [{ run, started, made: { builder, keepState: false } }];
}

/** By the name that buildx gives; it starts their images with every privilege, so that their variables are believed. */
async function builders(engine: Sightings): Promise<readonly Leftover[]> {
  const found = await engine.variables(`^/?${NODE}`);
  return found.flatMap(([named, since, variables]) => {
    const [name, created] = [text(named), text(since)];
    const env = Array.isArray(variables) ? variables.map(text) : [];
    const written = env.find((one) => one.startsWith(`${OWNER_VARIABLE}=`));
    const owner = readOwner(written?.slice(OWNER_VARIABLE.length + 1) ?? '');
    if (owner === undefined) return ownNode(name.slice(1), created);
    const { run, started = created, process, builder, keepState } = owner;
    const seen = { run, started, ...defined({ process }) };
    // A node may have a name of its own.
    const nodes = [name.slice(1 + NODE.length)];
    return [{ ...seen, made: { builder, keepState, nodes } }];
  });
}

/** Where the container is gone already. */
async function volumes(engine: Sightings): Promise<readonly Leftover[]> {
  const found = await engine.volumes(`${NODE}sea-trial-`);
  return found.flatMap(([name, created]) => ownNode(text(name), text(created)));
}

/** A folder of a run's says so itself; one that does not is a run's only while nothing is in it. */
async function folder(
  path: string,
  run: string,
  { files }: Pick<Ports, 'exec' | 'env' | 'files'>,
): Promise<readonly Leftover[]> {
  const there = await files.look(path);
  if (there?.kind !== 'directory') return [];
  const written = await files.read(join(path, ORIGIN_FILE)).catch(() => undefined);
  const origin = written === undefined ? undefined : readOrigin(written.toString('utf8'));
  if (origin?.run === run) return [origin];
  const inside = await files.list(path).catch(() => ['unknown']);
  const started = new Date(Number(there.modified / 1_000_000n)).toISOString();
  return inside.length === 0 ? [{ run, started }] : [];
}

async function folders(
  temporary: string,
  ports: Pick<Ports, 'exec' | 'env' | 'files'>,
): Promise<readonly Leftover[]> {
  const names = await ports.files.list(temporary).catch(() => []);
  const found = names.map(async (name) => {
    const run = folderRun(name);
    return run === undefined ? [] : folder(join(temporary, name), run, ports).catch(() => []);
  });
  return (await Promise.all(found)).flat();
}

/**
 * Runs that left something in the engine or in the folder for what is temporary,
 * those under way among them; known from the things themselves. Never rejects.
 */
export async function findLeftovers(
  ports: Pick<Ports, 'exec' | 'env' | 'files'>,
): Promise<readonly RunLeftovers[]> {
  const [temporary] = temporaryFolder(ports.env);
  const sightings = dockerSightings(ports);
  const inEngine = [containers, networks, images, builders, volumes].map((look) => look(sightings));
  const [local, ...engine] = await Promise.all([folders(temporary, ports), ...inEngine]);
  const traces = [...local, ...engine.flat()];
  const answered = engine.flat();
  return [...new Set(traces.map(({ run }) => run))].flatMap((run) => {
    const seen = traces.filter((one) => one.run === run);
    const dates = seen.flatMap((one) => one.started ?? []).map((one) => Date.parse(one));
    // An engine that does not know says it is of the year 1.
    const since = Math.min(...dates.filter((one) => one > 0));
    if (!Number.isFinite(since)) return [];
    const started = new Date(since).toISOString();
    const process = seen.find((one) => one.process !== undefined)?.process ?? UNKNOWN_PROCESS;
    const made: Made[] = [
      ...(answered.some((one) => one.run === run) ? [{ answered: 'unknown' }] : []),
      ...seen.flatMap((one) => one.made ?? []),
    ];
    return [{ run, started, process, temporary, engine: engineVariables(ports.env), made }];
  });
}
