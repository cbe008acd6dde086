import { type Request, renderProblems } from '../config/index.js';
import type { Plan } from '../evidence/index.js';
import type { Ports } from '../ports/index.js';
import { escapeCommandsInJson, printable, shown } from '../report/index.js';
import { type Deck, type Ended, planFor } from './run.js';

function lines(plan: Plan): readonly string[] {
  return plan.images.flatMap(({ id, platforms, tests, targets }) => [
    shown(id),
    ...platforms.map((platform) => {
      const count = tests.filter((test) => test.platforms?.includes(platform) ?? true).length;
      return `  ${platform.padEnd(16)} ${count} ${count === 1 ? 'test' : 'tests'}`;
    }),
    ...targets.flatMap(({ repository, tags }) =>
      tags.map((tag) => shown(`  ${plan.push ? '→' : '→ embedded:'} ${repository}:${tag}`)),
    ),
    '',
  ]);
}

/** `sea-trial plan`: prints the trials of a run and starts nothing. */
export async function plan(request: Request, ports: Ports, { screen }: Deck): Promise<Ended> {
  const planned = await planFor(request, ports);
  if ('problems' in planned) {
    screen.say(printable(renderProblems(planned.problems)));
    return { exitCode: 2, problems: planned.problems };
  }
  for (const note of planned.notes) screen.say(`${printable(note)}\n`);
  if (request.json) {
    screen.out(`${escapeCommandsInJson(JSON.stringify(planned.plan, undefined, 2))}\n`);
  } else screen.out(`${lines(planned.plan).join('\n')}`);
  return { exitCode: 0 };
}
