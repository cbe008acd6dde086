const SEQUENCE = [
  String.raw`(?:\u001b\[|\u009b)[0-?]*[ -\/]*[@-~]`,
  String.raw`\u001b[\]PX^_][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?`,
  String.raw`\u001b[ -\/]*[0-~]?`,
].join('|');

/**
 * Escape sequences of ECMA-48: CSI, then OSC, DCS and the other strings, then short ones.
 * A string that has no end ends with its line, and takes no others with it.
 */
export const ESCAPES = new RegExp(SEQUENCE, 'g');

/** One that stands at a place, and at the end of the text one that is not complete. */
const AT = new RegExp(String.raw`(?:\u001b\[|\u009b)[0-?]*[ -\/]*$|${SEQUENCE}`, 'y');

/** One that may go on behind the end of a text; the groups are enough of it to know how. */
const OPEN = new RegExp(
  [
    String.raw`(\u001b\[|\u009b)[0-?]*[ -\/]*$`,
    String.raw`(\u001b[\]PX^_])[^\u0007\u001b\n]*(\u001b?)$`,
    String.raw`(\u001b[ -\/]?)[ -\/]*$`,
  ].join('|'),
);

/**
 * Tells where the escape sequences end that begin at a place of a text; the place itself
 * where none does. Each is read once: many places may come before the same ones.
 */
export function escapesIn(text: string): (at: number) => number {
  const ends = new Map<number, number>();
  return (at) => {
    const passed: number[] = [];
    let next = at;
    for (;;) {
      const known = ends.get(next);
      AT.lastIndex = next;
      if (known === undefined && !AT.test(text)) break;
      passed.push(next);
      next = known ?? AT.lastIndex;
    }
    for (const one of passed) ends.set(one, next);
    return next;
  };
}

/** A text without its escape sequences; of one that may go on there is its beginning. */
export function withoutEscapes(text: string): string {
  const open = OPEN.exec(text);
  const complete = text.slice(0, open?.index).replace(ESCAPES, '');
  return complete + (open?.slice(1).join('') ?? '');
}

export function hasEscapes(text: string): boolean {
  return text.includes('\u001b') || text.includes('\u009b');
}
