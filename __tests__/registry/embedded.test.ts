import { createHash } from 'node:crypto';
import { type IncomingMessage, request as send } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { createLayout, digestOf, mediaTypes } from '../../src/oci/index.js';
import { type Files, files } from '../../src/ports/files.js';
import { bodyOf } from '../../src/registry/embedded/exchange.js';
import { startEmbeddedRegistry } from '../../src/registry/index.js';
import { afterThisTest, embedded, embeddedForAll } from './rig.js';

/*
 * What the distribution-spec's conformance suite asks of a registry, by its
 * categories: pull, push, content discovery, content management. The wire is
 * spoken directly here: our own client must not hide what the server says.
 */

const registry = embeddedForAll();

interface Answered {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

function ask(
  method: string,
  path: string,
  body: string | Buffer = '',
  headers: Record<string, string> = {},
  host = registry.host,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const outgoing = send(`http://${host}${path}`, { method, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const entries = Object.entries(incoming.headers).map(([k, v]) => [k, String(v)] as const);
        const status = incoming.statusCode ?? 0;
        resolve({ status, headers: new Map(entries), body: Buffer.concat(chunks).toString() });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const sha512 = (text: string) => `sha512:${createHash('sha512').update(text).digest('hex')}`;
const errorsIn = ({ body }: Answered) =>
  (JSON.parse(body) as { errors: { code: string; message: string; detail?: unknown }[] }).errors;
const codes = (answer: Answered) => errorsIn(answer).map(({ code }) => code);

async function start(name: string): Promise<string> {
  const answer = await ask('POST', `/v2/${name}/blobs/uploads/`);
  expect(answer.status).toBe(202);
  const location = answer.headers.get('location') ?? '';
  expect(location).toMatch(new RegExp(`^/v2/${name}/blobs/uploads/[0-9a-f-]{36}$`));
  return location;
}

async function put(name: string, text: string, digest = digestOf(text)): Promise<string> {
  const answer = await ask('PUT', `${await start(name)}?digest=${digest}`, text);
  expect(answer.status).toBe(201);
  return digest;
}

interface Made {
  readonly text: string;
  readonly digest: string;
}

async function manifestIn(name: string, note: string, more: object = {}): Promise<Made> {
  const config = await put(name, '{}');
  const layer = await put(name, `layer ${note}`);
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: config, size: 2 },
    layers: [{ mediaType: mediaTypes.layer, digest: layer, size: 6 + note.length }],
    annotations: { note },
    ...more,
  });
  return { text, digest: digestOf(text) };
}

const typed = { 'content-type': mediaTypes.manifest };

async function putManifest(name: string, reference: string, { text, digest }: Made) {
  const answer = await ask('PUT', `/v2/${name}/manifests/${reference}`, text, typed);
  expect([answer.status, answer.headers.get('docker-content-digest')]).toEqual([201, digest]);
  expect(answer.headers.get('location')).toBe(`/v2/${name}/manifests/${digest}`);
  return answer;
}

test('it says that it is a registry', async () => {
  const answer = await ask('GET', '/v2/');
  expect([answer.status, answer.headers.get('docker-distribution-api-version')]).toEqual([
    200,
    'registry/2.0',
  ]);
});

describe('pull', () => {
  test('gives a manifest by tag and digest, and its facts on HEAD', async () => {
    const made = await manifestIn('pull/a', 'a');
    await putManifest('pull/a', 'v1', made);
    for (const reference of ['v1', made.digest]) {
      const got = await ask('GET', `/v2/pull/a/manifests/${reference}`);
      const head = await ask('HEAD', `/v2/pull/a/manifests/${reference}`);
      expect([got.status, got.body, head.status, head.body]).toEqual([200, made.text, 200, '']);
      for (const { headers } of [got, head]) {
        expect(headers.get('docker-content-digest')).toBe(made.digest);
        expect(headers.get('content-length')).toBe(String(made.text.length));
        expect(headers.get('content-type')).toBe(mediaTypes.manifest);
      }
    }
  });

  test('gives a blob, its facts on HEAD, and a range of it', async () => {
    const digest = await put('pull/b', '0123456789');
    const path = `/v2/pull/b/blobs/${digest}`;
    const got = await ask('GET', path);
    const head = await ask('HEAD', path);
    expect([got.status, got.body, head.status, head.body]).toEqual([200, '0123456789', 200, '']);
    for (const { headers } of [got, head]) {
      expect(headers.get('docker-content-digest')).toBe(digest);
      expect(headers.get('content-length')).toBe('10');
      expect(headers.get('content-type')).toBe('application/octet-stream');
      expect(headers.get('accept-ranges')).toBe('bytes');
    }
    const ranged = await ask('HEAD', path, '', { range: 'bytes=3-5' });
    expect([ranged.status, ranged.headers.get('content-length')]).toEqual([200, '10']);
    const part = await ask('GET', path, '', { range: 'bytes=3-5' });
    expect([part.status, part.body, part.headers.get('content-range')]).toEqual([
      206,
      '345',
      'bytes 3-5/10',
    ]);
    const end = await ask('GET', path, '', { range: 'bytes=8-' });
    expect([end.status, end.body]).toEqual([206, '89']);
    const suffix = await ask('GET', path, '', { range: 'bytes=-4' });
    expect([suffix.status, suffix.body, suffix.headers.get('content-range')]).toEqual([
      206,
      '6789',
      'bytes 6-9/10',
    ]);
    const whole = await ask('GET', path, '', { range: 'bytes=-40' });
    expect([whole.status, whole.body]).toEqual([206, '0123456789']);
    for (const range of ['bytes=0-1,3-4', 'bytes=1', 'xbytes=0-1', 'bytes=-']) {
      const all = await ask('GET', path, '', { range });
      expect([all.status, all.body]).toEqual([200, '0123456789']);
    }
    for (const range of ['bytes=10-', 'bytes=-0']) {
      expect((await ask('GET', path, '', { range })).status).toBe(416);
    }
  });

  test('gives a blob of no bytes', async () => {
    const digest = await put('pull/empty', '');
    const got = await ask('GET', `/v2/pull/empty/blobs/${digest}`);
    expect([got.status, got.body, got.headers.get('content-length')]).toEqual([200, '', '0']);
  });

  test.each([
    ['GET', '/v2/none/here/manifests/v1', 404, 'NAME_UNKNOWN'],
    ['GET', '/v2/pull/b/manifests/v1', 404, 'MANIFEST_UNKNOWN'],
    ['GET', `/v2/pull/b/manifests/sha256:${'0'.repeat(64)}`, 404, 'MANIFEST_UNKNOWN'],
    ['GET', '/v2/pull/b/manifests/.not-a-tag', 404, 'MANIFEST_UNKNOWN'],
    ['GET', '/v2/pull/b/manifests/sha256:wrong', 400, 'DIGEST_INVALID'],
    ['GET', '/v2/pull/b/manifests/..%2F..%2Fx', 404, 'MANIFEST_UNKNOWN'],
    ['GET', `/v2/pull/b/blobs/sha256:${'0'.repeat(64)}`, 404, 'BLOB_UNKNOWN'],
    ['GET', '/v2/pull/b/blobs/sha256:..%2f..', 400, 'DIGEST_INVALID'],
    ['GET', '/v2/Upper/b/manifests/v1', 400, 'NAME_INVALID'],
    ['GET', '/v2/../x/manifests/v1', 404, 'UNSUPPORTED'],
    ['GET', '/v2/pull/_tags/manifests/v1', 400, 'NAME_INVALID'],
    ['POST', '/v2/pull/b/manifests/v1', 405, 'UNSUPPORTED'],
    ['GET', '/anything', 404, 'UNSUPPORTED'],
  ])('%s %s is %d', async (method, path, status, code) => {
    await put('pull/b', '0123456789');
    const answer = await ask(method, path);
    expect([answer.status, codes(answer)]).toEqual([status, [code]]);
    expect(answer.headers.get('content-type')).toBe('application/json');
  });
});

test.each([
  ['POST', '/v2/allow/a/manifests/v1', 'GET, HEAD, PUT, DELETE'],
  ['PUT', '/v2/allow/a/blobs/uploads/', 'POST'],
  ['constructor', '/v2/allow/a/tags/list', 'GET'],
])('%s %s is told what it may be asked', async (method, path, allow) => {
  const answer = await ask(method === 'constructor' ? 'LINK' : method, path);
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
  expect(errorsIn(answer)[0]?.message).toMatch(/ is not for this path$/);
});

describe('push of a blob', () => {
  test.each([
    ['sha256', digestOf('text')],
    ['sha512', sha512('text')],
  ])('in POST and PUT, by %s', async (_algorithm, digest) => {
    const answer = await ask('PUT', `${await start('push/a')}?digest=${digest}`, 'text');
    expect([answer.status, answer.headers.get('location')]).toEqual([
      201,
      `/v2/push/a/blobs/${digest}`,
    ]);
    expect((await ask('GET', `/v2/push/a/blobs/${digest}`)).body).toBe('text');
  });

  test('in one POST', async () => {
    const digest = digestOf('at once');
    const answer = await ask('POST', `/v2/push/b/blobs/uploads/?digest=${digest}`, 'at once');
    expect([answer.status, answer.headers.get('location')]).toEqual([
      201,
      `/v2/push/b/blobs/${digest}`,
    ]);
    expect((await ask('GET', `/v2/push/b/blobs/${digest}`)).body).toBe('at once');
  });

  test('with other bytes than its digest is refused and gone', async () => {
    const location = await start('push/c');
    const answer = await ask('PUT', `${location}?digest=${digestOf('promised')}`, 'actual');
    expect([answer.status, codes(answer)]).toEqual([400, ['DIGEST_INVALID']]);
    expect((await ask('GET', location)).status).toBe(404);
    expect((await ask('HEAD', `/v2/push/c/blobs/${digestOf('promised')}`)).status).toBe(404);
  });

  test('takes one request at a time', async () => {
    const directory = await files.makeTemporary('sea-trial-registry-');
    const own = await startEmbeddedRegistry({ files, directory });
    afterThisTest(async () => {
      await own.close();
      await files.remove(directory);
    });
    const begun = await ask('POST', '/v2/push/busy/blobs/uploads/', '', {}, own.host);
    const location = begun.headers.get('location') ?? '';
    const headers = { 'content-length': '6', expect: '100-continue' };
    const slow = send(`http://${own.host}${location}`, { method: 'PATCH', headers });
    const done = new Promise<number | undefined>((resolve, reject) => {
      slow.on('response', ({ statusCode }) => resolve(statusCode));
      slow.on('error', reject);
    });
    await new Promise((resolve) => {
      slow.on('continue', resolve);
      slow.flushHeaders();
    });
    const second = await ask('PATCH', location, 'abc', {}, own.host);
    expect([second.status, errorsIn(second)]).toEqual([
      400,
      [{ code: 'BLOB_UPLOAD_INVALID', message: 'another request writes to this upload' }],
    ]);
    slow.end('foobar');
    expect(await done).toBe(202);
    // It is free again.
    const third = await ask('PATCH', location, '!', {}, own.host);
    expect([third.status, third.headers.get('range')]).toEqual([202, '0-6']);
  });

  test('in chunks, told how far it is, closed with or without a last one', async () => {
    for (const last of ['', '6789']) {
      const location = await start('push/d');
      const first = await ask('PATCH', location, '012', { 'content-range': '0-2' });
      expect([first.status, first.headers.get('range')]).toEqual([202, '0-2']);
      expect(first.headers.get('location')).toBe(location);
      const second = await ask('PATCH', location, '345', { 'content-range': '3-5' });
      expect(second.headers.get('range')).toBe('0-5');
      const state = await ask('GET', location);
      expect([state.status, state.headers.get('range'), state.headers.get('location')]).toEqual([
        204,
        '0-5',
        location,
      ]);
      const text = `012345${last}`;
      const range: Record<string, string> = last === '' ? {} : { 'content-range': '6-9' };
      const closed = await ask('PUT', `${location}?digest=${digestOf(text)}`, last, range);
      expect(closed.status).toBe(201);
      expect((await ask('GET', `/v2/push/d/blobs/${digestOf(text)}`)).body).toBe(text);
    }
  });

  test('as one stream without Content-Range, as the lifecycle sends it', async () => {
    const location = await start('push/e');
    expect((await ask('PATCH', location, 'stream')).status).toBe(202);
    const closed = await ask('PUT', `${location}?digest=${digestOf('stream')}`);
    expect(closed.status).toBe(201);
  });

  test.each([
    ['out of order', '3-5', '345'],
    ['again', '0-2', '012'],
    ['of another length', '1-5', '123'],
    ['without a range', 'bytes 1-x', '1'],
  ])('in a chunk %s is 416 and changes nothing', async (_name, range, text) => {
    const location = await start('push/f');
    await ask('PATCH', location, '0', { 'content-range': '0-0' });
    const answer = await ask('PATCH', location, text, { 'content-range': range });
    expect([answer.status, answer.headers.get('range')]).toEqual([416, '0-0']);
    const closing = `${location}?digest=${digestOf('0')}`;
    expect((await ask('PUT', closing, text, { 'content-range': range })).status).toBe(416);
    expect((await ask('PUT', closing)).status).toBe(201);
  });

  test('in a chunk of no length that is told, by its range', async () => {
    const location = await start('push/chunked');
    const headers = { 'content-range': '0-2', 'transfer-encoding': 'chunked' };
    const answer = await ask('PATCH', location, '012', headers);
    expect([answer.status, answer.headers.get('range')]).toEqual([202, '0-2']);
  });

  test('is cancelled', async () => {
    const location = await start('push/g');
    await ask('PATCH', location, 'x');
    expect((await ask('DELETE', location)).status).toBe(204);
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const answer = await ask(method, location);
      expect([answer.status, codes(answer)]).toEqual([404, ['BLOB_UPLOAD_UNKNOWN']]);
    }
  });

  test('belongs to its repository', async () => {
    const location = (await start('push/h')).replace('push/h', 'push/other');
    expect((await ask('GET', location)).status).toBe(404);
    const digest = await put('push/h', 'mine');
    expect((await ask('HEAD', `/v2/push/other/blobs/${digest}`)).status).toBe(404);
  });

  test('is a mount where the other repository has it, else an upload', async () => {
    const digest = await put('push/i', 'to be mounted');
    const mount = `/v2/push/j/blobs/uploads/?mount=${digest}&from=`;
    const missing = await ask('POST', `${mount}push/k`);
    expect([missing.status, missing.headers.get('location')]).toEqual([
      202,
      expect.stringContaining('/v2/push/j/blobs/uploads/'),
    ]);
    const mounted = await ask('POST', `${mount}push/i`);
    expect([mounted.status, mounted.headers.get('location')]).toEqual([
      201,
      `/v2/push/j/blobs/${digest}`,
    ]);
    expect((await ask('GET', `/v2/push/j/blobs/${digest}`)).body).toBe('to be mounted');
    expect((await ask('POST', `/v2/push/l/blobs/uploads/?mount=${digest}`)).status).toBe(202);
  });
});

