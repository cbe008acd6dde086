import { dirname, relative, resolve } from 'node:path';
import type { Request } from '../config/index.js';
import type { Evidence } from '../evidence/index.js';
import { childEnvironment, type Ports } from '../ports/index.js';
import { defined } from '../types/index.js';
import { changesIn } from './changes.js';
import { type Git, gitIn, repositoryAbove } from './git.js';

export interface Source {
  /** As the evidence keeps it; `dirty` is relative to the repository's root. */
  readonly facts: Evidence['run']['source'];
  /** Those of the changed files that are in no commit. */
  readonly untracked: readonly string[];
  /** The commit's time, or SOURCE_DATE_EPOCH: seconds since 1970. */
  readonly epoch?: number;
  /** Absolute: the repository's root, or the run's where there is no repository. */
  readonly workspace: string;
  readonly repository: boolean;
  readonly notes: readonly string[];
}

/** Why nothing is known of a checkout: without git there may well be one. */
async function whyUnseen(
  folder: string,
  { exec, env }: Pick<Ports, 'exec' | 'env'>,
): Promise<string> {
  const asked = { file: 'git', args: ['--version'], env: childEnvironment(env) };
  const { notStarted } = await exec.run(asked);
  if (notStarted === 'ENOENT') return 'git is not in PATH';
  if (notStarted !== undefined) return `git could not be started (${notStarted})`;
  return `${folder} is not in a Git repository, or git may not read it`;
}

/**
 * A remote's web address: `git@host:a/b.git` and `ssh://git@host/a/b` become
 * https, credentials are taken out. Undefined for paths and what is not understood.
 */
export function webAddress(remote: string): string | undefined {
  const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/)(\S+)$/.exec(remote);
  const text = scp === null ? remote : `https://${scp[1]}/${scp[2]}`;
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(text);
  if (!['https:', 'http:', 'ssh:', 'git:'].includes(protocol) || hostname === '') return undefined;
  const web = protocol === 'http:' || protocol === 'https:';
  const path = pathname.replace(/\/+$/, '').replace(/\.git$/, '');
  return `${web ? protocol : 'https:'}//${hostname}${web && port ? `:${port}` : ''}${path}`;
}

function epochOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text.trim()) ? Number(text) : undefined;
}

function fromRunner(env: Ports['env']): Evidence['run']['source'] {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name, GITHUB_SHA, GITHUB_REF } = env;
  return {
    ...(server && name ? { repository: `${server}/${name}` } : {}),
    ...(GITHUB_SHA ? { revision: GITHUB_SHA } : {}),
    ...(GITHUB_REF ? { ref: GITHUB_REF } : {}),
    dirty: [],
  };
}

/**
 * What git says about the checkout in which the configuration stands, wherever the
 * run was started: revision, remote without credentials, ref and changed files.
 * `ours` are files, relative to the root, that runs write.
 */
export async function readSource(
  { root, configuration }: Pick<Request, 'root' | 'configuration'>,
  ports: Pick<Ports, 'exec' | 'env' | 'files'>,
  ours: readonly string[],
): Promise<Source> {
  const folder = configuration === undefined ? root : dirname(resolve(root, configuration));
  const above = await repositoryAbove(folder, ports);
  const git: Git = above === undefined ? async () => undefined : gitIn(above, ports);
  const fallback = fromRunner(ports.env);
  const wanted = epochOf(ports.env.SOURCE_DATE_EPOCH);
  const [changes, time, remote] = await Promise.all([
    changesIn(above ?? folder, git, ports),
    git('log', '-1', '--format=%ct'),
    git('config', '--get', 'remote.origin.url'),
  ]);
  if (changes === undefined) {
    const notes = [`${await whyUnseen(folder, ports)}: changes cannot be seen.`];
    const epoch = defined({ epoch: wanted });
    const workspace = `${folder}/`.startsWith(`${root}/`) ? root : folder;
    return { facts: fallback, untracked: [], ...epoch, workspace, repository: false, notes };
  }
  const { workspace, revision, branch, paths, untracked, notes } = changes;
  const web = remote === undefined ? undefined : webAddress(remote.trim());
  const ref = ports.env.GITHUB_REF || branch;
  const own = ours.map((path) => relative(workspace, resolve(root, path)));
  const isOurs = (path: string) => own.some((one) => path === one || path.startsWith(`${one}/`));
  const epoch = wanted ?? epochOf(time);
  return {
    facts: {
      ...fallback,
      ...defined({ repository: web }),
      ...(revision ? { revision } : {}),
      ...(ref ? { ref } : {}),
      dirty: paths.filter((path) => !isOurs(path)),
    },
    untracked,
    ...defined({ epoch }),
    workspace,
    repository: true,
    notes,
  };
}
