import type { LimitFunction } from 'p-limit';
import type { Plan } from '../evidence/index.js';
import { parseReference, type Reference } from '../reference/index.js';
import {
  CredentialError,
  type Credentials,
  hasNoConnection,
  type PushAnswer,
  type RegistryClient,
  RegistryError,
  type RegistryErrorCode,
} from '../registry/index.js';
import { type NeededImage, needsOf, type RegistryNeed } from './needs.js';
import { lookAtTags, type TagBeforeBuild } from './tags.js';

/** What a registry said about one target. */
export interface TargetAnswer extends PushAnswer {
  readonly image: string;
  readonly repository: string;
  readonly registry: string;
}

/** What builds need of a registry whose credentials are not available. */
export interface BrokenLogin {
  readonly registry: string;
  readonly error: CredentialError;
  readonly needs: readonly RegistryNeed[];
}

/** Something that the builds need and a registry would not give, or take. */
export interface RefusedNeed {
  readonly need: RegistryNeed;
  readonly error: RegistryError;
}

/** What the registries said when they were asked. */
export interface Answers {
  readonly targets: readonly TargetAnswer[];
  readonly tags: readonly TagBeforeBuild[];
  readonly broken: readonly BrokenLogin[];
  /** Caches and images, of each image that needs them. */
  readonly refused: readonly RefusedNeed[];
}

interface PreflightContext {
  readonly plan: Plan;
  /** By image id: what its Dockerfile starts from, copies from, and is read by. */
  readonly images: ReadonlyMap<string, readonly NeededImage[]>;
  readonly client: RegistryClient;
  /** What the builder has of credentials. */
  readonly credentials: Credentials;
  /** Bounds requests. */
  readonly limit: LimitFunction;
  readonly signal: AbortSignal;
}

/** Asks about each repository once, however many images are pushed to it. */
type MayPush = (registry: string, path: string) => Promise<PushAnswer>;

function pushQuestions({ client, limit, signal }: PreflightContext): MayPush {
  const asked = new Map<string, Promise<PushAnswer>>();
  return (registry, path) => {
    const name = `${registry}/${path}`;
    const answer =
      asked.get(name) ?? limit(() => client.repository(registry, path).mayPush(signal));
    asked.set(name, answer);
    return answer;
  };
}

function parsedOf(text: string): Reference {
  const parsed = parseReference(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.reference;
}

async function settled<T>(answers: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(answers);
  return Promise.all(answers);
}

function askTargets(
  { plan }: PreflightContext,
  mayPush: MayPush,
): Promise<readonly TargetAnswer[]> {
  if (!plan.push) return Promise.resolve([]);
  const answers = plan.images.flatMap(({ id, targets }) =>
    targets.map(async ({ repository }) => {
      const { registry, repository: path } = parsedOf(repository);
      return { image: id, repository, registry, ...(await mayPush(registry, path)) };
    }),
  );
  return settled(answers);
}

const OF_CACHE: ReadonlySet<RegistryErrorCode> = new Set([
  'unauthorized',
  'denied',
  'not-found',
  'no-registry',
]);

/**
 * Without a cache to read a build continues. One that is to be written where nothing
 * listens ends it; whether that holds for the builder, which may be elsewhere, is
 * for who knows the builder. Certificates and proxies it may have others than we.
 */
function stands({ what }: RegistryNeed, error: RegistryError): boolean {
  return OF_CACHE.has(error.code) || (what === 'cache-to' && hasNoConnection(error));
}

/** A cache that is not there yet is one to be written. */
async function mayRead({ reference }: RegistryNeed, { client, limit, signal }: PreflightContext) {
  const { registry, repository, tag, digest } = parsedOf(reference);
  const place = client.repository(registry, repository);
  try {
    await limit(() => place.headManifest(digest ?? tag ?? 'latest', signal));
    return undefined;
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
}

async function mayWrite({ reference }: RegistryNeed, mayPush: MayPush) {
  const { registry, repository } = parsedOf(reference);
  return (await mayPush(registry, repository)).error;
}

async function askCaches(
  question: PreflightContext,
  mayPush: MayPush,
): Promise<readonly RefusedNeed[]> {
  const needs = needsOf(question.plan, question.images).filter(({ what }) => what !== 'image');
  const answers = needs.map(async (need) => {
    const error = await (need.what === 'cache-to'
      ? mayWrite(need, mayPush)
      : mayRead(need, question));
    return error !== undefined && stands(need, error) ? [{ need, error }] : [];
  });
  return (await settled(answers)).flat();
}

async function problemWith(registry: string, credentials: Credentials) {
  try {
    await credentials(registry);
    return undefined;
  } catch (error) {
    if (error instanceof CredentialError) return error;
    throw error;
  }
}

/** Looks the credentials up without a request: that alone shows a helper that is broken. */
async function lookUp({
  plan,
  images,
  credentials,
}: PreflightContext): Promise<readonly BrokenLogin[]> {
  const byRegistry = Map.groupBy(needsOf(plan, images), ({ registry }) => registry);
  const found = [...byRegistry].map(async ([registry, needs]) => {
    const error = await problemWith(registry, credentials);
    return error === undefined ? [] : [{ registry, error, needs }];
  });
  return (await Promise.all(found)).flat();
}

/**
 * Asks, before anything is built, whether each target of a pushing run takes a
 * push, what each of its tags serves, and whether each cache in a registry lets
 * itself be read and written, and looks for the credentials that the builds will need. Bases are asked for elsewhere,
 * where their digests are. Rejects with the signal's reason only.
 */
export async function checkRegistries(question: PreflightContext): Promise<Answers> {
  const mayPush = pushQuestions(question);
  const [targets, tags, refused, broken] = await Promise.all([
    askTargets(question, mayPush),
    settled(lookAtTags(question.plan, question)),
    askCaches(question, mayPush),
    lookUp(question),
  ]);
  return { targets, tags, refused, broken };
}
