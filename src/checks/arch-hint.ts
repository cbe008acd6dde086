import { fileOrigin } from '../buildpacks/index.js';
import type { TreeFile } from '../contents/index.js';
import {
  type HiddenValue,
  isPinned,
  platformArguments,
  type Stage,
  type StageStep,
} from '../dockerfile/index.js';
import type { Finding } from '../evidence/index.js';
import { normalisePlatform, parsePlatform } from '../platform/index.js';
import { defined } from '../types/index.js';
import { architectureIn } from './elf-files.js';
import type { Inspected } from './inspected.js';
import { hasOwnPlatform, type OwnStage, type Sources } from './origin.js';

/** Who can do what about a file of another architecture in an image from buildpacks. */
function buildpackRemedy({ config, platform }: Inspected, { path }: TreeFile): string {
  const origin = fileOrigin(path, config);
  switch (origin.by) {
    case 'lifecycle':
      return `The builder put it there: use a builder whose lifecycle is made for ${platform}.`;
    case 'buildpack':
      return `The buildpack ${origin.buildpack} put it there: use a version of it that supports ${platform}.`;
    case 'application':
      return 'It comes with the application: make it for each platform during the build, or leave it out ("exclude" in project.toml).';
    case 'run image':
      return `It comes from the run image: use one that has ${platform}.`;
  }
}

type Hint = Partial<Finding>;

/** What compiles Go, or takes it from the environment for what to compile. */
const GO = /\bgo\s+(?:build|install)\b|\bGOARCH\b/;
const COMPILER = /\b(?:cargo|rustc|gcc|cc|clang|make|cmake|ninja|meson|zig|dotnet|ghc)\b/;
const DOWNLOAD = /\b(?:curl|wget)\b|https?:\/\//;
/** An architecture for which a step compiles, whatever the platform is. */
const FIXED = /\bGOARCH[= ]"?([a-z][a-z0-9]*)/;
/** One for which it compiles by an argument that is not BuildKit's. */
const BY_ARGUMENT = /\bGOARCH[= ]"?\$\{?(?!(?:TARGET|BUILD)ARCH\b)([A-Za-z_]\w*)/;

/** The default that a file's architecture is explained by. */
function hiddenBy(
  { hidden = [] }: Partial<Sources>,
  architecture: string,
): HiddenValue | undefined {
  return hidden.find(({ value }) => {
    const platform = value.includes('/') ? value : `linux/${value}`;
    return parsePlatform(normalisePlatform(platform) ?? '')?.architecture === architecture;
  });
}

/** That a default hides the platform, where the architecture of a file says so. */
export function hiddenHint(
  file: string,
  platform: string,
  sources: Sources | undefined,
  architecture: string,
): Hint | undefined {
  const hidden = hiddenBy(sources ?? {}, architecture);
  if (hidden === undefined) return undefined;
  const { name, value, line } = hidden;
  const wanted = platformArguments(platform).get(name);
  return {
    location: { file, line },
    detail: [`ARG ${name}=${value} hides the value that BuildKit sets, ${wanted}.`],
    remedy: `write ARG ${name} without a value`,
  };
}

/** What is done in a stage for another platform, and how it is done for the image's. */
function stageHint(
  stage: OwnStage,
  steps: readonly StageStep[],
  hasNative: boolean,
): Pick<Hint, 'detail' | 'remedy'> {
  const built = /BUILDPLATFORM/i.test(stage.platform);
  const drop =
    built && hasNative ? `take ${stage.from} out of "native"` : `drop --platform=${stage.platform}`;
  const [where, name] = built
    ? ['runs on the build platform', 'The build stage']
    : [`is for ${stage.platform}`, 'The stage'];
  const does = (pattern: RegExp) =>
    steps.some(({ keyword, text }) => keyword !== 'COPY' && pattern.test(text));
  if (does(GO)) {
    return {
      detail: [`${name} ${where} and does not cross-compile.`],
      remedy: `use GOARCH=$TARGETARCH, or ${drop}`,
    };
  }
  if (does(COMPILER)) {
    return {
      detail: [`${name} ${where} and does not cross-compile.`],
      remedy: `compile for $TARGETARCH, or ${drop}`,
    };
  }
  if (does(DOWNLOAD)) {
    return {
      detail: [`The stage ${where}, and what it downloads is for that.`],
      remedy: `download what is for $TARGETARCH, or ${drop}`,
    };
  }
  return { detail: [`The stage ${where}, and what it holds is for that.`], remedy: drop };
}