describe('push of a manifest', () => {
  test('by digest, then by several tags; a tag moves', async () => {
    const one = await manifestIn('push/m', 'one');
    const two = await manifestIn('push/m', 'two');
    await putManifest('push/m', one.digest, one);
    await putManifest('push/m', 'a', one);
    await putManifest('push/m', 'b', one);
    await putManifest('push/m', 'b', two);
    const digestAt = async (tag: string) =>
      (await ask('HEAD', `/v2/push/m/manifests/${tag}`)).headers.get('docker-content-digest');
    expect([await digestAt('a'), await digestAt('b')]).toEqual([one.digest, two.digest]);
  });

  test('by sha512', async () => {
    const made = await manifestIn('push/n', 'long');
    const digest = sha512(made.text);
    await putManifest('push/n', digest, { ...made, digest });
    expect((await ask('GET', `/v2/push/n/manifests/${digest}`)).body).toBe(made.text);
  });

  test('says which subject it took in, though that is not there', async () => {
    const subject = { mediaType: mediaTypes.manifest, digest: digestOf('later'), size: 5 };
    const made = await manifestIn('push/o', 'about', { subject });
    const answer = await putManifest('push/o', made.digest, made);
    expect(answer.headers.get('oci-subject')).toBe(subject.digest);
  });

  test.each([
    ['that is not JSON', 'nonsense', 'MANIFEST_INVALID'],
    ['that is no object', '[]', 'MANIFEST_INVALID'],
    ['of another type', `{"mediaType":"${mediaTypes.index}"}`, 'MANIFEST_INVALID'],
    ['with a layer that is no descriptor', '{"layers":[{"digest":"x"}]}', 'MANIFEST_INVALID'],
    [
      'with a missing configuration',
      `{"config":{"digest":"${digestOf('-')}"}}`,
      'MANIFEST_BLOB_UNKNOWN',
    ],
    ['with a missing blob', `{"layers":[{"digest":"${digestOf('-')}"}]}`, 'MANIFEST_BLOB_UNKNOWN'],
    [
      'with a missing manifest',
      `{"manifests":[{"digest":"${digestOf('-')}"}]}`,
      'MANIFEST_BLOB_UNKNOWN',
    ],
  ])('%s is refused, and no tag made', async (_name, text, code) => {
    const answer = await ask('PUT', '/v2/push/p/manifests/v1', text, typed);
    expect([answer.status, codes(answer)]).toEqual([400, [code]]);
    const missing = code === 'MANIFEST_BLOB_UNKNOWN' ? [{ digest: digestOf('-') }] : undefined;
    expect(errorsIn(answer)[0]?.detail).toEqual(missing);
    expect((await ask('HEAD', '/v2/push/p/manifests/v1')).status).toBe(404);
  });

  test('under another digest is told both', async () => {
    const path = `/v2/push/r/manifests/${digestOf('other')}`;
    const answer = await ask('PUT', path, '{}', typed);
    expect(errorsIn(answer)[0]?.message).toBe(
      `the content is ${digestOf('{}')}, not ${digestOf('other')}`,
    );
  });

  test('has a type without what stands behind it', async () => {
    const type = { 'content-type': `${mediaTypes.manifest} ; charset=utf-8` };
    const made = await manifestIn('push/type', 'x');
    expect((await ask('PUT', '/v2/push/type/manifests/v1', made.text, type)).status).toBe(201);
    const got = await ask('GET', '/v2/push/type/manifests/v1');
    expect(got.headers.get('content-type')).toBe(mediaTypes.manifest);
  });

  test.each([
    ['an artifact without layers', { layers: [], artifactType: 'application/vnd.example' }],
    ['an image of 40 layers of the same bytes', undefined],
  ])('%s', async (_name, more) => {
    const layer = { mediaType: mediaTypes.layer, digest: digestOf('layer x'), size: 7 };
    const made = await manifestIn('push/s', 'x', more ?? { layers: Array(40).fill(layer) });
    await putManifest('push/s', 'v1', made);
    expect((await ask('GET', '/v2/push/s/manifests/v1')).body).toBe(made.text);
  });

  test('of an index in an index', async () => {
    const indexOver = ({ text, digest }: Made, mediaType: string): Made => {
      const manifests = [{ mediaType, digest, size: text.length }];
      const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests });
      return { text: index, digest: digestOf(index) };
    };
    const image = await manifestIn('push/t', 'image');
    const inner = indexOver(image, mediaTypes.manifest);
    const outer = indexOver(inner, mediaTypes.index);
    await putManifest('push/t', image.digest, image);
    for (const { text, digest } of [inner, outer]) {
      const path = `/v2/push/t/manifests/${digest}`;
      const type = { 'content-type': mediaTypes.index };
      expect((await ask('PUT', path, text, type)).status).toBe(201);
      expect((await ask('GET', path)).body).toBe(text);
    }
  });

  test('may name layers that no registry holds', async () => {
    const layers = [
      {
        mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
        digest: digestOf('-'),
        size: 1,
      },
    ];
    await putManifest('push/q', 'v1', await manifestIn('push/q', 'foreign', { layers }));
  });

  test.each([
    ['under another digest', digestOf('other'), typed, '{}', 400, 'DIGEST_INVALID'],
    ['under what is no tag', '.x', typed, '{}', 400, 'DIGEST_INVALID'],
    ['without a type', 'v1', {}, '{}', 400, 'MANIFEST_INVALID'],
    ['of more than 4 MiB', 'v1', typed, ' '.repeat(4 * 1024 * 1024 + 1), 413, 'SIZE_INVALID'],
  ])('%s is refused', async (_name, reference, headers, text, status, code) => {
    const answer = await ask('PUT', `/v2/push/r/manifests/${reference}`, text, headers);
    expect([answer.status, codes(answer)]).toEqual([status, [code]]);
  });

  test('of 4 MiB is taken', async () => {
    const made = await manifestIn('push/s', 'large', {
      annotations: { fill: 'x'.repeat(4_000_000) },
    });
    await putManifest('push/s', 'v1', made);
  });
});

