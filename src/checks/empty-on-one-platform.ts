import { type Finding, finding } from '../evidence/index.js';
import { type Compared, isJudged, placeOf, type Seen, seenIn } from './compared.js';

const NAMED = 5;

/** A file that has bytes on some platforms and none on others. */
interface Uneven {
  readonly empty: readonly Seen[];
  readonly filled: readonly Seen[];
}

/** Links to one path say nothing themselves: the file there does. */
function areEqualLinks(seen: readonly Seen[]): boolean {
  const targets = new Set(seen.map(({ entry }) => entry.link));
  return targets.size === 1 && seen.every(({ entry }) => entry.kind === 'symlink');
}

/** What a program reads at the path: links are followed. */
const read = (one: Seen): Seen => ({ ...one, entry: one.target ?? one.entry });

function unevenIn({ alike, platforms }: Compared): readonly Uneven[] {
  return alike.flatMap((row) => {
    // Nearly all rows end here.
    if (!row.some((one) => (one?.target ?? one?.entry)?.size === 0)) return [];
    const seen = seenIn(row, platforms);
    if (seen.length < 2 || !isJudged(seen) || areEqualLinks(seen)) return [];
    const files = seen.map(read).filter(({ entry }) => entry.kind === 'file');
    const empty = files.filter(({ entry }) => entry.size === 0);
    if (empty.length === 0 || empty.length === files.length) return [];
    return [{ empty, filled: files.filter(({ entry }) => entry.size > 0) }];
  });
}

/** `25 bytes on linux/amd64, 26 bytes on linux/s390x` */
function filledWords({ path }: Seen, filled: readonly Seen[]): string {
  const words = filled.map(({ entry: { size }, on, path: other }) => {
    const as = other === path ? '' : ` as ${other}`;
    return `${size} ${size === 1 ? 'byte' : 'bytes'} on ${on.platform}${as}`;
  });
  return words.join(', ');
}

/** `; 2 other files are empty there too` */
function othersWords(others: number): string {
  if (others === 0) return '';
  return `; ${others} other ${others === 1 ? 'file is' : 'files are'} empty there too`;
}

/**
 * A file that is empty on one platform and not on another: a step that failed there
 * without saying so, as some do under emulation. One error for each platform that
 * has such files. What the bases alone brought is theirs.
 */
export function emptyOnOnePlatform(compared: Compared): readonly Finding[] {
  const { image, platforms } = compared;
  const uneven = unevenIn(compared);
  return platforms.flatMap((on) => {
    const here = uneven
      .flatMap(({ empty, filled }) => {
        const seen = empty.find((one) => one.on === on);
        return seen === undefined ? [] : [{ seen, filled, words: filledWords(seen, filled) }];
      })
      .sort((a, b) => (a.seen.path < b.seen.path ? -1 : 1));
    const [first, ...others] = here;
    const full = first?.filled[0];
    if (first === undefined || full === undefined) return [];
    const { platform } = on;
    const { path } = first.seen;
    const message = `${path} is empty on ${platform} and has ${first.words}${othersWords(others.length)}.`;
    const left = here.length - NAMED;
    return [
      finding('empty-on-one-platform', { image, platform, path }, message, {
        found: { value: '0 bytes', from: placeOf(first.seen) },
        expected: { value: `${full.entry.size} bytes, as there`, from: placeOf(full) },
        detail: [
          ...others.slice(0, NAMED - 1).map(({ seen, words }) => `${seen.path} has ${words}`),
          ...(left > 0 ? [`and ${left} more`] : []),
        ],
      }),
    ];
  });
}
