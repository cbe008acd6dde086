import { resolve } from 'node:path';
import type { Ports } from '../ports/index.js';
import { defined } from '../types/index.js';
import type { Git } from './git.js';
import {
  HIDDEN,
  HIDDEN_SUBMODULES,
  hiddenChanges,
  hiddenIn,
  isUndecodable,
} from './hidden-changes.js';

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

/** Files that git does not have, but for those that a `.gitignore` hides: the other lists are in no commit. */
const UNTRACKED = [
  ...['ls-files', '--others', '--exclude-per-directory=.gitignore', '-z', '--full-name'],
  ...['--', ':/'],
];

/** The kinds of what other objects are put in the place of (`git replace`), one on a line. */
const REPLACED = ['for-each-ref', '--format=%(objecttype)', 'refs/replace/'];

/**
 * Whether git has checked other content out than the commit holds; undefined where it does not
 * say. Where another commit is put in the place of one, git is told not to look at it.
 */
export async function isReplaced(git: Git): Promise<boolean | undefined> {
  const kinds = await git(...REPLACED);
  return kinds === undefined ? undefined : /^(blob|tree)$/m.test(kinds);
}

/** What has changed where git cannot say it: anything in the checkout. */
const ANYTHING = '.';

interface Status {
  /** The commit that is checked out, where there is one. */
  readonly revision?: string;
  /** The branch that is checked out, as a full ref; it may have no commit yet. */
  readonly branch?: string;
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
  const left = fields.values();
  for (const field of left) {
    const kind = field.charAt(0);
    const before = BEFORE[kind];
    if (before !== undefined) paths.push(field.split(' ').slice(before).join(' '));
    // The path that it had stands in a field of its own.
    if (kind === '2') paths.push(left.next().value ?? '');
  }
  return {
    ...defined({ revision }),
    ...(branch === undefined ? {} : { branch: `refs/heads/${branch}` }),
    paths,
  };
}

const LISTED = 5;

function hiddenNote(paths: readonly string[], because: string): readonly string[] {
  if (paths.length === 0) return [];
  const more = paths.length > LISTED ? ` and ${paths.length - LISTED} more` : '';
  const list = paths.slice(0, LISTED).join(', ') + more;
  return [
    `git status shows no change of ${list}, because git is told not to look (git ls-files -v has h or S before ${because}; the run counts ${paths.length === 1 ? 'it' : 'them'} as changed.`,
  ];
}

function hiddenNotes(paths: readonly string[]): readonly string[] {
  const unread = paths.filter(isUndecodable);
  const [before, name] = unread.length === 1 ? ['it', 'its name is'] : ['them', 'their names are'];
  return [
    ...hiddenNote(
      paths.filter((path) => !isUndecodable(path)),
      'them)',
    ),
    ...hiddenNote(
      unread,
      `${before}), and ${name} not UTF-8, so that ${before === 'it' ? 'it' : 'they'} cannot be compared`,
    ),
  ];
}

/** What has changed in a checkout, relative to its root, with notes on what git alone does not show. */
interface Changes extends Status {
  /** The repository's root, absolute. */
  readonly workspace: string;
  /** Those of the paths that are in no commit. */
  readonly untracked: readonly string[];
  readonly notes: readonly string[];
}

/**
 * What in a checkout is not as the commit has it; undefined where git knows none. `git` works in
 * the folder. All of its questions are asked at once: to start it is most of what they take.
 */
export async function changesIn(
  folder: string,
  git: Git,
  ports: Pick<Ports, 'files'>,
): Promise<Changes | undefined> {
  const [up, status, hiddenFiles, hiddenSubmodules, others, replaced] = await Promise.all([
    git('rev-parse', '--show-cdup'),
    git(...STATUS),
    git(...HIDDEN),
    git(...HIDDEN_SUBMODULES),
    git(...UNTRACKED),
    isReplaced(git),
  ]);
  if (up === undefined) return undefined;
  const workspace = resolve(folder, up.trimEnd());
  const anything = { workspace, paths: [ANYTHING], untracked: [] };
  if (
    status === undefined ||
    hiddenFiles === undefined ||
    hiddenSubmodules === undefined ||
    others === undefined ||
    replaced === undefined
  ) {
    const note = `git status failed in ${workspace}: the whole checkout counts as changed.`;
    return { ...anything, notes: [note] };
  }
  const seen = parseStatus(status);
  if (replaced) {
    const note =
      'git reads other content than the commit holds (git replace --list): the whole checkout counts as changed.';
    return { ...seen, ...anything, notes: [note] };
  }
  const told = hiddenIn(hiddenFiles, hiddenSubmodules);
  const hidden = await hiddenChanges(told, git, workspace, ports);
  const untracked = others.split('\0').filter((path) => path !== '');
  const paths = [...new Set([...seen.paths, ...hidden, ...untracked])].sort();
  return { ...seen, workspace, paths, untracked, notes: hiddenNotes(hidden) };
}
