import { defined } from '../types/index.js';
import { globalArguments, resolve } from './arguments.js';
import { isNamedContext, isSameImage } from './contexts.js';
import { readFrom } from './from.js';
import { type Instruction, parseDockerfile } from './parse.js';
import type { Building } from './stages.js';

/** A FROM of an image, not of a stage. */
interface ImageStage {
  /** The image as it is written, and with build arguments put in. */
  readonly written: string;
  readonly resolved: string;
  readonly instruction: Instruction;
  /** The platform that it says itself, as written. */
  readonly platform?: string;
  /** That is the build machine's. */
  readonly isNative: boolean;
  /** The stage's name, where a build context takes its place. */
  readonly replaced?: string;
}

/** The argument that BuildKit sets to the build machine's platform. */
const BUILD_PLATFORM = 'BUILDPLATFORM';
const OWN = `$${BUILD_PLATFORM}`;

/** The FROMs of images, in their order. */
export function imageStages(
  text: string,
  { args, contexts, automatic = new Map() }: Building,
): readonly ImageStage[] {
  const dockerfile = parseDockerfile(text);
  const { instructions, escapeSign } = dockerfile;
  const known = globalArguments(dockerfile, args, new Map([...automatic, [BUILD_PLATFORM, OWN]]));
  const put = (written: string) => resolve(written, known, escapeSign).text;
  const stages = new Set<string>();
  return instructions.flatMap((instruction) => {
    if (instruction.keyword !== 'FROM') return [];
    const { image: written, name = '', platform } = readFrom(instruction);
    const resolved = put(written);
    const isStage = stages.has(resolved.toLowerCase());
    if (name !== '') stages.add(name);
    if (resolved === '' || isStage || resolved === 'scratch') return [];
    const replaced = name !== '' && isNamedContext(name, contexts) ? name : undefined;
    const isNative = platform !== undefined && put(platform) === OWN;
    return [{ written, resolved, instruction, isNative, ...defined({ platform, replaced }) }];
  });
}

/** What `$BUILDPLATFORM` is where something else than BuildKit gives it a value before the first FROM. */
export function changedBuildPlatform(
  text: string,
  args: Readonly<Record<string, string>>,
): string | undefined {
  const known = globalArguments(parseDockerfile(text), args, new Map([[BUILD_PLATFORM, OWN]]));
  const value = known.get(BUILD_PLATFORM);
  if (value === OWN) return undefined;
  return typeof value === 'object' ? value.open : value;
}

/** Those FROMs that start from one of the images, named as it is written or with build arguments put in. */
export function stagesFrom(
  stages: readonly ImageStage[],
  images: readonly string[],
): readonly ImageStage[] {
  return stages.filter(({ written, resolved }) =>
    images.some((image) => image === written || isSameImage(image, resolved)),
  );
}

/**
 * The Dockerfile with `--platform=$BUILDPLATFORM` in each FROM of one of the images; every other
 * byte, and the lines, stay where they are. A FROM with a platform of its own keeps it.
 */
export function withNativeStages(
  content: Buffer,
  building: Building,
  images: readonly string[],
): Buffer {
  const text = content.toString('utf8');
  const lines = text.split('\n');
  const native = stagesFrom(imageStages(text, building), images).filter(
    ({ platform }) => platform === undefined,
  );
  const places = native.map(({ instruction }) => {
    const { line, column } = instruction.keywordEnd;
    // What is before a keyword's end is white space and letters, never a byte that is no UTF-8.
    return byteOf(content, line) + Buffer.byteLength((lines[line] ?? '').slice(0, column));
  });
  const starts = [0, ...places];
  const parts = starts.map((start, index) => content.subarray(start, places[index]));
  const flag = Buffer.from(` --platform=${OWN}`);
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [flag, part])));
}

/** Where a line, counted from 0, begins. */
function byteOf(content: Buffer, line: number): number {
  let at = 0;
  for (let left = line; left > 0; left--) at = content.indexOf('\n', at) + 1;
  return at;
}