describe('content discovery', () => {
  test('lists tags in order, in pages', async () => {
    const made = await manifestIn('list/a', 'x');
    for (const tag of ['v2', 'V1', 'a', 'v10']) await putManifest('list/a', tag, made);
    const list = async (query: string) => {
      const { status, body, headers } = await ask('GET', `/v2/list/a/tags/list${query}`);
      const { name, tags } = JSON.parse(body) as { name: string; tags: string[] };
      return [status, name, tags, headers.get('link')];
    };
    const link = (last: string) => `</v2/list/a/tags/list?n=2&last=${last}>; rel="next"`;
    expect(await list('')).toEqual([200, 'list/a', ['V1', 'a', 'v10', 'v2'], undefined]);
    expect(await list('?n=2')).toEqual([200, 'list/a', ['V1', 'a'], link('a')]);
    expect(await list('?n=2&last=a')).toEqual([200, 'list/a', ['v10', 'v2'], undefined]);
    expect(await list('?n=4')).toEqual([200, 'list/a', ['V1', 'a', 'v10', 'v2'], undefined]);
    expect(await list('?n=3')).toEqual([
      200,
      'list/a',
      ['V1', 'a', 'v10'],
      '</v2/list/a/tags/list?n=3&last=v10>; rel="next"',
    ]);
    expect(await list('?n=10')).toEqual([200, 'list/a', ['V1', 'a', 'v10', 'v2'], undefined]);
    expect(await list('?n=0')).toEqual([200, 'list/a', [], undefined]);
    expect(await list('?last=b')).toEqual([200, 'list/a', ['v10', 'v2'], undefined]);
    for (const n of ['x', '1x', 'x1', '', '1234567890']) {
      expect((await ask('GET', `/v2/list/a/tags/list?n=${n}`)).status).toBe(400);
    }
    const unknown = await ask('GET', '/v2/list/none/tags/list');
    expect([unknown.status, codes(unknown)]).toEqual([404, ['NAME_UNKNOWN']]);
  });

  test('lists referrers with artifact types and annotations, filtered where asked', async () => {
    const about = await manifestIn('refer/a', 'subject');
    const subject = {
      mediaType: mediaTypes.manifest,
      digest: about.digest,
      size: about.text.length,
    };
    const scan = await manifestIn('refer/a', 'scan', { subject, artifactType: 'text/scan' });
    const plain = await manifestIn('refer/a', 'plain', { subject });
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [],
      subject,
    });
    await putManifest('refer/a', scan.digest, scan);
    await putManifest('refer/a', 'tagged', plain);
    const elsewhere = { ...subject, digest: digestOf('another') };
    const other = await manifestIn('refer/a', 'other', { subject: elsewhere });
    await putManifest('refer/a', other.digest, other);
    await putManifest('refer/a', about.digest, about);
    await ask('PUT', `/v2/refer/a/manifests/${digestOf(index)}`, index, {
      'content-type': mediaTypes.index,
    });
    const all = await ask('GET', `/v2/refer/a/referrers/${about.digest}`);
    expect([
      all.status,
      all.headers.get('content-type'),
      all.headers.get('oci-filters-applied'),
    ]).toEqual([200, mediaTypes.index, undefined]);
    const parsed = JSON.parse(all.body) as {
      schemaVersion: number;
      manifests: { digest: string }[];
    };
    expect(parsed.schemaVersion).toBe(2);
    const entry = (made: Made, artifactType: string, note: string) => ({
      mediaType: mediaTypes.manifest,
      digest: made.digest,
      size: made.text.length,
      artifactType,
      annotations: { note },
    });
    const byDigest = (a: { digest: string }, b: { digest: string }) =>
      a.digest < b.digest ? -1 : 1;
    expect(parsed.manifests.sort(byDigest)).toEqual(
      [
        entry(scan, 'text/scan', 'scan'),
        entry(plain, mediaTypes.config, 'plain'),
        { mediaType: mediaTypes.index, digest: digestOf(index), size: index.length },
      ].sort(byDigest),
    );
    const some = await ask('GET', `/v2/refer/a/referrers/${about.digest}?artifactType=text/scan`);
    expect(some.headers.get('oci-filters-applied')).toBe('artifactType');
    expect(JSON.parse(some.body)).toMatchObject({ manifests: [entry(scan, 'text/scan', 'scan')] });
    await ask('DELETE', `/v2/refer/a/manifests/${scan.digest}`);
    const left = await ask('GET', `/v2/refer/a/referrers/${about.digest}?artifactType=text/scan`);
    expect(JSON.parse(left.body)).toMatchObject({ manifests: [] });
  });

  test('lists no referrers of what is not there, and refuses what is no digest', async () => {
    const none = await ask('GET', `/v2/refer/none/referrers/${digestOf('x')}`);
    expect([none.status, JSON.parse(none.body)]).toEqual([
      200,
      { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] },
    ]);
    expect((await ask('GET', '/v2/refer/none/referrers/x')).status).toBe(400);
  });
});

