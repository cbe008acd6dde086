import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { digestOf, mediaTypes } from '../../src/oci/index.js';
import type { Http, HttpRequest } from '../../src/ports/index.js';
import {
  type Credential,
  CredentialError,
  type Credentials,
  explain,
  RegistryError,
} from '../../src/registry/index.js';
import {
  clientFor,
  errorBody,
  fakeClock,
  rejection,
  repositoryAt,
  respond,
  type Seen,
  serve,
  type TestServer,
} from './rig.js';

const PASSWORD = 'correct-horse';
const alice: Credential = { kind: 'basic', username: 'alice', password: PASSWORD };
const BASIC = `Basic ${Buffer.from(`alice:${PASSWORD}`).toString('base64')}`;
const as =
  (credential: Credential): Credentials =>
  async () =>
    credential;

const manifest = '{"schemaVersion":2}';

interface TokenService extends TestServer {
  /** Tokens it gave: `t1`, `t2`, … */
  readonly asked: Seen[];
}

async function tokenService(life: number | null = 300, field = 'token'): Promise<TokenService> {
  let count = 0;
  const server = await serve((_seen, response) => {
    count++;
    const answer = { [field]: `t${count}`, ...(life === null ? {} : { expires_in: life }) };
    respond(response, 200, JSON.stringify(answer));
  });
  return { ...server, asked: server.seen };
}

/** A registry that takes only the tokens for which `accepts` is true. */
async function guarded(realm: string, accepts: (token: string) => boolean, scope = true) {
  return serve((seen, response) => {
    const token = /^Bearer (.*)$/.exec(seen.headers.authorization ?? '')?.[1];
    if (token !== undefined && accepts(token))
      return respond(response, seen.method === 'PUT' ? 201 : 200, manifest);
    const asked = scope ? ',scope="repository:acme/greeter:pull"' : '';
    respond(response, 401, errorBody('UNAUTHORIZED'), {
      'www-authenticate': `Bearer realm="${realm}",service="reg.example"${asked}`,
    });
  });
}

describe('a Bearer challenge', () => {
  test('is answered with a token got by Basic, for the scope that is needed', async () => {
    const tokens = await tokenService();
    const registry = await guarded(`http://${tokens.host}/token`, (token) => token === 't1');
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
    expect((await repository.getManifest('dev')).bytes.toString()).toBe(manifest);
    expect(
      tokens.asked.map(({ method, url, headers }) => [method, url, headers.authorization]),
    ).toEqual([
      ['GET', '/token?service=reg.example&scope=repository%3Aacme%2Fgreeter%3Apull', BASIC],
    ]);
    expect(registry.seen.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer t1',
    ]);
  });

  test('is answered without credentials where there are none', async () => {
    const tokens = await tokenService(300, 'access_token');
    const registry = await guarded(`http://${tokens.host}/token`, () => true);
    await repositoryAt(registry).getManifest('dev');
    expect(tokens.asked[0]?.headers.authorization).toBeUndefined();
    expect(registry.seen[1]?.headers.authorization).toBe('Bearer t1');
  });

  test('is answered with POST for an identity token, which goes nowhere else', async () => {
    const tokens = await tokenService();
    const registry = await guarded(`http://${tokens.host}/token`, () => true);
    const credentials = as({ kind: 'identity-token', token: 'idt/secret' });
    await repositoryAt(registry, 'acme/greeter', { credentials }).getManifest('dev');
    const [asked] = tokens.asked;
    expect([asked?.method, asked?.url, asked?.headers.authorization]).toEqual([
      'POST',
      '/token',
      undefined,
    ]);
    expect(Object.fromEntries(new URLSearchParams(asked?.body.toString()))).toEqual({
      service: 'reg.example',
      client_id: 'sea-trial',
      grant_type: 'refresh_token',
      scope: 'repository:acme/greeter:pull',
      refresh_token: 'idt/secret',
    });
  });

  test('is answered with a registry token as it is', async () => {
    const registry = await guarded('http://127.0.0.1:1/token', (token) => token === 'mine');
    const credentials = as({ kind: 'registry-token', token: 'mine' });
    await repositoryAt(registry, 'acme/greeter', { credentials }).getManifest('dev');
    expect(registry.seen.at(-1)?.headers.authorization).toBe('Bearer mine');
  });

  test('asks for push where something is pushed', async () => {
    const tokens = await tokenService();
    const registry = await guarded(`http://${tokens.host}/token`, () => true, false);
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
    const bytes = Buffer.from(manifest);
    await repository.putManifest('dev', { bytes, mediaType: 'application/json' });
    expect(new URL(tokens.asked[0]?.url ?? '', 'http://x').searchParams.getAll('scope')).toEqual([
      'repository:acme/greeter:pull,push',
    ]);
  });
});

