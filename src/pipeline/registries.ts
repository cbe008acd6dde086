import pLimit from 'p-limit';
import { type PinnedBase, resolveBases } from '../build/index.js';
import type { Request } from '../config/index.js';
import type { Engine } from '../engine/index.js';
import type { Environment } from '../environment/index.js';
import {
  applySeverities,
  type Finding,
  type Listen,
  type Plan,
  type Redactor,
} from '../evidence/index.js';
import type { Base, Planned } from '../plan/index.js';
import type { Ports } from '../ports/index.js';
import {
  type Answers,
  checkRegistries,
  needsOf,
  type RegistryNeed,
  registryFindings,
  writeDockerConfig,
} from '../preflight/index.js';
import {
  anonymous,
  type Credentials,
  createRegistryClient,
  dockerCredentials,
  isInsecure,
  LONGEST_LAG,
  type Login,
  onLoopback,
  parseReference,
  type RegistryClient,
  RegistryError,
  registryOf,
  withLogins,
} from '../registry/index.js';
import { learning } from './secrets.js';

/** Who a run is to registries. */
export interface Identity {
  readonly client: RegistryClient;
  readonly credentials: Credentials;
  /** The environment of the builder's client: its docker configuration has the same logins. */
  readonly env: Ports['env'];
}

/** What a run is to do with registries. */
type Asked = Pick<Planned, 'plan' | 'bases' | 'frontends'>;

const GITHUB = 'ghcr.io';
/** Questions under way at once. */
const QUESTIONS = 8;

