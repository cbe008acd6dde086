import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { digestOf, mediaTypes } from '../../src/oci/index.js';
import type { Repository } from '../../src/registry/index.js';
import {
  clientFor,
  embeddedForAll,
  errorBody,
  hasBlob,
  rejection,
  repositoryAt,
  respond,
  serve,
} from './rig.js';

const registry = embeddedForAll();

function upload(repository: Repository, text: string, more: { from?: string } = {}) {
  const bytes = Buffer.from(text);
  const digest = digestOf(bytes);
  const open = () => Readable.from(bytes.length === 0 ? [] : [bytes]);
  return repository.putBlob({ digest, size: bytes.length, open, ...more });
}

/** The requests since a moment, without the host. */
function since(start: number): readonly string[] {
  return registry
    .requests()
    .slice(start)
    .map(
      ({ method, url, status }) =>
        `${method} ${url.replace(/\/uploads\/[^?]+/, '/uploads/ID')} ${status}`,
    );
}

describe('a blob', () => {
  test('goes up in one POST and one PUT, and is not sent again', async () => {
    const repository = repositoryAt(registry, 'one/blob');
    const start = registry.requests().length;
    const digest = digestOf('hello');
    expect(await upload(repository, 'hello')).toBe('uploaded');
    expect(await upload(repository, 'hello')).toBe('existed');
    expect(since(start)).toEqual([
      `HEAD /v2/one/blob/blobs/${digest} 404`,
      'POST /v2/one/blob/blobs/uploads/ 202',
      `PUT /v2/one/blob/blobs/uploads/ID?digest=${encodeURIComponent(digest)} 201`,
      `HEAD /v2/one/blob/blobs/${digest} 200`,
    ]);
    await repository.checkBlob({ digest, size: 5 });
  });

  test('of no bytes goes up too', async () => {
    const repository = repositoryAt(registry, 'one/empty');
    expect(await upload(repository, '')).toBe('uploaded');
    await repository.checkBlob({ digest: digestOf(''), size: 0 });
  });

  test('is sent as bytes of no further kind, and its length is told of every body', async () => {
    const server = await serve(({ method }, response) => {
      if (method === 'HEAD') return respond(response, 404);
      if (method === 'POST') return respond(response, 202, '', { location: '/up/1' });
      respond(response, 201);
    });
    await upload(repositoryAt(server), 'body');
    const told = server.seen.map(({ method, headers }) => [
      method,
      headers['content-type'],
      headers['content-length'],
    ]);
    expect(told).toEqual([
      ['HEAD', undefined, undefined],
      ['POST', undefined, '0'],
      ['PUT', 'application/octet-stream', '4'],
    ]);
  });

  test('is mounted from another repository, or uploaded where it is not there', async () => {
    await upload(repositoryAt(registry, 'mount/from'), 'shared');
    const repository = repositoryAt(registry, 'mount/to');
    expect(await upload(repository, 'shared', { from: 'mount/from' })).toBe('mounted');
    expect(await upload(repository, 'other', { from: 'mount/from' })).toBe('uploaded');
    expect(await hasBlob(registry.host, 'mount/to', digestOf('shared'))).toBe(true);
    expect(await hasBlob(registry.host, 'mount/to', digestOf('other'))).toBe(true);
  });

  test('is uploaded where a registry refuses to mount', async () => {
    const server = await serve(({ method, url }, response) => {
      if (method === 'HEAD') return respond(response, 404);
      if (url.includes('mount=')) return respond(response, 405, errorBody('UNSUPPORTED'));
      if (method === 'POST') return respond(response, 202, '', { location: '/up/1' });
      respond(response, 201);
    });
    expect(await upload(repositoryAt(server), 'x', { from: 'acme/base' })).toBe('uploaded');
    expect(server.seen.map(({ method, url }) => `${method} ${url}`).slice(1)).toEqual([
      `POST /v2/acme/greeter/blobs/uploads/?mount=${encodeURIComponent(digestOf('x'))}&from=acme%2Fbase`,
      'POST /v2/acme/greeter/blobs/uploads/',
      `PUT /up/1?digest=${encodeURIComponent(digestOf('x'))}`,
    ]);
  });

  const MiB = 1024 * 1024;

  test.each([
    ['no size of its own', {}, [MiB, MiB, 1]],
    ['a least size of chunks', { 'oci-chunk-min-length': `${2 * MiB}` }, [2 * MiB, 1]],
    ['nonsense for a size', { 'oci-chunk-min-length': 'x' }, [MiB, MiB, 1]],
  ])('that is too large for one request goes in chunks, with %s', async (_name, says, sizes) => {
    const sent: Buffer[] = [];
    const server = await serve(({ method, url, headers, body }, response) => {
      if (method === 'HEAD') return respond(response, 404);
      if (method === 'POST') return respond(response, 202, '', { location: '/up/0', ...says });
      if (method === 'PUT') return respond(response, body.length > 0 ? 413 : 201);
      const at = Buffer.concat(sent).length;
      const range = `${at}-${at + body.length - 1}`;
      const isNext = headers['content-range'] === range && url === `/up/${sent.length}`;
      sent.push(body);
      const next = { location: `/up/${sent.length}` };
      respond(response, isNext ? 202 : 416, '', next);
    });
    const text = `${'x'.repeat(MiB)}${'y'.repeat(MiB)}z`;
    expect(await upload(repositoryAt(server), text)).toBe('uploaded');
    expect(sent.map(({ length }) => length)).toEqual(sizes);
    expect(Buffer.concat(sent).toString() === text).toBe(true);
    const digest = encodeURIComponent(digestOf(text));
    const puts = server.seen.filter(({ method }) => method === 'PUT');
    expect(puts.map(({ url }) => url)).toEqual([
      `/up/0?digest=${digest}`,
      `/up/${sizes.length}?digest=${digest}`,
    ]);
  });

  test('that is too large also in chunks is refused', async () => {
    const server = await serve(({ method }, response) => {
      if (method === 'HEAD') return respond(response, 404);
      if (method === 'POST') return respond(response, 202, '', { location: '/up' });
      respond(response, 413);
    });
    const error = await rejection(upload(repositoryAt(server), 'x'));
    expect(error).toMatchObject({ code: 'refused', status: 413 });
    expect(server.seen.map(({ method }) => method)).toEqual([
      'HEAD',
      'POST',
      'PUT',
      'POST',
      'PATCH',
    ]);
  });

  test('whose upload breaks begins again with a new body', async () => {
    let puts = 0;
    const server = await serve(({ method }, response) => {
      if (method === 'HEAD') return respond(response, 404);
      if (method === 'POST') return respond(response, 202, '', { location: '/up?state=a%2Fb' });
      puts++;
      respond(response, puts < 3 ? 503 : 201);
    });
    expect(await upload(repositoryAt(server), 'body')).toBe('uploaded');
    const sent = server.seen.filter(({ method }) => method === 'PUT');
    expect(sent.map(({ url, body }) => `${url} ${body}`)).toEqual(
      Array(3).fill(`/up?state=a%2Fb&digest=${encodeURIComponent(digestOf('body'))} body`),
    );
  });

  test('that arrived although its answer was lost is not sent again', async () => {
    let arrived = false;
    const server = await serve(({ method }, response) => {
      if (method === 'HEAD') return respond(response, arrived ? 200 : 404);
      if (method === 'POST') return respond(response, 202, '', { location: '/up' });
      arrived = true;
      response.destroy();
    });
    expect(await upload(repositoryAt(server), 'body')).toBe('uploaded');
    expect(server.seen.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  test('whose upload the registry forgot is begun anew', async () => {
    let posts = 0;
    const server = await serve(({ method, url }, response) => {
      if (method === 'HEAD') return respond(response, 404);
      if (method === 'POST') {
        posts++;
        return respond(response, 202, '', { location: `/up/${posts}` });
      }
      if (url.startsWith('/up/1')) return respond(response, 404, errorBody('BLOB_UPLOAD_UNKNOWN'));
      respond(response, 201);
    });
    expect(await upload(repositoryAt(server), 'body')).toBe('uploaded');
    expect(posts).toBe(2);
  });

  test('that is not what its digest says is refused by the registry', async () => {
    const repository = repositoryAt(registry, 'one/wrong');
    const bytes = Buffer.from('actual');
    const digest = digestOf('promised');
    const open = () => Readable.from([bytes]);
    const error = await rejection(repository.putBlob({ digest, size: bytes.length, open }));
    expect(error).toMatchObject({ code: 'refused', status: 400, ociCodes: ['DIGEST_INVALID'] });
    expect(await hasBlob(registry.host, 'one/wrong', digest)).toBe(false);
  });

  test('whose source fails ends with the error of the source', async () => {
    const repository = repositoryAt(registry, 'one/broken');
    const open = () =>
      new Readable({
        read() {
          this.destroy(Object.assign(new Error('disk'), { code: 'EIO' }));
        },
      });
    const error = await rejection(repository.putBlob({ digest: digestOf('x'), size: 1, open }));
    expect(error).toMatchObject({ code: 'EIO' });
  });

  test.each([
    ['fewer', 'abc'],
    ['more', 'abcdefgh'],
  ])('whose source has %s bytes than promised is not waited for', async (_name, text) => {
    const repository = repositoryAt(registry, 'one/short');
    const open = () => Readable.from([Buffer.from(text)]);
    const error = await rejection(repository.putBlob({ digest: digestOf('x'), size: 5, open }));
    expect(String(error)).toContain('does not have the 5 bytes of its descriptor');
  });

  test('is not taken for present because a page answers', async () => {
    const server = await serve((_seen, response) =>
      respond(response, 200, '<html>', { 'content-type': 'text/html' }),
    );
    const error = await rejection(upload(repositoryAt(server), 'x'));
    expect(error).toMatchObject({ code: 'protocol', status: 200 });
  });

  test('a Location that is missing is no answer of a registry', async () => {
    const server = await serve(({ method }, response) =>
      respond(response, method === 'HEAD' ? 404 : 202),
    );
    const error = await rejection(upload(repositoryAt(server), 'x'));
    expect(error).toMatchObject({ code: 'protocol', detail: 'Location is missing' });
  });
});

const emptyIndex = (note: string) => ({
  bytes: Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      artifactType: `text/${note}`,
      manifests: [],
      annotations: { note },
    }),
  ),
  mediaType: mediaTypes.index,
});

