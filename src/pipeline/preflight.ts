import pLimit from 'p-limit';
import { type PinnedBase, resolveBases } from '../build/index.js';
import type { Engine } from '../engine/index.js';
import type { Environment } from '../environment/index.js';
import { applySeverities, builtBy, type Finding, type Plan } from '../evidence/index.js';
import type { Planned } from '../plan/index.js';
import {
  type Answers,
  checkRegistries,
  needsOf,
  type RegistryNeed,
  registryFindings,
} from '../preflight/index.js';
import { onLoopback } from '../reference/index.js';
import { type Identity, namedImages } from './identity.js';

/** Questions under way at once. */
const QUESTIONS = 8;

/** Everything that the builds of a plan need of registries. */
export function buildNeeds(planned: Planned): readonly RegistryNeed[] {
  return needsOf(planned.plan, namedImages(planned));
}

/**
 * Asks the registries of a plan what they will take and give, while the environment is
 * prepared. `cancel` ends the questions and throws the error on.
 */
export function askInBackground(
  planned: Planned,
  { client, credentials }: Identity,
  signal: AbortSignal,
) {
  const stop = new AbortController();
  const answers = checkRegistries({
    plan: planned.plan,
    images: namedImages(planned),
    client,
    credentials,
    limit: pLimit(QUESTIONS),
    signal: AbortSignal.any([signal, stop.signal]),
  });
  // Nothing waits for them if the environment cannot be prepared.
  answers.catch(() => {});
  return {
    answers,
    cancel(error: unknown): never {
      stop.abort();
      throw error;
    },
  };
}

/**
 * Resolves once every image that a build of a Dockerfile pulls: what it is pinned to, and
 * whether it is refused. An image that the engine holds satisfies its own builder; what a builder gets
 * from a mirror of its own, only the builder can tell.
 */
export async function lookForImages(
  planned: Planned,
  {
    identity,
    environment,
    engine,
    signal,
  }: {
    readonly identity: Identity;
    readonly environment: Pick<Environment, 'facts' | 'builder' | 'sharesLoopback'>;
    readonly engine: Pick<Engine, 'names'>;
    readonly signal: AbortSignal;
  },
): Promise<{
  readonly pinned: ReadonlyMap<string, PinnedBase>;
  readonly refused: Answers['refused'];
}> {
  const { facts, builder, sharesLoopback } = environment;
  const dockerfiles = new Set(builtBy(planned.plan.images, 'dockerfile').map(({ id }) => id));
  const needs = buildNeeds(planned).filter(
    ({ what, image }) => what === 'image' && dockerfiles.has(image),
  );
  const references = needs.map(({ reference }) => reference);
  const isSame = async (host: string) => !onLoopback(host) || (await sharesLoopback()) === 'yes';
  const { mirrors } = facts;
  const found = await resolveBases(
    references,
    { client: identity.client, mirrors, isSame },
    signal,
  );
  const isAvailable = async ({ registry, reference }: RegistryNeed) =>
    builder.mayMirror(registry) ||
    (builder.driver === 'docker' && (await engine.names(reference)) !== undefined);
  const refused = needs.map(async (need) => {
    const error = need.vital ? found.refused.get(need.reference) : undefined;
    return error === undefined || (await isAvailable(need)) ? [] : [{ need, error }];
  });
  return { pinned: found.pinned, refused: (await Promise.all(refused)).flat() };
}

/**
 * Which refusals hold for the builder too: on another machine, or with a network of its
 * own, it may reach a registry that this process does not.
 */
export async function heldByBuilder(
  refused: Answers['refused'],
  { builder, sharesLoopback }: Pick<Environment, 'builder' | 'sharesLoopback'>,
): Promise<Answers['refused']> {
  const reached = refused.filter(({ error }) => error.code !== 'unreachable');
  if (reached.length === refused.length || !builder.asEngine) return reached;
  return (await sharesLoopback()) === 'yes' ? refused : reached;
}

/** The findings about the answers, `more` included; with an error among them, why nothing is built. */
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
    'not-authorized': `${reference} does not accept it`,
    'not-pulled': `${images} cannot be pulled`,
    'name-taken': `${reference} is not this repository's in the engine`,
    'tag-exists': `${reference}:${tag} exists already`,
    'platform-lost': `${reference}:${tag} would lose platforms`,
  }[worst.code];
  return { findings, obstacle: obstacle ?? `${reference} cannot be used` };
}
