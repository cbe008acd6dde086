import { neededStages, type Stage, stagesOf } from '../dockerfile/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { buildingOf, type DockerfileSources } from './dockerfile-sources.js';

/** A name that is an image, where it is no stage: without a host, a folder, a tag or a digest. */
const BARE = /^[a-z][a-z0-9_.-]*$/i;

interface NamedImage {
  readonly name: string;
  readonly line: number;
  /** The stages that it could mean. */
  readonly stages: readonly Stage[];
}

function imagesIn(stages: readonly Stage[], needed: readonly Stage[]): readonly NamedImage[] {
  return needed.flatMap((stage) => {
    const before = stages.slice(0, stages.indexOf(stage));
    const steps = stage.steps.flatMap(({ copiedFrom, mountedFrom = [], line }) =>
      [copiedFrom ?? [], mountedFrom].flat().map((name) => ({ name, line, stages })),
    );
    return [{ name: stage.from, line: stage.line, stages: before }, ...steps];
  });
}

/** Images whose names are nearly those of stages; BuildKit pulls them. */
export function misspeltStages({ image, text }: DockerfileSources): readonly Finding[] {
  const building = buildingOf(image);
  const stages = stagesOf(text, building);
  const given = new Set([...building.contexts.map((name) => name.toLowerCase()), 'scratch']);
  return imagesIn(stages, neededStages(stages, building)).flatMap((one) => {
    const name = one.name.toLowerCase();
    const names = one.stages.flatMap((stage) => stage.name ?? []);
    if (!BARE.test(name) || given.has(name) || names.includes(name)) return [];
    const near = nearest(name, names);
    if (near === undefined) return [];
    const message = `"${one.name}" is no stage of ${image.build.file}, so that the build pulls an image of that name; did you mean the stage "${near}"?`;
    return [
      finding('stage-misspelt', { image: image.id }, message, {
        location: { file: image.build.file, line: one.line },
      }),
    ];
  });
}
