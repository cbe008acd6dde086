import type { ExpectedBuild } from '../buildpacks/index.js';
import type { LayerFacts, NeededProgram, StartedProgram, TreeFile } from '../contents/index.js';
import type { Building } from '../dockerfile/index.js';
import type { PlannedImage, Stopwatch } from '../evidence/index.js';
import { createdBy, type ImageConfig } from '../oci/index.js';

/** Facts about one image of one platform, as far as its bytes show them. */
export interface Inspected {
  /** The image's id, or the reference of one that was found in a registry. */
  readonly image: string;
  /** The platform that was asked for. */
  readonly platform: string;
  readonly config: ImageConfig;
  readonly layers: readonly LayerFacts[];
  /** What starts with a container, in the order in which it was asked for. */
  readonly started: readonly StartedProgram[];
  /** The shell, and what tests run, with what these need. */
  readonly needed: readonly NeededProgram[];
  /** The ELF program of each name on PATH. */
  readonly commands: readonly TreeFile[];
  /** Every ELF file in the image's file system, sorted by path. */
  readonly elfFiles: readonly TreeFile[];
  /** A pattern for the import path of the main package. */
  readonly goMain: string | undefined;
  /** Bounds the search for that pattern. */
  readonly clock: Stopwatch;
  /** Files that may be for another platform. */
  readonly foreign: PlannedImage['foreign'];
  /** It was built with buildpacks. */
  readonly fromBuildpacks?: boolean;
  /** Path and text of the Dockerfile, where there is one, and how it was built. */
  readonly dockerfile?:
    | {
        readonly file: string;
        readonly text?: string;
        readonly building?: Building;
        /** The configuration makes some stages the build machine's own. */
        readonly native?: true;
      }
    | undefined;
  /** What the labels have to say, of an image whose build is locked. */
  readonly expected?: ExpectedBuild | undefined;
}

const INSTRUCTION = 120;

/** `layer 3 of 5, COPY --from=build /out /`: where a file comes from. */
export function layerOf({ layer }: TreeFile, subject: Inspected): string {
  return layerWords(layer, subject);
}

/** The same of a layer by its number, counted from 1. */
export function layerWords(
  layer: number,
  { config, layers }: Pick<Inspected, 'config' | 'layers'>,
): string {
  const instruction = createdBy(config, layer)?.replace(/\s+/g, ' ').trim() ?? '';
  const cut =
    instruction.length > INSTRUCTION ? `${instruction.slice(0, INSTRUCTION)}…` : instruction;
  return `layer ${layer} of ${layers.length}${cut === '' ? '' : `, ${cut}`}`;
}

/** `1 layer`, `5 layers`: where something was looked for. */
export function allLayers({ layers }: Inspected): string {
  return `${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}`;
}

/** Whether every layer was read to its end: else "it is not there" cannot be said. */
export function isComplete({ layers }: Pick<Inspected, 'layers'>): boolean {
  return layers.every(({ problems }) => problems.length === 0);
}

/** Who asks for a program, as a sentence's subject: `the entrypoint`, `/bin/sh`. */
export function askerOf({ role, by }: StartedProgram): string {
  if (role === 'interpreter') return by;
  return role === 'entrypoint' ? 'the entrypoint' : 'the command';
}

/** The end of a sentence about a program that is not there: with the one that was probably meant. */
export function meant({ near }: StartedProgram): string {
  return near === undefined ? '.' : `; did you mean ${near}?`;
}
