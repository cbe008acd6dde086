import type { StartedProgram, TreeFile } from '../contents/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { allLayers, askerOf, type Inspected, isComplete, layerOf, meant } from './inspected.js';
import { placeOf, sourcesOf } from './origin.js';

function whatIsThere({ file, asked, deadLink }: StartedProgram): string {
  if (file !== undefined) return 'a directory';
  if (deadLink !== undefined) return `a link to ${deadLink}, which is not in the image`;
  return asked.includes('/') ? 'not in any layer of the image' : 'not in any directory of its PATH';
}

function missing(program: StartedProgram, subject: Inspected): Finding {
  const { image, platform } = subject;
  const { file, asked, by, deadLink } = program;
  const path = file?.path ?? asked;
  const link = deadLink && `a link to ${deadLink}`;
  return finding(
    'program-missing',
    { image, platform, path },
    `${path}, which ${by} names, is ${whatIsThere(program)}${meant(program)}`,
    {
      found: { value: file?.entry.kind ?? link ?? 'nothing', from: allLayers(subject) },
      expected: { value: `an executable ${asked}`, from: askerOf(program) },
      ...placeOf(sourcesOf(subject)?.last(by), subject),
    },
  );
}

/** The number of the image's user, where it has one; a name is in the image's own files. */
function userOf({ config: { user = '' } }: Inspected): number | undefined {
  const [, number] = /^(\d+)(?::.*)?$/.exec(user) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** Whose mode keeps the image's user from executing it, as a clause; undefined where none does. */
function denial(
  { entry: { mode, uid } }: TreeFile,
  { executedBy }: StartedProgram,
  subject: Inspected,
): { readonly found: string; readonly clause?: string } | undefined {
  const found = `mode ${mode.toString(8).padStart(4, '0')}`;
  if ((mode & 0o111) === 0) return { found };
  const user = userOf(subject);
  const isOwners = (mode & 0o111) === 0o100;
  if (!isOwners || executedBy === undefined || !user || user === uid) return undefined;
  const ofOwner = `${found} of user ${uid}`;
  return { found: ofOwner, clause: `: ${ofOwner}; the image's USER is ${user}` };
}

/** The finding about a program that its mode makes not executable, with the step that wrote it. */
function notExecutable(
  program: StartedProgram,
  file: TreeFile,
  subject: Inspected,
): readonly Finding[] {
  const denied = denial(file, program, subject);
  if (denied === undefined) return [];
  const { by } = program;
  const { image, platform } = subject;
  const step = sourcesOf(subject)?.step(file.layer);
  const isCopied = step?.keyword === 'COPY' || step?.keyword === 'ADD';
  return [
    finding(
      'program-not-executable',
      { image, platform, path: file.path },
      `${file.path}, which ${by} names, is not executable${denied.clause ?? ''}.`,
      {
        found: { value: denied.found, from: layerOf(file, subject) },
        expected: { value: 'mode 0755', from: by },
        ...placeOf(step, subject),
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
    const { role, file } = program;
    if (role === 'interpreter') return [];
    return file === undefined || file.entry.kind === 'directory'
      ? [missing(program, subject)]
      : notExecutable(program, file, subject);
  });
}
