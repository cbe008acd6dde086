import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { HttpRequest } from '../../src/ports/index.js';
import { createAuthorizer } from '../../src/registry/auth.js';
import { type Credential, CredentialError, type RegistryError } from '../../src/registry/index.js';
import { fakeClock, rejection } from './rig.js';

/* What is sent to a token service, and what is kept of its answers. */

const ALICE: Credential = { kind: 'basic', username: 'alice', password: 'correct-horse' };
const ANONYMOUS: Credential = { kind: 'anonymous' };
const A = 'repository:acme/a:pull';
const B = 'repository:acme/b:push,pull';
const BEARER = 'Bearer realm="https://auth.example/token?kept=1",service="reg"';

interface Described {
  readonly credential?: Credential;
  readonly credentials?: () => Promise<Credential>;
  /** Answers the question with that number, from 1 on; default: a token of that number. */
  readonly answer?: (count: number) => { readonly status: number; readonly body?: string };
}

function authorizer({ credential = ALICE, answer, ...more }: Described = {}) {
  const asked: HttpRequest[] = [];
  const clock = fakeClock();
  const made = createAuthorizer({
    async http(request) {
      asked.push(request);
      const token = { status: 200, body: `{"token":"t${asked.length}","expires_in":100}` };
      const { status, body = '' } = answer?.(asked.length) ?? token;
      return { status, headers: new Map(), body: Readable.from([Buffer.from(body)]) };
    },
    resolve: async () => ['8.8.8.8'],
    clock,
    credentials: more.credentials ?? (async () => credential),
    registry: 'reg.example',
    base: 'https://reg.example',
  });
  const answered = (scopes: readonly string[], challenge = BEARER, sent?: string) =>
    made.answer({ challenge, sent }, scopes);
  const scopesOf = ({ url }: HttpRequest) => new URL(url).searchParams.getAll('scope');
  return { ...made, answered, asked, scopesOf, clock };
}

describe('the question to a token service', () => {
  test('has the query of its realm, the service and each scope, with the actions in one order', async () => {
    const { answered, asked } = authorizer();
    expect(await answered([B, A])).toBe('Bearer t1');
    expect(asked.map(({ method, url }) => [method, [...new URL(url).searchParams]])).toEqual([
      [
        'GET',
        [
          ['kept', '1'],
          ['service', 'reg'],
          ['scope', A],
          ['scope', 'repository:acme/b:pull,push'],
        ],
      ],
    ]);
    expect(asked[0]?.headers).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      authorization: `Basic ${Buffer.from('alice:correct-horse').toString('base64')}`,
    });
  });

  test('with an identity token is a form, whose scopes stand in one field', async () => {
    const { answered, asked } = authorizer({ credential: { kind: 'identity-token', token: 'i' } });
    await answered([B, A]);
    const [{ method, url, body, headers } = { body: '' }] = asked;
    expect([method, url]).toEqual(['POST', 'https://auth.example/token?kept=1']);
    expect(headers).toMatchObject({ 'content-type': 'application/x-www-form-urlencoded' });
    expect(Object.fromEntries(new URLSearchParams(`${body}`))).toEqual({
      service: 'reg',
      client_id: 'sea-trial',
      grant_type: 'refresh_token',
      scope: `${A} repository:acme/b:pull,push`,
      refresh_token: 'i',
    });
  });

  test('has neither a service nor a scope where there is none', async () => {
    for (const credential of [ALICE, { kind: 'identity-token', token: 'i' }] as const) {
      const { answered, asked } = authorizer({ credential });
      await answered([], 'Bearer realm="https://auth.example/token"');
      const [{ url, body = '' } = { url: '' }] = asked;
      expect(`${new URL(url).search} ${body}`).not.toMatch(/service|scope/);
    }
  });

  test('may go to addresses of the cloud’s own services only where the registry is there itself', async () => {
    const { answered, asked } = authorizer();
    await answered([A]);
    await answered([B], 'Bearer realm="https://reg.example/token"');
    expect(asked.map(({ blockMetadata }) => blockMetadata)).toEqual([true, false]);
  });

  test.each(['not a URL', 'http://auth.example/token'])(
    'is not put to %s, where no login may go',
    async (realm) => {
      const { answered, asked } = authorizer();
      const error = await rejection(answered([A], `Bearer realm="${realm}"`));
      expect(error).toMatchObject({ code: 'unsafe', request: 'GET https://reg.example/v2/' });
      expect((error as RegistryError).message).toContain(
        `its token service "${realm}" cannot be trusted: `,
      );
      expect(asked).toEqual([]);
    },
  );

  test('is told with no more of its address than a line', async () => {
    const realm = `long-${'x'.repeat(300)}`;
    const error = await rejection(authorizer().answered([A], `Bearer realm="${realm}"`));
    expect((error as RegistryError).message).toContain(`"${realm.slice(0, 200)}"`);
  });
});

