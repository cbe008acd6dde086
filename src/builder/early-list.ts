import { join } from 'node:path';
import type { Ports } from '../ports/index.js';
import { listBuilders } from './buildx.js';
import type { Builder } from './list.js';

/** Where docker's client looks for its plugins after the user's folder (docker/cli, `cli-plugins/manager`). */
const FOLDERS = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
];

/** A list of builders that was begun before it was known which buildx is used. */
export interface EarlyList {
  /** The list, where it is of that buildx; else undefined, and it is ended. */
  of(buildx: { readonly file: string }): Promise<readonly Builder[]> | undefined;
  /** Ends it. Never rejects. */
  end(): Promise<void>;
}

async function likelyPlugin({ env, files }: Pick<Ports, 'env' | 'files'>) {
  const own = env.DOCKER_CONFIG || (env.HOME && join(env.HOME, '.docker'));
  const folders = own ? [join(own, 'cli-plugins'), ...FOLDERS] : FOLDERS;
  for (const folder of folders) {
    const file = join(folder, 'docker-buildx');
    if (await files.isExecutable(file)) return file;
  }
  return undefined;
}

/**
 * Begins to list the builders with the plugin that docker's client will most likely
 * name, while it is asked for that. A builder in a cluster needs more than this has.
 */
export async function listEarly(
  ports: Pick<Ports, 'exec' | 'env' | 'files'>,
  signal: AbortSignal,
): Promise<EarlyList> {
  const file = await likelyPlugin(ports);
  if (file === undefined) return { of: () => undefined, end: async () => {} };
  const over = new AbortController();
  const client = { ...ports, buildx: { file, prefix: [] } };
  const list = listBuilders(client, AbortSignal.any([signal, over.signal]));
  const ended = list.then(
    () => {},
    () => {},
  );
  return {
    of(buildx) {
      if (buildx.file === file) return list;
      over.abort();
      return undefined;
    },
    async end() {
      over.abort();
      await ended;
    },
  };
}
