import { isAbsolute, join } from 'node:path';
import {
  type DockerfileImage,
  type DockerfilePlan,
  type ImageBase,
  isFolder,
  manifestAnnotations,
  type PlannedImage,
} from '../../evidence/index.js';
import { buildOptions } from '../../kinds/index.js';
import { writeAttributes, writeSecret } from '../../reference/index.js';
import type { PlatformOrder } from '../kind.js';
import type { PinnedBase } from './bases.js';
import { cacheFrom, type KnownCaches, ownCaches } from './cache.js';

/** One platform's build from a Dockerfile, with everything that the machine adds to the plan. */
export interface DockerfileOrder extends PlatformOrder {
  readonly image: DockerfileImage;
  /** The name of buildx's builder. */
  readonly builder: string;
  /** The builder's, as buildx names it. */
  readonly driver?: string;
  /** How buildx is started: a program, and what stands before its arguments. */
  readonly buildx: { readonly file: string; readonly prefix: readonly string[] };
  /** The builder's machines: whether each runs this platform natively, and where it is, if known. */
  readonly nodes?: readonly {
    readonly name: string;
    readonly native: boolean;
    readonly endpoint?: string;
  }[];
  /** Resolves with the name of a node that is lost, where buildx does not notice; rejects with the signal's reason. */
  lost?(signal: AbortSignal): Promise<string>;
  /** Where buildx may write down which of several machines built it. */
  readonly metadataFile?: string;
  /** A path that stands for the context under a name of its own. */
  readonly contextLink?: string;
  /** A path that stands for the Dockerfile, with some stages for the build machine's platform. */
  readonly nativeDockerfile?: string;
  /** What is known of the caches of other images. */
  readonly knownCaches?: KnownCaches;
  /** The Dockerfile's bases, one and the same for all platforms. */
  readonly bases: readonly PinnedBase[];
  /** The base of the stage that is built, where that is an image whose digest is known. */
  readonly base?: ImageBase;
}

/** Where a path of the plan is; addresses stay as they are. */
export function located(root: string, path: string): string {
  return isFolder(path) && !isAbsolute(path) ? join(root, path) : path;
}

function many(flag: string, values: readonly string[]): readonly string[] {
  return values.map((value) => `${flag}=${value}`);
}

function pairs(flag: string, table: Readonly<Record<string, string>>): readonly string[] {
  return many(
    flag,
    Object.entries(table).map(([key, value]) => `${key}=${value}`),
  );
}

function one(flag: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`${flag}=${value}`];
}

function secret(plan: DockerfilePlan['secrets'][number], order: DockerfileOrder): string {
  const variable = order.secretVariables.get(plan.id) ?? plan.env;
  const { id, file = id } = plan;
  return writeSecret(
    variable === undefined ? { id, file: located(order.root, file) } : { id, env: variable },
  );
}

function baseContexts(order: DockerfileOrder): readonly string[] {
  return order.bases.map(({ name, digest }) => `${name}=docker-image://${name}@${digest}`);
}

/**
 * The reference that the attestations name as their subject; without a `name`
 * the exporter writes statements without one.
 */
function exportName(image: PlannedImage): string {
  const [target] = image.targets;
  return `${target?.repository ?? image.id}:${target?.tags[0] ?? 'latest'}`;
}

function output(image: PlannedImage): string {
  const name = exportName(image);
  const said = { type: 'oci', dest: '-', name, 'oci-mediatypes': 'true' };
  return writeAttributes(new Map(Object.entries(said)));
}

function dockerfileOf({ image: { build }, root }: DockerfileOrder): string {
  return isFolder(build.context) ? located(root, build.file) : build.file;
}

/** Arguments of buildx for one platform's build, streamed to stdout as an OCI archive. */
export function buildArguments(order: DockerfileOrder): readonly string[] {
  const { build, id, platforms } = order.image;
  const context = order.contextLink ?? located(order.root, build.context);
  return [
    'build',
    `--builder=${order.builder}`,
    `--platform=${order.platform}`,
    `--output=${output(order.image)}`,
    '--progress=rawjson',
    ...one('--metadata-file', order.metadataFile),
    `--file=${order.nativeDockerfile ?? dockerfileOf(order)}`,
    ...Object.entries(build.contexts).map(
      ([name, path]) => `--build-context=${name}=${located(order.root, path)}`,
    ),
    ...many('--build-context', baseContexts(order)),
    ...build.secrets.map((entry) => `--secret=${secret(entry, order)}`),
    ...pairs('--annotation', manifestAnnotations(order.image, order.platform, order.base)),
    ...many(
      '--cache-from',
      cacheFrom(build.cacheFrom, { id, platforms }, order.platform, order.knownCaches),
    ),
    ...many('--cache-to', ownCaches(build.cacheTo, id, order.platform)),
    ...buildOptions(build),
    context,
  ];
}
