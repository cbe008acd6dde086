import { builtBy, type Plan } from '../evidence/index.js';
import { parseReference } from '../reference/index.js';

/** The registries of what builds with buildpacks start from. */
export function buildpackRegistries({ images }: Plan): ReadonlySet<string> {
  const references = builtBy(images, 'buildpack').flatMap(({ build }) => {
    const { builder, runImage, buildpacks, preBuildpacks, postBuildpacks } = build;
    const packages = [...buildpacks, ...preBuildpacks, ...postBuildpacks];
    return [builder, runImage ?? '', ...packages.map((one) => one.replace(/^docker:\/\//, ''))];
  });
  return new Set(
    references.flatMap((reference) => {
      const parsed = parseReference(reference);
      return parsed.ok ? [parsed.reference.registry] : [];
    }),
  );
}
