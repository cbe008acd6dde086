import type { Request } from '../config/index.js';
import type { Engine } from '../engine/index.js';
import type { Listen, Plan, Redactor } from '../evidence/index.js';
import type { Base, Planned } from '../plan/index.js';
import type { Ports } from '../ports/index.js';
import { needsOf, writeDockerConfig } from '../preflight/index.js';
import { parseReference, registryOf } from '../reference/index.js';
import {
  anonymous,
  type Credentials,
  createRegistryClient,
  dockerCredentials,
  isInsecure,
  isPrivateAddress,
  LONGEST_LAG,
  type Login,
  type RegistryClient,
  RegistryError,
  withLogins,
} from '../registry/index.js';
import { buildpackRegistries } from './buildpack-registries.js';
import { learningCredentials } from './secrets.js';

/** How a run presents itself to registries. */
export interface Identity {
  readonly client: RegistryClient;
  /**
   * Reads builders and run images, of which the builder may name another registry than the
   * plan: without TLS from every private address, as pack and the lifecycle do.
   */
  readonly packClient: RegistryClient;
  /** Reads what builds of an untrusted run are given: it has no logins. */
  readonly anonymous: RegistryClient;
  readonly credentials: Credentials;
  /** The environment of the builder's client: its docker configuration has the same logins. */
  readonly env: Ports['env'];
}

/** Where a plan pushes to and pulls from. */
type Registries = Pick<Planned, 'plan' | 'bases' | 'frontends'>;

const GITHUB = 'ghcr.io';

/** By image id: every image that its Dockerfile names. */
export function namedImages({
  plan,
  bases,
  frontends,
}: Registries): ReadonlyMap<string, readonly Base[]> {
  return new Map(
    plan.images.map(({ id }) => [id, [...(bases.get(id) ?? []), ...(frontends.get(id) ?? [])]]),
  );
}

function pushesTo(registry: string, { push, images }: Plan): boolean {
  const repositories = images.flatMap(({ targets }) => targets.map(({ repository }) => repository));
  return (
    push &&
    repositories.some((repository) => {
      const parsed = parseReference(repository);
      return parsed.ok && parsed.reference.registry === registry;
    })
  );
}

/**
 * Whether a registry shows an image to a login. A job's token without the right to read
 * packages is refused even where an anonymous client is served.
 */
async function isAccepted(login: Login, text: string, { http, clock, resolve }: Ports) {
  const parsed = parseReference(text);
  if (!parsed.ok) return false;
  const { registry, repository, tag, digest } = parsed.reference;
  const credentials = withLogins([login], anonymous);
  const client = createRegistryClient({ http, clock, resolve, credentials });
  try {
    await client.repository(registry, repository).headManifest(digest ?? tag ?? 'latest');
    return true;
  } catch (error) {
    if (error instanceof RegistryError) return false;
    throw error;
  }
}

/**
 * The job's own token as a login to GitHub's registry, if there is no other: always for a
 * push, and for what the builds need if the token has the right to it.
 */
async function jobsLogin(
  registries: Registries,
  { token }: Request,
  known: Credentials,
  ports: Ports,
): Promise<readonly Login[]> {
  const needs = needsOf(registries.plan, namedImages(registries));
  const [need] = needs.filter(({ registry }) => registry === GITHUB);
  const pushes = pushesTo(GITHUB, registries.plan);
  if (token === undefined || !(pushes || need)) return [];
  // A credential helper that fails is reported later; the token does not hide it.
  const found = await known(GITHUB).catch(() => undefined);
  if (found?.kind !== 'anonymous') return [];
  const username = ports.env.GITHUB_ACTOR || 'token';
  const login = { registry: GITHUB, username, password: token };
  const isUsable = pushes || (need && (await isAccepted(login, need.reference, ports)));
  return isUsable ? [login] : [];
}

/**
 * The logins of a run beside docker's own. An untrusted run has none: its build gets no
 * credentials that were not there before.
 */
async function loginsOf(
  registries: Registries,
  request: Request,
  docker: Credentials,
  ports: Ports,
) {
  if (request.trust.untrusted) return [];
  const given = (request.logins ?? []).map((login) => ({
    ...login,
    registry: registryOf(login.registry),
  }));
  return [...given, ...(await jobsLogin(registries, request, withLogins(given, docker), ports))];
}

/**
 * buildx asks git about each context, and git would accept one that only looks like a
 * repository and start the programs that its configuration names.
 */
const WITHOUT_GIT = { BUILDX_GIT_INFO: 'false', BUILDX_GIT_LABELS: 'false' } as const;

interface IdentityOptions {
  readonly request: Request;
  /** Takes the docker configuration of the builder's client. */
  readonly folder: string;
  /** Knows which registries are insecure; asked if one does not answer. */
  readonly engine: Pick<Engine, 'facts'>;
  readonly ports: Ports;
  /** Is given each credential that is found. */
  readonly learn: Redactor['learn'];
  readonly listen: Listen;
}

/** Credentials for our own client and, in `folder`, for the builder's. */
export async function identify(
  registries: Registries,
  { request, folder, engine, ports, learn, listen }: IdentityOptions,
): Promise<Identity> {
  const docker = dockerCredentials(ports);
  const logins = await loginsOf(registries, request, docker, ports);
  const credentials = learningCredentials(withLogins(logins, docker), learn);
  const { http, clock, resolve } = ports;
  const packReads = buildpackRegistries(registries.plan);
  const insecure = async (registry: string) => {
    if (packReads.has(registry) && isPrivateAddress(registry)) return true;
    const facts = await engine.facts().catch(() => undefined);
    return facts !== undefined && isInsecure(registry, facts.insecure, resolve);
  };
  const waits = (registry: string, duration: number) =>
    listen({ kind: 'wait', registry, duration });
  const lags = (registry: string, duration: number) =>
    listen({ kind: 'lag', registry, duration, longest: LONGEST_LAG });
  const silences = (what: string, attempt: number, of: number) =>
    listen({ kind: 'retry', what, attempt, of });
  const setup = { http, clock, resolve, credentials, insecure, waits, lags, silences };
  const client = createRegistryClient(setup);
  const packClient = createRegistryClient({
    ...setup,
    insecure: async (registry) => isPrivateAddress(registry) || insecure(registry),
  });
  const withoutLogins = createRegistryClient({ ...setup, credentials: anonymous });
  const more = logins.length === 0 ? {} : await writeDockerConfig(logins, folder, ports);
  const careful = request.trust.untrusted ? WITHOUT_GIT : {};
  return {
    client,
    packClient,
    anonymous: withoutLogins,
    credentials,
    env: { ...ports.env, ...more, ...careful },
  };
}
