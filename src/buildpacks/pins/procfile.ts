import { linesOf, withoutMark } from './lines.js';

/** A process type of a Procfile. */
interface ProcfileType {
  readonly type: string;
  readonly line: number;
}

/** The process types that a Procfile declares, `web: command` each (heroku/procfile: src/procfile.rs). */
export function procfileTypes(text: string): readonly ProcfileType[] {
  return linesOf(withoutMark(text)).flatMap((one) => {
    const type = /^\s*([A-Za-z0-9_-]+):?\s+\S/.exec(one.text)?.[1];
    return type === undefined ? [] : [{ type, line: one.line }];
  });
}
