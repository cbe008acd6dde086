/** Something that is wrong with the configuration or the usage, and where it stands. */
export interface Problem {
  /** Relative to the root; or what else was read, as `input "tags"` or `--only`. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}
