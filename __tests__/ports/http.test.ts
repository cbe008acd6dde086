import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createHttp } from '../../src/ports/http.js';
import { listen, realPorts } from '../../src/ports/index.js';
import { listening } from '../listening.js';

const { http } = realPorts();
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(handler: RequestListener): Promise<string> {
  const { host, close } = await listening(createServer(handler));
  closing.push(close);
  return `http://${host}/`;
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

describe('the http port', () => {
  test('gives status, headers in lower case, repeated ones joined, and the body', async () => {
    const url = await serve((request, response) => {
      response.writeHead(418, { 'X-One': '1', 'WWW-Authenticate': ['Basic', 'Bearer realm="x"'] });
      response.end(`${request.method} ${request.headers['x-mine']}`);
    });
    const answer = await http({ method: 'GET', url, headers: { 'x-mine': 'yes' } });
    expect(answer.status).toBe(418);
    expect(answer.headers.get('x-one')).toBe('1');
    expect(answer.headers.get('www-authenticate')).toBe('Basic, Bearer realm="x"');
    expect(await text(answer.body)).toBe('GET yes');
  });

  test('follows no redirect', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(302, { location: '/' }).end(),
    );
    expect((await http({ method: 'GET', url, headers: {} })).status).toBe(302);
  });

  test.each([
    ['bytes', () => Buffer.from('body')],
    ['a stream', () => Readable.from([Buffer.from('bo'), Buffer.from('dy')])],
  ])('sends %s', async (_name, body) => {
    const url = await serve(async (request, response) => {
      response.end(await text(request));
    });
    const answer = await http({ method: 'PUT', url, headers: {}, body: body() });
    expect(await text(answer.body)).toBe('body');
  });

  test('rejects with the error of a body that fails', async () => {
    const url = await serve((request) => request.resume());
    const body = new Readable({
      read() {
        this.destroy(Object.assign(new Error('disk'), { code: 'EIO' }));
      },
    });
    expect(await codeOf(http({ method: 'PUT', url, headers: {}, body }))).toBe('EIO');
  });

  test('gives an answer that came before the whole body was taken', async () => {
    const url = await serve((_request, response) => response.writeHead(403).end('no'));
    const body = Readable.from(
      (async function* () {
        yield Buffer.from('first');
        await new Promise(() => {});
      })(),
    );
    const headers = { 'content-length': '1000' };
    const answer = await http({ method: 'PUT', url, headers, body });
    expect([answer.status, await text(answer.body)]).toEqual([403, 'no']);
  });

  test('fails where nothing comes for the idle time, at the head or in the body', async () => {
    const silent = await serve(() => {});
    // Long enough for the head of an answer on a busy machine.
    const asked = { method: 'GET', headers: {}, idle: 500 };
    await expect(http({ ...asked, url: silent })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: 'no byte came for 0.5 s',
    });
    const stuck = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('abc');
    });
    const answer = await http({ ...asked, url: stuck });
    expect(await codeOf(text(answer.body))).toBe('ETIMEDOUT');
  });

  describe('fails what goes on without getting anywhere', () => {
    const asked = { method: 'GET', headers: {} };
    const failed = async (work: Promise<unknown>) => {
      const { code, message } = (await work.catch((error: unknown) => error)) as Error & {
        readonly code?: string;
      };
      return [code, message];
    };
    /** Does it again and again until the exchange is over. */
    const again = (response: ServerResponse, what: () => unknown) => {
      const timer = setInterval(what, 5);
      response.once('close', () => clearInterval(timer));
    };

    test.each([
      ['nothing', undefined],
      ['bytes', Buffer.from('body')],
      ['a stream', Readable.from([Buffer.from('body')])],
    ])('informational answers without end, %s sent', async (_name, body) => {
      const url = await serve((request, response) => {
        request.resume();
        again(response, () => response.writeProcessing());
      });
      const sent = body === undefined ? {} : { body };
      const limits = { head: 100, window: 1_000, least: 1_000 };
      const allowed = Buffer.isBuffer(body) ? '0.104' : '0.1';
      const work = http({ ...asked, method: 'PUT', url, ...limits, ...sent });
      expect(await failed(work)).toEqual([
        'ETIMEDOUT',
        `its answer did not begin within ${allowed} s`,
      ]);
    });

    test('a body of single bytes', async () => {
      const url = await serve((_request, response) => again(response, () => response.write('x')));
      const answer = await http({ ...asked, url, window: 50, least: 10_000 });
      expect(await failed(text(answer.body))).toEqual([
        'ETIMEDOUT',
        'fewer than 10000 bytes came in 0.05 s',
      ]);
    });

    test('a server that takes no more of what it is sent', async () => {
      const url = await serve((request) => request.once('data', () => request.pause()));
      const body = Readable.from([Buffer.alloc(32_000_000)]);
      const sending = http({ ...asked, method: 'PUT', url, body, window: 200, least: 10 });
      expect(await failed(sending)).toEqual([
        'ETIMEDOUT',
        'fewer than 10 bytes could be sent in 0.2 s',
      ]);
    });
  });

  test('waits for an answer as long as was said, however long ago the body was sent', async () => {
    const url = await serve(async (request, response) => {
      await text(request);
      setTimeout(() => response.end('late'), 300);
    });
    const body = Readable.from([Buffer.from('body')]);
    const answer = await http({ method: 'PUT', url, headers: {}, body, window: 50, least: 10 });
    expect(await text(answer.body)).toBe('late');
  });

  test('waits for a body that is sent slowly, at the least rate', async () => {
    const url = await serve(async (request, response) => {
      response.end(`${(await text(request)).length}`);
    });
    const body = Readable.from(
      (async function* () {
        for (let piece = 0; piece < 20; piece++) {
          yield Buffer.alloc(1_000);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })(),
    );
    const answer = await http({ method: 'PUT', url, headers: {}, body, window: 200, least: 1 });
    expect(await text(answer.body)).toBe('20000');
  });

  test('sends further requests over the same connection', async () => {
    const server = createServer(async (request, response) => response.end(await text(request)));
    const { host, close } = await listening(server);
    closing.push(close);
    let connections = 0;
    server.on('connection', () => {
      connections += 1;
    });
    const url = `http://${host}/`;
    const bodies = [
      undefined,
      Buffer.from('a'),
      () => Readable.from([Buffer.from('b')]),
      undefined,
    ];
    for (const body of bodies) {
      const sent = typeof body === 'function' ? body() : body;
      const method = sent === undefined ? 'GET' : 'PUT';
      const asked = { method, url, headers: {}, ...(sent === undefined ? {} : { body: sent }) };
      await text((await http(asked)).body);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(connections).toBe(1);
  });

  test('waits for a slow body that comes at the least rate', async () => {
    const url = await serve((_request, response) => {
      let left = 20;
      const timer = setInterval(() => {
        response.write('x'.repeat(1_000));
        left -= 1;
        if (left > 0) return;
        clearInterval(timer);
        response.end();
      }, 20);
    });
    const answer = await http({ method: 'GET', url, headers: {}, window: 200, least: 1 });
    expect(await text(answer.body)).toHaveLength(20_000);
  });

  test('has time for a whole answer that nobody has read yet', async () => {
    const url = await serve((_request, response) => response.end('here'));
    const answer = await http({ method: 'GET', url, headers: {}, window: 10, least: 1_000 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await text(answer.body)).toBe('here');
  });

  test('fails the body that is cut short', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('abc', () => response.destroy());
    });
    const answer = await http({ method: 'GET', url, headers: {} });
    expect(await codeOf(text(answer.body))).toBe('ECONNRESET');
  });

  test('ends with the signal', async () => {
    const url = await serve(() => {});
    const stop = new AbortController();
    const work = codeOf(http({ method: 'GET', url, headers: {}, signal: stop.signal }));
    stop.abort();
    expect(await work).toBe('ABORT_ERR');
  });
});

