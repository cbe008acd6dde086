import type { Evidence } from '../evidence/index.js';
import { shellWord } from './format.js';
import { imagesAsFile, isFromInputs } from './inputs-file.js';

type Asked = NonNullable<Evidence['run']['options']>;

/** Options that choose trials, where a command names its own. */
const CHOOSING = ['only', 'platform'];

const FILE = 'sea-trial.yml';

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

/** The command that repeats one trial; where `fileFirst` is something, that comes before it. */
export function again(evidence: Evidence, image: string, platform: string): string {
  return command(evidence, [{ name: 'only', value: `${image}@${platform}` }]);
}

/** The command that repeats all the trials of a run, as `again` does one. */
export function allAgain(evidence: Evidence): string {
  const asked = evidence.run.options ?? [];
  return command(
    evidence,
    asked.filter(({ name }) => CHOOSING.includes(name)),
  );
}

/** What has to be in a file before a command can repeat a run that the action's inputs describe. */
export interface FileFirst {
  /** `write` a new one, or `add` to the one that the run had beside the inputs. */
  readonly how: 'write' | 'add to';
  readonly file: string;
  readonly text: string;
}

/** Undefined where the configuration describes the images: the file is there. */
export function fileFirst({ plan }: Evidence): FileFirst | undefined {
  const { configuration, images } = plan;
  const described = images.filter(isFromInputs);
  if (configuration !== undefined && described.length === 0) return undefined;
  const text = imagesAsFile(described.length === 0 ? images : described);
  if (configuration !== undefined) return { how: 'add to', file: configuration, text };
  return { how: 'write', file: FILE, text };
}
