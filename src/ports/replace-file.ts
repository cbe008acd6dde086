import type { Files } from './files.js';

/**
 * Writes a file whole or not at all, by way of `beside`, a path in the same folder:
 * where it rejects, with an error of the file system's, nothing of it is left and
 * what was at `path` is as it was.
 */
export async function replaceFile(
  files: Files,
  path: string,
  text: string,
  beside: string,
  mode?: number,
): Promise<void> {
  try {
    await files.write(beside, text, mode);
    await files.rename(beside, path);
  } catch (error) {
    await files.remove(beside).catch(() => {});
    throw error;
  }
}
