/** Something that is wrong with the configuration or the usage, and where it stands. */
export interface Problem {
  /** Relative to the root; or what else was read, as `input "tags"` or `--only`. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

type Place = Pick<Problem, 'file' | 'line' | 'column'>;

/** `sea-trial.lock:3`, or the file alone. */
export function placeText({
  file,
  line,
}: {
  readonly file: string;
  readonly line?: number | undefined;
}): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** Problems at other places than those. */
export function elsewhere(
  problems: readonly Problem[],
  places: readonly Place[],
): readonly Problem[] {
  const name = ({ file, line, column }: Place) => `${file}:${line}:${column}`;
  const taken = new Set(places.map(name));
  return problems.filter((problem) => !taken.has(name(problem)));
}