/** What to do about a step that no stage with a platform of its own explains. */
function stepHint(
  { keyword, text, copiedFrom }: StageStep,
  behind: readonly Stage[],
  platform: string,
): Pick<Hint, 'remedy'> {
  if (keyword === 'COPY' && behind.length > 0) return {};
  if (DOWNLOAD.test(text)) return { remedy: 'download what is for $TARGETARCH' };
  if (keyword !== 'COPY' && keyword !== 'ADD') return {};
  if (copiedFrom === undefined) {
    return {
      remedy:
        'copy a file that is made for each platform, from a folder named $TARGETARCH for example',
    };
  }
  const index = isPinned(copiedFrom) ? ', and pin the digest of its index' : '';
  return { remedy: `copy from an image that has ${platform}${index}` };
}

/** A step that uses what BuildKit sets and no ARG declares, so that it makes the same for all platforms. */
function undeclaredHint(
  file: string,
  steps: readonly StageStep[],
  { undeclared = [] }: Partial<Sources>,
): Hint | undefined {
  const found = undeclared.find(({ line }) => steps.some((step) => step.line === line));
  if (found === undefined) return undefined;
  const { name, line } = found;
  return {
    location: { file, line },
    detail: [`${name} is empty in this step: no ARG above it in its stage declares it.`],
    remedy: `write ARG ${name} above this line, in the same stage`,
  };
}

/** A step that compiles for what an argument says that is not BuildKit's. */
function argumentHint(file: string, steps: readonly StageStep[]): Hint | undefined {
  const declares = (name: string) =>
    steps.some(({ keyword, text }) => keyword === 'ARG' && new RegExp(`\\b${name}\\b`).test(text));
  for (const { text, line } of steps) {
    const name = BY_ARGUMENT.exec(text)?.[1];
    if (name === undefined || !declares(name)) continue;
    const remedy = `give ${name} the platform's own architecture: args: { ${name}: '{arch}' }`;
    return { location: { file, line }, remedy };
  }
  return undefined;
}

/** A step that compiles for one architecture that is written out. */
function fixedHint(
  file: string,
  steps: readonly StageStep[],
  architecture: string,
): Hint | undefined {
  const step = steps.find(({ text }) => FIXED.exec(text)?.[1] === architecture);
  if (step === undefined) return undefined;
  return { location: { file, line: step.line }, remedy: 'use GOARCH=$TARGETARCH in this step' };
}

/** The line that a file of another architecture comes from, and what to do there. */
export function hintOf(subject: Inspected, program: TreeFile, sources: Sources | undefined): Hint {
  const { dockerfile, fromBuildpacks, platform } = subject;
  const { layer } = program;
  if (fromBuildpacks) return { remedy: buildpackRemedy(subject, program) };
  if (dockerfile === undefined) return {};
  const { file } = dockerfile;
  const architecture = architectureIn(program);
  const { baseLayers, root, besides } = sources ?? {};
  const step = sources?.step(layer);
  const behind = (step && sources?.behind(step)) ?? [];
  // Where the history does not say which step it was, the stage with its own platform is the likeliest.
  const isUnknown = baseLayers === undefined;
  const stage = isUnknown ? besides : behind.find(hasOwnPlatform);
  const stages = isUnknown && besides !== undefined ? [besides] : behind;
  const steps = [...stages.flatMap((one) => one.steps), step].filter((one) => one !== undefined);
  const isOwn = layer > (baseLayers ?? 0);
  const explained =
    (isOwn ? hiddenHint(file, platform, sources, architecture) : undefined) ??
    undeclaredHint(file, steps, sources ?? {}) ??
    fixedHint(file, steps, architecture) ??
    argumentHint(file, steps);
  if (explained !== undefined) return explained;
  if (stage !== undefined) {
    return {
      location: { file, line: stage.line },
      ...stageHint(stage, steps, dockerfile?.native === true),
    };
  }
  const line = step?.line ?? (isOwn ? undefined : root?.line);
  return {
    location: { file, ...defined({ line }) },
    ...(step === undefined ? {} : stepHint(step, behind, platform)),
  };
}
