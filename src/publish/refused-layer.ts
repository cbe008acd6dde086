import { isForeignLayer, parseManifest } from '../oci/index.js';
import { RegistryError } from '../registry/index.js';
import { defined } from '../types/index.js';
import type { ManifestContent } from './content.js';

/** Layers as archives, packed with anything but gzip or not at all. */
function isOther(mediaType: string): boolean {
  const isLayer = /\.image\.(layer|rootfs)\./.test(mediaType) && !isForeignLayer(mediaType);
  return isLayer && !/[+.]gzip$/.test(mediaType);
}

function fromBase(bases: readonly string[]): string {
  if (bases.length === 0) return 'a base of it';
  return bases.length === 1 ? `its base ${bases[0]}` : `one of its bases (${bases.join(', ')})`;
}

/**
 * What a refused manifest means where it has layers that are no gzip, which some
 * registries do not take. Builds make gzip: such layers come from `bases`.
 */
export function explainLayerTypes(
  error: unknown,
  { bytes, descriptor }: Pick<ManifestContent, 'bytes' | 'descriptor'>,
  bases: readonly string[] = [],
): unknown {
  if (!(error instanceof RegistryError) || error.code !== 'refused') return error;
  const { value } = parseManifest(bytes, descriptor.digest);
  const layers = value?.kind === 'manifest' ? value.layers : [];
  const others = layers.filter(({ mediaType }) => isOther(mediaType));
  const [first] = others;
  if (first === undefined) return error;
  const { digest, mediaType } = first;
  const layerName = `layer ${layers.indexOf(first) + 1} of ${layers.length}, ${digest}`;
  const more =
    others.length === 1 ? '' : ` (${others.length - 1} more of its layers are not gzip either)`;
  const detail = `its ${layerName}, has the media type ${mediaType}, which is not gzip, and comes from ${fromBase(bases)}${more}`;
  const { request, status, oci } = error;
  const known = defined({ status });
  return new RegistryError({ code: 'layer-type', request, oci, detail, cause: error, ...known });
}
