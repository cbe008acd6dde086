import type { Config, Request } from '../config/index.js';
import type { Problem } from '../evidence/index.js';
import type { SourceScope } from './dockerfiles.js';
import type { Locks } from './locks.js';
import { seenChanges } from './seen-changes.js';
import type { Source } from './source.js';

/** A checkout whose changes are those that say what is built; all of them where that is not known. */
export async function withSeenChanges(
  source: Source,
  config: Config & Pick<Request, 'secretSources'>,
  { file: lock }: Pick<Locks, 'file'>,
  scope: SourceScope,
): Promise<Source> {
  const { facts, untracked } = source;
  if (config.problems.length > 0) return source;
  const own = [config.file, lock].filter((path) => path !== undefined);
  const secrets = [
    ...config.images.flatMap(({ build }) => build.secrets),
    ...config.secretSources,
  ].flatMap(({ file }) => file ?? []);
  const changed = { dirty: facts.dirty, untracked };
  const dirty = await seenChanges(changed, config.images, { own, secrets }, scope);
  return { ...source, facts: { ...facts, dirty } };
}

const LISTED = 10;

/** A push of a part of an image's platforms, or of what no commit holds. */
export function pushProblems(
  request: Request,
  source: Source,
  push: boolean,
  partial: boolean,
): readonly Problem[] {
  const problems: Problem[] = [];
  if (push && partial) {
    const message =
      "a part of an image's platforms is never tagged; leave out --push, or leave out --only and --platform";
    problems.push({ message });
  }
  const { dirty, revision } = source.facts;
  if (push && dirty.length > 0 && !request.allowDirty) {
    const more = dirty.length > LISTED ? ` and ${dirty.length - LISTED} more` : '';
    const list = dirty.slice(0, LISTED).join(', ') + more;
    const what =
      revision === undefined
        ? 'what is pushed would have no revision'
        : 'what is pushed would have the revision of the last commit, which does not hold them';
    const message = `the checkout has changes, and ${what}: ${list}. Commit them, name what no image needs in .dockerignore, or allow it with --allow-dirty (allow-dirty: true)`;
    problems.push({ message });
  }
  return problems;
}
