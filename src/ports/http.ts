import { type IncomingMessage, request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Readable | Buffer;
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte in either direction before the exchange fails (30 s). */
  readonly idle?: number;
}

/** Header names are lower-case; a repeated header is joined with `, `. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** The undecoded body. A body that is cut short fails the stream. */
  readonly body: Readable;
}

/** One exchange: no redirects followed, no retries, no decoding. Rejects with node's error codes. */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;

const IDLE = 30_000;

function headersOf(incoming: IncomingMessage): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    if (values !== undefined) headers.set(name, values.join(', '));
  }
  return headers;
}

/** The real port over node:http and node:https, with connections kept alive. */
export const http: Http = (asked) =>
  new Promise((resolve, reject) => {
    const send = new URL(asked.url).protocol === 'https:' ? secure : plain;
    const outgoing = send(asked.url, {
      method: asked.method,
      headers: asked.headers,
      ...(asked.signal === undefined ? {} : { signal: asked.signal }),
    });
    const idle = asked.idle ?? IDLE;
    let answer: IncomingMessage | undefined;
    outgoing.setTimeout(idle, () => {
      const error = new Error(`no byte came for ${idle / 1000} s`);
      // Destroying the request would end an answer under way as a plain reset.
      (answer ?? outgoing).destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
    });
    outgoing.on('error', reject);
    outgoing.once('response', (incoming) => {
      answer = incoming;
      // An answer that came before the whole body was sent leaves a connection nobody can use.
      incoming.once('close', () => {
        if (!outgoing.writableFinished) outgoing.destroy();
      });
      resolve({ status: incoming.statusCode ?? 0, headers: headersOf(incoming), body: incoming });
    });
    if (asked.body instanceof Readable) pipeline(asked.body, outgoing).catch(reject);
    else outgoing.end(asked.body);
  });
