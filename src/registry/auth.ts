import type { Clock, Http, HttpRequest, Resolve } from '../ports/index.js';
import { defined } from '../types/index.js';
import { brokenExchange, failureOf, readUpTo } from './answer.js';
import { type Challenge, parseChallenge } from './challenge.js';
import { type Credential, CredentialError, type Credentials } from './credentials.js';
import { RegistryError, redactedRequest } from './errors.js';
import { realmProblem } from './url-policy.js';

/** Authorization for one registry. A scope is `repository:acme/greeter:pull,push`. */
export interface Authorizer {
  /** The header to send at once, from what earlier requests showed; undefined for none. */
  header(scopes: readonly string[], signal?: AbortSignal): Promise<string | undefined>;
  /**
   * The header that answers a 401's `WWW-Authenticate`, another one than the
   * request had; undefined: nothing can be added.
   */
  answer(
    refused: UnauthorizedAnswer,
    scopes: readonly string[],
    signal?: AbortSignal,
  ): Promise<string | undefined>;
  /** Whether there is a login for the registry. */
  hasLogin(): Promise<boolean>;
}

/** A 401. */
interface UnauthorizedAnswer {
  readonly challenge: string | undefined;
  /** The Authorization that the request had. */
  readonly sent: string | undefined;
}

interface AuthorizerSetup {
  readonly http: Http;
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly registry: string;
  /** `https://registry-1.docker.io`. */
  readonly base: string;
}

interface AccessToken {
  readonly header: string;
  /** On the clock's ticks. */
  readonly until: number;
}

type Bearer = Extract<Challenge, { scheme: 'bearer' }>;

const TOKEN_ANSWER = 1024 * 1024;
const DEFAULT_LIFE = 60_000;
const CLIENT = 'sea-trial';

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function tokenRequest(
  realm: URL,
  known: Bearer,
  scopes: readonly string[],
  credential: Credential,
) {
  const query = new URLSearchParams();
  if (known.service !== undefined) query.set('service', known.service);
  if (credential.kind === 'identity-token') {
    query.set('client_id', CLIENT);
    query.set('grant_type', 'refresh_token');
    if (scopes.length > 0) query.set('scope', scopes.join(' '));
    query.set('refresh_token', credential.token);
    return {
      method: 'POST',
      url: realm.href,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(query.toString()),
      secrets: [credential.token],
    };
  }
  for (const scope of scopes) query.append('scope', scope);
  const url = new URL(realm);
  for (const [key, value] of query) url.searchParams.append(key, value);
  const authorization =
    credential.kind === 'basic' ? basic(credential.username, credential.password) : undefined;
  return {
    method: 'GET',
    url: url.href,
    headers: defined({ authorization }),
    secrets:
      credential.kind === 'basic' ? [credential.password, authorization?.slice(6) ?? ''] : [],
  };
}

function parseToken(bytes: Buffer): { token: string; life: number } | undefined {
  try {
    const answer = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
    const token = answer.token || answer.access_token;
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) return undefined;
    const seconds = Number(answer.expires_in);
    return { token, life: seconds > 0 ? seconds * 1000 : DEFAULT_LIFE };
  } catch {
    return undefined;
  }
}

interface TokenNeed {
  readonly known: Bearer;
  readonly scopes: readonly string[];
  readonly credential: Credential;
  readonly signal: AbortSignal | undefined;
}

async function fetchToken(
  setup: AuthorizerSetup,
  { known, scopes, credential, signal }: TokenNeed,
): Promise<AccessToken> {
  const asked = `${known.realm}`.slice(0, 200);
  const realm = URL.canParse(known.realm) ? new URL(known.realm) : undefined;
  const base = new URL(setup.base);
  const problem =
    realm === undefined ? 'it is not a URL' : await realmProblem(realm, base, setup.resolve);
  if (realm === undefined || problem !== undefined) {
    const detail = `its token service ${JSON.stringify(asked)} cannot be trusted: ${problem}`;
    throw new RegistryError({ code: 'unsafe', request: `GET ${setup.base}/v2/`, detail });
  }
  const { secrets, ...rest } = tokenRequest(realm, known, scopes, credential);
  const request = redactedRequest(rest.method, rest.url);
  const exchange: HttpRequest = {
    ...rest,
    blockMetadata: realm.host !== base.host,
    headers: { ...rest.headers, accept: 'application/json', 'accept-encoding': 'identity' },
    ...defined({ signal }),
  };
  try {
    const response = await setup.http(exchange);
    if (response.status !== 200) {
      const login = credential.kind !== 'anonymous';
      throw await failureOf(response, { request, secrets, login }, setup.clock.now());
    }
    const { bytes } = await readUpTo(response.body, TOKEN_ANSWER);
    const parsed = parseToken(bytes);
    if (parsed === undefined) {
      const detail = 'the token service answered without a token';
      throw new RegistryError({ code: 'protocol', request, detail, status: 200 });
    }
    // A tenth is kept back: a token may expire on its way.
    const until = setup.clock.ticks() + parsed.life * 0.9;
    return { header: `Bearer ${parsed.token}`, until };
  } catch (error) {
    throw brokenExchange(error, request);
  }
}