/** By image id: every image that its Dockerfile names. */
function namedImages({ plan, bases, frontends }: Asked): ReadonlyMap<string, readonly Base[]> {
  return new Map(
    plan.images.map(({ id }) => {
      const frontend = frontends.get(id);
      return [id, [...(bases.get(id) ?? []), ...(frontend === undefined ? [] : [frontend])]];
    }),
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
 * Whether a registry lets a login see something. A job's token without a right to
 * packages is refused where nobody at all would be served.
 */
async function isTaken(login: Login, text: string, { http, clock, resolve }: Ports) {
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
 * GitHub's registry takes the job's own token, where nobody else has a login: for a
 * push in any case, for what the builds need where the token has the right to it.
 */
async function jobsLogin(
  asked: Asked,
  { token }: Request,
  known: Credentials,
  ports: Ports,
): Promise<readonly Login[]> {
  const [need] = needsOf(asked.plan, namedImages(asked)).filter((one) => one.registry === GITHUB);
  const pushes = pushesTo(GITHUB, asked.plan);
  if (token === undefined || !(pushes || need)) return [];
  // A helper that is broken is told of later, not papered over.
  const found = await known(GITHUB).catch(() => undefined);
  if (found?.kind !== 'anonymous') return [];
  const username = ports.env.GITHUB_ACTOR || 'token';
  const login = { registry: GITHUB, username, password: token };
  const isGood = pushes || (need && (await isTaken(login, need.reference, ports)));
  return isGood ? [login] : [];
}

/**
 * The logins of a run beside docker's own. In an untrusted run there are none: what
 * its author wrote is built, and gets no credentials that were not there before.
 */
async function loginsOf(asked: Asked, request: Request, docker: Credentials, ports: Ports) {
  if (request.trust.untrusted) return [];
  const given = (request.logins ?? []).map((login) => ({
    ...login,
    registry: registryOf(login.registry),
  }));
  return [...given, ...(await jobsLogin(asked, request, withLogins(given, docker), ports))];
}

/**
 * buildx asks git about each context, and git would take one that only looks like a
 * repository and start the programs that its configuration names.
 */
const WITHOUT_GIT = { BUILDX_GIT_INFO: 'false', BUILDX_GIT_LABELS: 'false' } as const;

/**
 * Credentials for our own client and, in `folder`, for the builder's; `learn` hears
 * each that is found. What is insecure is for the engine to say; it is asked where
 * a registry does not answer.
 */
export async function identify(
  asked: Asked,
  request: Request,
  folder: string,
  engine: Pick<Engine, 'facts'>,
  ports: Ports,
  { learn, listen }: { readonly learn: Redactor['learn']; readonly listen: Listen },
): Promise<Identity> {
  const docker = dockerCredentials(ports);
  const logins = await loginsOf(asked, request, docker, ports);
  const credentials = learning(withLogins(logins, docker), learn);
  const { http, clock, resolve } = ports;
  const insecure = (registry: string) =>
    engine.facts().then(
      (facts) => isInsecure(registry, facts.insecure, resolve),
      () => false,
    );
  const waits = (registry: string, duration: number) =>
    listen({ kind: 'wait', registry, duration });
  const lags = (registry: string, duration: number) =>
    listen({ kind: 'lag', registry, duration, longest: LONGEST_LAG });
  const setup = { http, clock, resolve, credentials, insecure, waits, lags };
  const client = createRegistryClient(setup);
  const more = logins.length === 0 ? {} : await writeDockerConfig(logins, folder, ports);
  const careful = request.trust.untrusted ? WITHOUT_GIT : {};
  return { client, credentials, env: { ...ports.env, ...more, ...careful } };
}

/** Everything that the builds of a plan need of registries. */
export function buildNeeds(planned: Planned): readonly RegistryNeed[] {
  return needsOf(planned.plan, namedImages(planned));
}

/** Asks the registries of a plan what they would say to it later. */
export function ask(
  planned: Planned,
  { client, credentials }: Identity,
  signal: AbortSignal,
): Promise<Answers> {
  const { plan } = planned;
  const images = namedImages(planned);
  return checkRegistries({ plan, images, client, credentials, limit: pLimit(QUESTIONS), signal });
}

/**
 * Asks once for every image that a build is to pull: what it is pinned to, and
 * whether it is refused. An image that the engine holds is one for its own
 * builder; what a builder has from a mirror of its own, only it can say.
 */
export async function lookForImages(
  planned: Planned,
  { client }: Identity,
  { facts, builder, sharesLoopback }: Pick<Environment, 'facts' | 'builder' | 'sharesLoopback'>,
  engine: Pick<Engine, 'names'>,
  signal: AbortSignal,
): Promise<{
  readonly pinned: ReadonlyMap<string, PinnedBase>;
  readonly refused: Answers['refused'];
}> {
  const needs = buildNeeds(planned).filter(({ what }) => what === 'image');
  const references = needs.map(({ reference }) => reference);
  const isSame = async (host: string) => !onLoopback(host) || (await sharesLoopback) === 'yes';
  const { mirrors } = facts;
  const found = await resolveBases(references, { client, mirrors, isSame }, signal);
  const isHad = async ({ registry, reference }: RegistryNeed) =>
    builder.mayMirror(registry) ||
    (builder.driver === 'docker' && (await engine.names(reference)) !== undefined);
  const refused = needs.map(async (need) => {
    const error = need.vital ? found.refused.get(need.reference) : undefined;
    return error === undefined || (await isHad(need)) ? [] : [{ need, error }];
  });
  return { pinned: found.pinned, refused: (await Promise.all(refused)).flat() };
}

/**
 * What of the answers holds for the builder, too: where it is on another machine or
 * has a way of its own, it may reach a registry that we do not.
 */
export async function heldByBuilder(
  refused: Answers['refused'],
  { builder, sharesLoopback }: Pick<Environment, 'builder' | 'sharesLoopback'>,
): Promise<Answers['refused']> {
  if (builder.asEngine && (await sharesLoopback) === 'yes') return refused;
  return refused.filter(({ error }) => error.code !== 'unreachable');
}

/** Findings of the answers beside what else was found, and why nothing is to be built, if so. */
export function weigh(
  plan: Pick<Plan, 'severities'>,
  answers: Answers,
  mirrors: readonly string[],
  more: readonly Finding[],
): { readonly findings: readonly Finding[]; readonly obstacle?: string } {
  const findings = [...registryFindings(answers, mirrors), ...more];
  const worst = applySeverities(plan, findings).find(({ severity }) => severity === 'error');
  if (worst === undefined) return { findings };
  const { reference = 'a registry', tag } = worst.subject;
  const images = reference.includes('/') ? reference : `images of ${reference}`;
  const obstacle = {
    'not-authorized': `${reference} would not take it`,
    'not-pulled': `${images} cannot be pulled`,
    'name-taken': `${reference} is not this repository's in the engine`,
    'tag-exists': `${reference}:${tag} is there already`,
    'platform-lost': `${reference}:${tag} would lose platforms`,
  }[worst.code];
  return { findings, obstacle: obstacle ?? `${reference} cannot be used` };
}
