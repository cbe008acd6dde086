import type { Files } from '../ports/index.js';
import { applicationFilter } from './application-files.js';
import { type PinFiles, readPins } from './pins/read-pins.js';

/**
 * Reads the pin files that a build gets: those of its context, as far as its project descriptor
 * does not leave them out. `root` is the workspace.
 */
export async function applicationPins(
  build: Parameters<typeof applicationFilter>[0] & { readonly context: string },
  root: string,
  files: Pick<Files, 'look' | 'read'>,
): Promise<PinFiles> {
  const isBuilt = applicationFilter(build);
  const { pins, faults } = await readPins(root, build.context, files);
  return {
    pins: pins.filter(({ name }) => isBuilt(name)),
    faults: faults.filter(({ name }) => isBuilt(name)),
  };
}
