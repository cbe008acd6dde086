import { isObject, type Json, jsonIn } from '../oci/index.js';

/** A machine of a builder. */
export interface BuilderNode {
  readonly name: string;
  readonly status: string;
  /** BuildKit's version, e.g. `v0.25.2`; undefined where it is not running or does not know. */
  readonly buildkit?: string;
  readonly platforms: readonly string[];
  /** BuildKit's own name for what builds there, another for each start; undefined where several do. */
  readonly worker?: string;
  /** Where it is: a docker context, an address of an engine, or of BuildKit. */
  readonly endpoint?: string;
  /** Its driver was given a network, or a proxy: what it reaches may be other than what the machine does. */
  readonly ownRoads?: true;
  /** Registry → hosts that BuildKit asks before it, as its configuration names them. */
  readonly mirrors?: ReadonlyMap<string, readonly string[]>;
  readonly error?: string;
}

/** A builder as `docker buildx ls --format json` (0.13 and later) describes it. */
export interface Builder {
  readonly name: string;
  readonly driver: string;
  /** Whether it is the one that `docker buildx use` chose. */
  readonly current: boolean;
  readonly nodes: readonly BuilderNode[];
  readonly error?: string;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function errorOf(raw: Json): { readonly error?: string } {
  const error = textOf(raw.Err) || textOf(raw.Error);
  return error === '' ? {} : { error };
}

/** A table of buildkitd.toml as buildx writes it down: one that names a registry, and its list of mirrors. */
const MIRRORED = /^\s*\[registry\."([^"]+)"\]((?:\n(?!\s*\[).*)*?)\n\s*mirrors = \[(.*)\]$/gm;

/** What the configuration that buildx keeps of a node (base64) says of mirrors. */
function mirrorsIn(files: unknown): Pick<BuilderNode, 'mirrors'> {
  const kept = isObject(files) ? textOf(files['buildkitd.toml']) : '';
  const found = Buffer.from(kept, 'base64').toString('utf8').matchAll(MIRRORED);
  const mirrors = new Map(
    [...found].map(([, registry = '', , list = '']) => [
      registry,
      [...list.matchAll(/"([^"]*)"/g)].map(([, host = '']) => host),
    ]),
  );
  return mirrors.size === 0 ? {} : { mirrors };
}

/** The options themselves may hold logins, and are left where they are. */
function roadsIn(raw: Json): Pick<BuilderNode, 'ownRoads'> {
  const options = Object.entries(isObject(raw.DriverOpts) ? raw.DriverOpts : {});
  const own = options.some(
    ([name, value]) =>
      (name === 'network' && value !== 'host') || /^env\.(https?|all)_proxy$/i.test(name),
  );
  return own ? { ownRoads: true } : {};
}

/** With several pods buildx asks any one of them. */
function workerOf(raw: Json): Pick<BuilderNode, 'worker'> {
  const replicas = isObject(raw.DriverOpts) ? textOf(raw.DriverOpts.replicas) : '';
  const [worker, ...more] = listOf(raw.IDs).map(textOf);
  const isOne = worker !== undefined && more.length === 0 && ['', '1'].includes(replicas);
  return isOne ? { worker } : {};
}

function nodeOf(raw: Json): BuilderNode {
  const version = textOf(raw.Version);
  const endpoint = textOf(raw.Endpoint);
  return {
    name: textOf(raw.Name),
    status: textOf(raw.Status),
    // A distribution's build of BuildKit may have no version set.
    ...(version === '' || version.startsWith('v0.0.0') ? {} : { buildkit: version }),
    // A platform that was fixed by its user carries a star.
    platforms: listOf(raw.Platforms).map((platform) => textOf(platform).replace(/\*$/, '')),
    ...(endpoint === '' ? {} : { endpoint }),
    ...workerOf(raw),
    ...roadsIn(raw),
    ...mirrorsIn(raw.Files),
    ...errorOf(raw),
  };
}

function builderOf(raw: Json): Builder {
  return {
    name: textOf(raw.Name),
    driver: textOf(raw.Driver),
    current: raw.Current === true,
    nodes: listOf(raw.Nodes).filter(isObject).map(nodeOf),
    ...errorOf(raw),
  };
}

/**
 * Reads the list of builders: an object per line, or one array. What is neither
 * is left out, warnings between the lines above all.
 */
export function readBuilders(stdout: string): readonly Builder[] {
  const whole = jsonIn(stdout);
  const values = whole === undefined ? stdout.split('\n').map(jsonIn) : [whole].flat();
  return values
    .filter(isObject)
    .filter((raw) => textOf(raw.Name) !== '')
    .map(builderOf);
}
