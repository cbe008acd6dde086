import type { Plan } from '../evidence/index.js';
import { count, shown } from '../report/index.js';

/** A plan for people, a line for each thing; nothing in them can make a line of its own. */
export function planLines(plan: Plan): readonly string[] {
  return plan.images.flatMap(({ id, platforms, tests, targets }) => [
    shown(id),
    ...platforms.map((platform) => {
      const own = tests.filter((test) => test.platforms?.includes(platform) ?? true);
      return `  ${platform.padEnd(16)} ${count(own.length, 'test')}`;
    }),
    ...targets.flatMap(({ repository, tags }) =>
      tags.map((tag) => shown(`  ${plan.push ? '→' : '→ embedded:'} ${repository}:${tag}`)),
    ),
    '',
  ]);
}

/** What a plan holds, in words. */
export function planHeading({ images }: Plan): string {
  const trials = images.reduce((sum, { platforms }) => sum + platforms.length, 0);
  const what = `${count(images.length, 'image')}, ${count(trials, 'trial')}`;
  return `A plan of ${what}; nothing was started.`;
}
