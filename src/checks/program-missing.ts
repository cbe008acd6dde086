import type { StartedProgram, TreeFile } from '../contents/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { allLayers, askerOf, type Inspected, isComplete, layerOf } from './inspected.js';
import { sourcesOf } from './origin.js';

function missing(program: StartedProgram, subject: Inspected): Finding {
  const { image, platform } = subject;
  const { file, asked, by } = program;
  const where = asked.includes('/')
    ? 'not in any layer of the image'
    : 'not in any directory of its PATH';
  const path = file?.path ?? asked;
  const what = file === undefined ? where : 'a directory';
  return finding(
    'program-missing',
    { image, platform, path },
    `${path}, which ${by} names, is ${what}.`,
    {
      found: { value: file?.entry.kind ?? 'nothing', from: allLayers(subject) },
      expected: { value: `an executable ${asked}`, from: askerOf(program) },
    },
  );
}

/** The finding about a program that its mode makes not executable, with the step that wrote it. */
function notExecutable(file: TreeFile, by: string, subject: Inspected): readonly Finding[] {
  const { mode } = file.entry;
  if ((mode & 0o111) !== 0) return [];
  const { image, platform, dockerfile } = subject;
  const written = mode.toString(8).padStart(4, '0');
  const step = sourcesOf(subject)?.step(file.layer);
  const isCopied = step?.keyword === 'COPY' || step?.keyword === 'ADD';
  return [
    finding(
      'program-not-executable',
      { image, platform, path: file.path },
      `${file.path}, which ${by} names, is not executable.`,
      {
        found: { value: `mode ${written}`, from: layerOf(file, subject) },
        expected: { value: 'mode 0755', from: by },
        ...(dockerfile === undefined
          ? {}
          : { location: { file: dockerfile.file, ...defined({ line: step?.line }) } }),
        ...(isCopied ? { remedy: `use ${step.keyword} --chmod=0755 in this step` } : {}),
      },
    ),
  ];
}

/**
 * The program of ENTRYPOINT, or of CMD where there is none, is in the image's
 * file system and executable. Nothing is said where a layer could not be read.
 */
export function programMissing(subject: Inspected): readonly Finding[] {
  if (!isComplete(subject)) return [];
  return subject.started.flatMap((program) => {
    const { role, file, by } = program;
    if (role === 'interpreter') return [];
    return file === undefined || file.entry.kind === 'directory'
      ? [missing(program, subject)]
      : notExecutable(file, by, subject);
  });
}