test.each([
  ['GET', `/v2/said/a/blobs/${digestOf('none')}`, '', {}, `said/a has no blob ${digestOf('none')}`],
  [
    'DELETE',
    `/v2/said/a/blobs/${digestOf('none')}`,
    '',
    {},
    `said/a has no blob ${digestOf('none')}`,
  ],
  ['GET', '/v2/said/a/manifests/v9', '', {}, 'said/a has no manifest v9'],
  ['GET', '/v2/said/a/tags/list?n=x', '', {}, 'n is "x", a number was expected'],
  ['PUT', '/v2/said/a/manifests/v1', '{}', {}, 'Content-Type is missing'],
  [
    'PUT',
    '/v2/said/a/manifests/v1',
    ' '.repeat(4 * 1024 * 1024 + 1),
    { 'content-type': mediaTypes.manifest },
    'a manifest has at most 4 MiB',
  ],
  ['GET', '/v2/Upper/manifests/v1', '', {}, '"Upper" is not a name'],
  ['GET', '/v2/said/none/tags/list', '', {}, 'there is no repository said/none'],
  ['PUT', '/v2/said/a/manifests/.x', '{}', typed, '".x" is neither a tag nor a digest'],
  ['PUT', '/v2/said/a/manifests/v1', '-', typed, 'the manifest is not JSON'],
  ['PUT', '/v2/said/a/manifests/v1', '[]', typed, 'the manifest is not a JSON object'],
  [
    'PUT',
    '/v2/said/a/manifests/v1',
    '{"mediaType":"a/b"}',
    typed,
    `mediaType is a/b, Content-Type is ${mediaTypes.manifest}`,
  ],
  [
    'PUT',
    '/v2/said/a/manifests/v1',
    '{"layers":[{"digest":"x"}]}',
    typed,
    'layers has an entry that is not a descriptor',
  ],
  [
    'PUT',
    '/v2/said/a/manifests/v1',
    `{"layers":[{"digest":"${digestOf('-')}"}],"config":{"digest":"${digestOf('+')}"}}`,
    typed,
    `said/a has no ${digestOf('+')}, ${digestOf('-')}`,
  ],
  ['GET', '/v3/', '', {}, '/v3/ is not a path of a registry'],
  ['GET', '/v2/said/a/referrers/x', '', {}, '"x" is not a sha256 or sha512 digest'],
])('%s %s is refused in words', async (method, path, body, headers, message) => {
  await put('said/a', 'x');
  const answer = await ask(method, path, body, headers as Record<string, string>);
  expect(errorsIn(answer).map((one) => one.message)).toEqual([message]);
});

