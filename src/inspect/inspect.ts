import {
  type ExpectedBuild,
  type LaunchedImage,
  launchedImage,
  runImageLayers,
} from '../buildpacks/index.js';
import { CHECKS, check, type Inspected, sourcesOf } from '../checks/index.js';
import {
  commandsOf,
  createTree,
  type LayerFacts,
  neededPrograms,
  shellFile,
  startedPrograms,
  type Tree,
} from '../contents/index.js';
import {
  appliesTo,
  type ContentFacts,
  type DockerfilePlan,
  type Finding,
  finding,
  type PlannedImage,
  type PlannedTest,
  type Stopwatch,
  type TestProgram,
} from '../evidence/index.js';
import { runsInContainer } from '../kinds/index.js';
import type { ImageConfig } from '../oci/index.js';
import { defined } from '../types/index.js';
import { launchedProgramOf, programFacts, programOf } from './programs.js';

/** One trial's image, and what the configuration expects of it. */
interface ImageToInspect {
  readonly image: Pick<PlannedImage, 'id' | 'expect' | 'build' | 'foreign' | 'tests'>;
  readonly platform: string;
  /** The Dockerfile's text, for the line in a finding. */
  readonly dockerfile?: string;
  /** What the labels have to say, of an image whose build is locked. */
  readonly expected?: ExpectedBuild;
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
  /** How many layers, from the first on, the base has brought; undefined where that is not known. */
  readonly baseLayers: number | undefined;
  /** What a test runs in a container of the image; nothing is known of one on the host. */
  readonly programOf: (test: PlannedTest) => TestProgram | undefined;
  /** The file that the image's shell is; undefined where it has none. */
  readonly shellFile: string | undefined;
}

/** The tests of a platform that run in containers. */
function testsInside({ tests }: ImageToInspect['image'], platform: string) {
  return tests.filter((test) => runsInContainer(test) && appliesTo(test, platform));
}

function dockerfileOf(
  { file, args, contexts, target, native }: DockerfilePlan,
  text: string | undefined,
): NonNullable<Inspected['dockerfile']> {
  const building = { args, contexts: Object.keys(contexts), ...defined({ target }) };
  return { file, ...defined({ text }), building, ...(native ? { native: true as const } : {}) };
}

/** An image's files, and what a launcher makes of them where it has one. */
interface ImageContents {
  readonly tree: Tree;
  readonly launched: LaunchedImage | undefined;
}

function inspectedOf(
  { image, platform, dockerfile, expected }: ImageToInspect,
  built: Built,
  { tree, launched }: ImageContents,
  clock: Stopwatch,
): Inspected {
  const config = launched?.config ?? built.config;
  const tests = testsInside(image, platform);
  const elfFiles = [...tree.files()]
    .filter(({ entry }) => entry.program?.magic === 'elf')
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    image: image.id,
    platform,
    config: built.config,
    layers: built.layers,
    started: launched?.started ?? startedPrograms(config, tree),
    needed: neededPrograms(
      launched === undefined ? tests : tests.map(launched.tested),
      config,
      tree,
    ),
    commands: commandsOf(config, tree),
    elfFiles,
    goMain: image.expect.goMain,
    clock,
    foreign: image.foreign,
    ...defined({ expected }),
    fromBuildpacks: image.build.kind === 'buildpack',
    ...(image.build.kind === 'dockerfile'
      ? { dockerfile: dockerfileOf(image.build, dockerfile) }
      : {}),
  };
}

function baseIn(sources: ReturnType<typeof sourcesOf>): Pick<ContentFacts, 'base'> {
  const { from, unresolved } = sources?.root ?? {};
  return from === undefined || from === 'scratch' || unresolved ? {} : { base: from };
}

/**
 * Judges what an image holds, on the facts of one pass over its bytes. Pure:
 * nothing is read or started, and the clock only bounds a search. Findings name the image and the platform.
 */
export function inspect(asked: ImageToInspect, built: Built, clock: Stopwatch): Inspection {
  const tree = createTree(built.layers);
  const hasLauncher = asked.image.build.kind === 'buildpack';
  const launched = hasLauncher ? launchedImage(built.config, tree) : undefined;
  const subject = inspectedOf(asked, built, { tree, launched }, clock);
  const sources = sourcesOf(subject);
  const where = { image: asked.image.id, platform: asked.platform };
  const disagreements = built.problems.map((problem) =>
    finding('digest-mismatch', where, `The image is inconsistent: ${problem}.`),
  );
  return {
    contents: { files: tree.size, programs: programFacts(subject), ...baseIn(sources) },
    shellFile: shellFile(launched?.config ?? built.config, tree),
    findings: [...disagreements, ...check(CHECKS.image, subject)],
    baseLayers: hasLauncher ? runImageLayers(built.config) : sources?.baseLayers,
    programOf: (test) =>
      launched === undefined
        ? programOf(test, built.config, tree)
        : launchedProgramOf(test, launched, tree),
  };
}
