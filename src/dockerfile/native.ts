import type { From } from 'dockerfile-ast';
import { globalArguments, resolve } from './arguments.js';
import { parseDockerfile } from './parse.js';

/** An image that a stage starts from, as it is written and with build arguments put in. */
interface StartingImage {
  readonly written: string;
  readonly resolved: string;
}

/** A FROM of an image, not of a stage. */
interface ImageStage extends StartingImage {
  /** Where it is written, in the text. */
  readonly offset: number;
  /** It says itself for which platform it is. */
  readonly hasPlatform: boolean;
}

/** Where each line begins, as the parser counts lines. */
function lineStarts(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map((end) => end.index + end[0].length)];
}

function imageStages(text: string, args: Readonly<Record<string, string>>): readonly ImageStage[] {
  const parsed = parseDockerfile(text);
  const known = globalArguments(parsed, args);
  const starts = lineStarts(text);
  const stages = new Set<string>();
  return parsed.getInstructions().flatMap((instruction) => {
    if (instruction.getKeyword() !== 'FROM') return [];
    const from = instruction as From;
    const [written, place] = [from.getImage(), from.getImageRange()?.start];
    const resolved = resolve(written ?? '', known).text;
    const isStage = stages.has(resolved.toLowerCase());
    const name = from.getBuildStage();
    if (name !== null) stages.add(name.toLowerCase());
    if (!written || place === undefined || isStage || resolved === 'scratch') return [];
    const offset = (starts[place.line] ?? 0) + place.character;
    const hasPlatform = from.getPlatformFlag() !== null;
    return [{ written, resolved, offset, hasPlatform }];
  });
}

/** The images that stages start from, in their order. */
export function startingImages(
  text: string,
  args: Readonly<Record<string, string>>,
): readonly StartingImage[] {
  return imageStages(text, args).map(({ written, resolved }) => ({ written, resolved }));
}

const FLAG = '--platform=$BUILDPLATFORM ';

/**
 * The Dockerfile with `--platform=$BUILDPLATFORM` in each FROM of one of the images, named as it
 * is written or with build arguments put in; the lines stay where they are. A FROM with a
 * platform of its own keeps it.
 */
export function withNativeStages(
  text: string,
  args: Readonly<Record<string, string>>,
  images: readonly string[],
): string {
  const native = imageStages(text, args).filter(
    ({ written, resolved, hasPlatform }) =>
      !hasPlatform && (images.includes(written) || images.includes(resolved)),
  );
  return native.reduceRight(
    (whole, { offset }) => whole.slice(0, offset) + FLAG + whole.slice(offset),
    text,
  );
}
