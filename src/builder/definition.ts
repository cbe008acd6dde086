import { join } from 'node:path';
import { replaceFile } from '../ports/index.js';
import type { BuildxClient } from './buildx.js';

/*
 * What buildx keeps of a builder: a file of JSON under `instances`, which only the
 * user may read (buildx, store/nodegroup.go).
 */

/** All that is not named here is passed on unread. */
export interface Definition {
  readonly Nodes: readonly NodeDefinition[];
}

interface NodeDefinition {
  readonly Name: string;
  /** What its user gave it. */
  readonly Platforms?: readonly PlatformDefinition[] | null;
  readonly DriverOpts?: Readonly<Record<string, string>> | null;
}

export interface PlatformDefinition {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

function isDefinition(value: unknown): value is Definition {
  const { Nodes } = (value ?? {}) as Partial<Definition>;
  return Array.isArray(Nodes) && Nodes.every((node) => typeof node?.Name === 'string');
}

/** Where it is in a folder of buildx's, which writes names in small letters. */
export function definitionPath(folder: string, name: string): string {
  return join(folder, 'instances', name.toLowerCase());
}

/** Undefined where buildx keeps it in another way than is known here. */
export async function readDefinition(
  name: string,
  folder: string,
  { files }: Pick<BuildxClient, 'files'>,
): Promise<Definition | undefined> {
  try {
    const content = await files.read(definitionPath(folder, name));
    const value: unknown = JSON.parse(content.toString('utf8'));
    return isDefinition(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Writes it into a folder of buildx's, whole or not at all. */
export async function writeDefinition(
  definition: Definition,
  name: string,
  folder: string,
  { files }: Pick<BuildxClient, 'files'>,
): Promise<void> {
  const beside = join(folder, `${name}.new`);
  const text = JSON.stringify(definition);
  await replaceFile({ path: definitionPath(folder, name), text, beside, mode: 0o600 }, files);
}
