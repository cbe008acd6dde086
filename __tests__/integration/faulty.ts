import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  request as send,
} from 'node:http';
import { listening } from '../listening.js';
import { afterwards } from './rig.js';

/** What stands in front of a registry does with a request. */
export type Fault = (
  request: IncomingMessage,
  response: ServerResponse,
  forward: () => void,
) => void;

/** Passes a request on to a server, and its answer back. */
export function pass(
  upstream: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  more: OutgoingHttpHeaders = {},
): ClientRequest {
  const { method, url } = incoming;
  const headers = { ...incoming.headers, ...more };
  const onward = send(`http://${upstream}${url}`, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  // A client that is killed leaves its requests in the middle, on both sides of us.
  onward.on('error', () => outgoing.destroy());
  incoming.on('error', () => onward.destroy());
  incoming.pipe(onward);
  return onward;
}

/** A registry with something in front of it. */
export async function faulty(upstream: string, fault: Fault): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    fault(incoming, outgoing, () => pass(upstream, incoming, outgoing));
  });
  const { host, close } = await listening(server);
  afterwards(close);
  return host;
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
