import pLimit from 'p-limit';
import { buildpacksIn } from '../apis.js';
import type { BuilderBuildpack, PlatformBuilder, ResolvedBuilder } from '../builder.js';
import type { ImageReader } from '../image-reader.js';
import type { Runtime } from '../pins/pin.js';
import { mayListRuntimes, readerOf } from '../readers.js';
import { dependenciesIn } from './dependencies.js';
import { herokuPythonMinors } from './heroku-python.js';
import { type LayerFiles, layerFiles } from './layer-files.js';
import type { Offer } from './offer.js';

/** What a builder offers, and why that of a buildpack is not known. */
export interface Offers {
  readonly offers: readonly Offer[];
  /** Sentences, each about a buildpack. */
  readonly faults: readonly string[];
}

/** Where the spec puts a buildpack's files (buildpacks/spec: distribution.md). */
function tomlOf({ id, version }: BuilderBuildpack): string {
  return `cnb/buildpacks/${id.replaceAll('/', '_')}/${version}/buildpack.toml`;
}

/** Whether what a buildpack offers of these runtimes can stand in its layer. */
function isListed(one: BuilderBuildpack, runtimes: ReadonlySet<Runtime>): boolean {
  if (one.order.length > 0 || one.diffId === undefined) return false;
  const reader = readerOf(one.id, one.version);
  if (reader === undefined) return mayListRuntimes(one.id);
  return reader.inventory === 'layer' && runtimes.has(reader.runtime);
}

function tableOffer(platform: string, { id, version }: BuilderBuildpack): readonly Offer[] {
  const known = id === 'heroku/python' ? herokuPythonMinors(version) : undefined;
  if (known === undefined) return [];
  return [
    {
      runtime: 'python',
      platform,
      buildpack: { id, version },
      from: `the table for ${id} ${version}`,
      versions: known.minors.map((minor) => ({ version: minor })),
      series: true,
      ...(known.known ? {} : { partial: true as const }),
    },
  ];
}

function layerOffers(platform: string, one: BuilderBuildpack, toml: string): Offers {
  const { id, version } = one;
  const found = dependenciesIn(toml, platform);
  if (found === undefined) {
    return { offers: [], faults: [`The buildpack.toml of ${id} ${version} is not TOML.`] };
  }
  const from = 'buildpack.toml in its layer';
  const offers = [...found].map(([runtime, versions]) => ({
    runtime,
    platform,
    buildpack: { id, version },
    from,
    versions,
  }));
  return { offers, faults: [] };
}

const MIB = 1024 * 1024;

/** What is read of one builder at most, and at once. */
const BUDGET = 1024 * MIB;
const LAYERS_AT_ONCE = 4;

const TOML = /^cnb\/buildpacks\/[^/]+\/[^/]+\/buildpack\.toml$/;

/** Reads each layer once, whichever platforms and buildpacks share it. */
function layersOf(reader: ImageReader, reference: string, signal: AbortSignal | undefined) {
  const read = new Map<string, Promise<LayerFiles>>();
  const limit = pLimit(LAYERS_AT_ONCE);
  let left = BUDGET;
  const open = async (layer: PlatformBuilder['layers'][number]): Promise<LayerFiles> => {
    left -= layer.size;
    if (left < 0) {
      return {
        fault: `the layers of its builder have more than the ${BUDGET / MIB} MiB that are read`,
      };
    }
    const repository = await reader.repository(reference);
    return limit(() => layerFiles(repository, layer, (path) => TOML.test(path), signal));
  };
  return (layer: PlatformBuilder['layers'][number]): Promise<LayerFiles> => {
    const known = read.get(layer.digest) ?? open(layer);
    read.set(layer.digest, known);
    return known;
  };
}

/**
 * Reads what a builder offers of some runtimes on each platform: from the layers of its
 * buildpacks, or from a table by their versions. What stands in neither has no offer.
 */
export async function readOffers(
  reader: ImageReader,
  { reference, platforms }: ResolvedBuilder,
  runtimes: ReadonlySet<Runtime>,
  signal?: AbortSignal,
): Promise<Offers> {
  const filesOf = layersOf(reader, reference, signal);
  const ofBuildpack = async (on: PlatformBuilder, one: BuilderBuildpack): Promise<Offers> => {
    const { platform, layers } = on;
    if (!isListed(one, runtimes)) {
      const offers = runtimes.has('python') ? tableOffer(platform, one) : [];
      return { offers, faults: [] };
    }
    const layer = layers.find(({ diffId }) => diffId === one.diffId);
    const name = `${one.id} ${one.version}`;
    if (layer === undefined) {
      const fault = `The builder ${reference} has no layer ${one.diffId}, which its label names for ${name}.`;
      return { offers: [], faults: [fault] };
    }
    const files = await filesOf(layer);
    if ('fault' in files) {
      const fault = `What ${name} offers is not known: ${files.fault}.`;
      return { offers: [], faults: [fault] };
    }
    const toml = files.get(tomlOf(one));
    return toml === undefined ? { offers: [], faults: [] } : layerOffers(platform, one, toml);
  };
  const read = await Promise.all(
    platforms.flatMap((on) => buildpacksIn(on).map((one) => ofBuildpack(on, one))),
  );
  const offers = read.flatMap((one) => one.offers).filter(({ runtime }) => runtimes.has(runtime));
  return { offers, faults: [...new Set(read.flatMap(({ faults }) => faults))] };
}
