import type { IncomingMessage, ServerResponse } from 'node:http';
import { isDigest } from '../../reference/index.js';
import { RequestRefusal } from './refusal.js';
import type { Sessions } from './sessions.js';
import type { ContentStore } from './store.js';

/** One request with all that a handler needs. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** The repository. */
  readonly name: string;
  /** What follows in the path: a digest, a tag, an upload's id. */
  readonly rest: string;
  readonly store: ContentStore;
  readonly sessions: Sessions;
  /** The repository that takes only one manifest: which one that is, once it has come. */
  readonly only?: { readonly name: string; digest?: string | undefined };
}

export type RouteHandler = (exchange: Exchange) => Promise<void>;

export function answer(
  { request, response }: Exchange,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body?: string | Buffer,
): void {
  // What was not read of a request's body must not be taken for the next request.
  request.resume();
  response.writeHead(status, {
    'content-length': String(Buffer.byteLength(body ?? '')),
    ...headers,
  });
  response.end(body);
}

/** Refuses with DIGEST_INVALID what is not a digest of sha256 or sha512. */
export function wholeDigest(text: string | null): string {
  if (text !== null && isDigest(text)) return text;
  throw new RequestRefusal(
    400,
    'DIGEST_INVALID',
    `"${text ?? ''}" is not a sha256 or sha512 digest`,
  );
}

/** Reads a body of at most `limit` bytes. */
export async function bodyOf(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
  }
  return length > limit ? undefined : Buffer.concat(chunks);
}
