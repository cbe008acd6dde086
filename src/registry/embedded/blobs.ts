import { pipeline } from 'node:stream/promises';
import { answer, type RouteHandler, wholeDigest } from './exchange.js';
import { RequestRefusal } from './refusal.js';

/** One range of bytes, or the last so many of them (RFC 9110, 14.1.2). */
function rangeOf(header: string | undefined, size: number) {
  const match = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/.exec(header ?? '');
  if (match === null) return undefined;
  const [, first, last, suffix] = match;
  const start = suffix === undefined ? Number(first) : size - Math.min(Number(suffix), size);
  const end = Math.min(Number(last || size - 1), size - 1);
  if (start >= size || end < start) {
    const headers = { 'content-range': `bytes */${size}` };
    throw new RequestRefusal(416, 'SIZE_INVALID', `${header} is outside of ${size} bytes`, {
      headers,
    });
  }
  return { start, end };
}

/** GET and HEAD; a GET may ask for one range of bytes. */
export const getBlob: RouteHandler = async (exchange) => {
  const { request, response, store, name } = exchange;
  const digest = wholeDigest(exchange.rest);
  const blob = await store.blob(name, digest);
  if (blob === undefined)
    throw new RequestRefusal(404, 'BLOB_UNKNOWN', `${name} has no blob ${digest}`);
  const range = request.method === 'GET' ? rangeOf(request.headers.range, blob.size) : undefined;
  const length = range === undefined ? blob.size : range.end - range.start + 1;
  response.writeHead(range === undefined ? 200 : 206, {
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    'content-length': String(length),
    'docker-content-digest': digest,
    ...(range === undefined
      ? {}
      : { 'content-range': `bytes ${range.start}-${range.end}/${blob.size}` }),
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(store.read(digest, range), response);
};

export const deleteBlob: RouteHandler = async (exchange) => {
  const { store, name } = exchange;
  const digest = wholeDigest(exchange.rest);
  if ((await store.blob(name, digest)) === undefined) {
    throw new RequestRefusal(404, 'BLOB_UNKNOWN', `${name} has no blob ${digest}`);
  }
  await store.unlinkBlob(name, digest);
  answer(exchange, 202);
};
