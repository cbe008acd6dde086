import type { StartedProgram } from '../contents/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { allLayers, askerOf, type Inspected, isComplete, layerOf } from './inspected.js';
import { sourcesOf } from './origin.js';

/** What keeps a file from being started, but for its mode; undefined where nothing does. */
function obstacle({ file, asked, by }: StartedProgram): string | undefined {
  if (file === undefined) {
    const where = asked.includes('/')
      ? 'not in any layer of the image'
      : 'not in any directory of its PATH';
    return `${asked}, which ${by} names, is ${where}.`;
  }
  return file.entry.kind === 'directory'
    ? `${file.path}, which ${by} names, is a directory.`
    : undefined;
}

/** The finding about a program that its mode makes not executable, with the step that wrote it. */
function notExecutable({ file, by }: StartedProgram, subject: Inspected): readonly Finding[] {
  const { kind, mode } = file?.entry ?? {};
  if (file === undefined || kind !== 'file' || mode === undefined || (mode & 0o111) !== 0)
    return [];
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
  const { image, platform } = subject;
  return subject.started.flatMap((program) => {
    if (program.role === 'interpreter') return [];
    const message = obstacle(program);
    if (message === undefined) return notExecutable(program, subject);
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
