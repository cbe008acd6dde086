import type { StartedProgram } from '../contents/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { allLayers, askerOf, type Inspected, isComplete, layerOf } from './inspected.js';

/** What keeps a file from being started; undefined where nothing does. */
function obstacle({ file, asked, by }: StartedProgram, subject: Inspected): string | undefined {
  if (file === undefined) {
    const where = asked.includes('/')
      ? 'not in any layer of the image'
      : 'not in any directory of its PATH';
    return `${asked}, which ${by} names, is ${where}.`;
  }
  const { kind, mode } = file.entry;
  if (kind === 'directory') return `${file.path}, which ${by} names, is a directory.`;
  if (kind === 'file' && (mode & 0o111) === 0) {
    const written = mode.toString(8).padStart(4, '0');
    return `${file.path}, which ${by} names, is not executable: mode ${written} in ${layerOf(file, subject)}.`;
  }
  return undefined;
}

/**
 * The program of ENTRYPOINT, or of CMD where there is none, is in the image's
 * file system and executable. Nothing is said where a layer could not be read.
 */
export function programMissing(subject: Inspected): readonly Finding[] {
  if (!isComplete(subject)) return [];
  const { image, platform } = subject;
  return subject.started.flatMap((program) => {
    const message = program.role === 'interpreter' ? undefined : obstacle(program, subject);
    if (message === undefined) return [];
    const path = program.file?.path ?? program.asked;
    return [
      finding('program-missing', { image, platform, path }, message, {
        found: {
          value: program.file === undefined ? 'nothing' : program.file.entry.kind,
          from: allLayers(subject),
        },
        expected: { value: `an executable ${program.asked}`, from: askerOf(program) },
      }),
    ];
  });
}
