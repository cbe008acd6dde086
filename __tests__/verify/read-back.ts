import type { TestedImage } from '../../src/evidence/index.js';
import { type Verified, verifyPublished } from '../../src/pipeline/verification.js';
import type { RegistryTarget } from '../../src/registry/index.js';
import type { RepositoryToRead, VerifyJob } from '../../src/verify/index.js';

type Moves = NonNullable<RepositoryToRead['moves']>;

/** Images with the targets that they were published to, and through what they are read. */
export interface ReadBack extends Omit<VerifyJob, 'repositories'> {
  readonly images: readonly (TestedImage & {
    readonly targets: readonly (RegistryTarget & { readonly moves?: Moves })[];
  })[];
}

/** Reads images back and judges them, as a run does behind its publication. */
export function readBack({ images, ...through }: ReadBack): Promise<Verified> {
  const published = images.map(({ targets, ...tested }) => ({
    tested,
    repositories: targets.map(({ moves = [], ...target }) => ({ target, moves })),
  }));
  return verifyPublished(published, through);
}
