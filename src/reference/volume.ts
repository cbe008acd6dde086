import { posix } from 'node:path';
import type { ReadResult } from './csv.js';

/** A folder of the engine's machine, or a volume by its name, in a container. */
export interface Volume {
  /** A name, or a path: absolute, or relative with `.` first. */
  readonly source: string;
  /** Absolute, without `.` and `..`. */
  readonly target: string;
  readonly writable: boolean;
}

const FORM = 'expected HOST:CONTAINER, HOST:CONTAINER:ro or HOST:CONTAINER:rw';
/** The engine's rule for the name of a volume. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]+$/;

/** Folders that the lifecycle itself writes and reads, with what serves instead. */
const HELD: Readonly<Record<string, string>> = {
  '/cnb': 'it holds the lifecycle and the buildpacks',
  '/layers': 'it holds the layers of the image',
  '/platform': 'use "env" and "bindings"',
  '/workspace': 'it holds the application',
};

function held(target: string): string | undefined {
  const folder = Object.keys(HELD).find((one) => target === one || target.startsWith(`${one}/`));
  return folder === undefined ? undefined : `nothing may lie over ${folder}: ${HELD[folder]}`;
}

/**
 * One item of pack's `--volume`, in docker's own form; of its options `ro` (the default) and
 * `rw` are taken.
 */
export function readVolume(text: string): ReadResult<Volume> {
  const [source = '', target = '', mode = 'ro', ...more] = text.split(':');
  if (source === '' || target === '' || more.length > 0) return { fault: FORM };
  if (mode !== 'ro' && mode !== 'rw') return { fault: `"${mode}" is neither ro nor rw` };
  if (!/^(\/|\.{1,2}(\/|$))/.test(source) && !NAME.test(source)) {
    return { fault: `"${source}" is not the name of a volume; a folder begins with "./" or "/"` };
  }
  if (!target.startsWith('/')) return { fault: `"${target}" is not an absolute path` };
  const path = posix.normalize(target).replace(/(?<=.)\/$/, '');
  if (path === '/') return { fault: 'nothing may lie over the whole container' };
  // pack compares without regard to case.
  const fault = held(path.toLowerCase());
  if (fault !== undefined) return { fault };
  return { value: { source, target: path, writable: mode === 'rw' } };
}

/** What `readVolume` reads as that volume. */
export function writeVolume({ source, target, writable }: Volume): string {
  return `${source}:${target}:${writable ? 'rw' : 'ro'}`;
}

/** A volume of the plan, where each is as `writeVolume` writes it; paths start at the root. */
export function plannedVolume(text: string): Volume {
  const read = readVolume(text);
  if ('fault' in read) throw new Error('the plan holds a volume that cannot be read');
  return read.value;
}
