import { join } from 'node:path';
import type { CachedTool, Ports, ToolCache } from '../../ports/index.js';
import { type Download, DownloadError, download, sha256Of } from './download.js';

type ToolPorts = Pick<Ports, 'files' | 'http'> & { readonly tools: ToolCache };

/**
 * The path of a program with exactly the wanted content: the cached one, or a new download,
 * which is cached then. What the cache answers is hashed each time; a wrong file is replaced.
 * Rejects with `DownloadError`, with node's errors, and with the signal's reason.
 */
export async function provideTool(
  tool: CachedTool,
  wanted: Download,
  ports: ToolPorts,
  signal: AbortSignal,
): Promise<string> {
  const { files, tools } = ports;
  const cached = async () => {
    const file = join(await tools.find(tool), tool.program);
    const found = await sha256Of(file, files, wanted.limit).catch(() => undefined);
    return found === wanted.sha256 ? file : undefined;
  };
  const before = await cached();
  if (before !== undefined) return before;
  await files.makeDirectory(tools.temporary);
  const folder = await files.makeTemporary('.download-', tools.temporary);
  try {
    const file = join(folder, tool.program);
    await download(wanted, file, ports, signal);
    // What another job has cached meanwhile stays: it may be running.
    const meanwhile = await cached();
    if (meanwhile !== undefined) return meanwhile;
    await tools.keep(file, tool);
    const after = await cached();
    if (after !== undefined) return after;
    throw new DownloadError('the tool cache does not hold what was just stored in it');
  } finally {
    await files.remove(folder);
  }
}
