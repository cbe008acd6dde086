import type { Problem } from '../evidence/index.js';
import { type LockedImage, placeIn } from './lock.js';

const UPDATE = 'run "sea-trial parity update"';

const OPTIONAL = / \(optional\)$/;

function orderProblems(image: LockedImage): readonly Problem[] {
  return image.derived.builder.platforms.flatMap(({ platform, order, buildpacks }) => {
    const missing = order
      .flat()
      .map((one) => one.replace(OPTIONAL, ''))
      .filter((one) => !buildpacks.includes(one));
    return [...new Set(missing)].map((one) => ({
      ...placeIn(image, 'order', platform),
      message: `"order" names ${one}, which is not one of "buildpacks"; ${UPDATE}`,
    }));
  });
}

/** A platform must be on both sides: a build for it needs both images. */
function platformProblems(image: LockedImage): readonly Problem[] {
  const { builder, runImage } = image.derived;
  const sides = [
    ['the builder', builder, 'the run image', runImage, 'builder platforms'],
    ['the run image', runImage, 'the builder', builder, 'run-image platforms'],
  ] as const;
  return sides.flatMap(([name, here, other, there, places]) =>
    here.platforms
      .filter(({ platform }) => !there.platforms.some((one) => one.platform === platform))
      .map(({ platform }) => ({
        ...placeIn(image, places, platform),
        message: `${platform} has a digest of ${name} and none of ${other}; ${UPDATE}`,
      })),
  );
}

function channelProblems(image: LockedImage): readonly Problem[] {
  const { channel, until, source } = image;
  const isReference = source === 'builder';
  const problems: Problem[] = [];
  if (channel !== undefined && isReference) {
    const message =
      '"channel" is for the values of a deployment, and "source" is "builder"; remove one of them';
    problems.push({ ...placeIn(image, 'channel'), message });
  }
  if (until !== undefined && channel !== 'deprecated') {
    const message = `"until" is for the channel "deprecated"; the channel is ${channel ?? 'not named'}; remove one of them`;
    problems.push({ ...placeIn(image, 'until'), message });
  }
  return problems;
}

function probeProblems(image: LockedImage): readonly Problem[] {
  const held = new Set(image.derived.builder.platforms.flatMap(({ buildpacks }) => buildpacks));
  return image.probed
    .filter(({ buildpack }) => !held.has(buildpack))
    .map(({ buildpack }) => ({
      ...placeIn(image, 'probed'),
      message: `"probed" names ${buildpack}, which is not one of "buildpacks"; ${UPDATE}`,
    }));
}

/** Where a lock disagrees with itself, each with its line. */
export function inconsistencies(image: LockedImage): readonly Problem[] {
  if (image.derived.builder.digest === '') {
    const message = `the lock has pins, and nothing that is derived from them; ${UPDATE}`;
    return [{ ...placeIn(image, 'builder'), message }];
  }
  const all = [orderProblems, platformProblems, channelProblems, probeProblems];
  return all
    .flatMap((find) => find(image))
    .map((problem) => ({
      ...problem,
      message: `the lock disagrees with itself: ${problem.message}`,
    }));
}
