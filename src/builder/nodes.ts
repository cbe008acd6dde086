import { join } from 'node:path';
import { type Finding, finding } from '../evidence/index.js';
import { parsePlatform } from '../platform/index.js';
import { buildxFolder } from '../ports/index.js';
import { type BuildxClient, listBuilders, runBuildx } from './buildx.js';
import { nativePlatforms } from './create.js';
import {
  type Definition,
  type PlatformDefinition,
  readDefinition,
  writeDefinition,
} from './definition.js';
import type { Builder, BuilderNode } from './list.js';

/*
 * buildx gives a platform to the first node that knows it, also where that only
 * emulates it (buildx, build/driver.go), unless a node was given the platform with
 * --platform. A builder of the user's often has no such word in it.
 */

/** A builder, and how it is used. */
export interface BuilderInUse {
  readonly builder: Builder;
  /** Environment variables by which buildx finds this definition of it. */
  readonly env: Readonly<Record<string, string>>;
  /** About platforms that stay on a node that emulates them. */
  readonly findings: readonly Finding[];
}

interface MisassignedPlatform {
  readonly platform: string;
  readonly chosen: string;
  readonly native: string;
}

/** Drivers whose nodes stay the same; pods of Kubernetes come and go. */
const COPIED = ['docker-container', 'remote'];

function written({ os, architecture, variant }: PlatformDefinition): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/');
}

function givenTo(
  node: Pick<BuilderNode, 'name'>,
  definition: Definition | undefined,
): readonly string[] {
  const found = definition?.Nodes.find(({ Name }) => Name === node.name);
  return (found?.Platforms ?? []).map(written);
}

/** Those of the platforms that buildx would have emulated although a node runs them natively. */
function misassigned(
  platforms: readonly string[],
  nodes: readonly BuilderNode[],
  definition: Definition | undefined,
): readonly MisassignedPlatform[] {
  return platforms.flatMap((platform) => {
    // The user has assigned it to a node.
    if (nodes.some((node) => givenTo(node, definition).includes(platform))) return [];
    const chosen = nodes.find((node) => node.platforms.includes(platform));
    const native = nodes.find((node) => nativePlatforms(node).includes(platform));
    if (chosen === undefined || native === undefined) return [];
    if (nativePlatforms(chosen).includes(platform)) return [];
    return [{ platform, chosen: chosen.name, native: native.name }];
  });
}

/** The definition with what each node runs natively, where its user has not said what it is for. */
function withPlatforms(definition: Definition, nodes: readonly BuilderNode[]): Definition {
  const Nodes = definition.Nodes.map((entry) => {
    const node = nodes.find(({ name }) => name === entry.Name);
    if (node === undefined || (entry.Platforms ?? []).length > 0) return entry;
    const Platforms = nativePlatforms(node)
      .map(parsePlatform)
      .filter((platform) => platform !== undefined);
    return { ...entry, Platforms };
  });
  return { ...definition, Nodes };
}

function stayed({ name }: Builder, { platform, chosen, native }: MisassignedPlatform): Finding {
  return finding(
    'native-node-unused',
    { platform },
    `${platform} is built on the node "${chosen}" of the builder "${name}", which emulates it; the node "${native}" runs it natively.`,
    {
      remedy: `Assign the platform to the node: docker buildx create --name ${name} --append --node ${native} --platform ${platform} ENDPOINT (with the driver kubernetes: no endpoint, and the name of the deployment as the node).`,
    },
  );
}

/** A stopped node does not list its platforms; the first build would start it anyway. */
async function running(
  builder: Builder,
  client: BuildxClient,
  signal: AbortSignal,
): Promise<Builder> {
  const silent = builder.nodes.some(
    ({ platforms, error }) => platforms.length === 0 && error === undefined,
  );
  if (!silent) return builder;
  await runBuildx(client, ['inspect', '--bootstrap', builder.name], signal);
  return (await find(builder.name, client, signal)) ?? builder;
}

async function find(name: string, client: BuildxClient, signal: AbortSignal) {
  return (await listBuilders(client, signal)).find((builder) => builder.name === name);
}

/** Platforms that are built, and a maker of folders of the run's own. */
interface Assignment {
  readonly platforms: readonly string[];
  makeFolder(): Promise<string>;
}

/**
 * Lets each of the platforms go to the node that runs it natively. Where buildx
 * would do otherwise, a second definition of the same builder, with the same nodes,
 * is written into a folder of the run's own, in which buildx looks for builders; the
 * user's stays as it is. Rejects with `EngineError`, and with the signal's reason.
 */
export async function useNativeNodes(
  found: Builder,
  { platforms, makeFolder }: Assignment,
  client: BuildxClient,
  signal: AbortSignal,
): Promise<BuilderInUse> {
  const asIs = { builder: found, env: {}, findings: [] };
  if (found.nodes.length < 2) return asIs;
  const builder = await running(found, client, signal);
  const definition = await readDefinition(builder.name, buildxFolder(client.env) ?? '', client);
  const wrong = misassigned(platforms, builder.nodes, definition);
  if (wrong.length === 0) return { ...asIs, builder };
  const findings = wrong.map((one) => stayed(builder, one));
  if (definition === undefined || !COPIED.includes(builder.driver)) {
    return { ...asIs, builder, findings };
  }
  const folder = await makeFolder();
  const { files, env } = client;
  await files.makeDirectory(join(folder, 'instances'));
  await writeDefinition(withPlatforms(definition, builder.nodes), builder.name, folder, client);
  const own = { BUILDX_CONFIG: folder };
  const placed = await find(builder.name, { ...client, env: { ...env, ...own } }, signal);
  if (placed === undefined) return { ...asIs, builder, findings };
  return { builder: placed, env: own, findings: [] };
}
