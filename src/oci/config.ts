import { isDigest } from '../reference/index.js';
import { defined } from '../types/index.js';
import type { WrittenPlatform } from './documents.js';
import { fieldsOf, isObject, parseObject } from './json.js';

/** One line of an image's history; `createdBy` is the Dockerfile's instruction. */
interface HistoryEntry {
  readonly created?: string;
  readonly createdBy?: string;
  readonly comment?: string;
  /** The step changed no file: it has no layer. */
  readonly emptyLayer: boolean;
}

/** An image's configuration as read (OCI image-spec, config.md). Absent lists are empty. */
export interface ImageConfig extends WrittenPlatform {
  readonly created?: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly shell: readonly string[];
  /** `NAME=value`, in their order. */
  readonly env: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly diffIds: readonly string[];
  readonly history: readonly HistoryEntry[];
}

function historyOf(value: unknown): HistoryEntry {
  const object = isObject(value) ? value : {};
  const fields = fieldsOf(object, 'history');
  const created = fields.text('created');
  const createdBy = fields.text('created_by');
  const comment = fields.text('comment');
  return {
    ...defined({ created, createdBy, comment }),
    emptyLayer: Object.hasOwn(object, 'empty_layer') && object.empty_layer === true,
  };
}

/** An empty text says as little as none. */
const filled = (text: string | undefined): string | undefined => text || undefined;

/** What was read, and a sentence for each thing that is wrong. */
interface ParsedConfig {
  readonly value: ImageConfig;
  readonly problems: readonly string[];
}

/** Reads an image's configuration, at most 4 MiB. Throws an OciError where it is no JSON object. */
export function parseImageConfig(bytes: Uint8Array, what: string): ParsedConfig {
  const top = fieldsOf(parseObject(bytes, what), what);
  const run = fieldsOf(top.object('config') ?? {}, `${what}, config`);
  const rootfs = fieldsOf(top.object('rootfs') ?? {}, `${what}, rootfs`);
  const diffIds = rootfs.words('diff_ids');
  for (const id of diffIds) if (!isDigest(id)) rootfs.wrong(`"${id}" is not a digest`);
  const value: ImageConfig = {
    os: top.text('os') ?? '',
    architecture: top.text('architecture') ?? '',
    ...defined({ variant: filled(top.text('variant')), created: filled(top.text('created')) }),
    entrypoint: run.words('Entrypoint'),
    command: run.words('Cmd'),
    shell: run.words('Shell'),
    env: run.words('Env'),
    ...defined({ user: filled(run.text('User')), workdir: filled(run.text('WorkingDir')) }),
    labels: run.table('Labels'),
    diffIds: diffIds.filter(isDigest),
    history: top.list('history').map(historyOf),
  };
  return { value, problems: [...top.problems, ...run.problems, ...rootfs.problems] };
}

/** `os/architecture[/variant]` as the configuration writes it. */
export function writtenPlatform({ os, architecture, variant }: WrittenPlatform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}

/**
 * The instruction that made a layer, by the history, or undefined where the
 * history does not say. Layers are counted from 1.
 */
export function createdBy(config: ImageConfig, layer: number): string | undefined {
  const made = config.history.filter((entry) => !entry.emptyLayer);
  if (made.length !== config.diffIds.length) return undefined;
  return made[layer - 1]?.createdBy?.replace(/ # buildkit$/, '');
}
