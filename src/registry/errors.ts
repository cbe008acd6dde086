import { types } from 'node:util';

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
  /** No byte for the idle time. */
  | 'timed-out'
  /** The connection ended before the answer did. */
  | 'cut-off'
  /** Bytes do not have the digest or the size that names them. */
  | 'wrong-digest'
  /** The registry refused what it was sent: another 4xx. */
  | 'refused'
  /** The answer is not what the distribution-spec says. */
  | 'protocol'
  /** A place where credentials or requests must not go. */
  | 'unsafe'
  /** The credentials could not be had. */
  | 'credentials';

export interface OciError {
  readonly code: string;
  readonly message: string;
}

export interface RegistryErrorFacts {
  readonly code: RegistryErrorCode;
  /** Method and URL without user, password and foreign query values. */
  readonly request: string;
  readonly status?: number;
  /** What the registry said, from the body's `errors` (distribution-spec, "Error Codes"). */
  readonly oci?: readonly OciError[];
  /** At most 64 KiB of the body. */
  readonly body?: string;
  /** What was found, where the code alone does not say it. */
  readonly detail?: string;
  /** Milliseconds that the registry asked to wait. */
  readonly retryAfter?: number;
  /** Worth another try. */
  readonly transient?: boolean;
  readonly cause?: unknown;
}

/** What went wrong between us and a registry. Holds no credentials. */
export class RegistryError extends Error {
  readonly code: RegistryErrorCode;
  readonly request: string;
  readonly status: number | undefined;
  readonly oci: readonly OciError[];
  readonly body: string | undefined;
  readonly detail: string | undefined;
  readonly retryAfter: number | undefined;
  readonly transient: boolean;

  constructor(facts: RegistryErrorFacts) {
    const said = facts.detail ?? facts.oci?.map((one) => one.code).join(', ') ?? '';
    const status = facts.status === undefined ? '' : ` ${facts.status}`;
    super(
      `${facts.request}: ${facts.code}${status}${said === '' ? '' : ` (${said})`}`,
      facts.cause === undefined ? {} : { cause: facts.cause },
    );
    this.name = 'RegistryError';
    this.code = facts.code;
    this.request = facts.request;
    this.status = facts.status;
    this.oci = facts.oci ?? [];
    this.body = facts.body;
    this.detail = facts.detail;
    this.retryAfter = facts.retryAfter;
    this.transient = facts.transient ?? false;
  }

  get ociCodes(): readonly string[] {
    return this.oci.map((one) => one.code);
  }
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
export function ociErrors(body: string): readonly OciError[] {
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

function said(error: RegistryError): string {
  const first = error.oci[0];
  if (first === undefined) return error.status === undefined ? '' : ` (${error.status})`;
  const words = first.message === '' ? first.code : `${first.code}: ${first.message}`;
  return ` (${error.status === undefined ? '' : `${error.status}, `}${words})`;
}

function place(request: string): readonly [host: string, path: string] {
  try {
    const url = new URL(request.slice(request.indexOf(' ') + 1));
    return [url.host, url.pathname];
  } catch {
    return [request, ''];
  }
}

function sentence(error: RegistryError): string {
  const [host] = place(error.request);
  const because = said(error);
  const detail = error.detail === undefined ? '' : `: ${error.detail}`;
  switch (error.code) {
    case 'unauthorized':
      return `${host} wants a login for ${error.request}${because}; log in to it before this step, or check that the login is still valid.`;
    case 'denied':
      return `${host} refused ${error.request}${because}; give this login the permission, or check the name of the repository.`;
    case 'not-found':
      return `${host} does not have what ${error.request} asks for${because}; check the name, or create the repository.`;
    case 'rate-limited':
      return `${host} limits the rate of requests and still did after several tries${because}; log in, or run again later.`;
    case 'server':
      return `${host} failed at ${error.request} in every try${because}; run again later, nothing that was uploaded is lost.`;
    case 'unreachable':
      return `${host} cannot be reached${detail}; check its name, the network and that the registry runs.`;
    case 'timed-out':
      return `${host} stopped answering at ${error.request}${detail}; run again later.`;
    case 'cut-off':
      return `${host} cut the connection during ${error.request}${detail}; run again.`;
    case 'wrong-digest':
      return `${host} answered ${error.request} with other bytes than asked for${detail}; do not use this image, and look at the registry's storage or at a proxy between.`;
    case 'refused':
      return `${host} refused ${error.request}${because}; the registry does not take this kind of content, or it has a rule against it.`;
    case 'unsafe':
      return `${host} asked for something that is not safe at ${error.request}${detail}; credentials were not sent.`;
    case 'credentials':
      return `The credentials for ${host} could not be had${detail}; mend the helper or the file, or log in again.`;
    case 'protocol':
      return `${host} answered ${error.request} in a way that the distribution-spec does not know${detail}${because}; check that this is a registry and that nothing between changes its answers.`;
  }
}

/** One sentence for people: the registry first, what was found, what to do. */
export function explain(error: unknown): string {
  if (error instanceof RegistryError) return sentence(error);
  return types.isNativeError(error) ? error.message : String(error);
}
