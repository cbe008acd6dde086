import {
  globalArguments,
  parseDockerfile,
  readFrom,
  resolve,
  SET_BY_BUILDKIT,
} from '../dockerfile/index.js';
import { type Finding, finding, joinWords } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { buildingOf, type DockerfileSources } from './dockerfile-sources.js';

const NAMED = /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(NAMED)].map(([, braced, plain = '']) => braced ?? plain);
}

/** What no reference can be: `app:`, `/app`, `app@`. */
const NO_REFERENCE = /[:@/]$|^[:@/]|\/\/|:@/;

/** Whether a text that is left of a FROM, with nothing for its arguments, can be built from. */
function isHopeless(left: string, isImage: boolean): boolean {
  const names = namesIn(left);
  const rest = left.replace(NAMED, '');
  if (rest.includes('$') || names.some((name) => SET_BY_BUILDKIT.has(name))) return false;
  return rest === '' || (isImage && names.length > 0 && NO_REFERENCE.test(rest));
}

/** What to do about an argument that a FROM needs. */
function remedyFor(name: string, known: ReadonlyMap<string, unknown>, text: string): string {
  const ways = `give it in "args", or write ARG ${name} with a default before the first FROM`;
  if (known.has(name)) return ways;
  if (new RegExp(`^\\s*ARG\\s+(.*\\s)?${name}\\b`, 'im').test(text)) {
    return `write ARG ${name} before the first FROM; behind one it is for the stage alone`;
  }
  const near = nearest(name, known.keys());
  const meant = near === undefined ? '' : `did you mean ${near}? Otherwise `;
  return `${meant}write ARG ${name} before the first FROM, with a default or with a value in "args"`;
}

/** FROMs that come to no image, since an argument has no value. BuildKit looks at those of all stages. */
export function unsetBases({ image, text }: DockerfileSources): readonly Finding[] {
  const building = buildingOf(image);
  const dockerfile = parseDockerfile(text);
  const known = globalArguments(dockerfile, building.args, building.automatic);
  const put = (one: string) => resolve(one, known, dockerfile.escapeSign).text;
  const lines = text.split('\n');
  const froms = dockerfile.instructions.filter(({ keyword }) => keyword === 'FROM');
  return froms.flatMap((instruction) => {
    const { line } = instruction;
    const { image: base, platform } = readFrom(instruction);
    const from = put(base);
    const forPlatform = platform === undefined ? undefined : put(platform);
    const isImageGone = isHopeless(from, building.contexts.length === 0);
    const isPlatformGone = forPlatform !== undefined && isHopeless(forPlatform, false);
    if (!isImageGone && !isPlatformGone) return [];
    const written = (lines[line - 1] ?? '').trim();
    const left = [...(isImageGone ? [from] : []), ...(isPlatformGone ? [forPlatform] : [])];
    const names = [...new Set([...left.flatMap(namesIn), ...namesIn(written)])].filter(
      (name) => (known.get(name) ?? '') === '' && !SET_BY_BUILDKIT.has(name),
    );
    const which =
      names.length === 0
        ? 'its argument has'
        : `${joinWords(names)} ${names.length === 1 ? 'has' : 'have'}`;
    const what = isImageGone ? 'no image' : 'no platform';
    const message = `${written.slice(0, 80)} names ${what}: ${which} no value.`;
    const [first] = names;
    return [
      finding('base-unset', { image: image.id }, message, {
        location: { file: image.build.file, line },
        ...(first === undefined ? {} : { remedy: remedyFor(first, known, text) }),
      }),
    ];
  });
}
