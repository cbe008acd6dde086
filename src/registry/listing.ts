import { DOCUMENT_LIMIT, isDigest } from '../oci/index.js';
import { discard, readUpTo } from './answer.js';
import { RegistryError } from './errors.js';
import { isTag } from './reference.js';
import { type Answer, safeLocation, type Transport } from './transport.js';

/** An entry of the referrers' index (image-spec, descriptor; distribution-spec, "Listing Referrers"). */
export interface Referrer {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType: string | undefined;
  readonly annotations: ReadonlyMap<string, string>;
}

export interface ListPlace {
  readonly transport: Transport;
  readonly path: string;
  readonly scopes: readonly string[];
  getManifest(
    reference: string,
    reading?: { readonly signal?: AbortSignal },
  ): Promise<{
    readonly bytes: Buffer;
  }>;
}

const PAGES = 1000;

function nextPage(answer: Answer): string | undefined {
  const link = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(answer.headers.get('link') ?? '');
  return link === null ? undefined : safeLocation(link[1], answer.url, answer.request);
}

async function pageOf(answer: Answer): Promise<Record<string, unknown>> {
  const { bytes, more } = await readUpTo(answer.body, DOCUMENT_LIMIT);
  try {
    const page: unknown = more ? undefined : JSON.parse(bytes.toString('utf8'));
    if (page !== null && typeof page === 'object') return page as Record<string, unknown>;
  } catch {
    // Told below, as every other body that is no page.
  }
  const detail = more ? 'a list of more than 4 MiB' : 'the list is not a JSON object';
  throw new RegistryError({ code: 'protocol', request: answer.request, detail });
}

async function* pagesOf(
  place: ListPlace,
  first: string,
  expect: readonly number[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Answer> {
  const headers = { accept: 'application/vnd.oci.image.index.v1+json, application/json' };
  let url: string | undefined = first;
  for (let page = 0; url !== undefined && page < PAGES; page++) {
    const { transport, scopes } = place;
    const answer: Answer = await transport.send({
      method: 'GET',
      url,
      headers,
      scopes,
      expect,
      signal,
    });
    url = nextPage(answer);
    yield answer;
  }
}

/** All tags, in the registry's order, page by page (`Link: …; rel="next"`). */
export async function listTags(place: ListPlace, signal?: AbortSignal): Promise<readonly string[]> {
  const tags = new Set<string>();
  for await (const answer of pagesOf(place, `/v2/${place.path}/tags/list`, [200], signal)) {
    const { tags: listed } = await pageOf(answer);
    for (const tag of Array.isArray(listed) ? listed : []) {
      if (typeof tag === 'string' && isTag(tag)) tags.add(tag);
    }
  }
  return [...tags];
}

function referrerOf(entry: unknown): Referrer | undefined {
  const { mediaType, digest, size, artifactType, annotations } = (entry ?? {}) as Record<
    string,
    unknown
  >;
  if (typeof mediaType !== 'string' || typeof digest !== 'string' || !isDigest(digest)) {
    return undefined;
  }
  const texts = Object.entries((annotations ?? {}) as Record<string, unknown>).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  return {
    mediaType,
    digest,
    size: typeof size === 'number' ? size : 0,
    artifactType: typeof artifactType === 'string' ? artifactType : undefined,
    annotations: new Map(texts),
  };
}

function entriesOf(index: Record<string, unknown>): readonly Referrer[] {
  const listed = Array.isArray(index.manifests) ? index.manifests : [];
  return listed.flatMap((entry) => referrerOf(entry) ?? []);
}

/** The tag `sha256-<hex>`, for registries without the API (distribution-spec, "Referrers Tag Schema"). */
async function fromFallbackTag(place: ListPlace, digest: string, signal?: AbortSignal) {
  try {
    const reading = signal === undefined ? {} : { signal };
    const { bytes } = await place.getManifest(digest.replace(':', '-'), reading);
    return entriesOf(JSON.parse(bytes.toString('utf8')) as Record<string, unknown>);
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'not-found') return [];
    throw error;
  }
}

/** What refers to a manifest through `subject`, filtered here too: filtering is the registry's option. */
export async function referrers(
  place: ListPlace,
  digest: string,
  options: { readonly artifactType?: string; readonly signal?: AbortSignal },
): Promise<readonly Referrer[]> {
  const { artifactType, signal } = options;
  const query = artifactType === undefined ? '' : `?${new URLSearchParams({ artifactType })}`;
  const first = `/v2/${place.path}/referrers/${digest}${query}`;
  let found: Referrer[] = [];
  for await (const answer of pagesOf(place, first, [200, 404], signal)) {
    if (answer.status === 404) {
      discard(answer);
      found = [...(await fromFallbackTag(place, digest, signal))];
      break;
    }
    found.push(...entriesOf(await pageOf(answer)));
  }
  return artifactType === undefined
    ? found
    : found.filter((one) => one.artifactType === artifactType);
}
