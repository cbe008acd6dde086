import type { StartedProgram } from '../contents/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { allLayers, askerOf, type Inspected, isComplete, layerOf, meant } from './inspected.js';
import { placeOf, sourcesOf } from './origin.js';

const RUN_IMAGE =
  'Use a run image that has the interpreter, or a version of the buildpack that fits the run image.';

const LOADER =
  'Link the program statically (CGO_ENABLED=0), or use a base image that has its loader.';

/** What a file edited on Windows has before the end of each line. */
const CARRIAGE_RETURN = /\r$/;

function remedyFor({ asked, by }: StartedProgram, subject: Inspected): string {
  if (CARRIAGE_RETURN.test(asked)) {
    const how = `Write ${by} with LF alone at the ends of its lines: add "* text=auto eol=lf" to .gitattributes and check it out again`;
    if (subject.fromBuildpacks) return `${how}.`;
    return `${how}, or convert it in the Dockerfile: RUN sed -i 's/\\r$//' ${by}.`;
  }
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
    const asked = program.asked.replace(CARRIAGE_RETURN, '\\r');
    const ends = asked === program.asked ? '' : ': its lines end with CR LF, as on Windows';
    const link = program.deadLink === undefined ? '' : ` a link to ${program.deadLink},`;
    const message = `${program.by} needs ${asked},${link} which is not in the image${ends}${meant(program)}`;
    const asker = subject.started.find(({ file }) => file?.path === program.by)?.file;
    const from =
      asker === undefined ? askerOf(program) : `${program.by}, ${layerOf(asker, subject)}`;
    return finding('interpreter-missing', { image, platform, path: program.by }, message, {
      found: { value: 'nothing', from: allLayers(subject) },
      expected: { value: asked, from },
      ...placeOf(asker && sourcesOf(subject)?.step(asker.layer), subject),
      remedy: remedyFor(program, subject),
    });
  });
}
