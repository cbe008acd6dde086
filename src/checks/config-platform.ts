import { type Finding, finding } from '../evidence/index.js';
import { writtenPlatform } from '../oci/index.js';
import { samePlatform } from '../platform/index.js';
import type { Inspected } from './inspected.js';

/** The configuration's os, architecture and variant against the requested platform. */
export function configPlatform({ image, platform, config }: Inspected): readonly Finding[] {
  const written = writtenPlatform(config);
  if (samePlatform(written, platform)) return [];
  const message = `The image's configuration names ${written}; the image was built for ${platform}.`;
  return [
    finding('config-platform', { image, platform }, message, {
      found: { value: written, from: 'os, architecture and variant of the configuration' },
      expected: { value: platform, from: 'the requested platform' },
    }),
  ];
}
