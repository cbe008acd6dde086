import { neededStages, secretMounts, stagesOf } from '../dockerfile/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { buildingOf, type DockerfileSources, placeOf } from './dockerfile-sources.js';

/** Secrets that BuildKit itself looks for, when it clones and downloads. */
const OF_BUILDKIT = /^(GIT_AUTH_(TOKEN|HEADER)(\.|$)|HTTP_AUTH_(TOKEN|HEADER)_)/;

/** Secrets that a build is given and does not mount. */
function unusedSecret(
  id: string,
  mounted: readonly string[],
  { image, places }: DockerfileSources,
): Finding {
  const near = nearest(id, mounted);
  const there = mounted.length === 0 ? 'it mounts none' : `it mounts: ${mounted.join(', ')}`;
  const hint = near === undefined ? `${there}.` : `did you mean "${near}"?`;
  return finding(
    'secret-unused',
    { image: image.id },
    `No RUN of ${image.build.file} mounts the secret "${id}"; ${hint}`,
    placeOf(places.secrets.get(id), image),
  );
}

/** Secrets of a build that no step mounts, and those that a step requires and the build is not given. */
export function secretFindings(sources: DockerfileSources): readonly Finding[] {
  const { image, text, texts } = sources;
  const building = buildingOf(image);
  const given = image.build.secrets.map(({ id }) => id);
  const everywhere = texts.flatMap((one) => stagesOf(one, building));
  const all = everywhere.flatMap(({ steps }) => steps).map(secretMounts);
  // What an ONBUILD mounts, or a variable names, is not known.
  const isKnown = !all.includes(undefined) && !everywhere.some(({ triggers }) => triggers);
  const mounted = [...new Set(all.flatMap((some) => some ?? []).map(({ id }) => id))];
  const unused = given.filter((id) => !mounted.includes(id) && !OF_BUILDKIT.test(id));
  const required = neededStages(stagesOf(text, building), building)
    .flatMap(({ steps }) => steps.flatMap((step) => secretMounts(step) ?? []))
    .filter(({ id, isRequired }) => isRequired && !given.includes(id));
  return [
    ...(isKnown ? unused.map((id) => unusedSecret(id, mounted, sources)) : []),
    ...required.map(({ id, line }) => {
      const near = nearest(id, unused);
      const hint = near === undefined ? '.' : `; did you mean it by "${near}"?`;
      const message = `RUN requires the secret "${id}", which the build is not given${hint}`;
      return finding('secret-missing', { image: image.id }, message, {
        location: { file: image.build.file, line },
      });
    }),
  ];
}
