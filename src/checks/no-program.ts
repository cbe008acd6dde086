import { LAUNCHER } from '../buildpacks/index.js';
import { type Finding, finding } from '../evidence/index.js';
import type { Inspected } from './inspected.js';

/** The launcher is there, and nothing for it to start: an application is no base image. */
const NO_PROCESS = {
  message: 'The image has no default process type.',
  more: {
    severity: 'warning',
    remedy:
      'Name one that the buildpacks define, or the Procfile: build.buildpack.process, or the input "process".',
  },
} as const;

/** The image has neither ENTRYPOINT nor CMD; of one from buildpacks, no process type that starts by itself. */
export function noProgram({ image, platform, config }: Inspected): readonly Finding[] {
  const [first, ...more] = [...config.entrypoint, ...config.command];
  if (first === LAUNCHER && more.length === 0) {
    return [finding('no-program', { image, platform }, NO_PROCESS.message, NO_PROCESS.more)];
  }
  if (first !== undefined) return [];
  const message = 'The image has neither ENTRYPOINT nor CMD.';
  return [finding('no-program', { image, platform }, message)];
}
