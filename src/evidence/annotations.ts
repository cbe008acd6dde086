import { defined } from '../types/index.js';
import type { PlannedImage } from './model.js';

type Table = Readonly<Record<string, string>>;

/** Where an annotation goes, and its key there. */
interface Addressed {
  readonly levels: readonly { readonly kind: string; readonly platform?: string }[];
  readonly key: string;
}

const LEVEL = /^(manifest|index|manifest-descriptor|index-descriptor)(?:\[([^\]]*)\])?$/;

/** Levels that an annotation can have here, in buildx's words. */
export const ANNOTATION_LEVELS: readonly string[] = ['index', 'manifest'];

/**
 * Reads a key in the form of `docker buildx build --annotation`:
 * `manifest,index:KEY`, `manifest[linux/arm64]:KEY`. Without a level it goes to the
 * index, where registries look for the description of an image for several platforms.
 */
export function addressAnnotation(written: string): Addressed {
  const colon = written.indexOf(':');
  const parts =
    colon < 0
      ? []
      : written
          .slice(0, colon)
          .split(',')
          .map((part) => LEVEL.exec(part));
  if (parts.length === 0 || parts.includes(null))
    return { levels: [{ kind: 'index' }], key: written };
  const levels = parts.map((part) => ({
    kind: part?.[1] ?? '',
    ...defined({ platform: part?.[2] }),
  }));
  return { levels, key: written.slice(colon + 1) };
}

function those(
  annotations: Table,
  wanted: (level: Addressed['levels'][number]) => boolean,
): Record<string, string> {
  const addressed = Object.entries(annotations).map(
    ([written, value]) => [addressAnnotation(written), value] as const,
  );
  return Object.fromEntries(
    addressed.filter(([{ levels }]) => levels.some(wanted)).map(([{ key }, value]) => [key, value]),
  );
}

/** Annotations of an image's index. */
export function indexAnnotations({ annotations }: PlannedImage): Table {
  return those(annotations, ({ kind }) => kind === 'index');
}

/** Annotations of the manifest of one of its platforms. */
export function manifestAnnotations({ annotations }: PlannedImage, platform: string): Table {
  return those(
    annotations,
    (level) => level.kind === 'manifest' && (level.platform ?? platform) === platform,
  );
}
