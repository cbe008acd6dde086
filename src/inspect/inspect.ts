import {
  archMismatch,
  configPlatform,
  gitCredentials,
  goMain,
  type Inspected,
  interpreterMissing,
  layerUnread,
  noProgram,
  programMissing,
} from '../checks/index.js';
import { createTree, type LayerFacts, startedPrograms, type Tree } from '../contents/index.js';
import {
  type ContentFacts,
  type Finding,
  finding,
  type PlannedImage,
  type Stopwatch,
} from '../evidence/index.js';
import type { ImageConfig } from '../oci/index.js';
import { programFacts } from './programs.js';

/** One trial's image as it was asked for. */
interface Asked {
  readonly image: Pick<PlannedImage, 'id' | 'expect' | 'build'>;
  readonly platform: string;
  /** The Dockerfile's text, for the line in a finding. */
  readonly dockerfile?: string;
}

/** What the build stage gives: `ingest`'s result has this shape. */
interface Built {
  readonly config: ImageConfig;
  readonly layers: readonly LayerFacts[];
  /** Where the image's documents and bytes disagree. */
  readonly problems: readonly string[];
}

interface Inspection {
  readonly contents: ContentFacts;
  readonly findings: readonly Finding[];
}

const CHECKS = [
  configPlatform,
  layerUnread,
  archMismatch,
  programMissing,
  interpreterMissing,
  goMain,
  gitCredentials,
  noProgram,
];

function inspectedOf(
  { image, platform, dockerfile }: Asked,
  built: Built,
  tree: Tree,
  clock: Stopwatch,
): Inspected {
  const elfFiles = [...tree.files()]
    .filter(({ entry }) => entry.program?.magic === 'elf')
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    image: image.id,
    platform,
    config: built.config,
    layers: built.layers,
    started: startedPrograms(built.config, tree),
    elfFiles,
    goMain: image.expect.goMain,
    clock,
    dockerfile: {
      file: image.build.file,
      ...(dockerfile === undefined ? {} : { text: dockerfile }),
    },
  };
}

/**
 * Judges what an image holds, on the facts of one pass over its bytes. Pure:
 * nothing is read or started, and the clock only bounds a search. Findings name the image and the platform.
 */
export function inspect(asked: Asked, built: Built, clock: Stopwatch): Inspection {
  const tree = createTree(built.layers);
  const subject = inspectedOf(asked, built, tree, clock);
  const where = { image: asked.image.id, platform: asked.platform };
  const disagreements = built.problems.map((problem) =>
    finding('digest-mismatch', where, `The image contradicts itself: ${problem}.`),
  );
  return {
    contents: { files: tree.size, programs: programFacts(subject) },
    findings: [...disagreements, ...CHECKS.flatMap((check) => check(subject))],
  };
}
