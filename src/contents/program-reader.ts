import { createElfReader, type ElfReader, HEAD } from './elf.js';
import type { ProgramBytes } from './facts.js';

const ELF = Buffer.from('\x7fELF', 'latin1');
/** The kernel reads 256 bytes of a script's first line (BINPRM_BUF_SIZE). */
const LINE = 256;
/** What is kept of a file that no kernel starts: enough to say what it is instead. */
const BEGINNING = 24;

/**
 * The interpreter and its argument behind `#!`; undefined where the line names none. As for the
 * kernel (fs/binfmt_script.c), a carriage return at the end belongs to the last word.
 */
function parseScript(start: Buffer): string | undefined {
  const newline = start.indexOf(10);
  const line = start.toString('utf8', 2, newline === -1 ? start.length : newline);
  const trimmed = line.replaceAll('\0', ' ').replace(/^[ \t]+|[ \t]+$/g, '');
  return trimmed === '' ? undefined : trimmed;
}

/** Looks at one regular file after the other, each in pieces. */
interface ProgramReader {
  begin(size: number): void;
  push(piece: Buffer): void;
  /** What the file is, undefined for one that no kernel would start. */
  end(): ProgramBytes | undefined;
  /** The file's first bytes; until the next one begins. */
  beginning(): string;
}

/** A reader whose memory is shared by all files that it sees. */
export function createProgramReader(): ProgramReader {
  const head = Buffer.allocUnsafe(HEAD);
  const start = Buffer.allocUnsafe(LINE);
  let size = 0;
  let held = 0;
  let elf: ElfReader | undefined;
  let kind: 'sniffing' | 'elf' | 'script' | 'other' = 'other';

  const sniff = () => {
    if (held >= 2 && start[0] === 35 && start[1] === 33) kind = 'script';
    else if (held < 4) return;
    else if (start.compare(ELF, 0, 4, 0, 4) === 0) {
      kind = 'elf';
      elf = createElfReader(size, head);
      elf.push(start.subarray(0, held));
    } else kind = 'other';
  };

  const hold = (piece: Buffer, limit: number): Buffer => {
    const taken = piece.copy(start, held, 0, Math.min(piece.length, limit - held));
    held += taken;
    return piece.subarray(taken);
  };

  return {
    begin(bytes) {
      size = bytes;
      held = 0;
      elf = undefined;
      kind = 'sniffing';
    },
    push(piece) {
      let rest = piece;
      if (kind === 'sniffing') {
        rest = hold(piece, 4);
        sniff();
      }
      if (kind === 'elf') {
        if (rest.length > 0) elf?.push(rest);
      } else if (kind === 'script') hold(rest, LINE);
      else if (held < BEGINNING) hold(rest, BEGINNING);
    },
    end() {
      if (kind === 'elf') return elf?.end();
      if (kind !== 'script') return undefined;
      const script = parseScript(start.subarray(0, held));
      if (script !== undefined) return { magic: 'script', script };
      return { magic: 'script', unknown: 'its first line names no interpreter' };
    },
    beginning: () => start.toString('latin1', 0, Math.min(held, BEGINNING)),
  };
}
