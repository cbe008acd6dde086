import { aboutOf, type Evidence, type Finding } from '../../evidence/index.js';
import { shellWord } from '../format.js';
import { imagesAsFile, isFromInputs } from './inputs-file.js';

type Options = NonNullable<Evidence['run']['options']>;

/** Options that choose trials, where a command names its own. */
const CHOOSING = ['only', 'platform'];

/** Options that only a run which publishes takes. */
const PUBLISHING = ['registry', 'replaces', 'existing'];

/**
 * Failures of publishing and reading back, which the whole run repeats; not that a
 * tag moved, which would undo what somebody else has pushed.
 */
const OF_PUBLISHING: ReadonlySet<string> = new Set([
  'digest-mismatch',
  'publication-failed',
  'registry-failed',
  'served-other',
  'served-platforms',
]);

/** What one platform alone does not show. */
const OF_SEVERAL_PLATFORMS: ReadonlySet<string> = new Set([
  'empty-on-one-platform',
  'equal-layers',
]);

const FILE = 'sea-trial.yml';

function command(
  { plan, run }: Evidence,
  options: Options,
  switches: readonly string[] = [],
): string {
  const { configuration } = plan;
  // By these names it is found.
  const named =
    configuration === undefined || /^sea-trial\.ya?ml$/.test(configuration)
      ? []
      : [{ name: 'config', value: configuration }];
  const chosen = (run.options ?? []).filter(
    ({ name }) => !CHOOSING.includes(name) && !PUBLISHING.includes(name),
  );
  const words = [...named, ...options, ...chosen].map(
    ({ name, value }) => `--${name} ${shellWord(value)}`,
  );
  return ['sea-trial run', ...switches.map((name) => `--${name}`), ...words].join(' ');
}

function optionsNamed({ run }: Evidence, names: readonly string[]): Options {
  return (run.options ?? []).filter(({ name }) => names.includes(name));
}

/** The command that repeats an image's trials on some platforms; where `fileFirst` is something, that comes before it. */
export function rerunTrials(
  evidence: Evidence,
  image: string,
  platforms: readonly string[],
): string {
  const { images, partial } = evidence.plan;
  const all = images.find(({ id }) => id === image)?.platforms ?? [];
  const isWhole = !partial && all.every((one) => platforms.includes(one));
  const chosen = platforms.map((platform) => `${image}@${platform}`).join(',');
  return command(evidence, [{ name: 'only', value: isWhole ? image : chosen }]);
}

/** The command that repeats all the trials of a run, as `rerunTrials` does some. */
export function rerunAll(evidence: Evidence): string {
  return command(evidence, optionsNamed(evidence, CHOOSING));
}

/** The command that repeats all of a run, publishing as it did. */
function rerunPublishing(evidence: Evidence): string {
  const { plan, run } = evidence;
  if (!plan.push) return rerunAll(evidence);
  const options = [...optionsNamed(evidence, PUBLISHING), ...optionsNamed(evidence, CHOOSING)];
  // A checkout with changes is published only where that was allowed.
  const dirty = run.source.dirty.length > 0 ? ['allow-dirty'] : [];
  return command(evidence, options, ['push', ...dirty]);
}

/**
 * Whether an error says why an image was not built, by what files of the checkout say: the
 * same files give the same error, whatever is repeated.
 */
function keptFromBuild(
  { trials }: Evidence,
  { code, severity, subject }: Finding,
  platforms: readonly string[],
): boolean {
  if (severity !== 'error' || aboutOf(code) !== 'image' || OF_PUBLISHING.has(code)) return false;
  return trials.every(
    ({ image, platform, build }) =>
      image !== subject.image || !platforms.includes(platform) || build === undefined,
  );
}

/** Whether to repeat a trial: not one that a file of the checkout keeps from being built. */
export function isRepeated(
  evidence: Evidence,
  findings: readonly Finding[],
  { image, platform }: Pick<Evidence['trials'][number], 'image' | 'platform'>,
): boolean {
  return !findings.some(
    (one) =>
      one.subject.image === image &&
      [undefined, platform].includes(one.subject.platform) &&
      keptFromBuild(evidence, one, [platform]),
  );
}

/** Answers the command that repeats what a finding is about: a trial, or publishing; undefined for the rest. */
export function rerunsIn(
  evidence: Evidence,
): (finding: Finding, platforms: readonly string[]) => string | undefined {
  return (finding, platforms) =>
    keptFromBuild(evidence, finding, platforms)
      ? undefined
      : rerunFor(evidence, finding, platforms);
}

function rerunFor(
  evidence: Evidence,
  { code, subject }: Pick<Finding, 'code' | 'subject'>,
  platforms: readonly string[],
): string | undefined {
  // What a build had of a registry has a platform, and is of no target.
  const isOfTarget = platforms.length === 0 || subject.reference !== undefined;
  if (OF_PUBLISHING.has(code) && isOfTarget) return rerunPublishing(evidence);
  if (subject.image === undefined || platforms.length === 0) return undefined;
  if (OF_SEVERAL_PLATFORMS.has(code)) {
    return command(evidence, [{ name: 'only', value: subject.image }]);
  }
  return rerunTrials(evidence, subject.image, platforms);
}

/** What has to be in a file before a command can repeat a run that the action's inputs describe. */
export interface FileFirst {
  /** `write` a new one, or `add` to the one that the run had beside the inputs. */
  readonly how: 'write' | 'add to';
  readonly file: string;
  readonly text: string;
}

/** Undefined where the configuration describes the images: the file is there. */
export function fileFirst({ plan, run }: Evidence): FileFirst | undefined {
  const { configuration, images } = plan;
  const described = images.filter(isFromInputs);
  if (configuration !== undefined && described.length === 0) return undefined;
  const text = imagesAsFile(described.length === 0 ? images : described, run.source);
  if (configuration !== undefined) return { how: 'add to', file: configuration, text };
  return { how: 'write', file: FILE, text };
}
