import { parseReference } from '../reference/index.js';
import type { RegistryClient } from './client.js';
import type { Repository } from './repository.js';

/** A repository with some of its tags. */
export interface RegistryTarget {
  /** As the evidence names it: `ghcr.io/acme/greeter`. */
  readonly repository: string;
  readonly tags: readonly string[];
  /** Where it really is, if elsewhere: `127.0.0.1:4123/acme/greeter`. */
  readonly location?: string;
}

/** The repository of a target, where it really is. Throws where that is no reference. */
export function repositoryOf(
  client: RegistryClient,
  { repository, location = repository }: RegistryTarget,
): Repository {
  const parsed = parseReference(location);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return client.repository(parsed.reference.registry, parsed.reference.repository);
}
