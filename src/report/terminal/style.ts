import { styleText } from 'node:util';

/** Colours of a terminal, each of which repeats what a word or a mark says already. */
export interface Style {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
}

/** Styles for a terminal that shows colours, or ones that change nothing; the caller knows which. */
export function createStyle(colour: boolean): Style {
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  return {
    good: style('green'),
    bad: style('red'),
    doubtful: style('yellow'),
    quiet: style('dim'),
    strong: style('bold'),
  };
}
