import { type Owner, type RunTools, removeIfPulled } from '../cleanup/index.js';
import { atEndpoint, dockerEngine, type EngineFacts, type Shared } from '../engine/index.js';
import type { EnvironmentFacts, Finding } from '../evidence/index.js';
import type { Ports } from '../ports/index.js';
import { defined } from '../types/index.js';
import { createBuilder } from './create.js';
import { builderImages, type NodeImage, ownBuilderName } from './create-arguments.js';
import { findBuilder } from './find.js';
import type { Builder } from './list.js';
import { useNativeNodes } from './nodes.js';
import { type BuilderOptions, DEFAULT_BUILDER } from './options.js';
import { removeBuilder } from './remove.js';
import {
  type Buildx,
  type BuildxOptions,
  byItself,
  provideBuildx,
} from './tools/provide-buildx.js';
import { type UsedBuilder, usedBuilder } from './used-builder.js';

/** The builder that a run needs. */
export interface BuilderNeeds {
  /** One that exists, or the name of the one that is created. */
  readonly name?: string;
  /** How one is created. */
  readonly options?: BuilderOptions;
  readonly buildx?: BuildxOptions;
  /** What BuildKit may allow builds beyond the ordinary, as `network.host`. */
  readonly entitlements?: readonly string[];
  /** Hosts of the registries that builds pull from, and keep their caches in. */
  readonly registries?: readonly string[];
  /** No image of the run is built with it, so that none is made for it. */
  readonly idle?: boolean;
  /** Platforms that are built. */
  readonly platforms?: readonly string[];
}

/** What is known when a builder is looked for. */
interface BuilderSetting {
  readonly facts: EngineFacts;
  readonly buildx: Buildx;
  sharesLoopback(): Promise<Shared>;
  /** The builders of that buildx, where they are being listed already. */
  readonly listed?: Promise<readonly Builder[]> | undefined;
  /** A new builder waits for the emulators: BuildKit looks for them when it starts. */
  readonly emulators?: Promise<unknown> | undefined;
}

/** A builder that a run uses. */
interface ObtainedBuilder {
  readonly used: UsedBuilder;
  readonly builder: Pick<EnvironmentFacts['builder'], 'name' | 'driver' | 'nodes'>;
  readonly findings: readonly Finding[];
}

/** The buildx that the docker client has where it suffices, else a downloaded one. Rejects with `EngineError`. */
export async function findBuildx(
  options: BuildxOptions | undefined,
  { buildx, buildxFile }: Pick<EngineFacts, 'buildx' | 'buildxFile'>,
  ports: Ports,
  signal: AbortSignal,
): Promise<Buildx> {
  const found = await provideBuildx({ options: options ?? {}, plugin: buildx }, ports, signal);
  return byItself(found, buildxFile, ports.files);
}

/** BuildKit's image is removed again from where the builder's nodes are. */
async function removeImageLater({ image, endpoint }: NodeImage, tools: RunTools): Promise<void> {
  const { ports, record, undo } = tools;
  if (endpoint === undefined) return removeIfPulled({ image }, tools);
  const there = dockerEngine(atEndpoint(ports, endpoint));
  // Where that engine does not answer, buildx says so in its own words.
  await removeIfPulled({ image, endpoint }, { engine: there, ports, record, undo }).catch(() => {});
}

/** Notes what is about to be created, and undoes it at the end. */
async function removeAtEnd(
  name: string,
  options: BuilderOptions,
  tools: RunTools,
  remove: () => Promise<void>,
) {
  const { driver, keepState, nodes } = options;
  const images = builderImages(options);
  for (const image of images) await removeImageLater(image, tools);
  const endpoints = images.flatMap(({ endpoint }) => endpoint ?? []);
  const names = nodes.flatMap((node) => node.name ?? []);
  await tools.record.note({
    builder: name,
    keepState,
    ...defined({ driver }),
    ...(images.length === 0
      ? {}
      : { nodes: names, endpoints, images: [...new Set(images.map(({ image }) => image))] }),
  });
  tools.undo.add(remove);
}

/** Creates a builder; one of the run's own is undone. Rejects with `EngineError`. */
async function create(
  needs: BuilderNeeds,
  { facts, buildx, sharesLoopback }: BuilderSetting,
  tools: RunTools,
): Promise<Builder> {
  const { ports, record, undo, signal } = tools;
  const { options = DEFAULT_BUILDER, entitlements = [], registries = [] } = needs;
  const { driver, cleanup, keepState } = options;
  const name = needs.name ?? ownBuilderName(record.run);
  const client = { ...ports, buildx, ...defined({ driver }) };
  if (cleanup) await removeAtEnd(name, options, tools, () => removeBuilder(name, client, options));
  const owner: Owner = { ...record.origin, builder: name, keepState };
  const wanted = {
    name,
    options,
    engine: facts,
    sharesLoopback,
    registries,
    entitlements,
    ...(cleanup ? { owner } : {}),
    makeFolder: record.makeFolder,
  };
  try {
    return await createBuilder(wanted, client, signal);
  } catch (error) {
    // One that is kept at the end is kept whole or not at all.
    if (!cleanup) undo.add(() => removeBuilder(name, client));
    throw error;
  }
}

/** The facts of a builder for the evidence. */
function builderFacts({ name, driver, nodes }: Builder): ObtainedBuilder['builder'] {
  const machines = nodes.map(({ name: node, buildkit, platforms }) => ({
    name: node,
    ...defined({ buildkit }),
    platforms,
  }));
  return { name, driver, nodes: machines };
}

/**
 * Finds the builder that was asked for or is suitable, and creates one where there is
 * none. Each platform goes to the node that runs it natively. Rejects with
 * `EngineError` where there is no usable builder, and with the signal's reason.
 */
export async function obtainBuilder(
  needs: BuilderNeeds,
  setting: BuilderSetting,
  tools: RunTools,
): Promise<ObtainedBuilder> {
  const { ports, record, undo, signal } = tools;
  const { facts, buildx, emulators, listed } = setting;
  const { name, options = DEFAULT_BUILDER, idle, platforms = [] } = needs;
  const client = { ...ports, buildx };
  const asked = { ...defined({ name }), options, idle, listed };
  const found = await findBuilder(asked, facts, client, signal);
  const makeFolder = async () => {
    const folder = await record.makeFolder();
    undo.add(() => ports.files.remove(folder));
    return folder;
  };
  if (found === undefined) await emulators;
  const inUse =
    found === undefined
      ? { builder: await create(needs, setting, tools), env: {}, findings: [] }
      : await useNativeNodes(found, { platforms, makeFolder }, client, signal);
  return {
    used: usedBuilder(inUse, platforms, facts, client),
    builder: builderFacts(inUse.builder),
    findings: inUse.findings,
  };
}