async function credentialOf(setup: AuthorizerSetup): Promise<Credential> {
  try {
    return await setup.credentials(setup.registry);
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    throw new RegistryError({
      code: 'credentials',
      request: `GET ${setup.base}/v2/`,
      detail: error.message,
      cause: error,
    });
  }
}

/** `repository:acme/greeter` and `pull`, `push` of `repository:acme/greeter:pull,push`. */
function scopeParts(scope: string) {
  const colon = scope.lastIndexOf(':');
  return { resource: scope.slice(0, colon), actions: scope.slice(colon + 1).split(',') };
}

function addScopes(actions: Map<string, Set<string>>, scopes: readonly string[]): void {
  for (const { resource, actions: more } of scopes.map(scopeParts)) {
    actions.set(resource, new Set([...(actions.get(resource) ?? []), ...more]));
  }
}

/** The scopes of a request and of a challenge, one per resource with all its actions. */
function allScopes(scopes: readonly string[], asked = ''): readonly string[] {
  const actions = new Map<string, Set<string>>();
  addScopes(actions, [...scopes, ...asked.split(' ').filter(Boolean)]);
  return [...actions].map(([resource, set]) => `${resource}:${[...set].sort().join(',')}`).sort();
}

/** What a token service has granted so far, by resource. */
function createGrants() {
  const granted = new Map<string, Set<string>>();
  return {
    add: (scopes: readonly string[]) => addScopes(granted, scopes),
    has: (scopes: readonly string[]) =>
      scopes.length > 0 &&
      scopes
        .map(scopeParts)
        .every(({ resource, actions }) =>
          actions.every((action) => granted.get(resource)?.has(action)),
        ),
  };
}

/** A service that takes back what it granted is asked again: right after a push some do. */
function takenBack(error: unknown, registry: string, scopes: readonly string[]): unknown {
  if (!(error instanceof RegistryError) || error.code !== 'denied') return error;
  const { request, status, oci, login } = error;
  const what = scopes.map((scope) => scope.replace(/^repository:/, '')).join(' ');
  return new RegistryError({
    code: 'inconsistent',
    request,
    oci,
    detail: `granted ${what} for ${registry} in this run, and refuses it now`,
    ...defined({ status, login }),
  });
}

/**
 * Authenticates as the distribution-spec's token specification says: nothing
 * is sent before a 401 asked for it; tokens are kept per set of scopes until
 * nine tenths of their life are over; Basic where the registry asks for that.
 */
export function createAuthorizer(setup: AuthorizerSetup): Authorizer {
  let known: Challenge | undefined;
  const tokens = new Map<string, Promise<AccessToken>>();
  const granted = createGrants();

  const fetched = async (need: TokenNeed) => {
    const { scopes } = need;
    try {
      const token = await fetchToken(setup, need);
      granted.add(scopes);
      return token;
    } catch (error) {
      throw granted.has(scopes) ? takenBack(error, setup.registry, scopes) : error;
    }
  };

  /** A token that is not the `refused` one; requests at the same time share a new one. */
  const bearer = async (
    asked: Bearer,
    all: readonly string[],
    refused: string | undefined,
    signal?: AbortSignal,
  ) => {
    const credential = await credentialOf(setup);
    if (credential.kind === 'registry-token') return `Bearer ${credential.token}`;
    const key = all.join(' ');
    const before = tokens.get(key);
    const kept = await before?.catch(() => undefined);
    const isGood = kept !== undefined && kept.until > setup.clock.ticks();
    if (isGood && kept.header !== refused) return kept.header;
    const newer = tokens.get(key);
    const token =
      newer === undefined || newer === before
        ? fetched({ known: asked, scopes: all, credential, signal })
        : newer;
    tokens.set(key, token);
    return (await token).header;
  };
  const plain = async () => {
    const credential = await credentialOf(setup);
    return credential.kind === 'basic'
      ? basic(credential.username, credential.password)
      : undefined;
  };

  return {
    async hasLogin() {
      return (await credentialOf(setup)).kind !== 'anonymous';
    },
    async header(scopes, signal) {
      if (known === undefined) return undefined;
      if (known.scheme === 'basic') return plain();
      return bearer(known, allScopes(scopes), undefined, signal);
    },
    async answer({ challenge, sent }, scopes, signal) {
      const asked = parseChallenge(challenge);
      if (asked === undefined) return undefined;
      known = asked;
      if (asked.scheme === 'basic') return plain();
      const all = allScopes(scopes, asked.scope);
      const header = await bearer(asked, all, sent, signal);
      // The next request of this kind sends what this challenge asked for at once.
      const token = tokens.get(all.join(' '));
      if (token !== undefined) tokens.set(allScopes(scopes).join(' '), token);
      return header;
    },
  };
}
