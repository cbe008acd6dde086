import type { ImageEntry, Request } from '../config/index.js';
import type { Problem } from '../evidence/index.js';
import type { ArgumentText } from '../kinds/index.js';
import { parseReference } from '../reference/index.js';
import { destination } from './duplicates.js';

/** Linux hands a program no longer argument or variable: MAX_ARG_STRLEN of execve(2), without the NUL. */
const LONGEST = 128 * 1024 - 1;

function pairs(what: string, flag: string, table: Readonly<Record<string, string>>) {
  return Object.entries(table).map(([name, value]) => ({
    what: `${what} "${name}"`,
    text: `${flag}${name}=${value}`,
  }));
}

function buildTexts(build: ImageEntry['build']): readonly ArgumentText[] {
  if (build.kind === 'buildpack') return pairs('build variable', '--env=', build.env);
  return [
    ...pairs('build argument', '--build-arg=', build.args),
    ...pairs('label', '--label=', build.labels),
  ];
}

function imageTexts({ build, annotations }: ImageEntry): readonly ArgumentText[] {
  return [...buildTexts(build), ...pairs('annotation', '--annotation=manifest:', annotations)];
}

function problemsOf(
  texts: readonly ArgumentText[],
  at: Partial<ImageEntry['at']>,
): readonly Problem[] {
  return texts
    .map(({ what, text }) => ({ what, bytes: Buffer.byteLength(text) }))
    .filter(({ bytes }) => bytes > LONGEST)
    .map(({ what, bytes }) => ({
      ...at,
      message: `${what} is ${bytes} bytes long, and no program can be given more than ${LONGEST} at once; put it into a file`,
    }));
}

/** What no program can be started with. */
export function lengthProblems(
  images: readonly ImageEntry[],
  { secretValues }: Pick<Request, 'secretValues'>,
): readonly Problem[] {
  const secrets = [...secretValues].map(([id, value]) => ({
    what: `secret "${id}", which is given by value,`,
    // The build's client has it in a variable.
    text: `SEA_TRIAL_SECRET_${secretValues.size}=${value}`,
  }));
  return [
    ...problemsOf(secrets, {}),
    ...images.flatMap((image) => [
      ...problemsOf(imageTexts(image), image.at),
      ...image.tests.flatMap((test) => problemsOf(test.texts, test.at)),
    ]),
  ];
}

/** Targets whose names are none where `--registry` sends them, being too long there. */
export function movedNameProblems(
  images: readonly ImageEntry[],
  { registry }: Pick<Request, 'registry'>,
): readonly Problem[] {
  if (registry === undefined) return [];
  return images.flatMap(({ targets }) =>
    targets.flatMap(({ at, repository }) => {
      const to = destination(repository, registry);
      const moved = parseReference(to);
      if (moved.ok || moved.problem.code !== 'too-long' || !parseReference(repository).ok) {
        return [];
      }
      const message = `--registry ${registry}: "${repository}" would have a name of ${to.length} characters there, and at most 255 are allowed; shorten the prefix or the name`;
      return [{ ...at, message }];
    }),
  );
}
