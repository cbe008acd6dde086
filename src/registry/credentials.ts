import { join } from 'node:path';
import { isObject } from '../oci/index.js';
import {
  abortable,
  type CommandOutput,
  dockerFolder,
  loginEnvironment,
  type Ports,
} from '../ports/index.js';
import { DOCKER_HUB, loginKey, servesHub } from '../reference/index.js';

/** What a registry is given to authenticate with. */
export type Credential =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** Exchanged for access tokens with `grant_type=refresh_token`. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** Sent as it is, as a bearer token. */
  | { readonly kind: 'registry-token'; readonly token: string };

/** Looks up what is known for a registry (`ghcr.io`, `docker.io`, `127.0.0.1:5000`). */
export type Credentials = (registry: string) => Promise<Credential>;

interface CredentialErrorFacts {
  readonly code: 'helper-failed' | 'helper-missing' | 'bad-file';
  readonly message: string;
  readonly helper?: string;
  readonly exit?: number | null;
  readonly output?: string;
}

/** A credential helper or docker's config.json that does not do its part. Holds no secret. */
export class CredentialError extends Error {
  readonly code: CredentialErrorFacts['code'];
  readonly helper: string | undefined;
  readonly exit: number | null | undefined;
  readonly output: string | undefined;

  constructor(facts: CredentialErrorFacts) {
    super(facts.message);
    this.name = 'CredentialError';
    this.code = facts.code;
    this.helper = facts.helper;
    this.exit = facts.exit;
    this.output = facts.output;
  }
}

/** Has no logins: every request is anonymous. */
export const anonymous: Credentials = async () => ({ kind: 'anonymous' });

const OUTPUT = 4 * 1024;

/** Milliseconds in which a helper answers; it may prompt for a passphrase. */
const PATIENCE = 60_000;

interface DockerConfig {
  readonly auths: ReadonlyMap<string, unknown>;
  readonly helpers: ReadonlyMap<string, unknown>;
  readonly store: string | undefined;
}

function table(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(isObject(value) ? Object.entries(value) : []);
}

function parseConfig(text: string, path: string): DockerConfig {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own message quotes the file, and the file holds secrets.
    throw new CredentialError({
      code: 'bad-file',
      message: `${path} is not JSON; docker's configuration with the logins was expected there.`,
    });
  }
  const keys = table(parsed);
  const store = keys.get('credsStore');
  return {
    auths: table(keys.get('auths')),
    helpers: table(keys.get('credHelpers')),
    store: typeof store === 'string' && store !== '' ? store : undefined,
  };
}

/** The host of a key as docker writes them: a host, or a URL whose path does not count. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/\/.*/s, '');
}

function belongs(key: string, registry: string): boolean {
  const host = hostOf(key);
  return registry === DOCKER_HUB ? servesHub(host) : host === registry;
}

function lookUp<T>(entries: ReadonlyMap<string, T>, registry: string): T | undefined {
  const exact = entries.get(loginKey(registry));
  if (exact !== undefined) return exact;
  for (const [key, value] of entries) if (belongs(key, registry)) return value;
  return undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function fromEntry(entry: unknown): Credential | undefined {
  const fields = table(entry);
  const identity = text(fields.get('identitytoken'));
  if (identity !== '') return { kind: 'identity-token', token: identity };
  const bearer = text(fields.get('registrytoken'));
  if (bearer !== '') return { kind: 'registry-token', token: bearer };
  const decoded = Buffer.from(text(fields.get('auth')), 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const username = colon < 0 ? text(fields.get('username')) : decoded.slice(0, colon);
  const password = colon < 0 ? text(fields.get('password')) : decoded.slice(colon + 1);
  // Docker pads old entries with zero bytes.
  const clean = password.replace(/\0+$/, '');
  return username === '' ? undefined : { kind: 'basic', username, password: clean };
}

function fromHelper(helper: string, stdout: string): Credential {
  let answer: ReadonlyMap<string, unknown>;
  try {
    answer = table(JSON.parse(stdout));
  } catch {
    // What it printed may be the secret itself.
    throw new CredentialError({
      code: 'helper-failed',
      helper,
      exit: 0,
      message: `${helper} ended with 0, but its answer is not the JSON of a credential helper.`,
    });
  }
  const username = text(answer.get('Username'));
  const secret = text(answer.get('Secret'));
  if (username === '<token>') return { kind: 'identity-token', token: secret };
  if (username === '' && secret === '') return { kind: 'anonymous' };
  return { kind: 'basic', username, password: secret };
}

type CredentialPorts = Pick<Ports, 'exec' | 'files' | 'env'>;

/** What a helper said that failed, as far as that is no answer: in that stands the secret. */
function saidBy({ stdout, stderr }: Pick<CommandOutput, 'stdout' | 'stderr'>): string {
  const secret = /"Secret"\s*:\s*"((?:[^"\\]|\\.)+)"?/s.exec(stdout)?.[1];
  const said = secret === undefined ? `${stdout}${stderr}` : stderr.replaceAll(secret, '***');
  return said.trim().slice(0, OUTPUT);
}

