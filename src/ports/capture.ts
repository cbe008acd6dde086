import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Text of a stream whose beginning was cut off at a limit; `bytes` counts what came. */
export interface CapturedOutput {
  readonly text: string;
  readonly bytes: number;
  readonly truncated: boolean;
}

/**
 * Reads a stream to its end and keeps its last `limit` bytes: a log's end says
 * why it failed, and a stream that is not drained would block its writer. `heard`
 * is given each piece as it comes.
 */
export async function capture(
  stream: Readable,
  limit: number,
  heard?: (piece: Buffer) => void,
): Promise<CapturedOutput> {
  const kept: Buffer[] = [];
  let held = 0;
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      heard?.(chunk);
      kept.push(chunk);
      held += chunk.length;
      bytes += chunk.length;
      for (
        let [first] = kept;
        first !== undefined && held - first.length >= limit;
        [first] = kept
      ) {
        held -= first.length;
        kept.shift();
      }
    }
  } catch {
    // The exit of the process behind a broken pipe says what happened.
  }
  const end = Buffer.concat(kept);
  const tail = end.subarray(Math.max(0, end.length - limit));
  const decoder = new StringDecoder();
  return { text: decoder.write(tail) + decoder.end(), bytes, truncated: bytes > tail.length };
}
