import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** The lines of a text stream, without their ends; ends with the stream, whatever ended it. */
export async function* lines(stream: Readable): AsyncGenerator<string> {
  const reader = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  yield* reader;
}
