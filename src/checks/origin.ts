import {
  type Building,
  builtChain,
  type HiddenValue,
  hiddenValues,
  platformArguments,
  type Stage,
  type StageStep,
  stagesBehind,
  stagesOf,
  type UndeclaredArgument,
  undeclaredArguments,
} from '../dockerfile/index.js';
import type { Finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import type { Inspected } from './inspected.js';

/** A stage for another platform than the image's, as its FROM has it. */
export type OwnStage = Stage & { readonly platform: string };

/** The stage that an image was built from, as its Dockerfile has it. */
export interface Sources {
  /** Whose FROM names the base, itself the last stage or what that starts from. */
  readonly root: Stage;
  /** How many layers the base has brought; undefined where the history does not say. */
  readonly baseLayers?: number;
  /** The step that made a layer, counted from 1; undefined for the base's, and where that is not known. */
  step(layer: number): StageStep | undefined;
  /** The last step of a keyword in the stages that the image is built from. */
  last(keyword: string): StageStep | undefined;
  /** The stages that a step takes something from, and those that these do in turn. */
  behind(step: StageStep): readonly Stage[];
  /** The first stage with a platform of its own that the image itself does not start from. */
  readonly besides?: OwnStage;
  /** Defaults of ARGs that hide the platform from the build. */
  readonly hidden: readonly HiddenValue[];
  /** What BuildKit sets of the platform and steps use without an ARG. */
  readonly undeclared: readonly UndeclaredArgument[];
}

/** What BuildKit writes beside the history of a step. */
const COMMENT = 'buildkit.dockerfile.v0';

const TARGET_PLATFORM = /\$\{?TARGET(?:PLATFORM|ARCH)\b/i;

/** Whether a stage is for another platform than the image's, or may be: $BUILDPLATFORM, linux/amd64. */
export function hasOwnPlatform(stage: Stage): stage is OwnStage {
  const { platform } = stage;
  return platform !== undefined && platform !== '' && !TARGET_PLATFORM.test(platform);
}

/**
 * How many entries of the history come before those of the steps. Every step leaves one
 * (BuildKit's commitToHistory), in their order, each beginning with its keyword; where that
 * is not so, it does not tell which layers are whose.
 */
function entriesBefore(steps: readonly StageStep[], { config }: Inspected): number | undefined {
  const { history } = config;
  const before = history.length - steps.length;
  const isOf = ({ keyword }: StageStep, entry: (typeof history)[number] | undefined) =>
    entry?.comment === COMMENT && entry.createdBy?.startsWith(`${keyword} `) === true;
  return steps.every((step, index) => isOf(step, history[before + index])) ? before : undefined;
}

/** The step of each layer, the base's without one; undefined where the history does not say. */
function stepsByLayer(
  chain: readonly Stage[],
  subject: Inspected,
): readonly (StageStep | undefined)[] | undefined {
  // Steps that a stage asks for in the next one are written in no line of that.
  if (chain.slice(1).some(({ triggers }) => triggers)) return undefined;
  // It may be one of the stages.
  if (chain.at(-1)?.unresolved) return undefined;
  const { history, diffIds } = subject.config;
  const steps = chain.toReversed().flatMap((stage) => stage.steps);
  const before = entriesBefore(steps, subject);
  if (before === undefined) return undefined;
  // Before the first step there is none.
  const layers = history.flatMap((entry, index) =>
    entry.emptyLayer ? [] : [steps[index - before]],
  );
  return layers.length === diffIds.length ? layers : undefined;
}

/** Where an image's layers come from, by its Dockerfile and its history; undefined without a Dockerfile. */
export function sourcesOf(subject: Inspected): Sources | undefined {
  const { text, building } = subject.dockerfile ?? {};
  if (text === undefined) return undefined;
  const known: Building = {
    ...(building ?? { args: {}, contexts: [] }),
    automatic: platformArguments(subject.platform),
  };
  const stages = stagesOf(text, known);
  const chain = builtChain(stages, known);
  const root = chain.at(-1);
  if (root === undefined) return undefined;
  const layers = stepsByLayer(chain, subject);
  const first = layers?.findIndex((step) => step !== undefined) ?? -1;
  const baseLayers = first === -1 ? layers?.length : first;
  const besides = stages.filter((stage) => !chain.includes(stage)).find(hasOwnPlatform);
  return {
    root,
    ...defined({ baseLayers }),
    step: (layer) => layers?.[layer - 1],
    last: (keyword) =>
      chain.flatMap(({ steps }) => steps.toReversed()).find((step) => step.keyword === keyword),
    behind: (step) => stagesBehind(step, stages),
    hidden: hiddenValues(text, known, subject.platform),
    undeclared: undeclaredArguments(text, known),
    ...defined({ besides }),
  };
}

/** The place of a step for a finding, of an unknown one the Dockerfile alone; nothing without one. */
export function placeOf(
  step: StageStep | undefined,
  { dockerfile }: Inspected,
): Pick<Finding, 'location'> {
  if (dockerfile === undefined) return {};
  return { location: { file: dockerfile.file, ...defined({ line: step?.line }) } };
}
