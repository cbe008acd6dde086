import type { BuildpackImageEntry, ImageEntry, Request } from '../config/index.js';
import { builtBy, type Location, type Problem } from '../evidence/index.js';
import { defined } from '../types/index.js';

/** A builder of buildx, where nothing is built with one. */
export function builderProblems(
  images: readonly ImageEntry[],
  request: Request,
): readonly Problem[] {
  const { builder, newBuilder, from } = request;
  const isAsked = builder !== undefined || newBuilder !== undefined;
  if (!isAsked || images.length === 0 || builtBy(images, 'dockerfile').length > 0) return [];
  const what =
    builder === undefined ? 'a builder is described' : `the builder "${builder}" is named`;
  const instead = from === 'inputs' ? 'the input builder-image' : '"builder" under "buildpack"';
  const message = `${what}, which is buildx's, and no image is built from a Dockerfile; a builder of buildpacks is named by ${instead}`;
  return [{ ...(from === 'inputs' ? { file: 'input "builder"' } : {}), message }];
}

/** By image id: where the configuration names a builder of buildpacks. */
export function builderLocations(
  applications: readonly BuildpackImageEntry[],
): ReadonlyMap<string, Location> {
  return new Map(
    applications.flatMap(({ id, build }) => {
      const { file, line, column } = build.builder.at;
      return line === undefined ? [] : [[id.value, { file, line, ...defined({ column }) }]];
    }),
  );
}
