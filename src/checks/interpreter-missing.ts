import type { StartedProgram } from '../contents/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { allLayers, askerOf, type Inspected, isComplete } from './inspected.js';

const RUN_IMAGE =
  'Use a run image that has the interpreter, or a version of the buildpack that fits the run image.';

const LOADER =
  'Link the program statically (CGO_ENABLED=0), or use a base image that has its loader.';

function remedyFor({ asked, by }: StartedProgram, subject: Inspected): string {
  if (subject.fromBuildpacks) return RUN_IMAGE;
  const asker = subject.started.find(({ file }) => file?.path === by);
  if (asker?.file?.entry.program?.script === undefined) return LOADER;
  return `Install ${asked} in the image, or change the first line of ${by} (#!) to an interpreter that the image has.`;
}

/**
 * Every interpreter that what is started needs, an ELF file's (PT_INTERP) or a
 * script's (`#!`), is in the image. Nothing is said where a layer could not be
 * read.
 */
export function interpreterMissing(subject: Inspected): readonly Finding[] {
  if (!isComplete(subject)) return [];
  const { image, platform } = subject;
  const missing = subject.started.filter(
    ({ role, file }) => role === 'interpreter' && file?.entry.kind !== 'file',
  );
  return missing.map((program) => {
    const message = `${program.by} needs ${program.asked}, which is not in the image.`;
    return finding('interpreter-missing', { image, platform, path: program.by }, message, {
      found: { value: 'nothing', from: allLayers(subject) },
      expected: { value: program.asked, from: askerOf(program) },
      remedy: remedyFor(program, subject),
    });
  });
}
