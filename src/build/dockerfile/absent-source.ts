import { whyAbsent } from '../../dockerfile/index.js';
import { type Finding, isFolder } from '../../evidence/index.js';
import type { Files } from '../../ports/index.js';
import type { DockerfileOrder } from './command.js';

/** How BuildKit says that a COPY finds nothing: what it was asked for, from the context's root. */
const ABSENT =
  /^step (?:\[[^\]]*\] )?(?:COPY|ADD) (?!.*--from=).* failed: "\/?((?:[^"\\]|\\.)+)": not found$/is;

/** A failed build with what to do, where a COPY finds nothing in the context. */
export async function explainAbsentSource(
  failure: Finding,
  { image, root }: DockerfileOrder,
  files: Files,
): Promise<Finding> {
  const [, path] = ABSENT.exec(failure.message) ?? [];
  if (failure.code !== 'build-failed' || path === undefined) return failure;
  if (!isFolder(image.build.context)) return failure;
  const nothing = `There is no "${path}" in the context "${image.build.context}".`;
  return { ...failure, remedy: (await whyAbsent(path, image.build, root, files)) ?? nothing };
}
