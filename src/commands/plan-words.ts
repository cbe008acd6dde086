import { appliesTo, type Plan, type PlannedImage, type PlannedTest } from '../evidence/index.js';
import { formatReference, parseReference } from '../registry/index.js';
import { count, isStart, PARTIAL, shown, withoutHost } from '../report/index.js';

/** Characters of a line's right part. */
const WIDTH = 100;

/** Longer than two references. */
const LONGEST = 1000;

/** Two columns. */
function row(name: string, value: string): string {
  return `  ${name.padEnd(16)} ${shown(value, WIDTH)}`;
}

function buildLines({ build }: PlannedImage): readonly string[] {
  const args = Object.entries(build.args).map(([name, value]) => `${name}=${value}`);
  return [
    row('Dockerfile', build.file),
    row('context', build.context),
    ...(build.target === undefined ? [] : [row('target', build.target)]),
    ...(args.length === 0 ? [] : [row('arguments', args.join(', '))]),
  ];
}

function testsOn(tests: readonly PlannedTest[], platform: string): string {
  const own = tests.filter((test) => appliesTo(test, platform));
  return own.every(isStart) ? 'no test; its program is started' : count(own.length, 'test');
}

/** A repository's name with its registry, as `docker.io/library/busybox` for `busybox`. */
function whole(repository: string): string {
  const parsed = parseReference(repository);
  return parsed.ok ? formatReference(parsed.reference) : repository;
}

function tagLines(plan: Plan, { targets }: PlannedImage): readonly string[] {
  if (plan.partial) return [`  ${PARTIAL}`];
  return targets.flatMap(({ repository, tags }) =>
    tags.map((tag) => {
      const real = `${whole(repository)}:${tag}`;
      return shown(
        plan.push
          ? `  → ${real}`
          : `  → embedded: ${withoutHost(repository)}:${tag}, in place of ${real}`,
        LONGEST,
      );
    }),
  );
}

/** A plan for people, a line for each thing; nothing in them can make a line of its own. */
export function planLines(plan: Plan): readonly string[] {
  return plan.images.flatMap((image) => [
    shown(image.id),
    ...buildLines(image),
    ...image.platforms.map((platform) => row(platform, testsOn(image.tests, platform))),
    ...tagLines(plan, image),
    '',
  ]);
}

/** What a plan holds, in words. */
export function planHeading({ images }: Plan): string {
  const trials = images.reduce((sum, { platforms }) => sum + platforms.length, 0);
  const what = `${count(images.length, 'image')}, ${count(trials, 'trial')}`;
  return `A plan of ${what}; nothing was started.`;
}
