import { LAUNCHER } from '../buildpacks/index.js';
import { type Finding, finding } from '../evidence/index.js';
import type { Inspected } from './inspected.js';

/** The launcher is there, and nothing for it to start. */
const NO_PROCESS = {
  message: 'The image has no default process type.',
  remedy:
    'Name one that the buildpacks define, or the Procfile: build.buildpack.process, or the input "process".',
};

/** The image has neither ENTRYPOINT nor CMD; of one from buildpacks, no process type that starts by itself. */
export function noProgram({ image, platform, config }: Inspected): readonly Finding[] {
  const [first, ...more] = [...config.entrypoint, ...config.command];
  if (first === LAUNCHER && more.length === 0) {
    const { message, remedy } = NO_PROCESS;
    return [finding('no-program', { image, platform }, message, { remedy })];
  }
  if (first !== undefined) return [];
  const message = 'The image has neither ENTRYPOINT nor CMD.';
  return [finding('no-program', { image, platform }, message)];
}
