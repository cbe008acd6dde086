import type { IncomingMessage } from 'node:http';
import { answer, type Exchange, type RouteHandler, wholeDigest } from './exchange.js';
import { RequestRefusal } from './refusal.js';
import type { Session } from './sessions.js';

function locationOf(session: Session): string {
  return `/v2/${session.name}/blobs/uploads/${session.id}`;
}

function stateOf(session: Session): Record<string, string> {
  return {
    location: locationOf(session),
    range: `0-${Math.max(0, session.size - 1)}`,
    'docker-upload-uuid': session.id,
  };
}

/**
 * Appends a request's body. What came before a cut stays: the client may ask and
 * go on. What the disk did not take cannot be gone on with.
 */
async function append({ request, sessions }: Exchange, session: Session): Promise<void> {
  let failed: unknown;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    // The rest is read all the same: a client that is cut off in the middle gets no answer.
    if (failed !== undefined) continue;
    try {
      await session.writer.write(chunk);
      session.hash.update(chunk);
      session.size += chunk.length;
    } catch (error) {
      failed = error;
      await sessions.end(session);
    }
  }
  if (failed !== undefined) throw failed;
}

/** A `Content-Range: 0-1023` must begin where the upload stands, and match the length. */
function checkRange(session: Session, request: IncomingMessage): void {
  const written = request.headers['content-range'];
  if (written === undefined) return;
  const match = /^(?:bytes )?(\d+)-(\d+)$/.exec(written);
  const [start, end] = [Number(match?.[1]), Number(match?.[2])];
  const length = Number(request.headers['content-length'] ?? end - start + 1);
  if (match === null || start !== session.size || end - start + 1 !== length) {
    const message = `Content-Range is ${written}; ${session.size} bytes are here`;
    throw new RequestRefusal(416, 'BLOB_UPLOAD_INVALID', message, {
      headers: stateOf(session),
    });
  }
}

async function writing<T>(session: Session, work: () => Promise<T>): Promise<T> {
  if (session.busy) {
    throw new RequestRefusal(400, 'BLOB_UPLOAD_INVALID', 'another request writes to this upload');
  }
  session.busy = true;
  try {
    return await work();
  } finally {
    session.busy = false;
  }
}

/** Closes the file, checks the digest, takes the content in. */
async function close(exchange: Exchange, session: Session, digest: string): Promise<void> {
  const { store, sessions, name } = exchange;
  await session.writer.end().catch(async (error: unknown) => {
    await sessions.end(session);
    throw error;
  });
  const found = digest.startsWith('sha256:')
    ? `sha256:${session.hash.digest('hex')}`
    : await sessions.digestFile(session.path, digest);
  if (found !== digest) {
    await sessions.end(session);
    throw new RequestRefusal(400, 'DIGEST_INVALID', `the content is ${found}, not ${digest}`);
  }
  await store.adopt(name, digest, session.path);
  await sessions.end(session);
  answer(exchange, 201, {
    location: `/v2/${name}/blobs/${digest}`,
    'docker-content-digest': digest,
  });
}

async function mounted(exchange: Exchange, digest: string, from: string): Promise<boolean> {
  const { store, name } = exchange;
  if ((await store.blob(from, digest)) === undefined) return false;
  await store.linkBlob(name, digest);
  answer(exchange, 201, {
    location: `/v2/${name}/blobs/${digest}`,
    'docker-content-digest': digest,
  });
  return true;
}

/** POST: mounts, takes a whole blob (`?digest=`), or begins an upload. */
export const startUpload: RouteHandler = async (exchange) => {
  const { query, store, sessions, name } = exchange;
  const from = query.get('from');
  if (query.has('mount') && from !== null) {
    if (await mounted(exchange, wholeDigest(query.get('mount')), from)) return;
  }
  const digest = query.has('digest') ? wholeDigest(query.get('digest')) : undefined;
  const session = sessions.start(name, store);
  if (digest === undefined) return answer(exchange, 202, stateOf(session));
  await append(exchange, session);
  await close(exchange, session, digest);
};

/** GET: how far an upload has come. */
export const uploadState: RouteHandler = async (exchange) => {
  const session = exchange.sessions.find(exchange.name, exchange.rest);
  answer(exchange, 204, stateOf(session));
};

export const appendChunk: RouteHandler = async (exchange) => {
  const session = exchange.sessions.find(exchange.name, exchange.rest);
  await writing(session, async () => {
    checkRange(session, exchange.request);
    await append(exchange, session);
  });
  answer(exchange, 202, stateOf(session));
};

export const finishUpload: RouteHandler = async (exchange) => {
  const session = exchange.sessions.find(exchange.name, exchange.rest);
  const digest = wholeDigest(exchange.query.get('digest'));
  await writing(session, async () => {
    checkRange(session, exchange.request);
    await append(exchange, session);
    await close(exchange, session, digest);
  });
};

export const cancelUpload: RouteHandler = async (exchange) => {
  await exchange.sessions.end(exchange.sessions.find(exchange.name, exchange.rest));
  answer(exchange, 204);
};
