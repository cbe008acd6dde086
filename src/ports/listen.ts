import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on loopback: `host` is `127.0.0.1:PORT`. */
interface Listening {
  readonly host: string;
  /** Stops listening and cuts the connections that are still open. */
  close(): Promise<void>;
}

/** Serves HTTP on a free port of 127.0.0.1. Rejects with node's error codes. */
export async function listen(handler: HttpHandler): Promise<Listening> {
  const { createServer } = await import('node:http');
  return new Promise((resolve, reject) => {
    // A long upload is no attack: the client is on this machine.
    const server = createServer({ requestTimeout: 0 }, handler);
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        host: `127.0.0.1:${port}`,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}
