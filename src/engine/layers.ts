/*
 * What an engine says of layers that it does not take. Unpacking fails for an
 * engine's own reasons, too, so only these words are about the image.
 */

/** The archive or its compression is damaged, or holds what cannot be put into a folder. */
const DAMAGED =
  /^(archive\/tar: |gzip: invalid |flate: |invalid input: |reserved bit set |CRC check failed|window size exceeded|unhandled tar header type |invalid (whiteout|entry) |duplicates of file paths |failed to convert whiteout file .*: file exists|failed to mknod\(.*\): file exists|(mkparent|openat|open) .*: not a directory|link(at)? .*: no such file|.*: file name too long|.*: too many (links|levels of symbolic links))/i;

/** Without a layer's name beside it, this may be the connection's end. */
const CUT = /^unexpected EOF/i;

/** containerd's store unpacks when a container is made, and says of which layer it speaks. */
const EXTRACTED = /failed to extract layer \S+: (?:mount callback failed on \S+: )?(.*)$/i;
const OTHER_DIGEST = /wrong diff id calculated .*|invalid diffID for layer .*/i;

/** Where containerd unpacks: no path of the image. */
const UNPACKING_AT = /mount callback failed on \S+: |\/\S*\/containerd-mount\d+(?=\/)/g;

const TOO_MANY = /max depth exceeded|mount options is too long/i;

/** What an engine has said itself, without what its client puts before and behind that. */
function ownWords(said: string): string {
  const [first = ''] = said
    .trim()
    .replace(/^.*?Error response from daemon: /s, '')
    .split('\n', 1);
  return first;
}

/** Why an engine does not take an image's layers; undefined where it is not said to be their fault. */
export function layersRefused(said: string): string | undefined {
  const words = ownWords(said);
  const many = TOO_MANY.exec(words)?.[0];
  if (many !== undefined) return `it has more layers than the engine accepts: ${many}`;
  const other = OTHER_DIGEST.exec(words)?.[0];
  const extracted = EXTRACTED.exec(words);
  const inner = extracted?.[1];
  const isDamaged = DAMAGED.test(inner ?? words) || (inner !== undefined && CUT.test(inner));
  const found = other ?? (isDamaged ? (extracted?.[0] ?? words) : undefined);
  if (found === undefined) return undefined;
  return `its layers cannot be unpacked: ${found.replace(UNPACKING_AT, '')}`;
}
