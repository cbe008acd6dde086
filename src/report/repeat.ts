import type { Evidence } from '../evidence/index.js';
import { shellWord } from './format.js';

type Asked = NonNullable<Evidence['run']['options']>;

/** Options that choose trials, where a command names its own. */
const CHOOSING = ['only', 'platform'];

function command({ plan, run }: Evidence, options: Asked): string {
  const { configuration } = plan;
  // By these names it is found.
  const named =
    configuration === undefined || /^sea-trial\.ya?ml$/.test(configuration)
      ? []
      : [{ name: 'config', value: configuration }];
  const chosen = (run.options ?? []).filter(({ name }) => !CHOOSING.includes(name));
  const words = [...named, ...options, ...chosen].map(
    ({ name, value }) => `--${name} ${shellWord(value)}`,
  );
  return ['sea-trial run', ...words].join(' ');
}

/**
 * The command that repeats one trial, or undefined where none does: a run that
 * was described by inputs alone has no file to run.
 */
export function again(evidence: Evidence, image: string, platform: string): string | undefined {
  if (evidence.plan.configuration === undefined) return undefined;
  return command(evidence, [{ name: 'only', value: `${image}@${platform}` }]);
}

/** The command that repeats all the trials of a run, as `again` does one. */
export function allAgain(evidence: Evidence): string | undefined {
  if (evidence.plan.configuration === undefined) return undefined;
  const asked = evidence.run.options ?? [];
  return command(
    evidence,
    asked.filter(({ name }) => CHOOSING.includes(name)),
  );
}
