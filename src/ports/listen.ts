import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on this machine. */
interface Listening {
  /** `127.0.0.1:PORT`, or another address of this machine with a port. */
  readonly host: string;
  /** Stops listening and cuts the connections that are still open. */
  close(): Promise<void>;
}

/**
 * Serves HTTP on a free port of 127.0.0.1, or of another IPv4 address. Rejects with node's
 * error codes: `EADDRNOTAVAIL` where the address is not one of this machine.
 */
export async function listen(handler: HttpHandler, address = '127.0.0.1'): Promise<Listening> {
  const { createServer } = await import('node:http');
  return new Promise((resolve, reject) => {
    // A long upload is no attack: the client is on this machine.
    const server = createServer({ requestTimeout: 0 }, handler);
    server.once('error', reject);
    server.listen(0, address, () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        host: `${address}:${port}`,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}