test('a chunk in the wrong place is told how many bytes are here', async () => {
  const location = await start('said/b');
  await ask('PATCH', location, '01', { 'content-range': '0-1' });
  const answer = await ask('PATCH', location, '345', { 'content-range': '3-5' });
  expect(errorsIn(answer).map((one) => one.message)).toEqual([
    'Content-Range is 3-5; 2 bytes are here',
  ]);
});

test('a body is read up to its limit', async () => {
  const body = () => Readable.from([Buffer.from('ab'), Buffer.from('cd')]) as IncomingMessage;
  expect(await bodyOf(body(), 4)).toEqual(Buffer.from('abcd'));
  expect(await bodyOf(body(), 3)).toBeUndefined();
});

describe('content management', () => {
  test('deletes a tag alone', async () => {
    const made = await manifestIn('manage/a', 'x');
    await putManifest('manage/a', 'one', made);
    await putManifest('manage/a', 'two', made);
    expect((await ask('DELETE', '/v2/manage/a/manifests/one')).status).toBe(202);
    const status = async (reference: string) =>
      (await ask('HEAD', `/v2/manage/a/manifests/${reference}`)).status;
    expect([await status('one'), await status('two'), await status(made.digest)]).toEqual([
      404, 200, 200,
    ]);
  });

  test('deletes a manifest with its tags, and leaves others', async () => {
    const made = await manifestIn('manage/b', 'x');
    const other = await manifestIn('manage/b', 'y');
    await putManifest('manage/b', 'one', made);
    await putManifest('manage/b', 'two', other);
    expect((await ask('DELETE', `/v2/manage/b/manifests/${made.digest}`)).status).toBe(202);
    const tags = await ask('GET', '/v2/manage/b/tags/list');
    expect(JSON.parse(tags.body)).toEqual({ name: 'manage/b', tags: ['two'] });
    expect((await ask('GET', `/v2/manage/b/manifests/${made.digest}`)).status).toBe(404);
    expect((await ask('DELETE', `/v2/manage/b/manifests/${made.digest}`)).status).toBe(404);
  });

  test('deletes a blob from its repository alone', async () => {
    const digest = await put('manage/c', 'shared');
    await put('manage/d', 'shared');
    expect((await ask('DELETE', `/v2/manage/c/blobs/${digest}`)).status).toBe(202);
    expect((await ask('HEAD', `/v2/manage/c/blobs/${digest}`)).status).toBe(404);
    expect((await ask('DELETE', `/v2/manage/c/blobs/${digest}`)).status).toBe(404);
    expect((await ask('GET', `/v2/manage/d/blobs/${digest}`)).body).toBe('shared');
  });
});

