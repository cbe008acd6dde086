import type { Files } from '../ports/index.js';
import type { Evidence } from './model.js';

/** The document as text: JSON, indented by two spaces, with a newline at its end. */
export function formatEvidence(evidence: Evidence): string {
  return `${JSON.stringify(evidence, undefined, 2)}\n`;
}

/**
 * Writes the document to an absolute path, whole or not at all: where it rejects,
 * with an error of the file system's, nothing of it is left.
 */
export async function writeEvidence(files: Files, path: string, evidence: Evidence): Promise<void> {
  const beside = `${path}.part`;
  try {
    await files.write(beside, formatEvidence(evidence));
    await files.rename(beside, path);
  } catch (error) {
    await files.remove(beside).catch(() => {});
    throw error;
  }
}
