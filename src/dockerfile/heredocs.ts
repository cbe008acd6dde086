import { lex } from './shell-words.js';

/** A here-document that a line asks for. */
interface Heredoc {
  /** The line that ends it. */
  readonly end: string;
  /** Tabs before that line do not count. */
  readonly chomp: boolean;
}

/** BuildKit from 0.23 on reads white space behind `<<`; before that, such a text asks for none. */
const HEREDOC = /^\d*<<(-?)[\t\n\f\r ]*(?![\t\n\f\r ])([^<]*)$/;

/** The here-documents that an ADD, a COPY or a RUN asks for, in their order. */
export function heredocsOf(line: string): readonly Heredoc[] {
  const words = lex(line, { escapeSign: '\\', rawQuotes: true, rawEscapes: true })?.words ?? [];
  return words.flatMap((word) => {
    const [, tabs, name = ''] = HEREDOC.exec(word) ?? [];
    const [end, ...more] = lex(name, { escapeSign: '\\' })?.words ?? [];
    return end === undefined || more.length > 0 ? [] : [{ end, chomp: tabs === '-' }];
  });
}
