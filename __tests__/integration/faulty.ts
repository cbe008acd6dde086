import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
  request as send,
} from 'node:http';
import { afterwards } from './rig.js';

/** What stands in front of a registry does with a request. */
export type Fault = (
  request: IncomingMessage,
  response: ServerResponse,
  forward: () => void,
) => void;

/** A registry with something in front of it. */
export async function faulty(upstream: string, fault: Fault): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const forward = () => {
      const { method, url, headers } = incoming;
      const onward = send(`http://${upstream}${url}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    };
    fault(incoming, outgoing, forward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

/** A registry behind something that knows of a request and does not pass it on before `later`. */
export async function slowTo(
  pattern: RegExp,
  upstream: string,
  later: (forward: () => void) => void = () => {},
) {
  let reached = () => {};
  const when = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const host = await faulty(upstream, (request, _, forward) => {
    if (!pattern.test(asks(request))) return forward();
    reached();
    later(forward);
  });
  return { host, when: () => when };
}

/** `PUT /v2/…`. */
export const asks = ({ method, url }: IncomingMessage) => `${method} ${url}`;
