import { dirname, resolve } from 'node:path';
import type { Request } from '../config/index.js';
import { type Evidence, type Problem, writeEvidence } from '../evidence/index.js';
import type { Ports } from '../ports/index.js';

/** Why the evidence cannot be written to its file: found before a run, not after it. */
export async function evidenceProblems(
  { evidence, root }: Request,
  { files }: Ports,
): Promise<readonly Problem[]> {
  if (evidence === undefined) return [];
  const path = resolve(root, evidence);
  const there = await files.look(path);
  if (there !== undefined && there.kind !== 'file') {
    const kind = there.kind === 'other' ? 'device' : there.kind;
    const message = `--evidence ${evidence}: this is a ${kind}; the evidence needs a file of its own`;
    return [{ message }];
  }
  try {
    await files.write(`${path}.part`, '');
    await files.remove(`${path}.part`);
    return [];
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? `there is no folder "${dirname(evidence)}"`
        : `it cannot be written there (${code ?? message})`;
    return [{ message: `--evidence ${evidence}: ${why}` }];
  }
}

/** Writes the evidence to its file, if the request names one; returns why it could not. */
export async function saveEvidence(
  evidence: Evidence,
  { evidence: file, root }: Request,
  { files }: Ports,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    await writeEvidence(files, resolve(root, file), evidence);
    return undefined;
  } catch (error) {
    const why = (error as Error).message;
    return `The evidence could not be written to ${file} (${why}). The report is valid nevertheless; fix that or name another file, and run again to get the evidence.`;
  }
}
