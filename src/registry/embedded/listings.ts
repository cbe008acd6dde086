import type { Json } from '../../oci/index.js';
import { defined } from '../../types/index.js';
import { answer, type Exchange, type RouteHandler, wholeDigest } from './exchange.js';
import { RequestRefusal } from './refusal.js';

const INDEX = 'application/vnd.oci.image.index.v1+json';

function pageSize(query: URLSearchParams): number | undefined {
  const written = query.get('n');
  if (written === null) return undefined;
  if (/^\d{1,9}$/.test(written)) return Number(written);
  throw new RequestRefusal(400, 'UNSUPPORTED', `n is "${written}", a number was expected`);
}

/** GET tags/list, in code unit order, with `n`, `last` and `Link`. */
export const listTags: RouteHandler = async (exchange) => {
  const { store, name, query } = exchange;
  if (!(await store.hasRepository(name))) {
    throw new RequestRefusal(404, 'NAME_UNKNOWN', `there is no repository ${name}`);
  }
  const size = pageSize(query);
  const last = query.get('last');
  const all = (await store.tags(name)).filter((tag) => last === null || tag > last);
  const tags = size === undefined ? all : all.slice(0, size);
  const more = tags.length > 0 && tags.length < all.length;
  const next = new URLSearchParams({ n: String(size), last: tags.at(-1) ?? '' });
  answer(
    exchange,
    200,
    {
      'content-type': 'application/json',
      ...(more ? { link: `</v2/${name}/tags/list?${next}>; rel="next"` } : {}),
    },
    JSON.stringify({ name, tags }),
  );
};

function artifactTypeOf(manifest: Json): string | undefined {
  if (typeof manifest.artifactType === 'string' && manifest.artifactType !== '') {
    return manifest.artifactType;
  }
  const config = manifest.config as Json | undefined;
  return typeof config?.mediaType === 'string' ? config.mediaType : undefined;
}

/** The entry of a manifest that refers to `subject` (distribution-spec, "Listing Referrers"). */
async function referrer(exchange: Exchange, digest: string, subject: string) {
  const { store, name } = exchange;
  const stored = await store.manifest(name, digest);
  const manifest = JSON.parse((await store.manifestBytes(digest)).toString('utf8')) as Json;
  if ((manifest.subject as Json | undefined)?.digest !== subject || stored === undefined) return [];
  const artifactType = artifactTypeOf(manifest);
  return [
    {
      mediaType: stored.mediaType,
      digest,
      size: stored.size,
      ...defined({ artifactType, annotations: manifest.annotations }),
    },
  ];
}

export const listReferrers: RouteHandler = async (exchange) => {
  const { store, name, query } = exchange;
  const subject = wholeDigest(exchange.rest);
  const wanted = query.get('artifactType');
  const found = [];
  for (const digest of await store.manifests(name)) {
    found.push(...(await referrer(exchange, digest, subject)));
  }
  const manifests = found.filter((one) => wanted === null || one.artifactType === wanted);
  answer(
    exchange,
    200,
    {
      'content-type': INDEX,
      ...(wanted === null ? {} : { 'oci-filters-applied': 'artifactType' }),
    },
    JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }),
  );
};
