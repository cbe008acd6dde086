import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { makeCertificate } from '../certificate.js';
import { afterwards, distribution } from './rig.js';

/** A registry that is reached as ghcr.io, by whoever goes through a proxy. */
interface Ghcr {
  /** For HTTPS_PROXY. */
  readonly proxy: string;
  /** The certificate of its authority. */
  readonly authority: string;
  /** The registry behind, which asks nobody who it is. */
  readonly behind: string;
  /** Who was served: `METHOD PATH`. */
  readonly served: string[];
}

async function listening(server: Server & { closeAllConnections?(): void }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(async () => {
    server.close();
    server.closeAllConnections?.();
  });
  return (server.address() as AddressInfo).port;
}

/** A real registry (distribution) behind TLS, a proxy and a password of one user. */
export async function guardedGhcr(user: string, password: string): Promise<Ghcr> {
  const behind = await distribution();
  const [hostname, port] = behind.split(':');
  const login = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const served: string[] = [];
  const guard = (asked: IncomingMessage, answer: ServerResponse) => {
    const { method, url: path, headers } = asked;
    if (headers.authorization !== login) {
      asked.resume();
      answer.writeHead(401, { 'www-authenticate': 'Basic realm="ghcr"' }).end();
      return;
    }
    served.push(`${method} ${path}`);
    const onwards = request({ hostname, port, method, headers, path }, (got) => {
      answer.writeHead(got.statusCode ?? 500, got.headers);
      got.pipe(answer);
    });
    onwards.once('error', () => answer.destroy());
    asked.pipe(onwards);
  };
  const certificate = await makeCertificate('DNS:ghcr.io');
  const tls = await listening(createSecure(certificate, guard));
  const proxy = createServer((_, answer) => answer.writeHead(403).end());
  proxy.on('connect', ({ url }, socket) => {
    if (url !== 'ghcr.io:443') return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const onwards = connect(tls, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onwards.pipe(socket).pipe(onwards);
    });
    onwards.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('error', () => onwards.destroy()).on('close', () => onwards.destroy());
    return undefined;
  });
  const address = `http://127.0.0.1:${await listening(proxy)}`;
  return { proxy: address, authority: certificate.cert, behind, served };
}
