import { createWriteStream } from 'node:fs';
import { type ClientRequest, request as send } from 'node:http';
import type { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/index.js';
import { files } from '../../src/ports/files.js';
import { startEmbeddedRegistry } from '../../src/registry/index.js';
import { afterThisTest } from './rig.js';

/** A registry whose uploads go to a device that is always full; `failed` when that was noticed. */
async function onFullDisk() {
  const directory = await files.makeTemporary('sea-trial-full-');
  let notice = () => {};
  const failed = new Promise<void>((resolve) => {
    notice = resolve;
  });
  const writer = (): Writable => createWriteStream('/dev/full').on('error', () => notice());
  const registry = await startEmbeddedRegistry({ files: { ...files, writer }, directory });
  afterThisTest(async () => {
    await registry.close();
    await files.remove(directory);
  });
  return { ...registry, directory, failed };
}

interface Answered {
  readonly status: number;
  readonly location: string;
  readonly body: string;
}

/** A request whose body the test writes. */
function open(method: string, url: string) {
  let request: ClientRequest | undefined;
  const answered = new Promise<Answered>((resolve, reject) => {
    request = send(url, { method }, async (answer) => {
      const { statusCode: status = 0, headers } = answer;
      const chunks = await answer.toArray();
      const body = Buffer.concat(chunks).toString();
      resolve({ status, location: headers.location ?? '', body });
    });
    request.on('error', reject);
  });
  return { request: request as unknown as ClientRequest, answered };
}

function ask(method: string, url: string, body = ''): Promise<Answered> {
  const { request, answered } = open(method, url);
  request.end(body);
  return answered;
}

const noSpace = { status: 507, body: expect.stringContaining('ENOSPC') };

test('a full disk is told to a client that pauses in the middle of a chunk', async () => {
  const { host, failed, directory } = await onFullDisk();
  const { location } = await ask('POST', `http://${host}/v2/full/a/blobs/uploads/`);
  const { request, answered } = open('PATCH', `http://${host}${location}`);
  request.write('first');
  await failed;
  request.end('second');
  expect(await answered).toMatchObject(noSpace);
  expect(await files.list(`${directory}/uploads`)).toEqual([]);
  expect(await ask('GET', `http://${host}${location}`)).toMatchObject(noSpace);
});

test('a full disk that shows after a chunk was taken is told when the upload is to end', async () => {
  const { host, failed } = await onFullDisk();
  const { location } = await ask('POST', `http://${host}/v2/full/b/blobs/uploads/`);
  expect(await ask('PATCH', `http://${host}${location}`, 'chunk')).toMatchObject({ status: 202 });
  await failed;
  const end = `http://${host}${location}?digest=${digestOf('chunk')}`;
  expect(await ask('PUT', end)).toMatchObject(noSpace);
});

test('a full disk is told to who sends a whole blob at once', async () => {
  const { host } = await onFullDisk();
  const text = 'x'.repeat(3_000_000);
  const url = `http://${host}/v2/full/c/blobs/uploads/?digest=${digestOf(text)}`;
  expect(await ask('POST', url, text)).toMatchObject(noSpace);
});