describe('a manifest', () => {
  test('comes back as it was put, by tag and by digest', async () => {
    const repository = repositoryAt(registry, 'some/manifest');
    const put = emptyIndex('one');
    const digest = digestOf(put.bytes);
    await repository.putManifest('dev', put);
    const expected = { ...put, digest, claimed: digest };
    expect(await repository.getManifest('dev')).toEqual(expected);
    expect(await repository.getManifest(digest)).toEqual(expected);
    const hint = {
      digest,
      claimed: digest,
      size: put.bytes.length,
      mediaType: mediaTypes.index,
    };
    expect(await repository.headManifest('dev')).toEqual(hint);
    expect(await repository.headManifest('other')).toBeUndefined();
  });

  test('by sha512 is hashed with sha512', async () => {
    const repository = repositoryAt(registry, 'some/long');
    const put = emptyIndex('long');
    const digest = `sha512:${createHash('sha512').update(put.bytes).digest('hex')}`;
    await repository.putManifest(digest, put);
    expect((await repository.getManifest(digest)).digest).toBe(digest);
  });

  test('asks for all four types', async () => {
    const server = await serve((_seen, response) => respond(response, 200, '{}'));
    await repositoryAt(server).getManifest('dev');
    expect(server.seen[0]?.headers.accept?.split(', ').sort()).toEqual([
      mediaTypes.dockerIndex,
      mediaTypes.dockerManifest,
      mediaTypes.index,
      mediaTypes.manifest,
    ]);
    expect(server.seen[0]?.headers['accept-encoding']).toBe('identity');
  });

  test('of which a HEAD says nothing is there all the same', async () => {
    const server = await serve((_seen, response) => {
      response.writeHead(200, { 'docker-content-digest': 'nonsense' });
      response.end();
    });
    const hint = {
      digest: undefined,
      claimed: 'nonsense',
      size: undefined,
      mediaType: undefined,
    };
    expect(await repositoryAt(server).headManifest('dev')).toEqual(hint);
  });
});

test.each([405, 501])('a HEAD that is answered with %d says nothing', async (status) => {
  const server = await serve(({ method }, response) => {
    if (method === 'HEAD') return respond(response, status, '', { 'content-type': 'a/b' });
    if (method === 'POST') return respond(response, 202, '', { location: '/up/1' });
    respond(response, 201);
  });
  const repository = repositoryAt(server);
  const hint = { digest: undefined, claimed: undefined, size: undefined, mediaType: undefined };
  expect(await repository.headManifest('dev')).toEqual(hint);
  expect(await upload(repository, 'x')).toBe('uploaded');
});

test('one client keeps repositories of several registries apart', async () => {
  const [a, b] = await Promise.all([
    serve((_seen, response) => respond(response, 200, 'a')),
    serve((_seen, response) => respond(response, 200, 'b')),
  ]);
  const client = clientFor();
  const read = async (host: string) =>
    (await client.repository(host, 'x').getManifest('dev')).bytes.toString();
  expect(await Promise.all([read(a.host), read(b.host)])).toEqual(['a', 'b']);
});