describe('a token', () => {
  test('is used again for the same scope until nine tenths of its life', async () => {
    const clock = fakeClock();
    const tokens = await tokenService(100);
    const registry = await guarded(`http://${tokens.host}/token`, () => true);
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice), clock });
    await repository.getManifest('a');
    clock.advance(89_000);
    await repository.getManifest('b');
    expect(tokens.asked).toHaveLength(1);
    clock.advance(2_000);
    await repository.getManifest('c');
    expect(tokens.asked).toHaveLength(2);
    expect(registry.seen.at(-1)?.headers.authorization).toBe('Bearer t2');
  });

  test('without expires_in lives a minute', async () => {
    const clock = fakeClock();
    const tokens = await tokenService(null);
    const registry = await guarded(`http://${tokens.host}/token`, () => true);
    const repository = repositoryAt(registry, 'acme/greeter', { clock });
    await repository.getManifest('a');
    clock.advance(60_000);
    await repository.getManifest('b');
    expect(tokens.asked).toHaveLength(2);
  });

  test('that is refused is renewed once', async () => {
    const tokens = await tokenService();
    let valid = 't1';
    const registry = await guarded(`http://${tokens.host}/token`, (token) => token === valid);
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
    await repository.getManifest('a');
    valid = 't2';
    await repository.getManifest('b');
    expect(registry.seen.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer t1',
      'Bearer t1',
      'Bearer t2',
    ]);
  });

  test('that is refused again ends as unauthorized, with what the registry answered', async () => {
    const tokens = await tokenService();
    const registry = await guarded(`http://${tokens.host}/token`, () => false);
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
    const error = await rejection(repository.getManifest('dev'));
    expect(error).toMatchObject({
      code: 'unauthorized',
      status: 401,
      ociCodes: ['UNAUTHORIZED'],
      request: `GET http://${registry.host}/v2/acme/greeter/manifests/dev`,
    });
    expect(registry.seen).toHaveLength(2);
    expect(explain(error)).toContain(`${registry.host} does not accept the login`);
  });
});

test('a Basic challenge is answered, and from then on Basic is sent at once', async () => {
  const registry = await serve((seen, response) =>
    seen.headers.authorization === BASIC
      ? respond(response, 200, manifest)
      : respond(response, 401, '', { 'www-authenticate': 'Basic realm="r"' }),
  );
  const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
  await repository.getManifest('a');
  await repository.getManifest('b');
  expect(registry.seen.map(({ headers }) => headers.authorization)).toEqual([
    undefined,
    BASIC,
    BASIC,
  ]);
});

test('nothing is sent before a registry asks for it', async () => {
  const registry = await serve((_seen, response) => respond(response, 200, manifest));
  await repositoryAt(registry, 'acme/greeter', { credentials: as(alice) }).getManifest('a');
  expect(registry.seen[0]?.headers.authorization).toBeUndefined();
});

