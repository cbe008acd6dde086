import type { TreeFile } from '../contents/index.js';
import type { Finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import type { Inspected } from './inspected.js';
import type { Sources } from './origin.js';

/** The line that a file of another architecture comes from, and what to do there. */
export function hintOf(
  { dockerfile }: Inspected,
  { layer }: TreeFile,
  sources: Sources | undefined,
): Partial<Finding> {
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
