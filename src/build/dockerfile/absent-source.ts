import { dirname, join } from 'node:path';
import { ignoredBy, readIgnore } from '../../dockerfile/index.js';
import { type Finding, isEmptyCheckout, isFolder, NOT_CHECKED_OUT } from '../../evidence/index.js';
import { nearest } from '../../platform/index.js';
import type { Files } from '../../ports/index.js';
import { type DockerfileOrder, located } from './command.js';

/** How BuildKit says that a COPY finds nothing: what it was asked for, from the context's root. */
const ABSENT =
  /^step (?:\[[^\]]*\] )?(?:COPY|ADD) (?!.*--from=).* failed: "\/?((?:[^"\\]|\\.)+)": not found$/is;

async function namesIn(folder: string, files: Files): Promise<readonly string[]> {
  return files.list(folder).catch(() => []);
}

/** Why the context does not have it, and what to do. */
async function reasonFor(path: string, order: DockerfileOrder, files: Files): Promise<string> {
  const { image, root } = order;
  const { context } = image.build;
  const folder = located(root, context);
  if ((await files.look(join(folder, path)).catch(() => undefined)) !== undefined) {
    const list = await readIgnore(image.build, root, files);
    const line = ignoredBy(list.text, path);
    if (line === undefined) return 'The file is there now; run again.';
    return `${list.file}:${line.line} (${line.text}) leaves ${path} out of the context, where it is: remove that line, or add "!${path}" below it.`;
  }
  const all = await namesIn(folder, files);
  if (isEmptyCheckout(all)) return `The context "${context}" ${NOT_CHECKED_OUT}.`;
  const near = nearest(
    path.split('/').at(-1) ?? path,
    await namesIn(join(folder, dirname(path)), files),
  );
  const hint = near === undefined ? '' : `; did you mean "${join(dirname(path), near)}"?`;
  const nothing = `There is no "${path}" in the context "${context}"`;
  return hint === '' ? `${nothing}.` : nothing + hint;
}

/** A failed build with what to do, where a COPY finds nothing in the context. */
export async function explainAbsentSource(
  failure: Finding,
  order: DockerfileOrder,
  files: Files,
): Promise<Finding> {
  const [, path] = ABSENT.exec(failure.message) ?? [];
  if (failure.code !== 'build-failed' || path === undefined) return failure;
  if (!isFolder(order.image.build.context)) return failure;
  return { ...failure, remedy: await reasonFor(path, order, files) };
}
