import { LAUNCHER } from '../buildpacks/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { type Inspected, layerOf } from './inspected.js';

/**
 * The launcher of an image whose build is locked is the builder's, byte for byte: its label
 * only says of which version it is.
 */
export function launcherDiffers(subject: Inspected): readonly Finding[] {
  const { image, platform, expected, elfFiles } = subject;
  const launcher = elfFiles.find(({ path }) => path === LAUNCHER);
  const digest = launcher?.entry.program?.digest;
  if (expected?.launcher === undefined || launcher === undefined) return [];
  if (digest === expected.launcher) return [];
  return [
    finding(
      'parity-differs',
      { image, platform, path: LAUNCHER },
      "The image is not what the lock has: its launcher is not the one of the builder's lifecycle.",
      {
        found: { value: digest ?? 'a file that cannot be read', from: layerOf(launcher, subject) },
        expected: {
          value: expected.launcher,
          from: `the lifecycle ${expected.lifecycle} in the builder`,
        },
        ...defined({ location: expected.location }),
      },
    ),
  ];
}