/**
 * Asks `docker-credential-NAME get` (github.com/docker/docker-credential-helpers):
 * the server on stdin, JSON on stdout; "credentials not found" is no failure.
 */
async function askHelper(
  ports: CredentialPorts,
  name: string,
  registry: string,
  patience: number,
): Promise<Credential | undefined> {
  const helper = `docker-credential-${name}`;
  if (!/^[\w.-]+$/.test(name)) {
    throw new CredentialError({
      code: 'bad-file',
      helper,
      message: `docker's configuration names "${name}" as a credential helper, which is not a program's name.`,
    });
  }
  const late = AbortSignal.timeout(patience);
  const done = await abortable(ports.exec, late).run(
    {
      file: helper,
      args: ['get'],
      env: loginEnvironment(ports.env),
      input: loginKey(registry),
    },
    64 * 1024,
  );
  if (done.code === 0) return fromHelper(helper, done.stdout);
  if (done.notStarted !== undefined) {
    throw new CredentialError({
      code: 'helper-missing',
      helper,
      message: `${helper}, which docker's configuration names for ${registry}, could not be started (${done.notStarted}); install it or remove it from the configuration.`,
    });
  }
  if (done.code === null && late.aborted) {
    throw new CredentialError({
      code: 'helper-failed',
      helper,
      exit: null,
      message: `${helper} was asked for the login of ${registry} and did not answer within ${patience / 1000} s.`,
    });
  }
  const output = saidBy(done);
  if (/credentials not found/i.test(output)) return undefined;
  const ended = done.code === null ? `was ended by ${done.signal}` : `ended with ${done.code}`;
  throw new CredentialError({
    code: 'helper-failed',
    helper,
    exit: done.code,
    output,
    message: `${helper} ${ended} when asked for ${registry}: ${output === '' ? 'it printed nothing' : output}`,
  });
}

async function readConfig(ports: CredentialPorts): Promise<DockerConfig | undefined> {
  const folder = dockerFolder(ports.env);
  if (folder === undefined) return undefined;
  const path = join(folder, 'config.json');
  if ((await ports.files.look(path)) === undefined) return undefined;
  const content = await ports.files.read(path).catch((error: NodeJS.ErrnoException) => {
    // A link that leads nowhere is no file to docker's client either.
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return content === undefined ? undefined : parseConfig(content.toString('utf8'), path);
}

async function find(
  ports: CredentialPorts,
  config: DockerConfig,
  registry: string,
  patience: number,
): Promise<Credential | undefined> {
  const own = lookUp(config.helpers, registry);
  if (typeof own === 'string' && own !== '') {
    const found = await askHelper(ports, own, registry, patience);
    if (found !== undefined) return found;
  }
  const written = fromEntry(lookUp(config.auths, registry));
  // An empty helper says that this host's login is written in the file, or nowhere.
  if (written !== undefined || own === '' || config.store === undefined) return written;
  return askHelper(ports, config.store, registry, patience);
}

/** Logins in the environment come before the file's, as in docker's client since 28.3. */
function fromEnvironment({ env }: CredentialPorts, registry: string): Credential | undefined {
  const { DOCKER_AUTH_CONFIG: text = '' } = env;
  if (text.trim() === '') return undefined;
  return fromEntry(lookUp(parseConfig(text, 'DOCKER_AUTH_CONFIG').auths, registry));
}

/**
 * Credentials as docker has them: DOCKER_AUTH_CONFIG, then config.json (in
 * DOCKER_CONFIG, else `~/.docker`) with the host's own helper, then `auths`, then
 * the common store; then anonymous. The file is read once; each registry is
 * looked up once. Rejects with a CredentialError.
 */
export function dockerCredentials(ports: CredentialPorts, patience = PATIENCE): Credentials {
  let config: Promise<DockerConfig | undefined> | undefined;
  const known = new Map<string, Promise<Credential>>();
  const look = async (registry: string): Promise<Credential> => {
    const given = fromEnvironment(ports, registry);
    if (given !== undefined) return given;
    config ??= readConfig(ports);
    const read = await config;
    const found = read === undefined ? undefined : await find(ports, read, registry, patience);
    return found ?? { kind: 'anonymous' };
  };
  return (registry) => {
    const before = known.get(registry) ?? look(registry);
    known.set(registry, before);
    return before;
  };
}
