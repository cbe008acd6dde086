import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { digestOf } from '../../src/oci/index.js';
import { files } from '../../src/ports/files.js';
import { realPorts } from '../../src/ports/index.js';
import { publish } from '../../src/publish/index.js';
import { anonymous, type Credentials, dockerCredentials } from '../../src/registry/index.js';
import { blobs, type MadeImage, makeImage } from '../registry/images.js';
import { clientFor, rejection } from '../registry/rig.js';
import { readBack } from '../verify/read-back.js';
import { faulty } from './faulty.js';
import { freePort } from './rig.js';

/* Debian's docker-registry, started and stopped here: a server that is not ours. */

const ports = realPorts();
const cleaning: (() => Promise<void>)[] = [];

afterAll(async () => {
  for (const clean of cleaning.reverse()) await clean();
});

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

interface RealRegistry {
  readonly host: string;
  readonly log: () => string;
}

async function answers(host: string): Promise<boolean> {
  try {
    const response = await ports.http({ method: 'GET', url: `http://${host}/v2/`, headers: {} });
    response.body.resume();
    return true;
  } catch {
    return false;
  }
}

async function startRegistry(auth = ''): Promise<RealRegistry> {
  const directory = await files.makeTemporary('sea-trial-docker-registry-');
  cleaning.push(() => files.remove(directory));
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(directory, 'config.yml');
  await files.write(
    config,
    `version: 0.1
log: { level: warn }
storage:
  filesystem: { rootdirectory: ${directory}/data }
  delete: { enabled: true }
http: { addr: "${host}" }
${auth.replace('DIRECTORY', directory)}
`,
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  cleaning.push(() => stop(child));
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += text));
  while (!(await answers(host))) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended: ${log}`);
    await ports.clock.sleep(50);
  }
  return { host, log: () => log };
}

function client(credentials: Credentials = anonymous) {
  return clientFor({ credentials });
}

async function wholeWay(host: string, credentials: Credentials = anonymous) {
  const store = blobs();
  const made = ['greeter', 'welcomer'].map((name) => makeImage(store, name));
  const images = made.map((image) => ({
    ...image,
    targets: [{ repository: `${host}/acme/${image.image}`, tags: ['dev', '1.2'] }],
  }));
  const shared = { client: client(credentials), clock: ports.clock, limit: pLimit(4) };
  const sent = await publish({
    ...shared,
    images,
    open: store.open,
    publish: 'together',
    embedded: false,
  });
  const read = await readBack({
    ...shared,
    images: images.map((image) => ({ ...image, index: image.index.descriptor })),
  });
  return { made, sent, read };
}

describe('a real registry', () => {
  let host = '';
  let made: readonly MadeImage[] = [];

  test('takes what is published, and it is read back as what was tried', async () => {
    ({ host } = await startRegistry());
    const way = await wholeWay(host);
    made = way.made;
    expect([...way.sent.findings, ...way.read.findings]).toEqual([]);
    expect(way.sent.publications.map(({ targets }) => targets.length)).toEqual([2, 2]);
    expect(way.read.served.get('greeter')?.map(({ tag }) => tag)).toEqual(['dev', '1.2']);
  });

  test('takes it a second time and tells what was there', async () => {
    const { sent, read } = await wholeWay(host);
    expect([...sent.findings, ...read.findings]).toEqual([]);
    const before = { digest: made[0]?.index.descriptor.digest };
    expect(sent.publications[0]?.targets).toMatchObject([{ before }, { before }]);
  });

  test.each([
    ['crane', ['manifest', '--insecure', 'HOST/acme/greeter:dev']],
    ['skopeo', ['inspect', '--raw', '--tls-verify=false', 'docker://HOST/acme/greeter:dev']],
  ])('serves the same bytes to %s', async (file, args) => {
    const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
    const named = args.map((one) => one.replace('HOST', host));
    const { stdout, stderr, code } = await ports.exec.run({ file, args: named, env });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim()).toBe(made[0]?.index.bytes.toString());
  });

  test('mounts, and takes chunks where a proxy takes no more', async () => {
    /** As nginx does, it refuses by the length that is announced. */
    const proxy = await faulty(host, (request, response, forward) => {
      if (Number(request.headers['content-length'] ?? 0) <= 1024 * 1024) return forward();
      response.writeHead(413, { 'content-length': 0 }).end();
    });
    const from = client().repository(proxy, 'some/base');
    const to = client().repository(host, 'some/other');
    const bytes = Buffer.alloc(2_500_000, '0123456789');
    const blob = {
      digest: digestOf(bytes),
      size: bytes.length,
      open: () => Readable.from([bytes]),
    };
    expect(await from.putBlob(blob)).toBe('uploaded');
    expect(await to.putBlob({ ...blob, from: 'some/base' })).toBe('mounted');
    await to.checkBlob(blob);
  });

  test('refuses a manifest whose blobs are missing', async () => {
    const store = blobs();
    const { platforms } = makeImage(store, 'missing');
    const { digest, mediaType } = platforms[0]?.manifest ?? { digest: '', mediaType: '' };
    const bytes = store.all.get(digest) ?? Buffer.alloc(0);
    const repository = client().repository(host, 'some/missing');
    expect(await rejection(repository.putManifest('dev', { bytes, mediaType }))).toMatchObject({
      code: 'refused',
      ociCodes: expect.arrayContaining(['MANIFEST_BLOB_UNKNOWN']),
    });
    expect(await repository.headManifest('dev')).toBeUndefined();
  });
});

test('a real registry with a login takes the one from docker config, and no other', async () => {
  const auth = 'auth: { htpasswd: { realm: r, path: DIRECTORY/htpasswd } }';
  const { host, log } = await startRegistry(auth);
  // Without a file of users docker-registry makes one user and says the password once.
  const password = /password=(\S+)/.exec(log())?.[1] ?? '';
  expect(password).not.toBe('');
  const folder = await files.makeTemporary('sea-trial-docker-config-');
  cleaning.push(() => files.remove(folder));
  const credentials = dockerCredentials({ ...ports, env: { DOCKER_CONFIG: folder } });
  const login = Buffer.from(`docker:${password}`).toString('base64');
  await files.write(
    join(folder, 'config.json'),
    JSON.stringify({ auths: { [host]: { auth: login } } }),
  );
  const { sent, read } = await wholeWay(host, credentials);
  expect([...sent.findings, ...read.findings]).toEqual([]);
  const without = await wholeWay(host);
  expect(without.sent.findings).toMatchObject([
    { code: 'registry-failed', message: expect.stringContaining(`${host} requires a login`) },
  ]);
});