describe('where credentials do not go', () => {
  test.each([
    ['an unencrypted realm', 'http://auth.example/token', 'is not HTTPS'],
    ['a link-local realm', 'https://169.254.169.254/token', 'link-local'],
    ['a realm that is no URL', 'nowhere', 'it is not a URL'],
  ])('%s', async (_name, realm, words) => {
    const registry = await guarded(realm, () => true);
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
    const error = await rejection(repository.getManifest('dev'));
    expect(error).toMatchObject({ code: 'unsafe' });
    expect(explain(error)).toContain(words);
    expect(explain(error)).toContain('credentials were not sent');
    expect(registry.seen).toHaveLength(1);
  });

  test('another origin after a redirect', async () => {
    const other = await serve((_seen, response) => respond(response, 200, manifest));
    const registry = await serve((seen, response) => {
      if (seen.headers.authorization === undefined) {
        return respond(response, 401, '', { 'www-authenticate': 'Basic realm="r"' });
      }
      respond(response, 307, '', { location: `http://${other.host}/elsewhere` });
    });
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
    await repository.getManifest('dev');
    expect(other.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/elsewhere', undefined],
    ]);
  });

  test("another origin's challenge", async () => {
    const other = await serve((_seen, response) =>
      respond(response, 401, '', { 'www-authenticate': 'Basic realm="r"' }),
    );
    const registry = await serve((_seen, response) =>
      respond(response, 302, '', { location: `http://${other.host}/elsewhere` }),
    );
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
    expect(await rejection(repository.getManifest('dev'))).toMatchObject({ code: 'unauthorized' });
    expect(other.seen).toHaveLength(1);
  });

  test("another origin, as an upload's location", async () => {
    const other = await serve((_seen, response) => respond(response, 201));
    const registry = await serve((seen, response) => {
      if (seen.headers.authorization === undefined) {
        return respond(response, 401, '', { 'www-authenticate': 'Basic realm="r"' });
      }
      if (seen.method === 'HEAD') return respond(response, 404);
      respond(response, 202, '', { location: `http://${other.host}/put?state=x` });
    });
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
    const digest = `sha256:${'0'.repeat(64)}`;
    await repository.putBlob({ digest, size: 2, open: () => Readable.from([Buffer.from('hi')]) });
    expect(
      other.seen.map(({ url, headers, body }) => [url, headers.authorization, `${body}`]),
    ).toEqual([[`/put?state=x&digest=${encodeURIComponent(digest)}`, undefined, 'hi']]);
  });

  test('errors and their messages, also when the registry repeats what it was sent', async () => {
    const registry = await serve((seen, response) => {
      const sent = seen.headers.authorization;
      if (sent === undefined) {
        return respond(response, 401, '', { 'www-authenticate': 'Basic realm="r"' });
      }
      const message = `${sent} is ${Buffer.from(sent.slice(6), 'base64')}`;
      respond(response, 403, errorBody('DENIED', message));
    });
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
    const error = (await rejection(repository.getManifest('dev'))) as RegistryError;
    const everything = `${error.stack} ${explain(error)} ${JSON.stringify(error)} ${error.body}`;
    expect(everything).toContain('DENIED');
    expect(everything).not.toContain(PASSWORD);
    expect(everything).not.toContain(BASIC.slice(6));
  });
});

test.each<[string, Credential, readonly string[]]>([
  ['a password', alice, [PASSWORD, BASIC.slice(6)]],
  ['an identity token', { kind: 'identity-token', token: 'idt-secret' }, ['idt-secret']],
])('%s is in no error of a token service that repeats it', async (_name, credential, secrets) => {
  const tokens = await serve(({ headers: { authorization = '' }, body }, response) => {
    const sent = `${authorization} ${Buffer.from(authorization.slice(6), 'base64')} ${body}`;
    respond(response, 400, errorBody('DENIED', sent));
  });
  const registry = await guarded(`http://${tokens.host}/token`, () => true);
  const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(credential) });
  const error = (await rejection(repository.getManifest('dev'))) as RegistryError;
  const everything = `${error.stack} ${explain(error)} ${JSON.stringify(error)} ${error.body}`;
  expect(everything).toContain('DENIED');
  for (const secret of secrets) expect(everything).not.toContain(secret);
});

