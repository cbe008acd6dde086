import { resolve } from 'node:path';
import type { Evidence } from '../evidence/index.js';
import { childEnvironment, type Ports } from '../ports/index.js';

export interface Source {
  /** As the evidence keeps it; `dirty` is relative to the repository's root. */
  readonly facts: Evidence['run']['source'];
  /** The commit's time, or SOURCE_DATE_EPOCH: seconds since 1970. */
  readonly epoch?: number;
  /** Absolute: the repository's root, or the run's where there is no repository. */
  readonly workspace: string;
  readonly repository: boolean;
  readonly notes: readonly string[];
}

type Git = (...args: string[]) => Promise<string | undefined>;

/** Runs git without optional locks or a file monitor, so that nothing of the user's is changed. */
function gitIn(root: string, { exec, env }: Pick<Ports, 'exec' | 'env'>): Git {
  const surroundings = childEnvironment(env, { GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' });
  return async (...args) => {
    const command = { file: 'git', args: ['-c', 'core.fsmonitor=false', ...args] };
    const { code, stdout } = await exec.run({ ...command, env: surroundings, cwd: root });
    return code === 0 ? stdout : undefined;
  };
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

/** Paths of `git status --porcelain -z`, whose renames carry a second field. */
export function parseStatus(text: string): readonly string[] {
  const fields = text.split('\0');
  const paths: string[] = [];
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] ?? '';
    if (field.length < 4) continue;
    paths.push(field.slice(3));
    if (/^[RC]|^.[RC]/.test(field)) i++;
  }
  return paths;
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
 * What git says about the checkout: revision, remote without credentials, ref
 * and changed files. `ours` are files, relative to the root, that runs write.
 */
export async function readSource(
  root: string,
  ports: Pick<Ports, 'exec' | 'env'>,
  ours: readonly string[],
): Promise<Source> {
  const git = gitIn(root, ports);
  const fallback = fromRunner(ports.env);
  const wanted = epochOf(ports.env.SOURCE_DATE_EPOCH);
  const [place, commit, branch, remote, status] = await Promise.all([
    git('rev-parse', '--show-prefix', '--show-cdup'),
    git('log', '-1', '--format=%H %ct'),
    git('symbolic-ref', '-q', 'HEAD'),
    git('config', '--get', 'remote.origin.url'),
    git('status', '--porcelain=v1', '-z', '--untracked-files=all'),
  ]);
  if (place === undefined) {
    const notes = ['This is not a git repository, or git may not read it: changes cannot be seen.'];
    const epoch = wanted === undefined ? {} : { epoch: wanted };
    return { facts: fallback, ...epoch, workspace: root, repository: false, notes };
  }
  const [prefix = '', up = ''] = place.split('\n');
  const [revision, time] = commit?.trim().split(' ') ?? [];
  const web = remote === undefined ? undefined : webAddress(remote.trim());
  const ref = ports.env.GITHUB_REF || branch?.trim();
  const own = ours.map((path) => prefix + path);
  const isOurs = (path: string) => own.some((one) => path === one || path.startsWith(`${one}/`));
  const epoch = wanted ?? epochOf(time);
  return {
    facts: {
      ...fallback,
      ...(web === undefined ? {} : { repository: web }),
      ...(revision ? { revision } : {}),
      ...(ref ? { ref } : {}),
      dirty: parseStatus(status ?? '')
        .filter((path) => !isOurs(path))
        .sort(),
    },
    ...(epoch === undefined ? {} : { epoch }),
    workspace: resolve(root, up),
    repository: true,
    notes: [],
  };
}
