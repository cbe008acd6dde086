import { execFile } from 'node:child_process';
import { createServer as createPlain } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { certificatesFor, hostsWithCertificates } from '../../src/ports/certificates.js';
import { files } from '../../src/ports/files.js';
import { createHttp } from '../../src/ports/http.js';
import { listening } from '../listening.js';

const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const folder = await files.makeTemporary('sea-trial-certificates-');
closing.push(() => files.remove(folder));

const run = promisify(execFile);

/** An authority, a server's certificate for 127.0.0.1 and reg.example, and a client's. */
async function makeCertificates() {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  await openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=an authority of our own',
  );
  for (const name of ['server', 'client']) {
    await openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
    );
    await files.write(at('names'), 'subjectAltName=IP:127.0.0.1,DNS:reg.example\n');
    await openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-out',
      `${name}.crt`,
      '-extfile',
      'names',
    );
  }
  const pem = async (name: string) => (await files.read(at(name))).toString();
  return {
    authority: await pem('ca.crt'),
    server: { cert: await pem('server.crt'), key: await pem('server.key') },
    client: { cert: await pem('client.crt'), key: await pem('client.key') },
  };
}

const made = await makeCertificates();

async function serve(options: ServerOptions = {}): Promise<number> {
  const server = createServer({ ...made.server, ...options }, (request, response) => {
    const peer = (request.socket as TLSSocket).getPeerCertificate();
    response.end(`hello ${peer.subject?.CN ?? 'nobody'}`);
  });
  const { port, close } = await listening(server);
  closing.push(close);
  return port;
}

/** A docker configuration folder whose certs.d has the given files for a host. */
async function configured(host: string, content: Readonly<Record<string, string>>) {
  const config = await files.makeTemporary('config-', folder);
  const place = join(config, 'certs.d', host);
  await files.makeDirectory(place);
  for (const [name, text] of Object.entries(content)) await files.write(join(place, name), text);
  return { DOCKER_CONFIG: config };
}

describe('what certs.d holds', () => {
  test('of a host: its authorities in the order of their names, and our certificate with its key', async () => {
    const env = await configured('reg.example:5000', {
      'b.crt': 'B',
      'a.crt': 'A',
      'a.crt.old': 'x',
      'keyless.cert': 'x',
      'own.cert': 'cert',
      'own.key': 'key',
      notes: 'x',
    });
    // What cannot be read is left out.
    await files.makeDirectory(join(env.DOCKER_CONFIG, 'certs.d/reg.example:5000/folder.crt'));
    await files.makeDirectory(join(env.DOCKER_CONFIG, 'certs.d/reg.example:5000/own-2.cert'));
    expect(await certificatesFor('reg.example:5000', env)).toStrictEqual({
      authorities: ['A', 'B'],
      client: { cert: 'cert', key: 'key' },
    });
    expect(await certificatesFor('reg.example', env)).toStrictEqual({ authorities: [] });
  });

  test('of a host: no certificate of ours without its key', async () => {
    const env = await configured('reg.example', { 'own.cert': 'cert', 'other.key': 'key' });
    expect(await certificatesFor('reg.example', env)).toStrictEqual({ authorities: [] });
  });

  test.each(['../reg.example', 'a..b', 'a/b', ''])('of %j is not looked for', async (host) => {
    const env = await configured(join('reg.example', host), { 'ca.crt': 'A' });
    expect(await certificatesFor(host, env)).toStrictEqual({ authorities: [] });
  });

  test('is all of the same host in every place', async () => {
    const one = await configured('reg.example', { 'ca.crt': 'A' });
    const two = await configured('reg.example', { 'ca.crt': 'B', 'c.cert': 'c', 'c.key': 'k' });
    const home = await files.makeTemporary('home-', folder);
    await files.link(two.DOCKER_CONFIG, join(home, 'docker'));
    const env = { ...one, XDG_CONFIG_HOME: home };
    expect(await certificatesFor('reg.example', env)).toStrictEqual({
      authorities: ['B', 'A'],
      client: { cert: 'c', key: 'k' },
    });
  });

  test('names its hosts, each once, and none where nothing is', async () => {
    const one = await configured('reg.example', {});
    await files.makeDirectory(join(one.DOCKER_CONFIG, 'certs.d/..data'));
    const home = await files.makeTemporary('home-', folder);
    await files.makeDirectory(join(home, 'docker/certs.d/reg.example'));
    await files.makeDirectory(join(home, 'docker/certs.d/127.0.0.1:5000'));
    const hosts = await hostsWithCertificates({ ...one, XDG_CONFIG_HOME: home });
    expect([...hosts].sort()).toEqual(['127.0.0.1:5000', 'reg.example']);
    expect(await hostsWithCertificates({ DOCKER_CONFIG: join(folder, 'nothing') })).toEqual([]);
  });
});