test('requests at the same time share one token, and one renewal', async () => {
  const tokens = await tokenService();
  let valid = 't1';
  const registry = await guarded(`http://${tokens.host}/token`, (token) => token === valid);
  const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
  const many = () => Promise.all(['a', 'b', 'c', 'd'].map((tag) => repository.getManifest(tag)));
  await many();
  expect(tokens.asked).toHaveLength(1);
  valid = 't2';
  await many();
  expect(tokens.asked).toHaveLength(2);
});

test('actions of one resource are asked for in one scope', async () => {
  const tokens = await tokenService();
  const registry = await guarded(`http://${tokens.host}/token`, () => true);
  const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
  const bytes = Buffer.from(manifest);
  await repository.putManifest('dev', { bytes, mediaType: 'application/json' });
  expect(tokens.asked[0]?.url).toBe(
    '/token?service=reg.example&scope=repository%3Aacme%2Fgreeter%3Apull%2Cpush',
  );
});

describe('a token service that fails', () => {
  test.each([
    [403, 'denied', 'no', 1],
    [200, 'protocol', '{"nothing":1}', 1],
    [200, 'protocol', '{"token":"a\\nb"}', 1],
    [503, 'server', '', 5],
  ])('with %d is %s', async (status, code, body, requests) => {
    const tokens = await serve((_seen, response) => respond(response, status, body));
    const registry = await guarded(`http://${tokens.host}/token`, () => true);
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
    const error = (await rejection(repository.getManifest('dev'))) as RegistryError;
    expect(error).toBeInstanceOf(RegistryError);
    expect(error.code).toBe(code);
    expect(error.request).toContain(`GET http://${tokens.host}/token`);
    expect(tokens.seen).toHaveLength(requests);
  });
});

describe('a token service that takes back what it granted in this run', () => {
  /** Grants the first token, answers 403 to `refusals` questions behind that, and grants again. */
  async function wavering(refusals: number) {
    const clock = fakeClock();
    const tokens = await serve((_seen, response, count) => {
      const isGranted = count === 1 || count > refusals + 1;
      const token = JSON.stringify({ token: `t${count}`, expires_in: 60 });
      respond(response, isGranted ? 200 : 403, isGranted ? token : errorBody('DENIED', 'no'));
    });
    const registry = await guarded(`http://${tokens.host}/token`, () => true, false);
    const client = clientFor({ credentials: as(alice), clock });
    const repository = client.repository(registry.host, 'acme/greeter');
    await repository.putManifest('dev', {
      bytes: Buffer.from(manifest),
      mediaType: mediaTypes.index,
    });
    clock.advance(60_000);
    return { clock, tokens, repository, other: client.repository(registry.host, 'acme/other') };
  }

  test('with a 403 is asked again, also for less than it granted', async () => {
    const { clock, repository, tokens } = await wavering(3);
    await repository.getManifest('dev');
    expect(clock.slept).toEqual([500, 1000, 2000]);
    expect(tokens.seen.length).toBe(5);
  });

  test('is told with both answers when it lasts for a minute', async () => {
    const { clock, repository } = await wavering(100);
    const error = await rejection(repository.getManifest('dev'));
    expect(clock.slept.reduce((sum, pause) => sum + pause, 0)).toBe(60_000);
    expect(error).toMatchObject({ code: 'inconsistent', status: 403 });
    expect(explain(error)).toMatch(
      /^127\.0\.0\.1:\d+ granted acme\/greeter:pull for 127\.0\.0\.1:\d+ in this run, and refuses it now \(403, DENIED: no\); the fault is in the registry: run again later/,
    );
  });

  test('for another repository is refused at once', async () => {
    const { clock, other } = await wavering(100);
    const error = await rejection(other.getManifest('dev'));
    expect([error, clock.slept]).toMatchObject([{ code: 'denied' }, []]);
  });
});

test('a credential helper that fails is named in the error', async () => {
  const registry = await serve((_seen, response) =>
    respond(response, 401, '', { 'www-authenticate': 'Basic realm="r"' }),
  );
  const credentials = async () => {
    throw new CredentialError({
      code: 'helper-failed',
      helper: 'docker-credential-x',
      exit: 3,
      message: 'docker-credential-x ended with 3: no bus',
    });
  };
  const repository = repositoryAt(registry, 'acme/greeter', { credentials });
  const error = await rejection(repository.getManifest('dev'));
  expect(error).toMatchObject({ code: 'credentials' });
  expect(explain(error)).toContain('docker-credential-x ended with 3: no bus');
});

