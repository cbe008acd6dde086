import { fieldsOf, type ImageConfig, isObject, type Json, jsonIn } from '../oci/index.js';
import { defined } from '../types/index.js';

/*
 * What the lifecycle puts into every image that it exports (buildpacks/spec platform.md;
 * buildpacks/lifecycle launch/launcher.go, phase/exporter.go).
 */

/** The program that starts all others, in the environment that the buildpacks have made. */
export const LAUNCHER = '/cnb/lifecycle/launcher';

const PROCESSES = '/cnb/process/';

/** The link to the launcher by whose name it starts a process type. */
export function processPath(type: string): string {
  return PROCESSES + type;
}

/** The process type that a word starts; undefined where it is no such link. */
export function processType(word: string): string | undefined {
  return word.startsWith(PROCESSES) ? word.slice(PROCESSES.length) : undefined;
}

/** The label that says which buildpacks built an image, and what it can start. */
export const BUILD_METADATA = 'io.buildpacks.build.metadata';

/** Something that an image can start by a name, such as `web`. */
interface LaunchProcess {
  readonly type: string;
  /** With its arguments. */
  readonly words: readonly string[];
  /** It is executed as it is; else it is a text for bash. */
  readonly direct: boolean;
}

/** What an image says of how it was built. */
export interface BuildMetadata {
  readonly buildpacks: readonly { readonly id: string; readonly version: string }[];
  readonly processes: readonly LaunchProcess[];
  readonly launcher?: string;
}

/** Far above what any image has; keeps work on a hostile label small. */
const MANY = 500;

function objects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.slice(0, MANY).filter(isObject) : [];
}

/** Platform API 0.10 made a list of what was one text before. */
function wordsIn(value: unknown): readonly string[] {
  const words = Array.isArray(value) ? value : [value];
  return words.filter((word) => typeof word === 'string');
}

function processOf(one: Json): readonly LaunchProcess[] {
  const { type, command, args, direct } = one;
  if (typeof type !== 'string') return [];
  const words = [...wordsIn(command), ...wordsIn(args ?? [])];
  return [{ type, words, direct: direct === true }];
}

/** What the label of a built image says; undefined where there is none, or none that is JSON. */
export function buildMetadata(labels: ReadonlyMap<string, string>): BuildMetadata | undefined {
  const found = jsonIn(labels.get(BUILD_METADATA) ?? '');
  if (!isObject(found)) return undefined;
  const launcher = isObject(found.launcher) ? found.launcher : {};
  return {
    buildpacks: objects(found.buildpacks).flatMap((one) => {
      const fields = fieldsOf(one, 'buildpack');
      const [id, version = ''] = [fields.text('id'), fields.text('version')];
      return id === undefined ? [] : [{ id, version }];
    }),
    processes: objects(found.processes).flatMap(processOf),
    ...defined({ launcher: fieldsOf(launcher, 'launcher').text('version') }),
  };
}

const LIFECYCLE_METADATA = 'io.buildpacks.lifecycle.metadata';

/**
 * How many layers, from the first on, an image from buildpacks has from its run image, by the
 * top layer that its labels name; undefined where they name none of its own.
 */
export function runImageLayers({
  labels,
  diffIds,
}: Pick<ImageConfig, 'labels' | 'diffIds'>): number | undefined {
  const metadata = jsonIn(labels.get(LIFECYCLE_METADATA) ?? '');
  const runImage = isObject(metadata) ? metadata.runImage : undefined;
  const top = isObject(runImage) ? runImage.topLayer : undefined;
  const at = typeof top === 'string' ? diffIds.indexOf(top) : -1;
  return at === -1 ? undefined : at + 1;
}

/** What has put a file into an image from buildpacks. */
export type FileOrigin =
  | { readonly by: 'lifecycle' | 'application' | 'run image' }
  | { readonly by: 'buildpack'; readonly buildpack: string };

function folder({ env }: ImageConfig, name: string, usual: string): string {
  const set = env.findLast((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
  return `${(set || usual).replace(/\/+$/, '')}/`;
}

/** What has put a file there, by its path: buildpacks, application and lifecycle each have their folder. */
export function fileOrigin(path: string, config: ImageConfig): FileOrigin {
  if (path.startsWith('/cnb/')) return { by: 'lifecycle' };
  const layers = folder(config, 'CNB_LAYERS_DIR', '/layers');
  if (path.startsWith(layers)) {
    const [escaped] = path.slice(layers.length).split('/');
    const found = buildMetadata(config.labels)?.buildpacks.find(
      ({ id }) => id.replaceAll('/', '_') === escaped,
    );
    const buildpack = found === undefined ? (escaped ?? '') : `${found.id} ${found.version}`;
    return { by: 'buildpack', buildpack };
  }
  const isApplication = path.startsWith(folder(config, 'CNB_APP_DIR', '/workspace'));
  return { by: isApplication ? 'application' : 'run image' };
}
