import { neededStages, type Stage, stagesOf } from '../dockerfile/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { splitReference } from '../reference/index.js';
import { buildingOf, type DockerfileSources } from './dockerfile-sources.js';

/** A name that is an image, where it is no stage: without a host, a folder, a tag or a digest. */
const BARE = /^[a-z][a-z0-9_.-]*$/i;

interface NamedImage {
  readonly name: string;
  readonly line: number;
  /** How many of the stages it could mean, from the first. */
  readonly before: number;
  /** Whether it is more likely a stage than an image: behind `--from`. */
  readonly isCopied: boolean;
}

function imagesIn(stages: readonly Stage[], needed: readonly Stage[]): readonly NamedImage[] {
  const numbers = new Map(stages.map((stage, number) => [stage, number]));
  return needed.flatMap((stage) => {
    const steps = stage.steps.flatMap(({ copiedFrom, mountedFrom = [], line }) =>
      [copiedFrom ?? [], mountedFrom]
        .flat()
        .map((name) => ({ name, line, before: stages.length, isCopied: true })),
    );
    const before = numbers.get(stage) ?? 0;
    return [{ name: stage.from, line: stage.line, before, isCopied: false }, ...steps];
  });
}

/** Shorter names are near to too many others. */
const SHORTEST = 5;

/** The stage that a name nearly is; behind `--from` also one that begins like it, as build and builder do. */
function nearStage(
  { name, before, isCopied }: NamedImage,
  stages: readonly Stage[],
): string | undefined {
  const names = stages.slice(0, before).flatMap((stage) => stage.name ?? []);
  const own = name.toLowerCase();
  if (!isCopied) return own.length < SHORTEST ? undefined : nearest(own, names);
  const isAlike = (one: string) => one.startsWith(own) || own.startsWith(one);
  return nearest(own, names) ?? (own.length < SHORTEST ? undefined : names.find(isAlike));
}

/** Images whose names are nearly those of stages; BuildKit pulls them. */
export function misspeltStages({ image, text }: DockerfileSources): readonly Finding[] {
  const building = buildingOf(image);
  const stages = stagesOf(text, building);
  // Of each name, its first stage.
  const firsts = new Map(stages.map((stage, number) => [stage.name, number] as const).toReversed());
  const started = Map.groupBy(stages, ({ from }) => splitReference(from).name);
  const given = new Set([...building.contexts.map((name) => name.toLowerCase()), 'scratch']);
  return imagesIn(stages, neededStages(stages, building)).flatMap((one) => {
    const name = one.name.toLowerCase();
    const isStage = (firsts.get(name) ?? Number.POSITIVE_INFINITY) < one.before;
    // What another stage starts from is an image.
    const isImage = (started.get(one.name) ?? []).some(({ line }) => line !== one.line);
    if (!BARE.test(name) || given.has(name) || isStage) return [];
    const near = one.isCopied || !isImage ? nearStage(one, stages) : undefined;
    if (near === undefined) return [];
    const message = `"${one.name}" is no stage of ${image.build.file}, so that the build pulls an image of that name; did you mean the stage "${near}"?`;
    return [
      finding('stage-misspelt', { image: image.id }, message, {
        location: { file: image.build.file, line: one.line },
      }),
    ];
  });
}