test('an https registry is never left for plain http', async () => {
  const urls: string[] = [];
  const fake: Http = async (request: HttpRequest) => {
    urls.push(request.url);
    const headers = new Map([['location', 'http://reg.example/x']]);
    return { status: 307, headers, body: Readable.from([]) };
  };
  const repository = repositoryAt({ host: 'reg.example' }, 'a', { http: fake });
  expect(await rejection(repository.getManifest('dev'))).toMatchObject({ code: 'unsafe' });
  expect(urls).toEqual(['https://reg.example/v2/a/manifests/dev']);
});

describe('a token that expires in the middle of an upload', () => {
  const size = 1_500_000;
  const bytes = Buffer.alloc(size, 'x');
  const digest = digestOf(bytes);
  const least = 1024 * 1024;

  /** Forgets a token once. Takes no more than a mebibyte at once where it is `narrow`. */
  async function forgetful(forgets: (method: string, size: number) => boolean, narrow: boolean) {
    const tokens = await tokenService();
    let valid = 1;
    const arrived: string[] = [];
    const registry = await serve(({ method, headers, body, url }, response) => {
      if (headers.authorization !== undefined && forgets(method, body.length)) {
        forgets = () => false;
        valid++;
      }
      if (headers.authorization !== `Bearer t${valid}`) {
        const challenge = `Bearer realm="http://${tokens.host}/token",service="s"`;
        return respond(response, 401, '', { 'www-authenticate': challenge });
      }
      arrived.push(`${method} ${body.length}`);
      if (narrow && body.length > least) return respond(response, 413);
      if (method === 'HEAD') return respond(response, 404);
      const location = url.startsWith('/up') ? '/up?part=2' : '/up?part=1';
      respond(response, method === 'PUT' ? 201 : 202, '', { location });
    });
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
    return { tokens, registry, arrived, repository };
  }

  const chunked = [
    ...['HEAD 0', 'POST 0', `PUT ${size}`],
    ...['POST 0', `PATCH ${least}`, `PATCH ${size - least}`, 'PUT 0'],
  ];

  test.each([
    ['the whole body', 'PUT', size, ['HEAD 0', 'POST 0', `PUT ${size}`]],
    ['a chunk', 'PATCH', least, chunked],
    ['the end', 'PUT', 0, chunked],
  ])('at %s is renewed once, and all bytes arrive', async (_what, method, length, expected) => {
    const forgets = (one: string, sent: number) => one === method && sent === length;
    const { repository, arrived, tokens } = await forgetful(forgets, length !== size);
    let opened = 0;
    const open = () => {
      opened++;
      return Readable.from([bytes.subarray(0, 4), bytes.subarray(4)]);
    };
    expect(await repository.putBlob({ digest, size, open })).toBe('uploaded');
    expect(arrived).toEqual(expected);
    expect(tokens.asked).toHaveLength(2);
    expect(opened).toBe(2);
  });
});

