import { defined } from '../types/index.js';

/** What went wrong with a registry, whatever it calls that itself. */
export type RegistryErrorCode =
  /** 401 after every way to authenticate was tried. */
  | 'unauthorized'
  /** 403. */
  | 'denied'
  | 'not-found'
  /** 429 to the last try. */
  | 'rate-limited'
  /** 5xx to the last try. */
  | 'server'
  /** No connection: refused, unknown host, TLS. */
  | 'unreachable'
  /** No byte for the idle time, no answer in time, or a body that comes too slowly. */
  | 'timed-out'
  /** The connection ended before the answer did. */
  | 'cut-off'
  /** Bytes do not have the digest or the size that names them. */
  | 'wrong-digest'
  /** The registry refused what it was sent: another 4xx. */
  | 'refused'
  /** The same of a manifest that has layers which some registries do not take. */
  | 'layer-type'
  /** It refuses what it granted, or lacks what it took, in this run. */
  | 'inconsistent'
  /** The answer is not what the distribution-spec says. */
  | 'protocol'
  /** What answers is no registry: a captive portal, or some web server. */
  | 'no-registry'
  /** A place where credentials or requests must not go. */
  | 'unsafe'
  /** The credentials cannot be read. */
  | 'credentials';

interface ReportedError {
  readonly code: string;
  readonly message: string;
}

/** Requests in a window of time, as far as a registry tells. */
export interface RateLimit {
  readonly requests?: number;
  /** Milliseconds. */
  readonly window?: number;
  readonly left?: number;
}

/** Who answers: a registry, or a page in its place. */
export type Speaker = 'registry' | 'page';

export interface RegistryErrorFacts {
  readonly code: RegistryErrorCode;
  /** Method and URL without user, password and foreign query values. */
  readonly request: string;
  readonly status?: number;
  /** What the registry said, from the body's `errors` (distribution-spec, "Error Codes"). */
  readonly oci?: readonly ReportedError[];
  /** At most 64 KiB of the body. */
  readonly body?: string;
  /** What was found, where the code alone does not say it. */
  readonly detail?: string;
  /** Whose answer it shows itself to be; undefined where it does not. */
  readonly speaker?: Speaker;
  /** Milliseconds that the registry asked to wait. */
  readonly retryAfter?: number;
  /** What it said of its limit on requests. */
  readonly limit?: RateLimit;
  /** Whether there is a login for the registry, as far as that matters: for 401 and 403. */
  readonly login?: boolean;
  /** Worth another try. */
  readonly transient?: boolean;
  /** Worth another look: it is about something that the registry took a moment ago. */
  readonly fresh?: boolean;
  readonly cause?: unknown;
}

/** What went wrong between us and a registry. Holds no credentials. */
export class RegistryError extends Error {
  readonly code: RegistryErrorCode;
  readonly request: string;
  readonly status: number | undefined;
  readonly oci: readonly ReportedError[];
  readonly body: string | undefined;
  readonly detail: string | undefined;
  readonly speaker: Speaker | undefined;
  readonly retryAfter: number | undefined;
  readonly limit: RateLimit | undefined;
  readonly login: boolean | undefined;
  readonly transient: boolean;
  readonly fresh: boolean;

  constructor(facts: RegistryErrorFacts) {
    const said = facts.detail ?? facts.oci?.map((one) => one.code).join(', ') ?? '';
    const status = facts.status === undefined ? '' : ` ${facts.status}`;
    super(
      `${facts.request}: ${facts.code}${status}${said === '' ? '' : ` (${said})`}`,
      defined({ cause: facts.cause }),
    );
    this.name = 'RegistryError';
    this.code = facts.code;
    this.request = facts.request;
    this.status = facts.status;
    this.oci = facts.oci ?? [];
    this.body = facts.body;
    this.detail = facts.detail;
    this.speaker = facts.speaker;
    this.retryAfter = facts.retryAfter;
    this.limit = facts.limit;
    this.login = facts.login;
    this.transient = facts.transient ?? false;
    this.fresh = facts.fresh ?? false;
  }

  get ociCodes(): readonly string[] {
    return this.oci.map((one) => one.code);
  }
}

const NOBODY = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

/** Whether no connection was made at all, without a proxy: no other program of this machine gets one either. */
export function hasNoConnection({ code, cause }: RegistryError): boolean {
  const { code: errno = '', proxy } = (cause ?? {}) as { code?: string; proxy?: string };
  return code === 'unreachable' && proxy === undefined && NOBODY.includes(errno);
}

const HARMLESS = new Set(['digest', 'mount', 'from', 'n', 'last', 'artifactType']);

/** `PUT https://host/path?digest=…`: user, password and query values that may be secrets are gone. */
export function redactedRequest(method: string, url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  parsed.hash = '';
  for (const key of new Set(parsed.searchParams.keys())) {
    if (!HARMLESS.has(key)) parsed.searchParams.set(key, 'redacted');
  }
  return `${method} ${decodeQuery(parsed.href)}`;
}

function decodeQuery(href: string): string {
  return href.replaceAll('%3A', ':').replaceAll('%2F', '/');
}

/** Reads `{"errors":[{"code","message"}]}`; anything else is no error of the registry's. */
export function ociErrors(body: string): readonly ReportedError[] {
  try {
    const { errors } = JSON.parse(body) as { errors?: unknown };
    if (!Array.isArray(errors)) return [];
    return errors.slice(0, 10).flatMap((one: unknown) => {
      const { code, message } = (one ?? {}) as { code?: unknown; message?: unknown };
      if (typeof code !== 'string') return [];
      const text = typeof message === 'string' ? message.slice(0, 500) : '';
      return [{ code: code.slice(0, 100), message: text }];
    });
  } catch {
    return [];
  }
}
