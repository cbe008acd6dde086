import { brokenExchange, discard } from './answer.js';
import { RegistryError } from './errors.js';
import { noRegistry } from './no-registry.js';
import { PATIENCE } from './patience.js';
import { type RegistryResponse, safeLocation, type Transport } from './transport.js';

type Certainty = 'yes' | 'no' | 'unknown';

/** Whether a repository would take a push, as far as its registry says. */
export interface PushAnswer {
  /** `no` only where a push would certainly be refused, or could not even be tried. */
  readonly push: Certainty;
  /** Whether the repository is there; many registries make it with the first push. */
  readonly exists: Certainty;
  /** Why it is not `yes`. */
  readonly error?: RegistryError;
}

interface PushProbe {
  readonly transport: Transport;
  /** `acme/greeter`. */
  readonly repository: string;
  readonly scopes: readonly string[];
}

/** Refusals that the first upload would meet in the same way. */
const CERTAIN: ReadonlySet<RegistryError['code']> = new Set([
  'unauthorized',
  'denied',
  'not-found',
  'unreachable',
  'unsafe',
  'credentials',
  'no-registry',
]);

/** What web servers and captive portals answer too. */
const DOUBTFUL: ReadonlySet<RegistryError['code']> = new Set(['protocol', 'refused', 'not-found']);

/** Only what cannot be reached is tried again: the rest is for the upload itself. */
async function begin(
  place: PushProbe,
  signal?: AbortSignal,
): Promise<RegistryResponse | RegistryError> {
  const { transport, repository, scopes } = place;
  const url = `/v2/${repository}/blobs/uploads/`;
  const once = async () => {
    try {
      const expect = [201, 202];
      return await transport.once({ method: 'POST', url, scopes, expect, signal, idle: PATIENCE });
    } catch (error) {
      const isForLater = error instanceof RegistryError && error.code !== 'unreachable';
      if (isForLater) return error;
      throw error;
    }
  };
  try {
    return await transport.retrying(signal, once);
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
}

/** Takes an upload back that was begun; undefined where that is done. */
async function cancel(
  { transport, scopes }: PushProbe,
  begun: RegistryResponse,
  signal?: AbortSignal,
): Promise<RegistryError | undefined> {
  try {
    const url = safeLocation(begun.headers.get('location'), begun.url, begun.request);
    const expect = [200, 202, 204, 404];
    discard(
      await transport.once({ method: 'DELETE', url, scopes, expect, signal, idle: PATIENCE }),
    );
    return undefined;
  } catch (error) {
    const told = brokenExchange(error, begun.request);
    if (told instanceof RegistryError) return told;
    throw error;
  }
}

async function isThere(place: PushProbe, signal?: AbortSignal): Promise<Certainty> {
  const { transport, repository, scopes } = place;
  const url = `/v2/${repository}/tags/list?n=1`;
  const expect = [200, 404];
  try {
    const ask = { method: 'GET', url, scopes, expect, signal, idle: PATIENCE } as const;
    const answer = await transport.once(ask);
    discard(answer);
    return answer.status === 200 ? 'yes' : 'no';
  } catch (error) {
    if (error instanceof RegistryError) return 'unknown';
    throw error;
  }
}

/**
 * Begins an upload and cancels it (distribution-spec, "Pushing blobs"): the
 * question that a push begins with, without content. Where an upload cannot be
 * cancelled, or the registry says nothing for now, the answer is `unknown`.
 * Rejects with the signal's AbortError only.
 */
export async function askToPush(place: PushProbe, signal?: AbortSignal): Promise<PushAnswer> {
  const begun = await begin(place, signal);
  if (begun instanceof RegistryError) {
    const isDoubtful = DOUBTFUL.has(begun.code) && begun.speaker !== 'registry';
    const error = (isDoubtful ? await noRegistry(place.transport, signal) : undefined) ?? begun;
    const push = CERTAIN.has(error.code) ? 'no' : 'unknown';
    return { push, exists: error.code === 'not-found' ? 'no' : 'unknown', error };
  }
  discard(begun);
  const [left, exists] = await Promise.all([cancel(place, begun, signal), isThere(place, signal)]);
  return left === undefined ? { push: 'yes', exists } : { push: 'unknown', exists, error: left };
}
