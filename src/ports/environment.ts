/*
 * What a child process may see of our own environment. Everything else, a job's
 * runtime tokens above all, stays here.
 */
const NAMES: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'TZ',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SOURCE_DATE_EPOCH',
]);

const PREFIXES = ['LC_', 'XDG_', 'DOCKER_', 'BUILDX_', 'BUILDKIT_'];

/** The allow-listed part of an environment, with `more` laid over it. */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const allowed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix))) {
      allowed[name] = value;
    }
  }
  return { ...allowed, ...more };
}
