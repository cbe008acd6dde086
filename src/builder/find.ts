import { type EngineFacts, failure } from '../engine/index.js';
import { type BuildxClient, listBuilders } from './buildx.js';
import type { Builder } from './list.js';
import { type BuilderOptions, describesBuilder } from './options.js';

type ImageStore = EngineFacts['store'];

/** What is asked of a run's builder. */
interface BuilderAsked {
  /** One that is there, or the name of the one that is made. */
  readonly name?: string;
  readonly options: BuilderOptions;
  /** No image of the run is built with it, so that none is made for it. */
  readonly idle?: boolean | undefined;
  /** All that there are, where they are being listed already; a driver that is asked for may have more. */
  readonly listed?: Promise<readonly Builder[]> | undefined;
}

/** Whether an OCI layout can come out of a builder of that driver. */
function exports(driver: string, store: ImageStore): boolean {
  return driver !== 'docker' || store === 'containerd';
}

/** The builder that was asked for by its name; `EngineError` where it cannot serve. */
export function namedBuilder(
  builders: readonly Builder[],
  name: string,
  store: ImageStore,
): Builder {
  const found = builders.find((builder) => builder.name === name);
  if (found === undefined) {
    const names = builders.map((builder) => builder.name).join(', ');
    throw failure(`There is no builder "${name}"; docker buildx knows ${names || 'none'}.`);
  }
  if (!exports(found.driver, store)) {
    throw failure(
      `The builder "${name}" has the driver docker, which cannot export an image while the engine keeps its images in the classic store; name a builder with the driver docker-container, or none.`,
    );
  }
  const errors = [found.error, ...found.nodes.map((node) => node.error)].filter(
    (error) => error !== undefined,
  );
  if (errors.length > 0 && found.nodes.every((node) => node.error !== undefined)) {
    throw failure(`The builder "${name}" does not answer:`, errors.join('\n'));
  }
  return found;
}

/** The builder of the engine itself, which is called like the docker context in use. */
function engineBuilder(builders: readonly Builder[], context: string): Builder | undefined {
  return builders.find(({ driver, name }) => driver === 'docker' && name === context);
}

/**
 * The builder to be used where none was named, or undefined where one has to be
 * made. `context` is the name of the docker context in use.
 */
export function suitableBuilder(
  builders: readonly Builder[],
  store: ImageStore,
  context: string,
): Builder | undefined {
  if (store === 'containerd') return engineBuilder(builders, context);
  return builders.find(
    ({ driver, current, nodes, error }) =>
      driver === 'docker-container' &&
      current &&
      error === undefined &&
      nodes.every((node) => node.error === undefined),
  );
}

function askedEngineBuilder(
  builders: readonly Builder[],
  store: ImageStore,
  context: string,
): Builder {
  if (!exports('docker', store)) {
    throw failure(
      'The driver docker cannot export an image while the engine keeps its images in the classic store; use the driver docker-container, or name none.',
    );
  }
  const found = engineBuilder(builders, context);
  if (found !== undefined) return found;
  throw failure(`The docker context "${context}" has no builder with the driver docker.`);
}

/** buildx reaches a builder in a cluster only with the cluster's variables in its environment. */
async function lookAgain(
  builders: readonly Builder[],
  name: string | undefined,
  client: BuildxClient,
  signal: AbortSignal,
): Promise<readonly Builder[]> {
  const driver = builders.find((builder) => builder.name === name)?.driver;
  if (driver !== 'kubernetes' || client.driver === driver) return builders;
  return listBuilders({ ...client, driver }, signal);
}

/**
 * The builder that is there for a run, or undefined where one has to be made. One
 * that was asked for by its name is taken as it is, whatever else was wanted for.
 */
export async function findBuilder(
  { name, options, idle, listed: early }: BuilderAsked,
  { store, context }: Pick<EngineFacts, 'store' | 'context'>,
  here: BuildxClient,
  signal: AbortSignal,
): Promise<Builder | undefined> {
  const usual = here.env.BUILDX_BUILDER || undefined;
  const client = options.driver === undefined ? here : { ...here, driver: options.driver };
  const usable = options.driver === undefined ? early : undefined;
  const listed = await (usable ?? listBuilders(client, signal));
  const builders = await lookAgain(listed, name ?? usual, client, signal);
  const described = describesBuilder(options);
  if (name !== undefined && (!described || builders.some((one) => one.name === name))) {
    return namedBuilder(builders, name, store);
  }
  if (options.driver === 'docker') return askedEngineBuilder(builders, store, context);
  if (described) return undefined;
  if (usual !== undefined) return namedBuilder(builders, usual, store);
  const engines = idle ? engineBuilder(builders, context) : undefined;
  if (engines !== undefined) return engines;
  return suitableBuilder(builders, store, context);
}
