import type { Files } from './files.js';

interface Replacement {
  readonly path: string;
  readonly text: string;
  readonly beside: string;
  /** Permissions; undefined: those of a new file. */
  readonly mode?: number;
}

/**
 * Writes a file whole or not at all, by way of `beside`, a path in the same folder:
 * where it rejects, with an error of the file system's, nothing of it is left and
 * what was at `path` is as it was.
 */
export async function replaceFile(
  { path, text, beside, mode }: Replacement,
  files: Files,
): Promise<void> {
  try {
    await files.write(beside, text, mode);
    await files.rename(beside, path);
  } catch (error) {
    await files.remove(beside).catch(() => {});
    throw error;
  }
}
