import type { Files } from '../ports/index.js';
import type { Evidence } from './model.js';

/** The document as text: JSON, indented by two spaces, with a newline at its end. */
export function formatEvidence(evidence: Evidence): string {
  return `${JSON.stringify(evidence, undefined, 2)}\n`;
}

/** Writes the document to an absolute path, whole or not at all. Errors are the file system's. */
export async function writeEvidence(files: Files, path: string, evidence: Evidence): Promise<void> {
  const beside = `${path}.part`;
  await files.write(beside, formatEvidence(evidence));
  await files.rename(beside, path);
}
