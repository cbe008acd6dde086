import {
  DOCUMENT_LIMIT,
  DOCUMENT_LIMIT_TEXT,
  digestOf,
  isForeignLayer,
  isObject,
  type Json,
} from '../../oci/index.js';
import { isDigest, isTag } from '../../reference/index.js';
import { defined } from '../../types/index.js';
import { answer, bodyOf, type Exchange, type RouteHandler } from './exchange.js';
import { RequestRefusal } from './refusal.js';
import type { StoredManifest } from './store.js';

function neither(reference: string): RequestRefusal {
  return new RequestRefusal(400, 'DIGEST_INVALID', `"${reference}" is neither a tag nor a digest`);
}

async function find(exchange: Exchange): Promise<StoredManifest> {
  const { store, name, rest } = exchange;
  if (rest.includes(':') && !isDigest(rest)) throw neither(rest);
  const digest = isTag(rest) ? await store.tag(name, rest) : rest;
  const found = isDigest(digest) ? await store.manifest(name, digest) : undefined;
  if (found !== undefined) return found;
  const code = (await store.hasRepository(name)) ? 'MANIFEST_UNKNOWN' : 'NAME_UNKNOWN';
  throw new RequestRefusal(404, code, `${name} has no manifest ${rest}`);
}

/** GET and HEAD, by tag or digest. */
export const getManifest: RouteHandler = async (exchange) => {
  const { digest, mediaType } = await find(exchange);
  const bytes = await exchange.store.manifestBytes(digest);
  answer(exchange, 200, { 'content-type': mediaType, 'docker-content-digest': digest }, bytes);
};

function invalid(message: string): RequestRefusal {
  return new RequestRefusal(400, 'MANIFEST_INVALID', message);
}

function parse(bytes: Buffer, mediaType: string): Json {
  let manifest: unknown;
  try {
    manifest = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid('the manifest is not JSON');
  }
  if (!isObject(manifest)) throw invalid('the manifest is not a JSON object');
  if (manifest.mediaType !== undefined && manifest.mediaType !== mediaType) {
    throw invalid(`mediaType is ${String(manifest.mediaType)}, Content-Type is ${mediaType}`);
  }
  return manifest;
}

function descriptors(manifest: Json, key: string): readonly Json[] {
  const value = manifest[key];
  if (value === undefined || value === null) return [];
  const list = Array.isArray(value) ? value : [value];
  for (const entry of list) {
    if (!isObject(entry) || typeof entry.digest !== 'string' || !isDigest(entry.digest)) {
      throw invalid(`${key} has an entry that is not a descriptor`);
    }
  }
  return list as readonly Json[];
}

/** Every blob and manifest that is referred to must be here; the `subject` may come later. */
async function missingIn(exchange: Exchange, manifest: Json): Promise<readonly string[]> {
  const { store, name } = exchange;
  const missing: string[] = [];
  const blobs = [...descriptors(manifest, 'config'), ...descriptors(manifest, 'layers')];
  for (const { digest, mediaType } of blobs) {
    if (isForeignLayer(String(mediaType))) continue;
    if ((await store.blob(name, String(digest))) === undefined) missing.push(String(digest));
  }
  for (const { digest } of descriptors(manifest, 'manifests')) {
    if ((await store.manifest(name, String(digest))) === undefined) missing.push(String(digest));
  }
  return missing;
}

/** Refuses another manifest than the first; nothing is waited for between question and answer. */
function takeOnly({ only, name }: Exchange, digest: string | undefined): void {
  if (only?.name !== name) return;
  only.digest ??= digest;
  if (digest !== undefined && only.digest === digest) return;
  const message = 'this repository takes one manifest, which stays';
  throw new RequestRefusal(400, 'MANIFEST_INVALID', message);
}

/** PUT by tag or digest. Stored under the digest first, the tag moves last. */
export const putManifest: RouteHandler = async (exchange) => {
  const { request, store, name, rest } = exchange;
  if (!isDigest(rest) && !isTag(rest)) throw neither(rest);
  const bytes = await bodyOf(request, DOCUMENT_LIMIT);
  if (bytes === undefined) {
    throw new RequestRefusal(413, 'SIZE_INVALID', `a manifest has at most ${DOCUMENT_LIMIT_TEXT}`);
  }
  const mediaType = (request.headers['content-type'] ?? '').replace(/;.*/s, '').trim();
  if (mediaType === '') throw invalid('Content-Type is missing');
  const digest = digestOf(bytes, isDigest(rest) ? rest : undefined);
  if (isDigest(rest) && rest !== digest) {
    throw new RequestRefusal(400, 'DIGEST_INVALID', `the content is ${digest}, not ${rest}`);
  }
  const manifest = parse(bytes, mediaType);
  takeOnly(exchange, digest);
  const [subject] = descriptors(manifest, 'subject');
  const missing = await missingIn(exchange, manifest);
  if (missing.length > 0) {
    const message = `${name} has no ${missing.join(', ')}`;
    const detail = missing.map((one) => ({ digest: one }));
    throw new RequestRefusal(400, 'MANIFEST_BLOB_UNKNOWN', message, { detail });
  }
  await store.putManifest(name, digest, mediaType, bytes);
  if (!isDigest(rest)) await store.setTag(name, rest, digest);
  answer(exchange, 201, {
    location: `/v2/${name}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...defined({ 'oci-subject': subject && String(subject.digest) }),
  });
};

/** DELETE: a tag alone, or a manifest with every tag on it. */
export const deleteManifest: RouteHandler = async (exchange) => {
  const { store, name, rest } = exchange;
  takeOnly(exchange, undefined);
  const { digest } = await find(exchange);
  if (isDigest(rest)) await store.removeManifest(name, digest);
  else await store.removeTag(name, rest);
  answer(exchange, 202);
};
