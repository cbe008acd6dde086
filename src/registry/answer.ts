import type { Readable } from 'node:stream';
import { types } from 'node:util';
import type { HttpResponse } from '../ports/index.js';
import { ociErrors, RegistryError, type RegistryErrorCode } from './errors.js';
import { isTransientStatus, retryAfter } from './retry.js';

const ERROR_BODY = 64 * 1024;

/** Reads at most `limit` bytes; `more` says that the body was longer. The rest is not waited for. */
export async function readUpTo(
  body: Readable,
  limit: number,
): Promise<{ readonly bytes: Buffer; readonly more: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) break;
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

/** The request as errors show it, and what must not be shown of it. */
export interface Shown {
  readonly request: string;
  readonly secrets: readonly string[];
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

/** The error that an answer with an unexpected status is. Reads its body. */
export async function failureOf(
  response: HttpResponse,
  shown: Shown,
  now: Date,
): Promise<RegistryError> {
  const read = await readUpTo(response.body, ERROR_BODY).catch(() => undefined);
  const body = scrub(read?.bytes.toString('utf8') ?? '', shown.secrets);
  const wait = retryAfter(response.headers.get('retry-after'), now);
  return new RegistryError({
    code: codeOf(response.status),
    request: shown.request,
    status: response.status,
    oci: ociErrors(body),
    body,
    transient: isTransientStatus(response.status),
    ...(wait === undefined ? {} : { retryAfter: wait }),
  });
}

const UNREACHABLE = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const CUT = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);

/**
 * The error that a broken exchange is. What is no matter of the network, an
 * abort or a file that cannot be read, comes back as it was.
 */
export function brokenExchange(error: unknown, request: string): unknown {
  if (error instanceof RegistryError || !types.isNativeError(error)) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const make = (kind: RegistryErrorCode, detail: string, transient: boolean) =>
    new RegistryError({ code: kind, request, detail, transient, cause: error });
  if (code === 'ETIMEDOUT') return make('timed-out', error.message, true);
  if (CUT.has(code)) return make('cut-off', code, true);
  if (UNREACHABLE.has(code)) return make('unreachable', code, true);
  if (code === 'ENOTFOUND') return make('unreachable', 'no such host', false);
  if (code.startsWith('HPE_')) return make('protocol', 'its answer is not HTTP', false);
  const { syscall } = error as NodeJS.ErrnoException;
  if (syscall === 'connect' || syscall === 'getaddrinfo') return make('unreachable', code, false);
  const isTls = /CERT|SELF_SIGNED|^ERR_(TLS|SSL)|^UNABLE_TO|^EPROTO/.test(code);
  return isTls ? make('unreachable', `TLS: ${error.message}`, false) : error;
}
