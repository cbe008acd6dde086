import { dirname, join } from 'node:path';
import type { Files } from './files.js';

/** A program that is kept between runs. */
export interface CachedTool {
  readonly name: string;
  /** Without `v`, e.g. `0.29.1`. */
  readonly version: string;
  /** As node names it, e.g. `x64`. */
  readonly architecture: string;
  /** The file's name. */
  readonly program: string;
}

/** Where programs that were downloaded are kept between runs. What it answers is not verified. */
export interface ToolCache {
  /** A folder for a program until it is kept. */
  readonly temporary: string;
  /** The folder of a tool, whether it is there or not. */
  find(tool: CachedTool): Promise<string>;
  /** Moves or copies a file into the cache, in place of what was there; answers its folder. */
  keep(file: string, tool: CachedTool): Promise<string>;
}

/**
 * A cache in a folder of its own, laid out as @actions/tool-cache does: NAME/VERSION/ARCH
 * and a marker beside it. A tool is replaced in one step.
 */
function folderCache(folder: string, files: Files): ToolCache {
  const placeOf = ({ name, version, architecture }: CachedTool) =>
    join(folder, name, version, architecture);
  return {
    temporary: folder,
    find: async (tool) => placeOf(tool),
    async keep(file, tool) {
      const place = placeOf(tool);
      const path = join(place, tool.program);
      await files.makeDirectory(dirname(path));
      await files.rename(file, path);
      await files.write(`${place}.complete`, '');
      return place;
    },
  };
}

/**
 * The cache of this machine: the runner's (RUNNER_TOOL_CACHE), else one of the user's
 * own; undefined where the environment names neither.
 */
export function createToolCache(
  { RUNNER_TOOL_CACHE, XDG_CACHE_HOME, HOME }: Readonly<Record<string, string | undefined>>,
  files: Files,
): ToolCache | undefined {
  const cache = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'));
  const folder = RUNNER_TOOL_CACHE || (cache && join(cache, 'sea-trial', 'tools'));
  return folder ? folderCache(folder, files) : undefined;
}