describe('a token', () => {
  test('is asked for once for the same scopes, in whatever order they stand', async () => {
    const { answered, header, asked } = authorizer();
    await answered([A, 'repository:acme/b:pull,push']);
    expect(await header([B, A])).toBe('Bearer t1');
    expect(asked).toHaveLength(1);
  });

  test('has what a challenge asks for beyond the request, and the next request sends it at once', async () => {
    const { answered, header, asked, scopesOf } = authorizer();
    await answered([A], `${BEARER},scope="repository:acme/a:push  repository:acme/c:pull"`);
    expect(asked.map(scopesOf)).toEqual([
      ['repository:acme/a:pull,push', 'repository:acme/c:pull'],
    ]);
    expect(await header([A])).toBe('Bearer t1');
    expect(asked).toHaveLength(1);
  });

  test('is sent until nine tenths of its life are over', async () => {
    const { answered, header, clock } = authorizer();
    await answered([A]);
    clock.advance(89_999);
    expect(await header([A])).toBe('Bearer t1');
    clock.advance(1);
    expect(await header([A])).toBe('Bearer t2');
  });

  test.each(['{"token":"t"}', '{"token":"t","expires_in":0}', '{"token":"t","expires_in":-5}'])(
    'lives for a minute where it says nothing: %s',
    async (body) => {
      const { answered, header, clock, asked } = authorizer({
        answer: () => ({ status: 200, body }),
      });
      await answered([A]);
      clock.advance(53_999);
      await header([A]);
      expect(asked).toHaveLength(1);
      clock.advance(1);
      await header([A]);
      expect(asked).toHaveLength(2);
    },
  );

  test.each(['{"access_token":"other"}', '{"token":"","access_token":"other"}'])(
    'has one of two names: %s',
    async (body) => {
      const { answered } = authorizer({ answer: () => ({ status: 200, body }) });
      expect(await answered([A])).toBe('Bearer other');
    },
  );

  test.each([
    '{"token":5}',
    '{"token":"a b"}',
    '{"token":"a\\nb: c"}',
    '[]',
    'token',
    '{"token":"é"}',
  ])('is a word that can stand in a header: not %s', async (body) => {
    const error = await rejection(
      authorizer({ answer: () => ({ status: 200, body }) }).answered([A]),
    );
    expect(error).toMatchObject({ code: 'protocol', status: 200 });
    expect((error as RegistryError).message).toContain('answered without a token');
  });

  test('that is refused is asked for anew, once for all who were refused', async () => {
    const { answered, asked } = authorizer();
    await answered([A]);
    const anew = [1, 2, 3].map(() => answered([A], BEARER, 'Bearer t1'));
    expect(await Promise.all(anew)).toEqual(['Bearer t2', 'Bearer t2', 'Bearer t2']);
    // One that was refused with an older one gets the newer.
    expect(await answered([A], BEARER, 'Bearer t1')).toBe('Bearer t2');
    expect(asked).toHaveLength(2);
  });

  test('that could not be had is asked for again', async () => {
    const { answered } = authorizer({
      answer: (count) => ({ status: count === 1 ? 503 : 200, body: '{"token":"t"}' }),
    });
    expect(await rejection(answered([A]))).toMatchObject({ code: 'server' });
    expect(await answered([A])).toBe('Bearer t');
  });
});

