import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { type Files, listen } from '../../ports/index.js';
import { isRepositoryPath } from '../../reference/index.js';
import { defined } from '../../types/index.js';
import { deleteBlob, getBlob } from './blobs.js';
import type { Exchange, RouteHandler } from './exchange.js';
import { listReferrers, listTags } from './listings.js';
import { deleteManifest, getManifest, putManifest } from './manifests.js';
import { RequestRefusal } from './refusal.js';
import { openSessions } from './sessions.js';
import { openStore } from './store.js';
import { appendChunk, cancelUpload, finishUpload, startUpload, uploadState } from './uploads.js';

/** A registry in this process, while it runs. */
export interface EmbeddedRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** The same registry on the other address that it was given: `172.18.0.1:PORT`. */
  readonly beside?: string;
  /** The bytes of a blob that a repository of it has. */
  read(digest: string): Readable;
  /** Why its disk takes nothing more; node's error, with its code. */
  fault(): Error | undefined;
  /** Stops; the directory stays as it is. */
  close(): Promise<void>;
}

const routes: readonly (readonly [RegExp, Readonly<Record<string, RouteHandler>>])[] = [
  [/^\/v2\/(.+)\/blobs\/uploads\/()$/, { POST: startUpload }],
  [
    /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/,
    { GET: uploadState, PATCH: appendChunk, PUT: finishUpload, DELETE: cancelUpload },
  ],
  [/^\/v2\/(.+)\/blobs\/([^/]+)$/, { GET: getBlob, HEAD: getBlob, DELETE: deleteBlob }],
  [
    /^\/v2\/(.+)\/manifests\/([^/]+)$/,
    { GET: getManifest, HEAD: getManifest, PUT: putManifest, DELETE: deleteManifest },
  ],
  [/^\/v2\/(.+)\/tags\/(list)$/, { GET: listTags }],
  [/^\/v2\/(.+)\/referrers\/([^/]+)$/, { GET: listReferrers }],
];

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

interface ServerState extends Pick<Exchange, 'store' | 'sessions' | 'only'> {
  readonly within: string | undefined;
}

async function handle(shared: ServerState, request: IncomingMessage, response: ServerResponse) {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://registry');
  if (pathname === '/v2/' || pathname === '/v2') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '2' });
    response.end('{}');
    return;
  }
  for (const [pattern, methods] of routes) {
    const match = pattern.exec(pathname);
    if (match === null) continue;
    const [, name = '', rest = ''] = match;
    if (!isRepositoryPath(name))
      throw new RequestRefusal(400, 'NAME_INVALID', `"${name}" is not a name`);
    if (shared.within !== undefined && !name.startsWith(`${shared.within}/`))
      throw new RequestRefusal(404, 'NAME_UNKNOWN', `there is no repository ${name}`);
    const handler = Object.hasOwn(methods, request.method ?? '')
      ? methods[request.method ?? '']
      : undefined;
    if (handler === undefined) {
      const allow = { allow: Object.keys(methods).join(', ') };
      throw new RequestRefusal(405, 'UNSUPPORTED', `${request.method} is not for this path`, {
        headers: allow,
      });
    }
    const exchange = { ...shared, request, response, query, name, rest: decoded(rest) };
    return handler(exchange);
  }
  throw new RequestRefusal(404, 'UNSUPPORTED', `${pathname} is not a path of a registry`);
}

/** What an embedded registry is started with. */
interface EmbeddedSetup {
  readonly files: Files;
  readonly directory: string;
  readonly layout?: string;
  /** Another IPv4 address of this machine on which it listens, too. */
  readonly beside?: string;
  /** It has no repositories but those below this path, which serves as a password. */
  readonly within?: string;
  /** This repository takes one manifest, the first, and none is removed. */
  readonly single?: string;
}

const OF_THE_DISK: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

function isOfTheDisk(error: unknown): error is Error {
  return OF_THE_DISK.has((error as NodeJS.ErrnoException).code ?? '');
}

/** Clients do not retry a 507. */
function statusOf(error: unknown): number {
  if (error instanceof RequestRefusal) return error.status;
  return isOfTheDisk(error) ? 507 : 500;
}

function refuse(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent || (request.destroyed && !request.complete)) {
    response.destroy();
    return;
  }
  const refusal = error instanceof RequestRefusal ? error : undefined;
  const body =
    refusal?.body ?? JSON.stringify({ errors: [{ code: 'UNKNOWN', message: `${error}` }] });
  request.resume();
  response.writeHead(statusOf(error), {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...refusal?.headers,
  });
  // Node leaves a body out where a HEAD asked for it.
  response.end(body);
}

/**
 * A registry in this process, on 127.0.0.1, that keeps its content in
 * `directory` (OCI distribution-spec 1.1: pull, push, content discovery, content
 * management; sha256 and sha512). It requires no login. What the OCI layout
 * in `layout` has, it has too, without an upload. Rejects with node's error codes
 * where it cannot listen.
 */
export async function startEmbeddedRegistry(setup: EmbeddedSetup): Promise<EmbeddedRegistry> {
  const store = await openStore(setup.files, setup.directory, setup.layout);
  const sessions = openSessions(setup.files);
  const only = setup.single === undefined ? {} : { only: { name: setup.single } };
  const state = { store, sessions, within: setup.within, ...only };
  let fault: Error | undefined;
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    // A client that goes away in the middle is no error of the server's.
    response.on('error', () => {});
    const handled =
      fault === undefined ? handle(state, request, response) : Promise.reject<void>(fault);
    handled.catch((error: unknown) => {
      if (isOfTheDisk(error)) fault = error;
      refuse(error, request, response);
    });
  };
  const listening = await listen(serve);
  const second =
    setup.beside === undefined
      ? undefined
      : await listen(serve, setup.beside).catch(async (error: unknown) => {
          await listening.close();
          throw error;
        });
  return {
    host: listening.host,
    ...defined({ beside: second?.host }),
    read: (digest) => store.read(digest),
    fault: () => fault,
    async close() {
      await Promise.all([listening.close(), second?.close()]);
      await sessions.endAll();
    },
  };
}
