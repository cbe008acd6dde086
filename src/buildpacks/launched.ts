import {
  isStartable,
  type StartedProgram,
  searchPath,
  startedPrograms,
  type TestedProgram,
  type Tree,
} from '../contents/index.js';
import type { ImageConfig } from '../oci/index.js';
import { defined } from '../types/index.js';
import { type BuildMetadata, buildMetadata, LAUNCHER, processPath, processType } from './launch.js';

/** A test of an image with a launcher. */
type LaunchedTest = TestedProgram & { readonly process?: string | undefined };

/** An image as its programs see it behind the launcher. */
export interface LaunchedImage {
  /** With the PATH, the shell and the folder that the launcher gives, and the default process. */
  readonly config: ImageConfig;
  /** Whether that is the PATH for certain: buildpacks may change it by files that are not read. */
  readonly pathKnown: boolean;
  /** A test by what the launcher executes for it. */
  readonly tested: (test: LaunchedTest) => TestedProgram;
  /** What starts with a container: the launcher, then the program of the default process. */
  readonly started: readonly StartedProgram[];
}

/** What the launcher starts texts with, whatever SHELL the image has (launch/bash.go). */
const SHELL = ['/bin/bash', '-c'];

/** Left out of the PATH of what it starts (env/launch.go). */
const OWN_FOLDERS = new Set(['/cnb/process', '/cnb/lifecycle']);

const CHANGES_PATH = /^PATH(?:\.\w+)?$/;

function variable({ env }: ImageConfig, name: string): string | undefined {
  return env.findLast((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) || undefined;
}

/** Layers of the buildpacks, in the order in which the launcher comes to them. */
function layerFolders(
  config: ImageConfig,
  { buildpacks }: Pick<BuildMetadata, 'buildpacks'>,
  tree: Tree,
): readonly string[] {
  const root = variable(config, 'CNB_LAYERS_DIR') ?? '/layers';
  return buildpacks.flatMap(({ id }) => {
    const folder = `${root}/${id.replaceAll('/', '_')}`;
    return tree
      .list(folder)
      .toSorted()
      .map((name) => `${folder}/${name}`);
  });
}

function withoutOwn(path: string): string {
  return path
    .split(':')
    .filter((part) => !OWN_FOLDERS.has(part))
    .join(':');
}

/**
 * What the launcher makes of an image, as far as its labels and layers show it: each layer
 * with a folder `bin` comes to stand before what PATH had, a text is bash's, and all starts in
 * the folder of the application. Pure.
 */
export function launchedImage(config: ImageConfig, tree: Tree): LaunchedImage {
  const metadata = buildMetadata(config.labels) ?? { buildpacks: [], processes: [] };
  const layers = layerFolders(config, metadata, tree);
  const folders = layers
    .map((layer) => `${layer}/bin`)
    .filter((bin) => tree.lookup(bin)?.entry.kind === 'directory')
    .toReversed();
  const pathFor = (path: string) => [...folders, withoutOwn(path)].join(':');
  const pathKnown = !layers.some((layer) =>
    ['env', 'env.launch'].some((name) =>
      tree.list(`${layer}/${name}`).some((file) => CHANGES_PATH.test(file)),
    ),
  );

  const wordsOf = (type: string): readonly string[] => {
    const found = metadata.processes.find((one) => one.type === type);
    if (found === undefined) return [processPath(type)];
    return found.direct ? found.words : [...SHELL, found.words.join(' ')];
  };
  const given = [...config.entrypoint, ...config.command];
  const byDefault = processType(given[0] ?? '');
  const words = byDefault === undefined ? given : wordsOf(byDefault);
  const workdir = variable(config, 'CNB_APP_DIR') ?? config.workdir ?? '/workspace';
  const launched: ImageConfig = {
    ...config,
    env: [...config.env, `PATH=${pathFor(searchPath(config))}`],
    shell: SHELL,
    entrypoint: words,
    command: [],
    workdir,
  };

  const own = startedPrograms(config, tree).map((program) =>
    // What it starts is the image's program.
    program.file?.path === LAUNCHER ? { ...program, role: 'interpreter' as const } : program,
  );
  const isNew = ({ file }: StartedProgram) =>
    isStartable(file) && !own.some((program) => program.file?.path === file?.path);
  const behind =
    byDefault === undefined
      ? []
      : startedPrograms(launched, tree)
          .filter(isNew)
          .map((program) =>
            program.by === 'ENTRYPOINT'
              ? { ...program, by: `the process type "${byDefault}"` }
              : program,
          );

  return {
    config: launched,
    pathKnown,
    started: [...own, ...behind],
    tested({ process, ...test }) {
      const { PATH } = test.env;
      const env = PATH === undefined ? test.env : { ...test.env, PATH: pathFor(PATH) };
      const type = process ?? (test.run === undefined ? byDefault : undefined);
      const run = type === undefined ? test.run : { exec: wordsOf(type) };
      return { ...test, env, ...defined({ run }) };
    },
  };
}
