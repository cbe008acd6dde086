import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { connect } from 'node:net';
import { makeCertificate } from '../certificate.js';
import { listening } from '../listening.js';
import { asks, pass } from './faulty.js';
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

/** A real registry (distribution) behind TLS, a proxy and a password of one user. */
export async function guardedGhcr(user: string, password: string): Promise<Ghcr> {
  const behind = await distribution();
  const login = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const served: string[] = [];
  const guard = (asked: IncomingMessage, answer: ServerResponse) => {
    if (asked.headers.authorization !== login) {
      asked.resume();
      answer.writeHead(401, { 'www-authenticate': 'Basic realm="ghcr"' }).end();
      return;
    }
    served.push(asks(asked));
    pass(behind, asked, answer, { 'x-forwarded-proto': 'https' });
  };
  const certificate = await makeCertificate('DNS:ghcr.io');
  const tls = await listening(createSecure(certificate, guard));
  const proxy = createServer((_, answer) => answer.writeHead(403).end());
  proxy.on('connect', ({ url }, socket) => {
    if (url !== 'ghcr.io:443') return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const onwards = connect(tls.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onwards.pipe(socket).pipe(onwards);
    });
    onwards.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('error', () => onwards.destroy()).on('close', () => onwards.destroy());
    return undefined;
  });
  const { host, close } = await listening(proxy);
  afterwards(tls.close);
  afterwards(close);
  return { proxy: `http://${host}`, authority: certificate.cert, behind, served };
}
