import type { LimitFunction } from 'p-limit';
import type { BuildOrder, BuildTools, PlatformOrder } from '../build/index.js';
import type { ExpectedBuild } from '../buildpacks/index.js';
import type { BuiltPlatform } from '../checks/index.js';
import type { PlatformStatus, Reprobe } from '../emulation/index.js';
import type { BackgroundTasks, DiskBudget, LoadedImage, LoadedImages } from '../engine/index.js';
import { applySeverities, type Finding, type Plan, type Trial } from '../evidence/index.js';
import type { LoadedNames, TestTools } from '../test/index.js';

/** What the trials of a run share. */
export interface TrialContext {
  readonly buildTools: BuildTools;
  readonly testTools: Omit<TestTools, 'later'>;
  /** Removals that go on while other trials run. */
  readonly background: BackgroundTasks;
  readonly loadedImages: LoadedImages;
  /** The engine's disk. */
  readonly disk: DiskBudget;
  /** Resolves when no trial needs the engine any more. Never rejects. */
  readonly over: Promise<void>;
  /** Resolves when the images that stay have their names. Never rejects. */
  readonly named: Promise<void>;
  /** Its severities decide which findings are errors. */
  readonly plan: Plan;
  /** Which images stay in the engine, for later steps. */
  readonly load: false | 'passed' | 'always';
  readonly loadedNames: LoadedNames;
  /** Names that another repository has loaded are not replaced. */
  readonly untrusted: boolean;
  /** Bounds how many builds run at once. */
  readonly builds: LimitFunction;
  /** Bounds how many of them are emulated. */
  readonly emulatedBuilds: LimitFunction;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a trial needs beside its build. */
interface TrialFacts {
  /** The engine's own platform: a build for it needs no emulator, whatever the proof finds. */
  readonly native: boolean;
  readonly enginePlatform: string;
  /** Whether the platform runs here; resolves when its proof has ended. */
  platformStatus(): Promise<PlatformStatus>;
  /** Proves the platform again. */
  recheckPlatform(): Promise<Reprobe>;
  /** The Dockerfile's text, if it is a file of the checkout. */
  readonly dockerfile?: string;
  /** What the image's labels have to say, if its build is locked. */
  readonly expected?: ExpectedBuild;
}

/** One image on one platform that is to be tested, with what the environment adds to its plan. */
export type BuiltTrial = BuildOrder & TrialFacts & { readonly notRun?: undefined };

/** One that cannot be built here at all, and why. */
export interface StoppedTrial extends Pick<PlatformOrder, 'image' | 'platform'> {
  readonly native: boolean;
  readonly notRun: string;
}

/** One image on one platform. */
export type TrialInput = BuiltTrial | StoppedTrial;

/** An image that stays in the engine if nothing that is found later says otherwise. */
export interface StayingImage {
  /** Released when `named` resolves. */
  readonly held: LoadedImage;
  readonly names: readonly string[];
}

/** What a trial has come to. */
export interface TrialOutcome {
  readonly trial: Trial;
  readonly findings: readonly Finding[];
  /** What is compared with the image's other platforms; undefined if nothing was built. */
  readonly built?: BuiltPlatform;
  readonly staying?: StayingImage;
}

/** Whether none of the findings is an error, by the plan's severities. */
export function hasNoErrors(
  findings: readonly Finding[],
  { plan }: Pick<TrialContext, 'plan'>,
): boolean {
  return !applySeverities(plan, findings).some(({ severity }) => severity === 'error');
}

/** Whether all tests were run and nothing has failed. */
export function hasPassed(
  tests: Trial['tests'],
  findings: readonly Finding[],
  context: Pick<TrialContext, 'plan'>,
): boolean {
  return tests.every(({ outcome }) => outcome !== 'not-run') && hasNoErrors(findings, context);
}
