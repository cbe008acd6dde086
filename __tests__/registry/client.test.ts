import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { digestOf, mediaTypes } from '../../src/oci/index.js';
import type { Repository } from '../../src/registry/index.js';
import {
  clientFor,
  embeddedForAll,
  errorBody,
  rejection,
  repositoryAt,
  respond,
  serve,
} from './rig.js';

const registry = await embeddedForAll();

async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function upload(
  repository: Repository,
  text: string,
  more: { from?: string; chunk?: number } = {},
) {
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
    expect(await readAll(repository.getBlob({ digest, size: 5 }))).toBe('hello');
    expect(await readAll(repository.getBlob({ digest }))).toBe('hello');
  });

  test('of no bytes goes up too', async () => {
    const repository = repositoryAt(registry, 'one/empty');
    expect(await upload(repository, '')).toBe('uploaded');
    expect(await readAll(repository.getBlob({ digest: digestOf(''), size: 0 }))).toBe('');
  });

  test('is mounted from another repository, or uploaded where it is not there', async () => {
    await upload(repositoryAt(registry, 'mount/from'), 'shared');
    const repository = repositoryAt(registry, 'mount/to');
    expect(await upload(repository, 'shared', { from: 'mount/from' })).toBe('mounted');
    expect(await upload(repository, 'other', { from: 'mount/from' })).toBe('uploaded');
    expect(await repository.hasBlob(digestOf('shared'))).toBe(true);
    expect(await repository.hasBlob(digestOf('other'))).toBe(true);
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

  test.each([1, 4, 5, 9, 10])('in chunks of %d bytes arrives whole', async (chunk) => {
    const repository = repositoryAt(registry, `chunks/of${chunk}`);
    const start = registry.requests().length;
    expect(await upload(repository, '0123456789', { chunk })).toBe('uploaded');
    const patches = since(start).filter((line) => line.startsWith('PATCH'));
    expect(patches).toHaveLength(chunk === 10 ? 0 : Math.ceil(10 / chunk));
    expect(await readAll(repository.getBlob({ digest: digestOf('0123456789'), size: 10 }))).toBe(
      '0123456789',
    );
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
    expect(await repository.hasBlob(digest)).toBe(false);
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
    expect(String(error)).toContain('has not the 5 bytes of its descriptor');
  });

  test('a Location that is missing is no answer of a registry', async () => {
    const server = await serve(({ method }, response) =>
      respond(response, method === 'HEAD' ? 404 : 202),
    );
    const error = await rejection(upload(repositoryAt(server), 'x'));
    expect(error).toMatchObject({ code: 'protocol', detail: 'Location is missing' });
  });
});

const emptyIndex = (note: string, subject?: object) => ({
  bytes: Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      artifactType: `text/${note}`,
      manifests: [],
      ...(subject === undefined ? {} : { subject }),
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
    const hint = { digest, size: put.bytes.length, mediaType: mediaTypes.index };
    expect(await repository.headManifest('dev')).toEqual(hint);
    expect(await repository.headManifest('other')).toBeUndefined();
    expect(await repository.resolve('dev')).toEqual(hint);
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

  test('is deleted by its tag, which leaves the digest', async () => {
    const repository = repositoryAt(registry, 'some/deleted');
    const put = emptyIndex('gone');
    const digest = digestOf(put.bytes);
    await repository.putManifest('dev', put);
    await repository.deleteManifest('dev');
    expect(await repository.headManifest('dev')).toBeUndefined();
    expect(await repository.headManifest(digest)).toMatchObject({ digest });
    await repository.deleteManifest(digest);
    expect(await repository.headManifest(digest)).toBeUndefined();
  });

  test('of which a HEAD says nothing is there all the same', async () => {
    const server = await serve((_seen, response) => {
      response.writeHead(200, { 'docker-content-digest': 'nonsense' });
      response.end();
    });
    const hint = { digest: undefined, size: undefined, mediaType: undefined };
    expect(await repositoryAt(server).headManifest('dev')).toEqual(hint);
  });
});

describe('a list', () => {
  test('of tags is read over all its pages', async () => {
    const server = await serve(({ url }, response) => {
      const page = new URL(url, 'http://x').searchParams.get('last');
      const pages: Record<string, [string[], string?]> = {
        none: [['a', 'b'], `</v2/acme/greeter/tags/list?last=b&n=2>; rel="next"`],
        b: [['c'], `<http://${server.host}/v2/acme/greeter/tags/list?last=c>; rel=next`],
        c: [['d', '!not a tag']],
      };
      const [tags, link] = pages[page ?? 'none'] ?? [[]];
      respond(response, 200, JSON.stringify({ name: 'acme/greeter', tags }), link ? { link } : {});
    });
    expect(await repositoryAt(server).listTags()).toEqual(['a', 'b', 'c', 'd']);
    expect(server.seen).toHaveLength(3);
  });

  test('without tags is empty', async () => {
    const server = await serve((_seen, response) => respond(response, 200, '{"tags":null}'));
    expect(await repositoryAt(server).listTags()).toEqual([]);
  });

  test('of referrers is filtered by artifact type', async () => {
    const repository = repositoryAt(registry, 'some/referrers');
    const subject = emptyIndex('subject');
    const about = {
      mediaType: mediaTypes.index,
      digest: digestOf(subject.bytes),
      size: subject.bytes.length,
    };
    await repository.putManifest('dev', subject);
    for (const note of ['sbom', 'scan']) {
      const put = emptyIndex(note, about);
      await repository.putManifest(digestOf(put.bytes), put);
    }
    const all = await repository.referrers(about.digest);
    expect(all.map(({ artifactType }) => artifactType).sort()).toEqual(['text/sbom', 'text/scan']);
    const scan = emptyIndex('scan', about);
    expect(await repository.referrers(about.digest, { artifactType: 'text/scan' })).toEqual([
      {
        mediaType: mediaTypes.index,
        digest: digestOf(scan.bytes),
        size: scan.bytes.length,
        artifactType: 'text/scan',
        annotations: new Map([['note', 'scan']]),
      },
    ]);
  });

  test('of referrers is read from the tag where the API is missing', async () => {
    const about = digestOf('subject');
    const entry = { mediaType: 'a/b', digest: digestOf('x'), size: 3, artifactType: 't/x' };
    const index = JSON.stringify({ schemaVersion: 2, manifests: [entry, { digest: 'bad' }, null] });
    const server = await serve(({ url }, response) =>
      url === `/v2/acme/greeter/manifests/${about.replace(':', '-')}`
        ? respond(response, 200, index)
        : respond(response, 404),
    );
    const found = await repositoryAt(server).referrers(about);
    expect(found).toEqual([{ ...entry, annotations: new Map() }]);
    expect(await repositoryAt(server).referrers(digestOf('other'))).toEqual([]);
  });
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
