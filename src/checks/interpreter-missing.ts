import { type Finding, finding } from '../evidence/index.js';
import { allLayers, askerOf, type Inspected, isComplete } from './inspected.js';

const RUN_IMAGE =
  'Use a run image that has the interpreter, or a version of the buildpack that fits the run image.';

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
      ...(subject.fromBuildpacks ? { remedy: RUN_IMAGE } : {}),
    });
  });
}
