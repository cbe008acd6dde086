import type { BuiltPlatform } from '../../src/checks/index.js';
import type { LayerFacts } from '../../src/contents/index.js';
import { compare } from '../../src/inspect/index.js';
import { type File, inspected, layer } from '../checks/inspected.js';

/** An image as it was built for a platform, of layers with these files; the base brought the first `baseLayers`. */
export function built(
  platform: string,
  layers: readonly (readonly File[] | LayerFacts)[],
  baseLayers = 0,
): BuiltPlatform {
  const facts = layers.map((one) => ('compression' in one ? one : layer(one)));
  const { config } = inspected(facts);
  return { platform, config, layers: facts, baseLayers };
}

/** What is found of an image `greeter` with these platforms. */
export function found(
  platforms: readonly BuiltPlatform[],
  foreign?: Parameters<typeof compare>[0]['foreign'],
) {
  return compare({ id: 'greeter', foreign }, platforms);
}

/** `error empty-on-one-platform linux/arm64: MESSAGE` */
export const words = (...platforms: readonly BuiltPlatform[]): readonly string[] =>
  found(platforms).map(
    ({ severity, code, subject, message }) =>
      `${[severity, code, subject.platform].filter(Boolean).join(' ')}: ${message}`,
  );