test('a connection cut in a chunk leaves an upload that can be gone on with', async () => {
  const location = await start('cut/a');
  await new Promise<void>((resolve) => {
    const outgoing = send(`http://${registry.host}${location}`, {
      method: 'PATCH',
      headers: { 'content-length': '10' },
    });
    outgoing.on('error', () => resolve());
    outgoing.write('abc', () => setTimeout(() => outgoing.destroy(), 20));
    outgoing.on('close', () => resolve());
  });
  let state = await ask('GET', location);
  for (let tries = 0; tries < 50 && state.headers.get('range') !== '0-2'; tries++) {
    state = await ask('GET', location);
  }
  expect(state.headers.get('range')).toBe('0-2');
  const patched = await ask('PATCH', location, 'def', { 'content-range': '3-5' });
  expect(patched.status).toBe(202);
  const closed = await ask('PUT', `${location}?digest=${digestOf('abcdef')}`);
  expect(closed.status).toBe(201);
});

test('two uploads of one blob at once both succeed', async () => {
  const text = 'x'.repeat(500_000);
  await Promise.all(Array.from({ length: 8 }, () => put('many/a', text)));
  expect((await ask('GET', `/v2/many/a/blobs/${digestOf(text)}`)).body).toBe(text);
});

test('what is in the directory is served again by the next one', async () => {
  const first = await embedded();
  const text = '{"schemaVersion":2}';
  await ask('PUT', '/v2/again/a/manifests/v1', text, typed, first.host);
  await first.close();
  expect(await files.list(first.directory)).toEqual(['blobs', 'repositories', 'uploads']);
  const second = await startEmbeddedRegistry({ files, directory: first.directory });
  afterThisTest(() => second.close());
  expect((await ask('GET', '/v2/again/a/manifests/v1', '', {}, second.host)).body).toBe(text);
});