describe('a token service that refuses', () => {
  const refusing = (credential: Credential) =>
    authorizer({
      credential,
      answer: (count) =>
        count === 1 ? { status: 200, body: '{"token":"t"}' } : { status: 403, body: '{}' },
    });

  test.each([
    ['what it granted before contradicts itself', ['repository:acme/b:pull'], 'inconsistent'],
    ['more than it granted before does not', ['repository:acme/a:pull,push'], 'denied'],
    ['the same and more does not', [A, 'repository:acme/c:pull'], 'denied'],
    ['what it never granted does not', ['repository:acme/c:pull'], 'denied'],
    ['what names nothing does not', [], 'denied'],
  ])('%s', async (_, scopes, code) => {
    const { answered } = refusing(ALICE);
    await answered([A, B]);
    expect(await rejection(answered(scopes))).toMatchObject({ code, status: 403, login: true });
  });

  test('names all that it granted', async () => {
    const { answered, clock } = refusing(ALICE);
    await answered([A, B]);
    clock.advance(100_000);
    expect(((await rejection(answered([A, B]))) as RegistryError).message).toContain(
      'granted acme/a:pull acme/b:pull,push for reg.example in this run, and refuses it now',
    );
  });

  test('other than with a refusal is told as it is, whatever it granted before', async () => {
    const { answered, clock } = authorizer({
      answer: (count) => ({ status: count === 1 ? 200 : 500, body: '{"token":"t"}' }),
    });
    await answered([A]);
    clock.advance(100_000);
    expect(await rejection(answered([A]))).toMatchObject({ code: 'server', status: 500 });
  });

  test('says whether there was a login', async () => {
    const { answered } = refusing(ANONYMOUS);
    await answered([A]);
    expect(await rejection(answered(['repository:acme/c:pull']))).toMatchObject({ login: false });
  });
});

describe('authorization', () => {
  test('is none before a registry asked for it, and none for a challenge that cannot be answered', async () => {
    const { header, answered, asked } = authorizer();
    expect(await header([A])).toBeUndefined();
    expect(await answered([A], 'Negotiate')).toBeUndefined();
    expect(await header([A])).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test.each<[Credential, string | undefined, boolean]>([
    [ALICE, `Basic ${Buffer.from('alice:correct-horse').toString('base64')}`, true],
    [ANONYMOUS, undefined, false],
    [{ kind: 'identity-token', token: 'i' }, undefined, true],
    [{ kind: 'registry-token', token: 'r' }, undefined, true],
  ])(
    'by Basic has a user and a password, or there is none: %j',
    async (credential, expected, has) => {
      const { answered, header, hasLogin, asked } = authorizer({ credential });
      expect(await answered([A], 'Basic realm="r"')).toBe(expected);
      expect(await header([A])).toBe(expected);
      expect(await hasLogin()).toBe(has);
      expect(asked).toEqual([]);
    },
  );

  test('with a registry token asks no token service', async () => {
    const { answered, header, asked } = authorizer({
      credential: { kind: 'registry-token', token: 'mine' },
    });
    expect([await answered([A]), await header([B])]).toEqual(['Bearer mine', 'Bearer mine']);
    expect(asked).toEqual([]);
  });

  test('a credential that cannot be looked up is an error of credentials; a fault of ours is none', async () => {
    const failing = (error: Error) =>
      authorizer({ credentials: () => Promise.reject(error) }).answered([A]);
    const helper = new CredentialError({ code: 'helper-failed', message: 'It has ended.' });
    expect(helper.name).toBe('CredentialError');
    expect(await rejection(failing(helper))).toMatchObject({
      code: 'credentials',
      request: 'GET https://reg.example/v2/',
      cause: helper,
    });
    const fault = new TypeError('a fault of ours');
    expect(await rejection(failing(fault))).toBe(fault);
  });
});
