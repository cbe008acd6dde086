import { INTERRUPTIONS, type Interruption } from '../ports/index.js';
import { defined } from '../types/index.js';
import type { Evidence, Finding, PlannedImage, Publication, Trial } from './model.js';
import { judgePublication, type PublicationVerdict } from './publication.js';
import { aboutOf, applySeverities } from './severity.js';
import { judgeTrial, type TrialVerdict } from './trial.js';

/** What a trial, or an image with all of its trials, came to. */
export type TrialState = TrialVerdict['state'];

/** One planned trial; `facts` is missing where the run ended before it began. */
export interface JudgedTrial extends TrialVerdict {
  readonly image: string;
  readonly platform: string;
  readonly facts?: Trial;
}

/** One planned image; `publication` is missing where it came to none. */
export interface JudgedImage extends PublicationVerdict {
  readonly id: string;
  readonly state: TrialState;
  readonly planned: PlannedImage;
  readonly trials: readonly JudgedTrial[];
  readonly publication?: Publication;
}

/**
 * The verdict on a run. `exitCode` is one of design decision 15; 2 (a wrong
 * configuration) never comes to an evidence. `findings` have the plan's
 * severities applied.
 */
export interface Verdict {
  readonly verdict: 'passed' | 'failed' | 'errored' | 'interrupted';
  readonly exitCode: 0 | 1 | 3 | (typeof INTERRUPTIONS)[Interruption];
  readonly trials: readonly JudgedTrial[];
  readonly images: readonly JudgedImage[];
  readonly findings: readonly Finding[];
}

function judgePlanned(evidence: Evidence, image: string, platform: string): JudgedTrial {
  const facts = evidence.trials.find((one) => one.image === image && one.platform === platform);
  if (facts !== undefined) return { image, platform, facts, ...judgeTrial(evidence, facts) };
  return { image, platform, state: 'not-run', reason: 'the run ended before it began' };
}

/** The worst of several states; a failure outweighs a fault, since a rerun would not mend it. */
function worst(states: readonly TrialState[]): TrialState {
  const order = ['failed', 'errored', 'not-run'] as const;
  return order.find((state) => states.includes(state)) ?? 'passed';
}

function statesOf(findings: readonly Finding[]): TrialState[] {
  return findings
    .filter(({ severity }) => severity === 'error')
    .map(({ code }) => (aboutOf(code) === 'image' ? 'failed' : 'errored'));
}

function judgeImage(
  evidence: Evidence,
  planned: PlannedImage,
  findings: readonly Finding[],
): JudgedImage {
  const trials = planned.platforms.map((platform) => judgePlanned(evidence, planned.id, platform));
  const said = statesOf(findings.filter(({ subject }) => subject.image === planned.id));
  const tested = worst([...trials.map(({ state }) => state), ...said]);
  const publication = evidence.publications.find(({ image }) => image === planned.id);
  const outcome = judgePublication(evidence, planned);
  // Trials that passed and a tag that is not there, or not as built, are no success.
  const unverified = tested === 'passed' && outcome.due && !outcome.verified;
  const state = unverified ? (outcome.contradicted ? 'failed' : 'not-run') : tested;
  const facts = defined({ publication });
  return { id: planned.id, state, planned, trials, ...outcome, ...facts };
}

function overall(
  evidence: Evidence,
  states: readonly TrialState[],
): Pick<Verdict, 'verdict' | 'exitCode'> {
  const { interrupted } = evidence.run;
  if (interrupted !== undefined) {
    return { verdict: 'interrupted', exitCode: INTERRUPTIONS[interrupted] };
  }
  if (states.includes('errored')) return { verdict: 'errored', exitCode: 3 };
  if (states.includes('failed')) return { verdict: 'failed', exitCode: 1 };
  // What was asked for and not done, without anything that explains it.
  if (states.includes('not-run')) return { verdict: 'errored', exitCode: 3 };
  return { verdict: 'passed', exitCode: 0 };
}

/** Judges a whole run, from its evidence alone. */
export function judge(evidence: Evidence): Verdict {
  const findings = applySeverities(evidence.plan, evidence.findings);
  const images = evidence.plan.images.map((image) => judgeImage(evidence, image, findings));
  const trials = images.flatMap((image) => image.trials);
  const states = [
    ...images.map(({ state }) => state),
    ...trials.map(({ state }) => state),
    ...statesOf(findings),
  ];
  return { ...overall(evidence, states), trials, images, findings };
}
