const SEQUENCE = [
  String.raw`(?:\u001b\[|\u009b)[0-?]*[ -\/]*[@-~]`,
  String.raw`\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?`,
  String.raw`\u001b[ -\/]*[0-~]?`,
].join('|');

/** Escape sequences of ECMA-48: CSI, then OSC, DCS and the other strings, then short ones. */
export const ESCAPES = new RegExp(SEQUENCE, 'g');

/** Those that stand at a place, and at the end of the text one that is not complete. */
const AT = new RegExp(String.raw`(?:(?:\u001b\[|\u009b)[0-?]*[ -\/]*$|${SEQUENCE})*`, 'y');

/** Where the escape sequences end that begin at a place of a text; the place itself where none does. */
export function pastEscapes(text: string, at: number): number {
  AT.lastIndex = at;
  AT.test(text);
  return Math.max(at, AT.lastIndex);
}

export function hasEscapes(text: string): boolean {
  return text.includes('\u001b') || text.includes('\u009b');
}
