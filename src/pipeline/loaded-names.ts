import pLimit from 'p-limit';
import { engineFinding, type LoadedImage } from '../engine/index.js';
import {
  type Evidence,
  type Finding,
  finding,
  judgeTrial,
  type PlannedImage,
  type Trial,
} from '../evidence/index.js';
import type { Ports } from '../ports/index.js';
import { keptNames, type LoadedNames } from '../test/index.js';
import {
  hasNoErrors,
  type StayingImage,
  type TrialContext,
  type TrialOutcome,
} from './trial-context.js';

/** Questions to the engine under way at once. */
const QUESTIONS = 8;

/** The repository of a run: GitHub's name for it rather than the checkout's, which may be a fork. */
export function repositoryOf(
  env: Ports['env'],
  { repository }: Evidence['run']['source'],
): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = env;
  const found = name ? `${server || 'https://github.com'}/${name}` : repository;
  return found?.toLowerCase();
}

/** Findings about names in the engine that this repository has not loaded. */
async function takenFindings(
  subject: { readonly image: string; readonly platform: string },
  names: readonly string[],
  loaded: LoadedNames,
): Promise<readonly Finding[]> {
  return (await loaded.taken(names)).map(({ name, image }) => {
    const message = `The engine already holds ${name}, which no run of this repository has loaded; an untrusted run does not replace it.`;
    return finding('name-taken', { ...subject, reference: name }, message, {
      found: { value: image, from: `the engine's image ${name}` },
      expected: {
        value: 'no image, or one that a run of this repository has loaded',
        from: 'load: true in an untrusted run',
      },
    });
  });
}

/** The same before anything is built, for every name that the run would load. */
export async function takenBefore(
  images: readonly PlannedImage[],
  own: string,
  loaded: LoadedNames,
): Promise<readonly Finding[]> {
  const limit = pLimit(QUESTIONS);
  const found = images.flatMap((image) =>
    image.platforms.map((platform) => {
      const names = keptNames(image, platform, platform === own);
      return limit(() => takenFindings({ image: image.id, platform }, names, loaded));
    }),
  );
  return (await Promise.all(found)).flat();
}

type NamesContext = Pick<TrialContext, 'loadedNames' | 'untrusted'>;

/** Keeps an image in the engine under its names, unless another repository has taken them since the start. */
export async function keepNames(
  { held, names }: StayingImage,
  subject: { readonly image: string; readonly platform: string },
  { loadedNames, untrusted }: NamesContext,
): Promise<{ readonly loaded: LoadedImage['loaded']; readonly findings: readonly Finding[] }> {
  const { loaded } = held;
  const taken = untrusted ? await takenFindings(subject, names, loadedNames) : [];
  if (taken.length > 0) return { loaded, findings: taken };
  await held.keep(names);
  const findings = await loadedNames.record(names, loaded.id).then(
    () => [],
    (error: unknown) => [{ ...engineFinding(subject, error), severity: 'warning' as const }],
  );
  return { loaded: { ...loaded, names }, findings };
}

/** Whether a trial has passed, and nothing speaks against its image as a whole. */
function passed(evidence: Evidence, trial: Trial): boolean {
  const whole = evidence.findings.filter(
    ({ subject }) => subject.image === trial.image && subject.platform === undefined,
  );
  return judgeTrial(evidence, trial).state === 'passed' && hasNoErrors(whole, evidence);
}

/**
 * Names the images that stay in the engine, now that all is known by which one could have
 * failed. An engine that fails at that is a finding.
 */
export async function keepImages(
  evidence: Evidence,
  outcomes: readonly Pick<TrialOutcome, 'trial' | 'staying'>[],
  context: NamesContext & Pick<TrialContext, 'load'> & { readonly signal: AbortSignal },
): Promise<Pick<Evidence, 'trials' | 'findings'>> {
  const kept = outcomes.map(async ({ trial, staying }) => {
    const isKept = context.load === 'always' || passed(evidence, trial);
    if (staying === undefined || !isKept) return { trial, findings: [] };
    const { image, platform } = trial;
    const { loaded, findings } = await keepNames(staying, { image, platform }, context).catch(
      (error: unknown) => ({
        loaded: staying.held.loaded,
        // A client that an interruption has ended says nothing about the engine.
        findings: context.signal.aborted ? [] : [engineFinding({ image, platform }, error)],
      }),
    );
    return { trial: { ...trial, loaded }, findings };
  });
  const all = await Promise.all(kept);
  return {
    trials: all.map(({ trial }) => trial),
    findings: all.flatMap(({ findings }) => findings),
  };
}
