import { type Finding, finding } from '../evidence/index.js';
import type { Inspected } from './inspected.js';

/** The image has neither ENTRYPOINT nor CMD. */
export function noProgram({ image, platform, config }: Inspected): readonly Finding[] {
  if (config.entrypoint.length > 0 || config.command.length > 0) return [];
  const message = 'The image has neither ENTRYPOINT nor CMD.';
  return [finding('no-program', { image, platform }, message)];
}
