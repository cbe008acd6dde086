/** Colours of a terminal, each of which repeats what a word or a mark says already. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
}

/** Select Graphic Rendition (ECMA-48, 8.3.117), or nothing. */
export function colours(on: boolean): Paint {
  const sgr = (start: number, end: number) => (text: string) =>
    on ? `\u001b[${start}m${text}\u001b[${end}m` : text;
  return {
    good: sgr(32, 39),
    bad: sgr(31, 39),
    doubtful: sgr(33, 39),
    quiet: sgr(2, 22),
    strong: sgr(1, 22),
  };
}
