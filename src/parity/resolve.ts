import {
  type ImageReader,
  type ResolvedBuild,
  RUNTIMES,
  readBuild,
  readOffers,
} from '../buildpacks/index.js';
import type { Finding } from '../evidence/index.js';
import { splitReference } from '../reference/index.js';
import { pinFacts } from './facts.js';
import type { ImageLock } from './lock.js';
import { offersByRuntime } from './offers.js';
import { withTag } from './pin.js';
import type { SourcePins } from './source.js';

/** What an image sets itself, beside what its source says. */
export interface ImageSettings {
  readonly platforms: readonly string[];
  readonly env: readonly string[];
  readonly process?: string | undefined;
  readonly injected: readonly string[];
  readonly signal: AbortSignal;
}

function pinned(reference: string, digest: string): string {
  const { name, tag } = splitReference(reference);
  return `${name}${tag === undefined ? '' : `:${tag}`}@${digest}`;
}

/**
 * The lock of an image by its source, with what registries have now. `time` is when the
 * source was read. Rejects with the signal's reason only.
 */
export async function lockImage(
  source: SourcePins,
  settings: ImageSettings,
  reader: ImageReader,
  time: Date,
): Promise<
  | { readonly lock: ImageLock; readonly build: ResolvedBuild }
  | { readonly findings: readonly Finding[] }
> {
  const { value: build, findings } = await readBuild(reader, source, settings.platforms);
  if (build === undefined) return { findings };
  const derived = pinFacts(build);
  const offers = await readOffers(reader, build.builder, new Set(RUNTIMES), settings.signal);
  const held = new Set(derived.builder.platforms.flatMap(({ buildpacks }) => buildpacks));
  const injected = [...settings.injected, ...source.buildpacks].filter((one) => !held.has(one));
  const { channel, until } = source;
  const named = build.builder.platforms.flatMap(({ runImages }) => runImages.flat());
  const runImage = withTag(build.runImages[0]?.reference ?? source.runImage ?? '', named);
  const lock: ImageLock = {
    source: source.source,
    ...(channel === undefined ? {} : { channel }),
    ...(until === undefined ? {} : { until }),
    time: `${time.toISOString().slice(0, 19)}Z`,
    injected: [...new Set(injected)],
    builder: pinned(source.builder, derived.builder.digest),
    runImage: pinned(runImage, derived.runImage.digest),
    derived,
    ...(settings.process === undefined ? {} : { process: settings.process }),
    env: [...settings.env].sort(),
    offers: offersByRuntime(offers),
    probed: [],
  };
  return { lock, build };
}
