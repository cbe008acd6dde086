import type { ClientRequest, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** How long a server is waited for: a slow one that goes on, as long as it does. */
export interface Timeouts {
  /** Milliseconds without a byte in either direction. */
  readonly idle: number;
  /** Milliseconds from the end of a request to the answer; informational ones (1xx) are none. */
  readonly head: number;
  /** Milliseconds in each of which `least` bytes of a body have to come, or to go. */
  readonly window: number;
  readonly least: number;
}

/** 1 KiB/s is less than any line has that an image could be fetched over. */
export const PATIENCE: Timeouts = {
  idle: 30_000,
  head: 60_000,
  window: 60_000,
  least: 60 * 1024,
};

/** Milliseconds for a body that is held whole: a manifest, a token, an error. */
export const DOCUMENT_TIME = 120_000;

/** Ends an exchange, with what was waited for. */
type GiveUp = (why: string) => void;

const seconds = (milliseconds: number) => `${milliseconds / 1000} s`;

/** The error of an exchange that is not waited for any longer. */
export function tooLate(why: string): Error {
  return Object.assign(new Error(why), { code: 'ETIMEDOUT' });
}

/** What `idle` milliseconds without a byte are called. */
export function silence(idle: number): string {
  return `no byte came for ${seconds(idle)}`;
}

/** Looks in each window how far `moved` has come, until the answer is called. */
function pace(moved: () => number, { window, least }: Timeouts, slow: () => void): () => void {
  let before = moved();
  const timer = setInterval(() => {
    const now = moved();
    if (now - before < least) slow();
    before = now;
  }, window);
  // An answer that is never read, as of a HEAD, never closes; its connection keeps the process alive.
  timer.unref();
  return () => clearInterval(timer);
}

/** Gives up a request that is not sent, or not answered, in time. */
export function watchRequest(
  outgoing: ClientRequest,
  body: Readable | Buffer | undefined,
  patience: Timeouts,
  giveUp: GiveUp,
): void {
  const { head, window, least } = patience;
  const stops: (() => void)[] = [];
  const stop = () => {
    outgoing.off('finish', waitForHead);
    for (const one of stops.splice(0)) one();
  };
  const expectHead = (time: number) => {
    const late = () => giveUp(`its answer did not begin within ${seconds(time)}`);
    const timer = setTimeout(late, time);
    stops.push(() => clearTimeout(timer));
  };
  function waitForHead() {
    stop();
    expectHead(head);
  }
  if (body instanceof Readable) {
    const slow = () => giveUp(`fewer than ${least} bytes could be sent in ${seconds(window)}`);
    stops.push(pace(() => outgoing.socket?.bytesWritten ?? 0, patience, slow));
    outgoing.once('finish', waitForHead);
  } else {
    // Nothing tells how far a buffer has gone.
    expectHead(head + Math.ceil(((body?.length ?? 0) * window) / least));
  }
  outgoing.once('response', stop).once('close', stop);
}

/** Gives up an answer whose body comes too slowly; one that is here may be read at any time. */
export function watchAnswer(incoming: IncomingMessage, patience: Timeouts, giveUp: GiveUp): void {
  const { window, least } = patience;
  const slow = () => {
    if (incoming.complete) stop();
    else giveUp(`fewer than ${least} bytes came in ${seconds(window)}`);
  };
  const stop = pace(() => incoming.socket.bytesRead, patience, slow);
  incoming.once('close', stop);
}

/** Fails a body that has not ended after `time` milliseconds, until the answer is called. */
export function endWithin(body: Readable, time: number): () => void {
  const late = () => body.destroy(tooLate(`the answer was incomplete after ${seconds(time)}`));
  const timer = setTimeout(late, time);
  return () => clearTimeout(timer);
}

/** Bytes that are sent at once: how far a body has gone shows no finer. */
const PIECE = 32 * 1024;

/** The same bytes in pieces that a slow line, too, takes within a window. */
export async function* inSmallPieces(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += PIECE) yield chunk.subarray(at, at + PIECE);
  }
}
