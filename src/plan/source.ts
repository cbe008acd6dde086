import { dirname, relative, resolve } from 'node:path';
import type { Request } from '../config/index.js';
import type { Evidence } from '../evidence/index.js';
import { childEnvironment, type Ports } from '../ports/index.js';
import { defined } from '../types/index.js';
import { type Git, gitIn, repositoryAbove } from './git.js';
import { HIDDEN, hiddenChanges, parseHidden } from './hidden-changes.js';

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
 * How far the branch is from its upstream would be counted over the history. No configuration
 * hides the changes of submodules, of modes, or those that leave size and time as they were.
 */
const STATUS = [
  // What a configuration leaves out of the comparison.
  ...['-c', 'core.fileMode=true', '-c', 'core.checkStat=default', '-c', 'core.trustctime=true'],
  ...[
    '-c',
    'core.ignoreStat=false',
    'status',
    '--porcelain=v2',
    '--branch',
    '--no-ahead-behind',
    '-z',
  ],
  ...['--untracked-files=all', '--ignore-submodules=none'],
];

/** What has changed where git cannot say it: anything in the checkout. */
const ANYTHING = '.';

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

interface Status {
  /** The commit that is checked out, where there is one. */
  readonly revision?: string;
  /** The branch that is checked out, as a full ref; it may have no commit yet. */
  readonly ref?: string;
  readonly paths: readonly string[];
}

/** Words before the path, by an entry's kind: changed, renamed, unmerged, untracked, ignored. */
const BEFORE: Readonly<Record<string, number>> = { 1: 8, 2: 9, u: 10, '?': 1, '!': 1 };

/** What `git status --porcelain=v2 --branch -z` says; what was renamed has changed in both paths. */
export function parseStatus(text: string): Status {
  const fields = text.split('\0');
  const header = (name: string) => {
    const value = fields.find((field) => field.startsWith(`# ${name} `))?.slice(name.length + 3);
    // In brackets stands why there is none.
    return value?.startsWith('(') ? undefined : value;
  };
  const [revision, branch] = [header('branch.oid'), header('branch.head')];
  const paths: string[] = [];
  for (let i = 0; i < fields.length; i++) {
    const words = fields[i]?.split(' ') ?? [];
    const [kind = ''] = words;
    const before = BEFORE[kind];
    if (before !== undefined) paths.push(words.slice(before).join(' '));
    if (kind === '2') paths.push(fields[++i] ?? '');
  }
  return {
    ...defined({ revision }),
    ...(branch === undefined ? {} : { ref: `refs/heads/${branch}` }),
    paths,
  };
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

const LISTED = 5;

function hiddenNote(paths: readonly string[]): string {
  const more = paths.length > LISTED ? ` and ${paths.length - LISTED} more` : '';
  const list = paths.slice(0, LISTED).join(', ') + more;
  return `git status shows no change of ${list}, because git is told not to look (git ls-files -v has h or S before them); the run counts ${paths.length === 1 ? 'it' : 'them'} as changed.`;
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
  const [up, changes, listed, time, remote] = await Promise.all([
    git('rev-parse', '--show-cdup'),
    git(...STATUS),
    git(...HIDDEN),
    git('log', '-1', '--format=%ct'),
    git('config', '--get', 'remote.origin.url'),
  ]);
  if (up === undefined) {
    const notes = [`${await whyUnseen(folder, ports)}: changes cannot be seen.`];
    const epoch = defined({ epoch: wanted });
    const workspace = `${folder}/`.startsWith(`${root}/`) ? root : folder;
    return { facts: fallback, ...epoch, workspace, repository: false, notes };
  }
  const workspace = resolve(above ?? folder, up.trimEnd());
  const seen = changes === undefined || listed === undefined ? undefined : parseStatus(changes);
  const { revision, ref: branch, paths }: Status = seen ?? { paths: [ANYTHING] };
  const hidden =
    seen === undefined ? [] : await hiddenChanges(parseHidden(listed ?? ''), git, workspace, ports);
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
      dirty: [...new Set([...paths, ...hidden])].filter((path) => !isOurs(path)).sort(),
    },
    ...defined({ epoch }),
    workspace,
    repository: true,
    notes: [
      ...(seen === undefined
        ? [`git status failed in ${workspace}: the whole checkout counts as changed.`]
        : []),
      ...(hidden.length === 0 ? [] : [hiddenNote(hidden)]),
    ],
  };
}
