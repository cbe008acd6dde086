import { mayBeSecretName } from '../reference/index.js';

/** The variables of a process, by name. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

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
  // By this the children of a killed run are known.
  'SEA_TRIAL_RUN',
]);

const PREFIXES = ['LC_', 'XDG_', 'DOCKER_', 'BUILDX_', 'BUILDKIT_'];

/** What docker's credential helpers read: those of the clouds, pass, the desktop's keyrings. */
const OF_HELPERS: ReadonlySet<string> = new Set([
  'DOCKER_AUTH_CONFIG',
  'DBUS_SESSION_BUS_ADDRESS',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'GNUPGHOME',
  'GPG_TTY',
  'GOOGLE_APPLICATION_CREDENTIALS',
]);

const PREFIXES_OF_HELPERS = ['AWS_', 'AZURE_', 'CLOUDSDK_', 'PASSWORD_STORE_'];

/**
 * What leads to a Kubernetes cluster: a file, or the pod's own service; and what
 * the clouds' plugins read that make its credentials (beside those of the helpers).
 */
const OF_CLUSTERS: ReadonlySet<string> = new Set([
  'KUBECONFIG',
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
  'USE_GKE_GCLOUD_AUTH_PLUGIN',
]);

const PREFIXES_OF_CLUSTERS = ['GOOGLE_', 'GCP_', 'AAD_'];

/** Variables of a job itself: tokens, inputs and what its steps keep. */
export function isJobVariable(name: string): boolean {
  return /^(ACTIONS|INPUT|STATE)_/.test(name);
}

function starts(name: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => name.startsWith(prefix));
}

/** Workflows keep passwords in variables such as DOCKER_PASSWORD, too. */
function isHarmless(name: string): boolean {
  return NAMES.has(name) || (starts(name, PREFIXES) && !mayBeSecretName(name));
}

function isForHelpers(name: string): boolean {
  return OF_HELPERS.has(name) || starts(name, PREFIXES_OF_HELPERS);
}

function isForClusters(name: string): boolean {
  return OF_CLUSTERS.has(name) || starts(name, PREFIXES_OF_CLUSTERS);
}

function chosen(
  env: EnvironmentVariables,
  allowed: (name: string) => boolean,
): Record<string, string> {
  const entries = Object.entries(env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && allowed(pair[0]),
  );
  return Object.fromEntries(entries);
}

/** The allow-listed part of an environment, with `more` laid over it. */
export function childEnvironment(
  env: EnvironmentVariables,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { ...chosen(env, isHarmless), ...more };
}

/**
 * The same for a child that logs in to registries: a credential helper, or the
 * builder's client, which starts helpers itself and sends the credentials of a
 * cache in S3 or Azure.
 */
export function loginEnvironment(
  env: EnvironmentVariables,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { ...chosen(env, (name) => isHarmless(name) || isForHelpers(name)), ...more };
}

/** The same for the builder's client, which with the driver `kubernetes` finds its cluster there. */
export function builderEnvironment(
  env: EnvironmentVariables,
  driver: string | undefined,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const cluster = driver === 'kubernetes' ? chosen(env, isForClusters) : {};
  return { ...loginEnvironment(env), ...cluster, ...more };
}
