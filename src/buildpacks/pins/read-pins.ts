import { posix } from 'node:path';
import type { Files } from '../../ports/index.js';
import { PIN_FORMATS } from './formats.js';
import type { FaultyPin, Pin, PinFormat } from './pin.js';

/** What the files of an application pin, and those that their tools refuse. */
export interface PinFiles {
  readonly pins: readonly Pin[];
  readonly faults: readonly FaultyPin[];
}

/** What a file without a text of its own is to a reader. */
interface NoText {
  readonly fault: string;
  readonly unread?: true;
}

/** The text of a file; undefined where there is none, and a clause where it cannot be read. */
async function textOf(
  path: string,
  limit: number,
  files: Pick<Files, 'look' | 'read'>,
): Promise<{ readonly text: string } | NoText | undefined> {
  const facts = await files.look(path);
  if (facts === undefined || facts.kind === 'directory') return undefined;
  // A link may lead to what is not the application's, and what stands there would be quoted.
  if (facts.kind !== 'file') return { fault: 'it is not a file', unread: true };
  try {
    const bytes = await files.read(path, limit);
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EFBIG') return { fault: `it has more than ${limit} bytes`, unread: true };
    if (code === 'ENOENT') return undefined;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { fault: 'it is not UTF-8' };
    return { fault: `it cannot be read (${code ?? 'unknown'})`, unread: true };
  }
}

async function readFormat(
  { name, runtime, limit, parse }: PinFormat,
  folder: string,
  context: string,
  files: Pick<Files, 'look' | 'read'>,
): Promise<PinFiles> {
  const found = await textOf(posix.join(folder, name), limit, files);
  if (found === undefined) return { pins: [], faults: [] };
  const at = { runtime, name, file: posix.join(context, name) };
  const { pin, fault } =
    'text' in found
      ? parse(found.text)
      : { pin: undefined, fault: { line: 1, column: 1, ...found } };
  return {
    pins: pin === undefined ? [] : [{ ...at, ...pin }],
    faults: fault === undefined ? [] : [{ ...at, ...fault }],
  };
}

/**
 * Reads the pin files of an application, each with its place; `context` is its folder
 * relative to the workspace, `root`.
 */
export async function readPins(
  root: string,
  context: string,
  files: Pick<Files, 'look' | 'read'>,
): Promise<PinFiles> {
  const folder = posix.join(root, context);
  const read = await Promise.all(
    PIN_FORMATS.map((format) => readFormat(format, folder, context, files)),
  );
  return {
    pins: read.flatMap(({ pins }) => pins),
    faults: read.flatMap(({ faults }) => faults),
  };
}
