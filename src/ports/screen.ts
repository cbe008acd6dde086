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

interface OutputStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

function wantsColour(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0') return true;
  return stream.isTTY === true && TERM !== 'dumb';
}

/** What a pipe and a terminal answer when their reader has gone. */
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'ECONNRESET']);

/**
 * Writes until the stream fails, and then no more: what is under way goes on to
 * its own end. A reader who has gone misses nothing; where anything else was lost,
 * `lost` is called.
 */
function writer(stream: NodeJS.WriteStream, lost: (error: Error) => void) {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (open && !GONE.has(error.code)) lost(error);
    open = false;
  });
  return (text: string) => {
    if (open) stream.write(text);
  };
}

/** The screen of this process. */
export function realScreen({ stdout, stderr }: OutputStreams = process): Screen {
  const say = writer(stderr, () => {});
  return {
    out: writer(stdout, ({ message }) => {
      say(`The output could not be written: ${message}\n`);
      // A caller must not take what was written for the whole.
      process.once('exit', (code) => {
        if (code === 0) process.exitCode = 3;
      });
    }),
    say,
    live: stderr.isTTY === true && process.env.TERM !== 'dumb',
    colour: wantsColour(stdout),
    // A terminal that does not know its size says 0.
    columns: () => stderr.columns || 80,
    rows: () => stderr.rows || 24,
  };
}