test('a blob that was mounted leaves no upload behind', async () => {
  const one = await embedded();
  const digest = digestOf('x');
  const path = `/blobs/uploads/?digest=${digest}`;
  await ask('POST', `/v2/mount/a${path}`, 'x', {}, one.host);
  const mount = `/v2/mount/b/blobs/uploads/?mount=${digest}&from=mount/a`;
  expect((await ask('POST', mount, '', {}, one.host)).status).toBe(201);
  expect(await files.list(`${one.directory}/uploads`)).toEqual([]);
});

test('closing leaves no upload behind', async () => {
  const one = await embedded();
  const answer = await ask('POST', '/v2/left/a/blobs/uploads/', '', {}, one.host);
  await ask('PATCH', answer.headers.get('location') ?? '', 'x', {}, one.host);
  await one.close();
  expect(await files.list(`${one.directory}/uploads`)).toEqual([]);
});

describe('beside an OCI layout', () => {
  const text = 'a layer of the layout';
  const digest = digestOf(text);

  async function beside(port: Files) {
    const directory = await files.makeTemporary('sea-trial-registry-');
    afterThisTest(() => files.remove(directory));
    const layout = await createLayout(files, `${directory}/layout`);
    const blob = layout.begin(digest);
    await blob.write(Buffer.from(text));
    await blob.end();
    const setup = { files: port, directory: `${directory}/registry`, layout: layout.directory };
    const { host, close } = await startEmbeddedRegistry(setup);
    afterThisTest(close);
    return (method: string, path: string) => ask(method, path, '', {}, host);
  }

  test('its blobs are there without an upload, and take no more of the disk', async () => {
    let linked = 0;
    const counting = {
      ...files,
      hardLink: (file: string, path: string) => {
        linked++;
        return files.hardLink(file, path);
      },
    };
    const asked = await beside(counting);
    expect((await asked('HEAD', `/v2/a/a/blobs/${digest}`)).status).toBe(200);
    expect((await asked('GET', `/v2/b/b/blobs/${digest}`)).body).toBe(text);
    expect((await asked('HEAD', `/v2/a/a/blobs/${digestOf('other')}`)).status).toBe(404);
    expect(linked).toBe(3);
  });

  test('on another file system they have to be uploaded', async () => {
    const far = {
      ...files,
      hardLink: () => Promise.reject(Object.assign(new Error('far'), { code: 'EXDEV' })),
    };
    const asked = await beside(far);
    expect((await asked('HEAD', `/v2/a/a/blobs/${digest}`)).status).toBe(404);
  });
});