describe('a blockMetadata request', () => {
  /** Names lead where the test says; only connections to this machine are made. */
  const leading = (...addresses: readonly string[]) =>
    createHttp({}, (_name, options, done) => {
      const found = addresses.map((address) => ({
        address,
        family: address.includes(':') ? 6 : 4,
      }));
      if (options.all) done(null, found);
      else done(null, found[0]?.address ?? '', found[0]?.family);
    });

  test.each([
    '169.254.169.254',
    '::ffff:169.254.169.254',
    'fe80::1%eth0',
    'fd00:ec2::254',
    '100.100.100.200',
    '168.63.129.16',
  ])('goes to no name that leads to %s, among others', async (address) => {
    const asked = { method: 'GET', url: 'http://cdn.example:1/', headers: {}, blockMetadata: true };
    const error = await leading('127.0.0.1', address)(asked).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'ERR_METADATA_ADDRESS',
      message: `cdn.example leads to ${address}, the address of a cloud's metadata service`,
    });
  });

  test('goes anywhere else, and takes no connection of one that was not blockMetadata', async () => {
    const url = await serve((_request, response) => response.end('here'));
    const { port } = new URL(url);
    const http = leading('127.0.0.1');
    const asked = { method: 'GET', url: `http://cdn.example:${port}/`, headers: {} };
    expect(await text((await http({ ...asked, blockMetadata: true })).body)).toBe('here');

    let address = '127.0.0.1';
    const turning = createHttp({}, (_name, options, done) =>
      options.all ? done(null, [{ address, family: 4 }]) : done(null, address, 4),
    );
    expect(await text((await turning(asked)).body)).toBe('here');
    address = '169.254.169.254';
    expect(await codeOf(turning({ ...asked, blockMetadata: true }))).toBe('ERR_METADATA_ADDRESS');
  });
});

test('the listener serves on loopback and is gone when closed', async () => {
  const listening = await listen((_request, response) => response.end('here'));
  expect(listening.host).toMatch(/^127\.0\.0\.1:\d+$/);
  const asked = { method: 'GET', url: `http://${listening.host}/`, headers: {} };
  expect(await text((await http(asked)).body)).toBe('here');
  await listening.close();
  expect(['ECONNREFUSED', 'ECONNRESET']).toContain(await codeOf(http(asked)));
});
