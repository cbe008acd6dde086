import { fileOrigin } from '../buildpacks/index.js';
import type { TreeFile } from '../contents/index.js';
import type { Finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import type { Inspected } from './inspected.js';
import type { Sources } from './origin.js';

/** Who can do what about a file of another architecture in an image from buildpacks. */
function buildpackRemedy({ config, platform }: Inspected, { path }: TreeFile): string {
  const origin = fileOrigin(path, config);
  switch (origin.by) {
    case 'lifecycle':
      return `The builder put it there: use a builder whose lifecycle is made for ${platform}.`;
    case 'buildpack':
      return `The buildpack ${origin.buildpack} put it there: use a version of it that supports ${platform}.`;
    case 'application':
      return 'It comes with the application: make it for each platform during the build, or leave it out ("exclude" in project.toml).';
    case 'run image':
      return `It comes from the run image: use one that has ${platform}.`;
  }
}

/** The line that a file of another architecture comes from, and what to do there. */
export function hintOf(
  subject: Inspected,
  program: TreeFile,
  sources: Sources | undefined,
): Partial<Finding> {
  const { dockerfile, fromBuildpacks } = subject;
  const { layer } = program;
  if (fromBuildpacks) return { remedy: buildpackRemedy(subject, program) };
  if (dockerfile === undefined) return {};
  const { file } = dockerfile;
  const { baseLayers, root } = sources ?? {};
  const step = sources?.step(layer);
  // Where the history does not say which step it was, the stage for the builder is the likeliest.
  const stage =
    step === undefined
      ? baseLayers === undefined
        ? sources?.besides
        : undefined
      : sources?.onBuildPlatform(step);
  if (stage !== undefined) {
    return {
      location: { file, line: stage.line },
      detail: ['The build stage runs on the build platform and does not cross-compile.'],
      remedy: 'use GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM',
    };
  }
  const line = step?.line ?? (layer <= (baseLayers ?? 0) ? root?.line : undefined);
  return { location: { file, ...defined({ line }) } };
}
