import type { Request } from '../config/index.js';
import type { PlannedImage, Problem } from '../evidence/index.js';
import { nearest, normalisePlatform } from '../platform/index.js';

interface Selectable {
  readonly image: PlannedImage;
  /** The id without a glob's version: `--only` takes it for all versions. */
  readonly family: string;
}

interface Selector {
  readonly id: string;
  readonly platform?: string;
}

/** How many are listed of what there is. */
const LISTED = 10;

/** What it may have been, and what there is where that is more than one. */
function hint(near: string | undefined, all: readonly string[]): string {
  const left = all.length - LISTED;
  const more = left > 0 ? ` and ${left} more` : '';
  const list = `here are: ${all.slice(0, LISTED).join(', ')}${more}`;
  if (near === undefined) return `t${list}`;
  return `did you mean ${near}?${all.length > 1 ? ` T${list}` : ''}`;
}

function named([id, ...more]: readonly string[]): string {
  return more.length === 0 ? `"${id}"` : 'any of the images';
}

function readPlatform(
  option: string,
  written: string,
  known: readonly string[],
  ids: readonly string[],
): string | Problem {
  const platform = normalisePlatform(written);
  if (platform !== undefined && known.includes(platform)) return platform;
  const what = platform === undefined ? 'is not a platform' : `is not a platform of ${named(ids)}`;
  const near = nearest(written, known);
  return { message: `${option}: "${written}" ${what}; ${hint(near, known)}` };
}

function readSelector(written: string, images: readonly Selectable[]): Selector | Problem {
  const [id = '', platform, ...rest] = written.split('@');
  if (rest.length > 0 || id === '')
    return { message: `--only ${written}: expected ID or ID@PLATFORM` };
  const found = images.filter(({ image, family }) => image.id === id || family === id);
  const ids = images.map(({ image }) => image.id);
  if (found.length === 0) {
    const near = hint(nearest(id, ids), ids);
    return { message: `--only ${written}: there is no image "${id}"; ${near}` };
  }
  if (platform === undefined) return { id };
  const known = [...new Set(found.flatMap(({ image }) => image.platforms))];
  const read = readPlatform(`--only ${written}`, platform, known, [id]);
  return typeof read === 'string' ? { id, platform: read } : read;
}

function isProblem(value: Selector | string | Problem): value is Problem {
  return typeof value === 'object' && 'message' in value;
}

function platformsOf(
  { image, family }: Selectable,
  selectors: readonly Selector[],
  platforms: readonly string[],
): readonly string[] {
  const own = selectors.filter(({ id }) => id === image.id || id === family);
  const wanted = own.some(({ platform }) => platform === undefined)
    ? image.platforms
    : image.platforms.filter((one) => own.some(({ platform }) => platform === one));
  const kept = selectors.length === 0 ? image.platforms : wanted;
  return platforms.length === 0 ? kept : kept.filter((one) => platforms.includes(one));
}

function narrow(image: PlannedImage, platforms: readonly string[]): PlannedImage {
  const tests = image.tests.filter(
    (test) => test.platforms?.some((one) => platforms.includes(one)) ?? true,
  );
  const { perPlatform } = image;
  const builds =
    perPlatform && Object.entries(perPlatform).filter(([platform]) => platforms.includes(platform));
  return { ...image, platforms, tests, ...(builds && { perPlatform: Object.fromEntries(builds) }) };
}

/**
 * The part of the images that `--only` and `--platform` leave. `partial` says
 * that an image lost some of its platforms: then nothing may be tagged.
 */
export function select(
  images: readonly Selectable[],
  { only, platforms }: Pick<Request, 'only' | 'platforms'>,
): {
  readonly images: readonly PlannedImage[];
  readonly partial: boolean;
  readonly problems: readonly Problem[];
} {
  const ids = images.map(({ image }) => image.id);
  const all = [...new Set(images.flatMap(({ image }) => image.platforms))];
  const selectors = only.map((written) => readSelector(written, images));
  const wanted = platforms.map((written) => readPlatform('--platform', written, all, ids));
  const problems = [...selectors, ...wanted].filter(isProblem);
  if (problems.length > 0) return { images: [], partial: false, problems };
  const kept = images.flatMap((one) => {
    const left = platformsOf(one, selectors as Selector[], wanted as string[]);
    return left.length === 0 ? [] : [{ whole: one.image, left }];
  });
  if (kept.length === 0) {
    const message = 'nothing is left to run: no trial matches both --only and --platform';
    return { images: [], partial: false, problems: [{ message }] };
  }
  return {
    images: kept.map(({ whole, left }) => narrow(whole, left)),
    partial: kept.some(({ whole, left }) => left.length < whole.platforms.length),
    problems: [],
  };
}
