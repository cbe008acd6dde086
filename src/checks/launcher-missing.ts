import { appLabels, LAUNCHER } from '../buildpacks/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { allLayers, type Inspected, isComplete } from './inspected.js';

/**
 * An image from buildpacks has the launcher that starts its processes, and labels that say how
 * it was built. Labels that a lock is compared with are judged there.
 */
export function launcherMissing(subject: Inspected): readonly Finding[] {
  const { image, platform, config, expected, fromBuildpacks = false, elfFiles } = subject;
  if (!fromBuildpacks) return [];
  const read = expected === undefined ? appLabels(config) : undefined;
  const problems = read !== undefined && 'problems' in read ? read.problems : [];
  const hasLauncher = elfFiles.some(({ path }) => path === LAUNCHER);
  return [
    ...problems.map((what) =>
      finding(
        'launcher-missing',
        { image, platform },
        `The image does not say how it was built: ${what}.`,
      ),
    ),
    ...(hasLauncher || !isComplete(subject)
      ? []
      : [
          finding(
            'launcher-missing',
            { image, platform, path: LAUNCHER },
            'The image has no launcher.',
            {
              found: { value: 'no program', from: allLayers(subject) },
              expected: { value: LAUNCHER, from: 'every image that a lifecycle exports' },
            },
          ),
        ]),
  ];
}
