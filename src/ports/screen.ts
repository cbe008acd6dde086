/** Where a person or a log reads us. */
export interface Screen {
  /** The result: stdout. */
  out(text: string): void;
  /** Progress and complaints: stderr. */
  say(text: string): void;
  /** Whether `say` reaches a terminal that can be redrawn. */
  readonly live: boolean;
  readonly colour: boolean;
  columns(): number;
  rows(): number;
}

function wantsColour(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0') return true;
  return stream.isTTY === true && TERM !== 'dumb';
}

/** The screen of this process. */
export function realScreen(): Screen {
  const { stdout, stderr } = process;
  return {
    out: (text) => {
      stdout.write(text);
    },
    say: (text) => {
      stderr.write(text);
    },
    live: stderr.isTTY === true && process.env.TERM !== 'dumb',
    colour: wantsColour(stdout),
    columns: () => stderr.columns ?? 80,
    rows: () => stderr.rows ?? 24,
  };
}
