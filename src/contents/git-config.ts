import { isSecretName } from '../reference/index.js';

/*
 * Credentials in a git repository's own configuration (git-config(1)).
 * actions/checkout up to v5 leaves the job's token there as an
 * `http.URL.extraheader`, clones leave it in their remotes' addresses.
 */

/** A git configuration is a few hundred bytes; what is larger is not looked into. */
export const GIT_CONFIG_LIMIT = 64 * 1024;

/** Names of what is found in one file, at most. */
const NAMED = 5;

const PLACE = /(?:^|\/)[^/]*\.git\/(?:(?:modules|worktrees)\/.+\/)?config(?:\.worktree)?$/;

/** Whether a file is the configuration of a repository, of one of its submodules or worktrees. */
export function isGitConfig(path: string): boolean {
  return PLACE.test(path);
}

/** `[section "subsection"]`, where there is one, then `key = value`, which may be left out. */
const LINE = /^(\s*(?:\[(?:[^"\]\n]|"(?:\\.|[^"\\])*")*\]\s*)?)([A-Za-z][A-Za-z0-9-]*)?(.*)$/s;

/** User and password of an address. A user of that length alone is a token. */
const PASSWORD = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/"'@:]*:[^\s/"'@]+@/gi;
const TOKEN = /\b(https?:\/\/)[^\s/"'@:]{20,}@/gi;

function withoutUsers(text: string): string {
  return text.replace(PASSWORD, '$1').replace(TOKEN, '$1');
}

/** Whether the value behind a key is a credential whatever it looks like. */
function isSecret(key: string, value: string): boolean {
  if (/^[\s=]*(?:""\s*)?(?:[#;].*)?$/s.test(value)) return false;
  if (/^extraheader$/i.test(key) || isSecretName(key)) return true;
  return /^helper$/i.test(key) && /(?:password|authtype|credential)\s*=/i.test(value);
}

interface CheckedLine {
  /** What the line holds, by section and key; undefined where it holds none. */
  readonly name?: string;
  readonly clean: string;
}

function judgeLine(line: string, section: string): CheckedLine {
  const [, head = '', key = '', value = ''] = LINE.exec(line) ?? [];
  const own = /\[(.*)\]/s.exec(head)?.[1] ?? section;
  const secret = key !== '' && isSecret(key, value);
  // An empty value also takes back what was set before it.
  const clean = withoutUsers(secret ? `${head}${key} =` : line);
  if (clean === line) return { clean };
  const parts = withoutUsers(own)
    .replace(/\s+"|"$/g, '.')
    .replace(/\.$/, '');
  return { name: `${parts}.${key}`.replace(/^\.|\.$/g, '').slice(0, 120), clean };
}

/** Lines as git reads them: one that ends in a backslash goes on in the next. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let open = false;
  for (const line of text.split('\n')) {
    if (open) lines.push(`${lines.pop()}\n${line}`);
    else lines.push(line);
    open = /(?:^|[^\\])(?:\\\\)*\\\r?$/.test(line);
  }
  return lines;
}

function judgeText(text: string): readonly CheckedLine[] {
  let section = '';
  return logicalLines(text).map((line) => {
    section = /^\s*\[((?:[^"\]\n]|"(?:\\.|[^"\\])*")*)\]/.exec(line)?.[1] ?? section;
    return judgeLine(line, section);
  });
}

/** What holds credentials, as `http.https://github.com/.extraheader`; never a value; at most five. */
export function gitCredentials(text: string): readonly string[] {
  const names = judgeText(text).flatMap(({ name }) => (name === undefined ? [] : [name]));
  return [...new Set(names)].slice(0, NAMED);
}

/** The same configuration with its credentials taken out; everything else stays byte for byte. */
export function withoutGitCredentials(text: string): string {
  return judgeText(text)
    .map(({ clean }) => clean)
    .join('\n');
}