test('a disk that is full is told, and nothing more is asked of it', async () => {
  const directory = await files.makeTemporary('sea-trial-registry-');
  afterThisTest(() => files.remove(directory));
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  const port: Files = {
    ...files,
    write: (path, content) =>
      content.length > 0 ? Promise.reject(full) : files.write(path, content),
  };
  const registry = await startEmbeddedRegistry({ files: port, directory });
  afterThisTest(() => registry.close());
  const put = () =>
    ask('PUT', '/v2/full/a/manifests/v1', '{"schemaVersion":2}', typed, registry.host);
  expect(registry.fault()).toBeUndefined();
  expect((await put()).status).toBe(507);
  expect(registry.fault()).toBe(full);
  expect((await ask('GET', '/v2/full/a/tags/list', '', {}, registry.host)).status).toBe(507);
});

describe('a registry of one build', () => {
  async function ofOneBuild() {
    const directory = await files.makeTemporary('sea-trial-registry-');
    afterThisTest(() => files.remove(directory));
    // Every address that begins with 127 is this machine's.
    const setup = {
      files,
      directory,
      beside: '127.0.0.2',
      within: 'run/secret',
      single: 'run/secret/app',
    };
    const own = await startEmbeddedRegistry(setup);
    afterThisTest(() => own.close());
    return own;
  }

  test('is the same one on its other address', async () => {
    const { host, beside = '' } = await ofOneBuild();
    expect(beside).toMatch(/^127\.0\.0\.2:\d+$/);
    const path = '/v2/run/secret/app/manifests/built';
    const bytes = '{"schemaVersion":2}';
    expect((await ask('PUT', path, bytes, typed, beside)).status).toBe(201);
    expect((await ask('GET', path, '', {}, host)).body).toBe(bytes);
  });

  test('has no repository but those below its path, and says so to whatever is asked of them', async () => {
    const { beside } = await ofOneBuild();
    const wrong = ['run/other/app', 'run/secret', 'run/secretly/app', 'app'];
    for (const name of wrong) {
      for (const [method, path] of [
        ['PUT', 'manifests/built'],
        ['GET', 'tags/list'],
        ['POST', 'blobs/uploads/'],
      ] as const) {
        const body = method === 'GET' ? '' : '{}';
        const answer = await ask(method, `/v2/${name}/${path}`, body, typed, beside);
        expect([name, answer.status, codes(answer)]).toEqual([name, 404, ['NAME_UNKNOWN']]);
      }
    }
  });

  test('takes one manifest, as often as it comes, and lets none take its place', async () => {
    const { host } = await ofOneBuild();
    const path = '/v2/run/secret/app/manifests';
    const early = await ask('DELETE', `${path}/built`, '', {}, host);
    expect([early.status, codes(early)]).toEqual([400, ['MANIFEST_INVALID']]);
    const bytes = '{"schemaVersion":2}';
    const put = async (where: string, body: string) =>
      (await ask('PUT', `${path}/${where}`, body, typed, host)).status;
    const both = await Promise.all([put('built', bytes), put('built', `${bytes} `)]);
    expect(both.sort()).toEqual([201, 400]);
    const kept = (await ask('GET', `${path}/built`, '', {}, host)).body;
    expect([bytes, `${bytes} `]).toContain(kept);
    expect(await put('again', kept)).toBe(201);
    expect(await put('built', `${bytes}\n`)).toBe(400);
    const removed = await ask('DELETE', `${path}/built`, '', {}, host);
    expect([removed.status, codes(removed)]).toEqual([400, ['MANIFEST_INVALID']]);
    expect((await ask('GET', `${path}/built`, '', {}, host)).body).toBe(kept);
  });

  test('lets what is beside that one be replaced and removed, as a cache is', async () => {
    const { host } = await ofOneBuild();
    const path = '/v2/run/secret/cache/manifests';
    const put = (body: string) => ask('PUT', `${path}/built`, body, typed, host);
    const first = await put('{"schemaVersion":2}');
    expect([first.status, (await put('{"schemaVersion":2} ')).status]).toEqual([201, 201]);
    expect((await ask('GET', `${path}/built`, '', {}, host)).body).toBe('{"schemaVersion":2} ');
    const digest = first.headers.get('docker-content-digest');
    expect((await ask('DELETE', `${path}/${digest}`, '', {}, host)).status).toBe(202);
  });

  test('does not start, and leaves nothing that listens, where the address is of another machine', async () => {
    const directory = await files.makeTemporary('sea-trial-registry-');
    afterThisTest(() => files.remove(directory));
    const started = startEmbeddedRegistry({ files, directory, beside: '192.0.2.1' });
    await expect(started).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});
