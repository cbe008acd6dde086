import { DOCUMENT_LIMIT, DOCUMENT_LIMIT_TEXT, digestOf, manifestTypes } from '../oci/index.js';
import { isDigest, isTag } from '../reference/index.js';
import { brokenExchange, claimIn, discard, encodingProblem, readUpTo } from './answer.js';
import { type BlobRead, checkBlob, soon } from './blob-reader.js';
import { RegistryError } from './errors.js';
import { PATIENCE } from './patience.js';
import { askToPush, type PushAnswer } from './probe.js';
import { hasRegistryHeader, isPage } from './speaker.js';
import { type RegistryResponse, safeLocation, type Transport } from './transport.js';
import { type BlobUpload, type Uploaded, uploadBlob } from './upload.js';

/** A manifest or an index, exactly as served; `digest` is computed from `bytes`. */
export interface ServedManifest {
  readonly bytes: Buffer;
  /** The Content-Type, without parameters. */
  readonly mediaType: string;
  readonly digest: string;
  /** What `Docker-Content-Digest` said: a claim. */
  readonly claimed: string | undefined;
}

/** What a HEAD said: hints, not facts. */
export interface ManifestHint {
  readonly digest: string | undefined;
  /** What `Docker-Content-Digest` said, be it a digest or not. */
  readonly claimed: string | undefined;
  readonly size: number | undefined;
  readonly mediaType: string | undefined;
}

/** How something is read from a registry. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** A 404 may pass soon: it was pushed a moment ago. */
  readonly fresh?: boolean;
  /** It is asked for once, and not for long. */
  readonly once?: boolean;
}

/** How a manifest is put. */
export interface PutOptions {
  readonly signal?: AbortSignal | undefined;
  /** With it the signal ends it between tries only, and a request under way goes on until `cut`. */
  readonly cut?: AbortSignal;
  /** Comes before each further try; what it rejects with ends them. */
  readonly again?: () => Promise<void>;
}

/** One repository of a registry. Every method rejects with a RegistryError, or the signal's AbortError. */
export interface Repository {
  /** `ghcr.io/acme/greeter`. */
  readonly name: string;
  readonly registry: string;
  /** `acme/greeter`. */
  readonly path: string;
  /** By digest: rejects with `wrong-digest` when the bytes are others. At most 4 MiB. */
  getManifest(tagOrDigest: string, reading?: ReadOptions): Promise<ServedManifest>;
  /** Undefined where there is none; a hint of nothing where the registry knows no HEAD. */
  headManifest(tagOrDigest: string, signal?: AbortSignal): Promise<ManifestHint | undefined>;
  putManifest(
    tagOrDigest: string,
    manifest: { readonly bytes: Buffer; readonly mediaType: string },
    how?: PutOptions,
  ): Promise<void>;
  /**
   * Reads a blob whole and rejects with `wrong-digest` where its bytes are others. Gives what
   * `Docker-Content-Digest` said where that is no digest of it.
   */
  checkBlob(read: BlobRead): Promise<string | undefined>;
  putBlob(upload: BlobUpload): Promise<Uploaded>;
  /** Its tags, of a long list the first; names that are no tags are left out. */
  listTags(signal?: AbortSignal): Promise<readonly string[]>;
  /** Whether a push would be taken; rejects with the signal's AbortError only. */
  mayPush(signal?: AbortSignal): Promise<PushAnswer>;
}

const ACCEPT = manifestTypes.join(', ');

/** What a HEAD may be answered: 405 and 501 say that it is not known, and nothing of what was asked for. */
const HEAD_ANSWERS = [200, 404, 405, 501];

function mediaTypeOf(answer: { readonly headers: ReadonlyMap<string, string> }): string {
  return (answer.headers.get('content-type') ?? '').replace(/;.*$/s, '').trim();
}

/** A manifest's body, hashed; rejects with `wrong-digest` or, past 4 MiB, `protocol`. */
async function manifestIn(answer: RegistryResponse, wanted: string): Promise<ServedManifest> {
  const encoded = encodingProblem(answer);
  const { request } = answer;
  if (encoded !== undefined) {
    discard(answer);
    throw new RegistryError({ code: 'protocol', request, detail: encoded });
  }
  const { bytes, more } = await readUpTo(answer.body, DOCUMENT_LIMIT);
  if (more) {
    const detail = `a manifest of more than ${DOCUMENT_LIMIT_TEXT}`;
    throw new RegistryError({ code: 'protocol', request, detail });
  }
  const byDigest = isDigest(wanted);
  const digest = digestOf(bytes, byDigest ? wanted : undefined);
  if (byDigest && digest !== wanted) {
    const detail = `its bytes are ${digest}`;
    throw new RegistryError({ code: 'wrong-digest', request, detail });
  }
  return { bytes, mediaType: mediaTypeOf(answer), digest, claimed: claimIn(answer) };
}

/** What most registries give at once, at most. */
const TAGS_OF_A_PAGE = 1000;
const PAGES_OF_TAGS = 5;

/**
 * That a manifest was taken: 201 says so (distribution-spec, "Pushing Manifests"). Some registries
 * answer 200 or 202, as docker's first one did; so does whatever answers 200 to everything.
 */
