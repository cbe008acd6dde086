import { join, posix } from 'node:path';
import type { Engine } from '../engine/index.js';
import type { PlannedTest } from '../evidence/index.js';
import { type TarFile, type TarMark, writeTar } from '../oci/index.js';
import type { Files } from '../ports/index.js';

type Entry = TarFile | TarMark;

async function* walk(source: string, name: string, files: Files): AsyncGenerator<Entry> {
  const facts = await files.look(source);
  if (facts?.kind === 'file') {
    yield { name, size: facts.size, mode: facts.mode, content: () => files.reader(source) };
  } else if (facts?.kind === 'symlink') {
    yield { name, kind: 'symlink', target: await files.target(source) };
  } else if (facts?.kind === 'directory') {
    yield { name, kind: 'directory', mode: facts.mode };
    for (const child of await files.list(source)) {
      yield* walk(join(source, child), `${name}/${child}`, files);
    }
  }
}

/**
 * Puts the sources of a test's mounts into its container as copies of their own:
 * the engine may be on another machine, and what a test writes stays in its
 * container. The engine makes folders that are missing above a target.
 */
export async function copyMounts(
  mounts: PlannedTest['mounts'],
  root: string,
  container: string,
  engine: Engine,
  files: Files,
): Promise<void> {
  for (const mount of mounts) {
    const name = posix.normalize(mount.target).replace(/^\/+|\/+$/g, '');
    const source = join(root, mount.source);
    await engine.copyIn(container, writeTar(walk(source, name, files)));
  }
}
