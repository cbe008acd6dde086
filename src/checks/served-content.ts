import { compareServed, type Finding, finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import type { ServedRepository } from './served-repository.js';

/** The published index and everything below it against what was tested. */
export function servedContent({
  tested,
  repository,
  contents,
}: ServedRepository): readonly Finding[] {
  const content = contents.get(tested.index.digest);
  if (content === undefined) return [];
  return compareServed(tested, content).map(({ code, message, platform, digest, ...sides }) =>
    finding(
      code,
      {
        image: tested.image,
        reference: repository,
        ...defined({ platform, digest }),
      },
      `${repository} ${message}.`,
      sides,
    ),
  );
}
