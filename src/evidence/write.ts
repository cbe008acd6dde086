import { type Files, replaceFile } from '../ports/index.js';
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
  await replaceFile({ path, text: formatEvidence(evidence), beside: `${path}.part` }, files);
}
