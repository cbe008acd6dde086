import type { Plan } from '../../evidence/index.js';
import {
  CredentialError,
  type Credentials,
  type PushAnswer,
  parseReference,
  type RegistryClient,
} from '../../registry/index.js';
import { type Need, type NeededImage, needsOf } from './needs.js';

/** What a registry said about one target. */
export interface TargetAnswer extends PushAnswer {
  readonly image: string;
  readonly repository: string;
  readonly registry: string;
}

/** Needs of the builds for whose registry no credentials can be had. */
export interface BrokenLogin {
  readonly registry: string;
  readonly error: CredentialError;
  readonly needs: readonly Need[];
}

export interface Answers {
  readonly targets: readonly TargetAnswer[];
  readonly broken: readonly BrokenLogin[];
}

export interface Question {
  readonly plan: Plan;
  /** By image id: what its Dockerfile starts from, copies from, and is read by. */
  readonly images: ReadonlyMap<string, readonly NeededImage[]>;
  readonly client: RegistryClient;
  /** What the builder has of credentials. */
  readonly credentials: Credentials;
  /** Bounds requests: p-limit. */
  readonly limit: <T>(work: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

async function askTargets(question: Question): Promise<readonly TargetAnswer[]> {
  const { plan, client, limit, signal } = question;
  if (!plan.push) return [];
  const asked = new Map<string, Promise<PushAnswer>>();
  const answers = plan.images.flatMap(({ id, targets }) =>
    targets.map(async ({ repository }) => {
      const parsed = parseReference(repository);
      if (!parsed.ok) throw new Error(parsed.problem.message);
      const { registry, repository: path } = parsed.reference;
      const answer =
        asked.get(repository) ?? limit(() => client.repository(registry, path).mayPush(signal));
      asked.set(repository, answer);
      return { image: id, repository, registry, ...(await answer) };
    }),
  );
  await Promise.allSettled(answers);
  return Promise.all(answers);
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
async function lookUp({ plan, images, credentials }: Question): Promise<readonly BrokenLogin[]> {
  const byRegistry = Map.groupBy(needsOf(plan, images), ({ registry }) => registry);
  const found = [...byRegistry].map(async ([registry, needs]) => {
    const error = await problemWith(registry, credentials);
    return error === undefined ? [] : [{ registry, error, needs }];
  });
  return (await Promise.all(found)).flat();
}

/**
 * Asks, before anything is built, whether each target of a pushing run takes a
 * push, and looks for the credentials that the builds will need. Rejects with
 * the signal's reason only.
 */
export async function askRegistries(question: Question): Promise<Answers> {
  const [targets, broken] = await Promise.all([askTargets(question), lookUp(question)]);
  return { targets, broken };
}