describe('where credentials do go', () => {
  const bytes = Buffer.from('hi');
  const digest = digestOf(bytes);

  test.each([
    ['relative', () => '/up?state=a'],
    ['absolute', (host: string) => `http://${host}/up?state=a`],
    ['beside the path', () => '../../../../../up?state=a'],
  ])("an upload's location of the same registry, %s", async (_name, location) => {
    const registry = await serve(({ headers, method }, response) => {
      if (headers.authorization !== BASIC) {
        return respond(response, 401, '', { 'www-authenticate': 'Basic realm="r"' });
      }
      if (method === 'HEAD') return respond(response, 404);
      const place = { location: location(headers.host ?? '') };
      respond(response, method === 'POST' ? 202 : 201, '', method === 'POST' ? place : {});
    });
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
    await repository.putBlob({ digest, size: 2, open: () => Readable.from([bytes]) });
    const put = registry.seen.at(-1);
    expect([put?.method, put?.url, put?.headers.authorization, `${put?.body}`]).toEqual([
      'PUT',
      `/up?state=a&digest=${encodeURIComponent(digest)}`,
      BASIC,
      'hi',
    ]);
  });

  test('a token service in the private network that the registry is in, too', async () => {
    const asked: string[] = [];
    const answer = (
      status: number,
      body = '',
      headers: readonly (readonly [string, string])[] = [],
    ) => ({
      status,
      headers: new Map(headers),
      body: Readable.from([Buffer.from(body)]),
    });
    const fake: Http = async ({ url, headers }) => {
      asked.push(`${new URL(url).host} ${headers.authorization ?? 'nobody'}`);
      if (url.startsWith('https://10.0.0.1/')) return answer(200, '{"token":"t"}');
      if (headers.authorization !== undefined) return answer(200, manifest);
      return answer(401, '', [['www-authenticate', 'Bearer realm="https://10.0.0.1/token"']]);
    };
    const credentials = as(alice);
    const repository = repositoryAt({ host: '10.0.0.2:5000' }, 'a', { http: fake, credentials });
    await repository.getManifest('dev');
    expect(asked).toEqual(['10.0.0.2:5000 nobody', `10.0.0.1 ${BASIC}`, '10.0.0.2:5000 Bearer t']);
  });
});

test.each([301, 302, 303, 307, 308])(
  'a blob that is elsewhere (%d) is fetched there without the credential, part by part',
  async (status) => {
    const bytes = Buffer.from('0123456789');
    const store = await serve(({ headers }, response) => {
      const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
      if (from > 0) {
        const range = { 'content-range': `bytes ${from}-9/10` };
        return respond(response, 206, bytes.subarray(from), range);
      }
      response.writeHead(200, { 'content-length': '10' });
      response.write(bytes.subarray(0, 4), () => response.destroy());
    });
    const registry = await serve(({ headers }, response) =>
      headers.authorization === BASIC
        ? respond(response, status, '', { location: `http://${store.host}/b?sig=s` })
        : respond(response, 401, '', { 'www-authenticate': 'Basic realm="r"' }),
    );
    const repository = repositoryAt(registry, 'acme/greeter', { credentials: as(alice) });
    await repository.checkBlob({ digest: digestOf(bytes), size: 10 });
    expect(store.seen.map(({ headers }) => [headers.authorization, headers.range])).toEqual([
      [undefined, undefined],
      [undefined, 'bytes=4-'],
    ]);
  },
);

test('a client remembers how it logs in to a registry, for all its repositories', async () => {
  const server = await serve(({ headers }, response) => {
    if (headers.authorization === BASIC) return respond(response, 200, manifest);
    respond(response, 401, errorBody('UNAUTHORIZED'), { 'www-authenticate': 'Basic realm="r"' });
  });
  const client = clientFor({ credentials: as(alice) });
  for (const path of ['acme/a', 'acme/b'])
    await client.repository(server.host, path).headManifest('dev');
  expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
    undefined,
    BASIC,
    BASIC,
  ]);
});

test('a token is kept from what is told, and is not read as a login', async () => {
  const token = Buffer.from('user:words').toString('base64');
  const service = await serve((_seen, response) =>
    respond(response, 200, JSON.stringify({ token, expires_in: 300 })),
  );
  const server = await serve(({ headers }, response) => {
    if (headers.authorization === undefined) {
      const realm = `http://${service.host}/token`;
      const challenge = { 'www-authenticate': `Bearer realm="${realm}",service="r"` };
      return respond(response, 401, errorBody('UNAUTHORIZED'), challenge);
    }
    respond(response, 403, errorBody('DENIED', `other words than ${token}`));
  });
  const error = await rejection(repositoryAt(server).getManifest('dev'));
  expect((error as RegistryError).oci).toEqual([
    { code: 'DENIED', message: 'other words than redacted' },
  ]);
});
