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
  const known = parts.filter((part) => part !== null);
  if (known.length === 0 || known.length < parts.length)
    return { levels: [{ kind: 'index' }], key: written };
  const levels = known.map(([, kind = '', platform]) => ({ kind, ...defined({ platform }) }));
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

/** The image that another one is built on. */
export interface ImageBase {
  /** Complete, with its tag where it has one: `docker.io/library/busybox:1.37`. */
  readonly name: string;
  /** Of what that name means, an index as a rule. */
  readonly digest: string;
}

/** The OCI annotations for it (image-spec, annotations.md). */
const BASE_KEYS = {
  name: 'org.opencontainers.image.base.name',
  digest: 'org.opencontainers.image.base.digest',
};

const isOfBase = (key: string) => key === BASE_KEYS.name || key === BASE_KEYS.digest;

/** The base's annotations beside the written ones, unless these say something of it; empty or `false` says none. */
function withBase({ annotations }: PlannedImage, own: Table, base: ImageBase | undefined): Table {
  const isWritten = Object.keys(annotations).some((one) => isOfBase(addressAnnotation(one).key));
  const automatic =
    isWritten || base === undefined
      ? {}
      : { [BASE_KEYS.name]: base.name, [BASE_KEYS.digest]: base.digest };
  const given = Object.entries(own).filter(
    ([key, value]) => !isOfBase(key) || (value !== '' && value !== 'false'),
  );
  return { ...automatic, ...Object.fromEntries(given) };
}

/** Annotations of an image's index; its base is that of all its platforms, where these agree. */
export function indexAnnotations(
  image: PlannedImage,
  bases: readonly (ImageBase | undefined)[] = [],
): Table {
  const [first] = bases;
  const isOne = bases.every((one) => one?.name === first?.name && one?.digest === first?.digest);
  const own = those(image.annotations, ({ kind }) => kind === 'index');
  return withBase(image, own, isOne ? first : undefined);
}

/** Annotations of the manifest of one of its platforms. */
export function manifestAnnotations(
  image: PlannedImage,
  platform: string,
  base?: ImageBase,
): Table {
  const own = those(
    image.annotations,
    (level) => level.kind === 'manifest' && (level.platform ?? platform) === platform,
  );
  return withBase(image, own, base);
}