function checkTaken(answer: RegistryResponse): void {
  const { status, headers, request } = answer;
  if (status === 201 || hasRegistryHeader(answer)) return;
  const type = headers.get('content-type');
  const found = `${status}${type === undefined ? '' : ` with ${type}`}, without a registry's headers`;
  const detail = `${found}; expected 201`;
  throw new RegistryError({ code: 'protocol', request, detail });
}

/** The tags of one page; a body that is no such list has none. */
async function tagsIn(answer: RegistryResponse): Promise<readonly string[]> {
  const { bytes } = await readUpTo(answer.body, DOCUMENT_LIMIT).catch((error: unknown) => {
    throw brokenExchange(error, answer.request);
  });
  try {
    const { tags }: { readonly tags?: unknown } = JSON.parse(bytes.toString('utf8')) ?? {};
    return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string' && isTag(tag)) : [];
  } catch {
    return [];
  }
}

/** Where the list goes on (distribution-spec, "Listing Tags"). */
function nextPage({ headers, url, request }: RegistryResponse): string | undefined {
  const [, next] = /<([^>]*)>\s*;\s*rel="?next"?/.exec(headers.get('link') ?? '') ?? [];
  return next === undefined ? undefined : safeLocation(next, url, request);
}

function isMissing(error: unknown): error is RegistryError {
  return error instanceof RegistryError && error.code === 'not-found';
}

function isRefusal({ code }: RegistryError): boolean {
  return code === 'unauthorized' || code === 'denied';
}

export function openRepository(transport: Transport, path: string): Repository {
  const pull = [`repository:${path}:pull`];
  const push = [`repository:${path}:pull,push`];
  const manifestUrl = (reference: string) => `/v2/${path}/manifests/${reference}`;
  const blobUrl = (digest: string) => `/v2/${path}/blobs/${digest}`;

  const getManifest = (reference: string, reading: ReadOptions = {}) => {
    const once = async () => {
      try {
        const answer = await transport.once({
          method: 'GET',
          url: manifestUrl(reference),
          headers: { accept: ACCEPT },
          scopes: pull,
          expect: [200],
          signal: reading.signal,
          ...(reading.once ? { idle: PATIENCE } : {}),
        });
        return await manifestIn(answer, reference).catch((error: unknown) => {
          throw brokenExchange(error, answer.request);
        });
      } catch (error) {
        throw reading.fresh && isMissing(error) ? soon(error) : error;
      }
    };
    return reading.once ? once() : transport.retrying(reading.signal, once);
  };

  const hasBlob = async (digest: string, signal?: AbortSignal) => {
    const answer = await transport.send({
      method: 'HEAD',
      url: blobUrl(digest),
      scopes: push,
      expect: HEAD_ANSWERS,
      signal,
    });
    discard(answer);
    return answer.status === 200 && !isPage(answer);
  };
  /** Before a push a repository may not be there yet, and not to be asked about: POST will tell. */
  const mayHaveBlob = (digest: string, signal?: AbortSignal) =>
    hasBlob(digest, signal).catch((error: unknown) => {
      if (error instanceof RegistryError && isRefusal(error)) return false;
      throw error;
    });

  return {
    name: `${transport.registry}/${path}`,
    registry: transport.registry,
    path,
    getManifest,
    async headManifest(reference, signal) {
      const answer = await transport.send({
        method: 'HEAD',
        url: manifestUrl(reference),
        headers: { accept: ACCEPT },
        scopes: pull,
        expect: HEAD_ANSWERS,
        signal,
      });
      discard(answer);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) {
        return { digest: undefined, claimed: undefined, size: undefined, mediaType: undefined };
      }
      const claimed = claimIn(answer);
      const size = Number(answer.headers.get('content-length') ?? Number.NaN);
      return {
        digest: isDigest(claimed) ? claimed : undefined,
        claimed,
        size: Number.isSafeInteger(size) ? size : undefined,
        mediaType: mediaTypeOf(answer) || undefined,
      };
    },
    async putManifest(reference, { bytes, mediaType }, { signal, cut = signal, again } = {}) {
      signal?.throwIfAborted();
      const ask = {
        method: 'PUT',
        url: manifestUrl(reference),
        headers: { 'content-type': mediaType },
        body: { size: bytes.length, open: () => bytes },
        scopes: push,
        expect: [200, 201, 202],
        signal: cut,
      } as const;
      const put = async (attempt: number) => {
        if (attempt > 1) await again?.();
        return transport.once(ask);
      };
      const answer = await transport.retrying(signal, put);
      discard(answer);
      checkTaken(answer);
    },
    checkBlob: (read) => checkBlob({ transport, path: blobUrl(read.digest), scopes: pull }, read),
    async putBlob(upload) {
      if (await mayHaveBlob(upload.digest, upload.signal)) return 'existed';
      const place = { transport, repository: path, scopes: push, hasBlob: mayHaveBlob };
      return uploadBlob(place, upload);
    },
    async listTags(signal) {
      const found: string[] = [];
      let url: string | undefined = `/v2/${path}/tags/list?n=${TAGS_OF_A_PAGE}`;
      for (let page = 0; page < PAGES_OF_TAGS && url !== undefined; page++) {
        const answer = await transport.send({
          method: 'GET',
          url,
          scopes: pull,
          expect: [200],
          signal,
        });
        found.push(...(await tagsIn(answer)));
        url = nextPage(answer);
      }
      return found;
    },
    mayPush: (signal) => askToPush({ transport, repository: path, scopes: push }, signal),
  };
}
