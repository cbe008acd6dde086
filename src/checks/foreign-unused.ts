import { type Evidence, type Finding, finding } from '../evidence/index.js';
import { defined } from '../types/index.js';

/** Entries of `foreign` that permitted nothing on any platform, of images that were looked into on all. */
export function foreignUnused({
  plan,
  trials,
  findings,
}: Pick<Evidence, 'plan' | 'trials' | 'findings'>): readonly Finding[] {
  if (plan.partial) return [];
  return plan.images.flatMap(({ id, platforms, foreign = [] }) => {
    const looked = trials.filter(({ image, contents }) => image === id && contents !== undefined);
    if (looked.length < platforms.length) return [];
    const used = findings
      .filter(({ code, subject }) => code === 'foreign-files' && subject.image === id)
      .map(({ subject }) => subject.path);
    return foreign
      .filter(({ path }) => !used.includes(path))
      .map(({ path, location }) =>
        finding(
          'foreign-unused',
          { image: id, path },
          `foreign: ${path} has no effect: no file that it matches is for another platform, or the image needs that file to run.`,
          defined({ location }),
        ),
      );
  });
}
