import { dirname, join, posix, resolve } from 'node:path';
import { GIT_CONFIG_LIMIT, isGitConfig, withoutGitCredentials } from '../contents/index.js';
import { type Engine, EngineError } from '../engine/index.js';
import type { PlannedTest } from '../evidence/index.js';
import { type TarFile, type TarMark, writeTar } from '../oci/index.js';
import type { Files } from '../ports/index.js';

type TarEntry = TarFile | TarMark;

/** As many as the kernel follows. */
const LINKS = 40;

/** What a mount's source leads to: links inside of it stay links, itself it is followed. */
async function followed(source: string, files: Files): Promise<string> {
  let path = source;
  for (let links = 0; links < LINKS; links++) {
    if ((await files.look(path))?.kind !== 'symlink') return path;
    path = resolve(dirname(path), await files.target(path));
  }
  return path;
}

/**
 * A repository's configuration without the credentials that a checkout has left
 * in it; one that is too large to be real stays empty.
 */
async function maskedConfig(source: string, size: number, files: Files): Promise<Buffer> {
  if (size > GIT_CONFIG_LIMIT) return Buffer.alloc(0);
  const text = (await files.read(source)).toString('latin1');
  return Buffer.from(withoutGitCredentials(text), 'latin1');
}

async function* walk(source: string, name: string, files: Files): AsyncGenerator<TarEntry> {
  const facts = await files.look(source);
  if (facts?.kind === 'file' && isGitConfig(source)) {
    const content = await maskedConfig(source, facts.size, files);
    yield { name, size: content.length, mode: facts.mode, content };
  } else if (facts?.kind === 'file') {
    yield { name, size: facts.size, mode: facts.mode, content: () => files.reader(source) };
  } else if (facts?.kind === 'symlink') {
    yield { name, kind: 'symlink', target: await files.target(source) };
  } else if (facts?.kind === 'directory') {
    // The root of the container keeps its own mode.
    if (name !== '') yield { name, kind: 'directory', mode: facts.mode };
    for (const child of await files.list(source)) {
      yield* walk(join(source, child), posix.join(name, child), files);
    }
  }
}

interface CopyTools {
  readonly engine: Engine;
  readonly files: Files;
  readonly signal?: AbortSignal;
}

/**
 * Puts the sources of a test's mounts into its container as copies of their own:
 * the engine may be on another machine, and what a test writes stays in its
 * container. The engine makes folders that are missing above a target. Rejects
 * with `EngineError`, also where a source cannot be read; `signal` ends it.
 */
export async function copyMounts(
  mounts: PlannedTest['mounts'],
  root: string,
  container: string,
  { engine, files, signal }: CopyTools,
): Promise<void> {
  for (const { source, target } of mounts) {
    signal?.throwIfAborted();
    const name = posix.normalize(target).replace(/^\/|\/$/g, '');
    const path = await followed(join(root, source), files);
    if ((await files.look(path)) === undefined) throw unreadable(source, 'it does not exist');
    const tar = writeTar(walk(path, name, files));
    try {
      await engine.copyIn(container, tar, signal);
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'input')) throw error;
      throw unreadable(source, error.said);
    }
  }
}

function unreadable(source: string, why: string): EngineError {
  return new EngineError('failed', `The mount "${source}" could not be read: ${why}`, '');
}
