import type { Code, Evidence, Finding } from '../evidence/index.js';
import { archMismatch } from './arch-mismatch.js';
import type { Compared } from './compared.js';
import { configPlatform } from './config-platform.js';
import { emptyOnOnePlatform } from './empty-on-one-platform.js';
import { equalLayers } from './equal-layers.js';
import { foreignUnused } from './foreign-unused.js';
import { gitCredentials } from './git-credentials.js';
import { goMain } from './go-main.js';
import type { Inspected } from './inspected.js';
import { interpreterMissing } from './interpreter-missing.js';
import { launcherDiffers } from './launcher-differs.js';
import { launcherMissing } from './launcher-missing.js';
import { layerUnread } from './layer-unread.js';
import { noProgram } from './no-program.js';
import { type Labelled, parityDiffers } from './parity-differs.js';
import { programMissing } from './program-missing.js';
import { programUnstartable } from './program-unstartable.js';
import { servedContent } from './served-content.js';
import type { ServedRepository } from './served-repository.js';
import { servedTags } from './served-tags.js';
import { treeDiffers } from './tree-differs.js';

/** A pure function from facts to findings, with every code that it may give. */
export interface Check<Facts> {
  readonly codes: readonly Code[];
  readonly check: (facts: Facts) => readonly Finding[];
}

/** Labels of an image from buildpacks, wherever it is. */
const labels: readonly Check<Labelled>[] = [{ codes: ['parity-differs'], check: parityDiffers }];

/** One image of one platform, by its bytes, wherever they were read. */
const image: readonly Check<Inspected>[] = [
  { codes: ['config-platform'], check: configPlatform },
  { codes: ['layer-unread'], check: layerUnread },
  { codes: ['arch-mismatch', 'foreign-files'], check: archMismatch },
  { codes: ['program-missing', 'program-not-executable'], check: programMissing },
  { codes: ['program-unstartable'], check: programUnstartable },
  { codes: ['interpreter-missing'], check: interpreterMissing },
  { codes: ['go-main'], check: goMain },
  { codes: ['git-credentials'], check: gitCredentials },
  { codes: ['no-program'], check: noProgram },
  { codes: ['launcher-missing'], check: launcherMissing },
  { codes: ['parity-differs'], check: launcherDiffers },
  ...labels,
];

/** The platforms of one image, side by side. */
const platforms: readonly Check<Compared>[] = [
  { codes: ['equal-layers'], check: equalLayers },
  { codes: ['empty-on-one-platform'], check: emptyOnOnePlatform },
  { codes: ['tree-differs'], check: treeDiffers },
];

/** A whole run, when its trials are over. */
const run: readonly Check<Pick<Evidence, 'plan' | 'trials' | 'findings'>>[] = [
  { codes: ['foreign-unused'], check: foreignUnused },
];

/** What a repository serves, against what was tested and published. */
const served: readonly Check<ServedRepository>[] = [
  { codes: ['served-other', 'served-platforms', 'digest-mismatch'], check: servedContent },
  { codes: ['served-other', 'tag-moved', 'registry-failed'], check: servedTags },
];

/** All checks, by the facts that they take. docs/reference/findings.md is made from it, too. */
export const CHECKS = { image, labels, platforms, run, served } as const;

/** The findings of some checks about the same facts, in the checks' order. */
export function check<Facts>(checks: readonly Check<Facts>[], facts: Facts): readonly Finding[] {
  return checks.flatMap((one) => one.check(facts));
}