async function said(http: ReturnType<typeof createHttp>, url: string): Promise<string> {
  const { body } = await http({ method: 'GET', url, headers: {} });
  return text(body);
}

async function codeOf(work: Promise<unknown>) {
  return work.then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  );
}

describe('a registry with a certificate of its own', () => {
  test('is not trusted by itself', async () => {
    const url = `https://127.0.0.1:${await serve()}/`;
    expect(await codeOf(said(createHttp({}), url))).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    const body = Readable.from([Buffer.from('x')]);
    const put = createHttp({})({ method: 'PUT', url, headers: {}, body });
    expect(await codeOf(put)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test("is trusted where docker's certs.d has its authority, and nobody else is by that", async () => {
    const [port, other] = await Promise.all([serve(), serve()]);
    const env = await configured(`127.0.0.1:${port}`, { 'ca.crt': made.authority });
    const http = createHttp(env);
    expect(await said(http, `https://127.0.0.1:${port}/`)).toBe('hello nobody');
    expect(await codeOf(said(http, `https://127.0.0.1:${other}/`))).toBe(
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    );
  });

  test('is taken unverified where that is asked for, and only then', async () => {
    const url = `https://127.0.0.1:${await serve()}/`;
    const http = createHttp({});
    const asked = { method: 'GET', url, headers: {} };
    const { status, body } = await http({ ...asked, unverified: true });
    body.resume();
    expect(status).toBe(200);
    expect(await codeOf(http(asked))).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test('is shown the certificate that certs.d has for us', async () => {
    const port = await serve({ ca: made.authority, requestCert: true, rejectUnauthorized: true });
    const env = await configured(`127.0.0.1:${port}`, {
      'ca.crt': made.authority,
      'client.cert': made.client.cert,
      'client.key': made.client.key,
    });
    expect(await said(createHttp(env), `https://127.0.0.1:${port}/`)).toBe('hello client');
  });

  test('is looked for in the folder of a rootless engine, too', async () => {
    const port = await serve();
    const { DOCKER_CONFIG } = await configured(`127.0.0.1:${port}`, { 'ca.crt': made.authority });
    const home = await files.makeTemporary('home-', folder);
    await files.makeDirectory(join(home, '.config'));
    await files.link(DOCKER_CONFIG, join(home, '.config', 'docker'));
    expect(await said(createHttp({ HOME: home }), `https://127.0.0.1:${port}/`)).toBe(
      'hello nobody',
    );
  });

  test('is trusted behind a proxy, through whose tunnel everything goes', async () => {
    const port = await serve();
    const asked: (string | undefined)[] = [];
    const proxy = createPlain();
    proxy.on('connect', (request, socket) => {
      asked.push(request.url);
      const onward = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      socket.pipe(onward).pipe(socket);
      for (const one of [socket, onward]) one.on('error', () => {});
      closing.push(async () => {
        onward.destroy();
        socket.destroy();
      });
    });
    const { host, close } = await listening(proxy);
    closing.push(close);
    const env = await configured('reg.example', { 'ca.crt': made.authority });
    const http = createHttp({ ...env, HTTPS_PROXY: `http://${host}` });
    expect(await said(http, 'https://reg.example/v2/')).toBe('hello nobody');
    expect(await said(http, 'https://reg.example/v2/')).toBe('hello nobody');
    expect(asked).toEqual(['reg.example:443']);
  });

  test.each([
    ["the machine's own authorities have it, as docker's client does", 'SSL_CERT_FILE'],
    ['NODE_EXTRA_CA_CERTS names it', 'NODE_EXTRA_CA_CERTS'],
  ])('is trusted where %s', async (_name, variable) => {
    const port = await serve();
    const script = `
      import { createHttp } from ${JSON.stringify(join(import.meta.dirname, '../../src/ports/http.ts'))};
      const answer = await createHttp({})({ method: 'GET', url: 'https://127.0.0.1:${port}/', headers: {} });
      answer.body.resume();
      console.log(answer.status);`;
    const hook = `
      import { registerHooks } from 'node:module';
      registerHooks({ resolve: (name, context, next) =>
        next(/^\\./.test(name) ? name.replace(/\\.js$/, '.ts') : name, context) });`;
    const { stdout } = await run(
      process.execPath,
      [
        '--no-warnings',
        '--experimental-transform-types',
        '--import',
        `data:text/javascript,${encodeURIComponent(hook)}`,
        '--input-type=module',
        '--eval',
        script,
      ],
      { env: { PATH: process.env.PATH, [variable]: join(folder, 'ca.crt') } },
    );
    expect(stdout.trim()).toBe('200');
  });
});
