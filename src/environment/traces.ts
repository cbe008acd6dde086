import { join } from 'node:path';
import { runNames } from '../engine/index.js';
import type { Ports } from '../ports/index.js';
import { docker } from './docker.js';
import {
  ORIGIN_FILE,
  OWNER_VARIABLE,
  PROCESS_LABEL,
  RUN_LABEL,
  readLabels,
  readOrigin,
  readOwner,
  type Sighting,
  START_LABEL,
} from './labels.js';
import { engineVariables, type Made, type Remains, temporaryFolder } from './record.js';

type World = Pick<Ports, 'exec' | 'env' | 'files'>;

/** Something that a run made, seen where it is. */
interface Trace extends Sighting {
  readonly made?: Made;
}

/** A process that is nowhere. */
const NOBODY = { host: '', boot: '', space: '', pid: 0, started: '' };

/** Lines of an engine's answer, cut at its tabs; none where it does not answer. */
async function ask(world: World, args: readonly string[]): Promise<readonly (readonly string[])[]> {
  const { code, stdout } = await docker(world, args);
  if (code !== 0) return [];
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]));
}

/** `2026-11-25 14:09:32 +0000 UTC`, as docker's lists have it. */
function readDate(text = ''): string {
  const [day, time, zone] = text.split(' ');
  const date = new Date(`${day}T${time}${zone?.replace(/(\d\d)$/, ':$1')}`);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}

const LABELS = [RUN_LABEL, START_LABEL, PROCESS_LABEL];

async function containers(world: World): Promise<readonly Trace[]> {
  const format = [...LABELS.map((name) => `{{.Label "${name}"}}`), '{{.CreatedAt}}'].join('\t');
  const args = ['ps', '--all', '--filter', `label=${RUN_LABEL}`, '--format', format];
  return (await ask(world, args)).flatMap(([run = '', started = '', process = '', created]) => {
    return readLabels(run, started || readDate(created), process) ?? [];
  });
}

/** By the name that the run gave it; a proof's image has labels, too. */
async function images(world: World): Promise<readonly Trace[]> {
  const filter = `reference=${runNames('*')}`;
  const list = ['images', '--filter', filter, '--format', '{{.Repository}}:{{.Tag}}'];
  const names = (await ask(world, list)).flat();
  const found = names.map(async (name): Promise<readonly Trace[]> => {
    const labels = LABELS.map((label) => `{{index .Config.Labels "${label}"}}`);
    const format = [...labels, '{{json .Metadata.LastTagTime}}'].join('\t');
    const [seen = []] = await ask(world, ['image', 'inspect', '--format', format, name]);
    const [labelled, started = '', process = '', named = ''] = seen;
    const run = name.slice(name.lastIndexOf(':') + 1);
    const since = named.replaceAll('"', '');
    return [(labelled === run && readLabels(run, started, process)) || { run, started: since }];
  });
  return (await Promise.all(found)).flat();
}

const NODE = 'buildx_buildkit_';

/** The names that runs give their own builders, with the number of a node, and the run's id in it. */
const OWN_NODE = /^buildx_buildkit_(sea-trial-(\w+-[0-9a-f]{8}))\d+(?:_state)?$/;

function ownNode(node: string, started: string): readonly Trace[] {
  const [, builder, run] = OWN_NODE.exec(node) ?? [];
  if (builder === undefined || run === undefined) return [];
  return [{ run, started, made: { builder, keepState: false } }];
}

async function builders(world: World): Promise<readonly Trace[]> {
  const listed = ['ps', '--all', '--quiet', '--no-trunc', '--filter', `name=${NODE}`];
  const ids = (await ask(world, listed)).flat();
  if (ids.length === 0) return [];
  const variables = '{{range .Config.Env}}{{"\t"}}{{.}}{{end}}';
  const format = `{{.Name}}\t{{.Created}}${variables}`;
  const found = await ask(world, ['container', 'inspect', '--format', format, ...ids]);
  return found.flatMap(([name = '', created = '', ...env]) => {
    const written = env.find((one) => one.startsWith(`${OWNER_VARIABLE}=`));
    const owner = readOwner(written?.slice(OWNER_VARIABLE.length + 1) ?? '');
    if (owner === undefined) return ownNode(name.slice(1), created);
    const { run, started = created, process, builder, keepState } = owner;
    const seen = { run, started, ...(process === undefined ? {} : { process }) };
    // A node may have a name of its own.
    const nodes = [name.slice(1 + NODE.length)];
    return [{ ...seen, made: { builder, keepState, nodes } }];
  });
}

/** Where the container is gone already. */
async function volumes(world: World): Promise<readonly Trace[]> {
  const filter = `name=${NODE}sea-trial-`;
  const args = ['volume', 'ls', '--quiet', '--filter', filter];
  const names = (await ask(world, args)).flat();
  if (names.length === 0) return [];
  const inspect = ['volume', 'inspect', '--format', '{{.Name}}\t{{.CreatedAt}}', ...names];
  return (await ask(world, inspect)).flatMap(([name = '', created = '']) => ownNode(name, created));
}

const FOLDER = /^sea-trial-(\w+-[0-9a-f]{8})-\w{6}$/;

/** A folder of a run's says so itself; one that does not is a run's only while nothing is in it. */
async function folder(path: string, run: string, { files }: World): Promise<readonly Trace[]> {
  const there = await files.look(path);
  if (there?.kind !== 'directory') return [];
  const text = await files.read(join(path, ORIGIN_FILE)).catch(() => undefined);
  const origin = text === undefined ? undefined : readOrigin(text.toString('utf8'));
  if (origin?.run === run) return [origin];
  const inside = await files.list(path).catch(() => ['unknown']);
  const started = new Date(Number(there.modified / 1_000_000n)).toISOString();
  return inside.length === 0 ? [{ run, started }] : [];
}

async function folders(temporary: string, world: World): Promise<readonly Trace[]> {
  const names = await world.files.list(temporary).catch(() => []);
  const found = names.map(async (name) => {
    const run = FOLDER.exec(name)?.[1];
    return run === undefined ? [] : folder(join(temporary, name), run, world).catch(() => []);
  });
  return (await Promise.all(found)).flat();
}

/**
 * Runs that left something in the engine or in the folder for what is temporary,
 * those under way among them; known from the things themselves. Never rejects.
 */
export async function tracesOf(world: World): Promise<readonly Remains[]> {
  const [temporary] = temporaryFolder(world.env);
  const inEngine = [containers, images, builders, volumes].map((look) =>
    look(world).catch(() => []),
  );
  const [local, ...engine] = await Promise.all([folders(temporary, world), ...inEngine]);
  const traces = [...local, ...engine.flat()];
  const answered = engine.flat();
  return [...new Set(traces.map(({ run }) => run))].flatMap((run) => {
    const seen = traces.filter((one) => one.run === run);
    const dates = seen.flatMap((one) => one.started ?? []).map((one) => Date.parse(one));
    // An engine that does not know says it is of the year 1.
    const since = Math.min(...dates.filter((one) => one > 0));
    if (!Number.isFinite(since)) return [];
    const started = new Date(since).toISOString();
    const process = seen.find((one) => one.process !== undefined)?.process ?? NOBODY;
    const made: Made[] = [
      ...(answered.some((one) => one.run === run) ? [{ answered: 'unknown' }] : []),
      ...seen.flatMap((one) => one.made ?? []),
    ];
    return [{ run, started, process, temporary, engine: engineVariables(world.env), made }];
  });
}
