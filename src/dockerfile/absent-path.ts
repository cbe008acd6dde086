import { dirname, join, resolve } from 'node:path';
import { isEmptyCheckout, NOT_CHECKED_OUT } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import type { Files } from '../ports/index.js';
import { type IgnoreList, readIgnore } from './ignored.js';

type ContextFiles = Pick<Files, 'look' | 'list' | 'read' | 'target'>;

/** A build whose context is a folder; `file` and `context` are relative to the root. */
interface ContextBuild {
  readonly file: string;
  readonly context: string;
}

/** Whether a path is there; a link on the way may lead anywhere, and what cannot be read is not known. */
async function presence(
  folder: string,
  path: string,
  files: Pick<ContextFiles, 'look'>,
): Promise<'file' | 'directory' | 'nothing' | 'unknown'> {
  const names = path.split('/');
  let kind = 'directory';
  for (const index of names.keys()) {
    const part = join(folder, ...names.slice(0, index + 1));
    const facts = await files.look(part).catch(() => ({ kind: 'unknown' }));
    if (facts === undefined) return 'nothing';
    kind = facts.kind;
    const isLast = index === names.length - 1;
    if (kind === 'symlink' || kind === 'unknown') return 'unknown';
    if (!isLast && kind !== 'directory') return 'nothing';
  }
  return kind === 'directory' ? 'directory' : 'file';
}

/**
 * Whether the context in a folder surely does not have a path: nothing is there, or its list of what is
 * ignored leaves it out. Where an exception may keep a part of a folder, it is not certain.
 */
export async function isSurelyAbsent(
  path: string,
  folder: string,
  { rules }: IgnoreList,
  files: Pick<ContextFiles, 'look'>,
): Promise<boolean> {
  const found = await presence(folder, path, files);
  if (found === 'nothing' || found === 'unknown') return found === 'nothing';
  return rules.ignoredBy(path) !== undefined && (found === 'file' || !rules.hasExceptions);
}

/** Why a context does not have a path, and what to do; undefined where only the path itself says more. */
export async function whyAbsent(
  path: string,
  build: ContextBuild,
  root: string,
  files: ContextFiles,
): Promise<string | undefined> {
  const { context } = build;
  const folder = resolve(root, context);
  const namesIn = (of: string) => files.list(of).catch((): readonly string[] => []);
  if ((await files.look(join(folder, path)).catch(() => undefined)) !== undefined) {
    const list = await readIgnore(build, root, files);
    const line = list.rules.ignoredBy(path);
    if (!list.rules.isCertain()) return undefined;
    if (line === undefined) return 'The file is there now; run again.';
    return `${list.file}:${line.line} (${line.text}) leaves ${path} out of the context, where it is: remove that line, or add "!${path}" below it.`;
  }
  const all = await namesIn(folder);
  if (isEmptyCheckout(all)) return `The context "${context}" ${NOT_CHECKED_OUT}.`;
  const beside = await namesIn(join(folder, dirname(path)));
  const near = nearest(path.split('/').at(-1) ?? path, beside);
  if (near === undefined) return undefined;
  return `There is no "${path}" in the context "${context}"; did you mean "${join(dirname(path), near)}"?`;
}
