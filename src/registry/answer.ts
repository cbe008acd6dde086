import type { Readable } from 'node:stream';
import { types } from 'node:util';
import { DOCUMENT_TIME, endWithin, type HttpResponse } from '../ports/index.js';
import { defined } from '../types/index.js';
import { ociErrors, RegistryError, type RegistryErrorCode, type Speaker } from './errors.js';
import { rateLimitIn, resetIn } from './limits.js';
import { isTransientStatus, retryAfter } from './retry.js';
import { hasRegistryHeader, isPage } from './speaker.js';

const ERROR_BODY = 64 * 1024;

/**
 * Reads at most `limit` bytes, for at most `time` milliseconds; `more` says that
 * the body was longer. The rest is not waited for.
 */
export async function readUpTo(
  body: Readable,
  limit: number,
  time = DOCUMENT_TIME,
): Promise<{ readonly bytes: Buffer; readonly more: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  const stop = endWithin(body, time);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) break;
    }
  } finally {
    stop();
  }
  return { bytes: Buffer.concat(chunks).subarray(0, limit), more: length > limit };
}

/** Throws away a body that says nothing, so that its connection can be used again. */
export function discard(response: HttpResponse): void {
  response.body.on('error', () => {});
  const length = Number(response.headers.get('content-length') ?? 0);
  if (length > ERROR_BODY) response.body.destroy();
  else response.body.resume();
}

/** That a body is encoded though none was asked for: clients that decode it get other bytes. */
export function encodingProblem({ headers }: Pick<HttpResponse, 'headers'>): string | undefined {
  const encoding = headers.get('content-encoding') ?? '';
  if (/^(identity)?$/i.test(encoding)) return undefined;
  return `Content-Encoding is ${encoding}; expected identity`;
}

/** What the registry says the digest is; it may say nothing, and an empty header says as little. */
export function claimIn({ headers }: Pick<HttpResponse, 'headers'>): string | undefined {
  return headers.get('docker-content-digest') || undefined;
}

/** The request as errors show it, and what must not be shown of it. */
interface RequestContext {
  readonly request: string;
  readonly secrets: readonly string[];
  /** Whether there is a login for the registry; undefined where that was not looked up. */
  readonly login?: boolean;
}

function codeOf(status: number): RegistryErrorCode {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'denied';
  if (status === 404) return 'not-found';
  if (status === 429) return 'rate-limited';
  if (status >= 500 || isTransientStatus(status)) return 'server';
  return status >= 400 ? 'refused' : 'protocol';
}

function scrub(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, 'redacted'), text);
}

function speakerOf(
  response: HttpResponse,
  body: string,
  oci: RegistryError['oci'],
): Speaker | undefined {
  if (oci.length > 0 || hasRegistryHeader(response)) return 'registry';
  return isPage(response) && body.trim() !== '' ? 'page' : undefined;
}

/** The error that an answer with an unexpected status is. Reads its body. */
export async function failureOf(
  response: HttpResponse,
  shown: RequestContext,
  now: Date,
): Promise<RegistryError> {
  const read = await readUpTo(response.body, ERROR_BODY).catch(() => undefined);
  const body = scrub(read?.bytes.toString('utf8') ?? '', shown.secrets);
  const { headers, status } = response;
  const limited = status === 429 ? resetIn(headers, now) : undefined;
  const wait = retryAfter(headers.get('retry-after'), now) ?? limited;
  const limit = rateLimitIn(headers);
  const oci = ociErrors(body);
  return new RegistryError({
    code: codeOf(status),
    request: shown.request,
    status,
    oci,
    body,
    transient: isTransientStatus(status),
    ...defined({
      retryAfter: wait,
      limit,
      login: shown.login,
      speaker: speakerOf(response, body, oci),
    }),
  });
}

/** Why there is no connection; these may pass. */
const UNREACHABLE: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there (ECONNREFUSED)'],
  ['EAI_AGAIN', 'its name could not be looked up (EAI_AGAIN)'],
  ['EHOSTUNREACH', 'no route leads to it (EHOSTUNREACH)'],
  ['ENETUNREACH', 'its network cannot be reached (ENETUNREACH)'],
]);
const CUT = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);

const WRONG_VERSION = /wrong version number|packet length too long|http request/i;

function tlsProblem(code: string, message: string, request: string): string {
  if (WRONG_VERSION.test(message))
    return "it does not speak TLS; a registry over plain HTTP has to be one of the engine's insecure-registries (daemon.json)";
  const ours = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)/.test(code);
  const remedy = ours
    ? `; add its certificate authority as /etc/docker/certs.d/${new URL(request.split(' ')[1] ?? '').host}/ca.crt, or name it in NODE_EXTRA_CA_CERTS`
    : '';
  return `TLS: ${message}${remedy}`;
}

interface NetworkError extends NodeJS.ErrnoException {
  /** The proxy on whose way it happened. */
  readonly proxy?: string;
  /** What the proxy answered. */
  readonly statusCode?: number;
}

/** What a proxy did wrong, and whether that may pass; undefined where it was not the proxy. */
function proxyProblem(
  error: NetworkError,
): readonly [detail: string, transient: boolean] | undefined {
  const { code = '', message, syscall, proxy, statusCode } = error;
  if (code === 'ERR_PROXY_SETTING') return [message, false];
  if (proxy === undefined) return undefined;
  if (code === 'ERR_PROXY_TUNNEL') {
    const answer = /HTTP\/1\.[01] (\d{3}[^\r\n]*)/.exec(message)?.[1];
    const did = answer === undefined ? 'opened no connection to it' : `answered ${answer.trim()}`;
    return [`the proxy ${proxy} ${did}`, statusCode === undefined || statusCode >= 500];
  }
  return syscall === 'connect' || syscall === 'getaddrinfo'
    ? [`the proxy ${proxy} cannot be reached (${code})`, UNREACHABLE.has(code)]
    : undefined;
}

/**
 * The error that a broken exchange is. What is no matter of the network, an
 * abort or a file that cannot be read, comes back as it was.
 */
export function brokenExchange(error: unknown, request: string): unknown {
  if (error instanceof RegistryError || !types.isNativeError(error)) return error;
  if (error.name === 'AbortError') return error;
  const { code = '', syscall } = error as NetworkError;
  const make = (kind: RegistryErrorCode, detail: string, transient: boolean) =>
    new RegistryError({ code: kind, request, detail, transient, cause: error });
  const proxy = proxyProblem(error);
  if (proxy !== undefined) return make('unreachable', ...proxy);
  if (code === 'ERR_METADATA_ADDRESS') return make('unsafe', error.message, false);
  if (code === 'ETIMEDOUT') return make('timed-out', error.message, true);
  if (CUT.has(code)) return make('cut-off', code, true);
  const why = UNREACHABLE.get(code);
  if (why !== undefined) return make('unreachable', why, true);
  if (code === 'ENOTFOUND') return make('unreachable', 'no such host', false);
  if (code.startsWith('HPE_')) return make('protocol', 'its answer is not HTTP', false);
  if (syscall === 'connect' || syscall === 'getaddrinfo') return make('unreachable', code, false);
  const isTls = /CERT|ERR_(TLS|SSL)|UNABLE_TO|EPROTO/.test(code);
  return isTls ? make('unreachable', tlsProblem(code, error.message, request), false) : error;
}
