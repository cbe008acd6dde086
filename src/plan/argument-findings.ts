import {
  declaredArguments,
  type HiddenValue,
  hiddenValues,
  platformArguments,
  SET_BY_BUILDKIT,
  undeclaredArguments,
} from '../dockerfile/index.js';
import { type DockerfileImage, type Finding, finding, joinWords } from '../evidence/index.js';
import { nearest, normalisePlatform } from '../platform/index.js';
import { buildingOf, type DockerfileSources, placeOf } from './dockerfile-sources.js';

function hides(
  what: string,
  { name, value }: Pick<HiddenValue, 'name' | 'value'>,
  platforms: readonly string[],
): string {
  return `${what} hides the value that BuildKit sets: ${joinWords(platforms)} ${platforms.length === 1 ? 'is' : 'are'} built with ${name}=${value}.`;
}

function hiddenFinding(
  { id, build }: DockerfileImage,
  hidden: HiddenValue,
  platforms: readonly string[],
): Finding {
  const { name, value, line } = hidden;
  return finding(
    'arg-with-default',
    { image: id },
    hides(`ARG ${name}=${value}`, hidden, platforms),
    {
      location: { file: build.file, line },
      remedy: `write ARG ${name} without a value`,
    },
  );
}

/** Defaults that hide the platform, each with the platforms that it is wrong for. */
export function hiddenByDefaults({ image, text }: DockerfileSources): readonly Finding[] {
  const building = buildingOf(image);
  const found = new Map<string, { readonly hidden: HiddenValue; readonly platforms: string[] }>();
  for (const platform of image.platforms) {
    for (const hidden of hiddenValues(text, building, platform)) {
      const key = `${hidden.line} ${hidden.name}`;
      const known = found.get(key) ?? { hidden, platforms: [] };
      known.platforms.push(platform);
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ hidden, platforms }) =>
    hiddenFinding(image, hidden, platforms),
  );
}

/** Whether a Dockerfile uses an argument that BuildKit sets: an ARG declares it, or a FROM names it. */
function usesArgument(name: string, text: string): boolean {
  const inFrom = new RegExp(`^[ \\t]*FROM[ \\t].*\\$\\{?${name}\\b`, 'im');
  return declaredArguments(text).has(name) || inFrom.test(text);
}

/** Whether an argument has the value that BuildKit sets for a platform, or one that BuildKit does not set. */
function isOwnValue(name: string, value: string, platform: string): boolean {
  const own = platformArguments(platform).get(name);
  return own === undefined || own === value || own === normalisePlatform(value);
}

/** Arguments of the build that hide the platform. One that is another on each platform hides none. */
export function hiddenByArguments(sources: DockerfileSources): readonly Finding[] {
  const { image, text, places } = sources;
  return Object.entries(image.build.args).flatMap(([name, value]) => {
    const wrong = image.platforms.filter((platform) => !isOwnValue(name, value, platform));
    if (wrong.length === 0 || !usesArgument(name, text)) return [];
    return [
      finding(
        'arg-with-default',
        { image: image.id },
        hides(`The build argument ${name}=${value}`, { name, value }, wrong),
        {
          ...placeOf(places.args.get(name), image),
          remedy: `remove it from "args"; BuildKit sets ${name} for each platform`,
        },
      ),
    ];
  });
}

/** What BuildKit sets and a RUN uses without an ARG. */
export function undeclaredUses({ image, text }: DockerfileSources): readonly Finding[] {
  return undeclaredArguments(text, buildingOf(image)).map(({ name, line, stage }) => {
    const where = stage === undefined ? 'its stage' : `the stage "${stage}"`;
    return finding(
      'argument-undeclared',
      { image: image.id },
      `RUN uses ${name}, which no ARG above it in ${where} declares: it is empty there.`,
      {
        location: { file: image.build.file, line },
        remedy: `write ARG ${name} above this line, in ${where}`,
      },
    );
  });
}

/** Arguments that BuildKit and its Dockerfile reader take without an ARG. */
const TAKEN_ANYWAY = /^(BUILDKIT_\w+|SOURCE_DATE_EPOCH|(HTTP|HTTPS|FTP|NO|ALL)_PROXY)$/i;

/** Arguments that no ARG takes, on any platform. */
export function unusedArguments(sources: DockerfileSources): readonly Finding[] {
  const { image, texts, places } = sources;
  const { id, build } = image;
  const declared = new Set(texts.flatMap((text) => [...declaredArguments(text)]));
  return Object.keys(build.args).flatMap((name) => {
    const isSet = SET_BY_BUILDKIT.has(name);
    if (declared.has(name) || TAKEN_ANYWAY.test(name)) return [];
    if (isSet && texts.some((text) => usesArgument(name, text))) return [];
    const near = isSet ? undefined : nearest(name, [...declared]);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    const message = `No ARG of ${build.file} takes the build argument "${name}"${hint}`;
    const remedy = isSet
      ? {
          remedy: `remove it from "args"; BuildKit sets ${name} itself where an ARG declares it`,
        }
      : {};
    return [
      finding('argument-unused', { image: id }, hint === '' ? `${message}.` : message, {
        ...placeOf(places.args.get(name), image),
        ...remedy,
      }),
    ];
  });
}
