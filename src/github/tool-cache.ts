import { join } from 'node:path';
import type { ToolCache } from '../ports/index.js';

/**
 * The runner's tool cache (RUNNER_TOOL_CACHE) through @actions/tool-cache. `temporary` is
 * the folder in which a tool lies until it is kept. @actions/tool-cache replaces a tool
 * in several steps, so a reader has to expect a part of it.
 */
export function runnerToolCache(folder: string, temporary: string): ToolCache {
  return {
    temporary,
    async find({ name, version, architecture }) {
      const { find } = await import('@actions/tool-cache');
      // It does not find what was put there without the marker `ARCH.complete`.
      return find(name, version, architecture) || join(folder, name, version, architecture);
    },
    async keep(file, { name, version, architecture, program }) {
      const { cacheFile } = await import('@actions/tool-cache');
      return cacheFile(file, program, name, version, architecture);
    },
  };
}
