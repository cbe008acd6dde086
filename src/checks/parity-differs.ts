import { type AppLabels, appLabels, type ExpectedBuild, processType } from '../buildpacks/index.js';
import { type Finding, finding } from '../evidence/index.js';
import type { ImageConfig } from '../oci/index.js';
import { splitReference } from '../reference/index.js';
import { defined } from '../types/index.js';
import type { Inspected } from './inspected.js';

/** An image, and what its labels have to say. */
export type Labelled = Pick<Inspected, 'image' | 'platform' | 'config' | 'expected'>;

const idOf = (buildpack: string) => buildpack.slice(0, buildpack.lastIndexOf('@'));
const versionOf = (buildpack: string) => buildpack.slice(buildpack.lastIndexOf('@') + 1);

function buildpackDifferences({ buildpacks }: AppLabels, expected: ExpectedBuild) {
  if (buildpacks.length === 0) return ['its labels name no buildpack that took part in the build'];
  return buildpacks
    .filter((one) => !expected.buildpacks.includes(one))
    .map((one) => {
      const locked = expected.buildpacks.filter((other) => idOf(other) === idOf(one));
      const has =
        locked.length === 0 ? 'does not have it' : `has ${locked.map(versionOf).join(' and ')}`;
      return `${idOf(one)} ${versionOf(one)} took part in the build; the locked builder ${has}`;
    });
}

function runImageDifference(
  { runImage }: AppLabels,
  config: ImageConfig,
  expected: ExpectedBuild,
): readonly string[] {
  const { reference, digests, diffIds } = expected.runImage;
  const { digest } = splitReference(runImage.reference ?? '');
  if (digest !== undefined && digests.includes(digest)) {
    // A buildpack can write labels of its own over those of the lifecycle.
    const isUnder = diffIds.every((layer, at) => config.diffIds[at] === layer);
    return isUnder
      ? []
      : [`its lowest layers are not those of ${reference}, which its labels name`];
  }
  const found = runImage.reference || 'a run image that its labels do not name';
  return [`it stands on ${found}; the lock has ${reference}, which is ${digests[0]} there`];
}

/** The type of the process that an image starts: its entrypoint is the launcher under that name. */
function processOf({ entrypoint }: ImageConfig): string | undefined {
  return processType(entrypoint[0] ?? '');
}

function differencesOf(labels: AppLabels, config: ImageConfig, expected: ExpectedBuild) {
  const { launcher, execEnv, distribution } = labels;
  const process = processOf(config);
  return [
    ...buildpackDifferences(labels, expected),
    ...(launcher === expected.lifecycle
      ? []
      : [
          `its launcher is of the lifecycle ${launcher ?? '(not named)'}; the locked builder has ${expected.lifecycle}`,
        ]),
    ...runImageDifference(labels, config, expected),
    ...(distribution === expected.distribution || distribution === undefined
      ? []
      : [
          `its distribution is ${distribution}; that of the locked builder is ${expected.distribution ?? 'not named'}`,
        ]),
    ...(expected.process === undefined || process === expected.process
      ? []
      : [
          `it starts ${process === undefined ? 'no process type' : `the process type ${process}`}; the lock has ${expected.process}`,
        ]),
    ...(execEnv === undefined || execEnv === 'production'
      ? []
      : [`it was built for the execution environment ${execEnv}, not for production`]),
  ];
}

/** The labels of an image from buildpacks say that it was built otherwise than its lock has it. */
export function parityDiffers({ image, platform, config, expected }: Labelled): readonly Finding[] {
  if (expected === undefined) return [];
  const read = appLabels(config);
  const differences =
    'problems' in read ? read.problems : differencesOf(read.value, config, expected);
  return differences.map((what) =>
    finding(
      'parity-differs',
      { image, platform },
      `The image is not what the lock has: ${what}.`,
      defined({ location: expected.location }),
    ),
  );
}
