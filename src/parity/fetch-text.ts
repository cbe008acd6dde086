import type { Http } from '../ports/index.js';
import { DOCUMENT_TIME, endWithin } from '../ports/index.js';
import { defined } from '../types/index.js';

/** Bytes of a source that are read. */
const MOST = 1024 * 1024;
const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export type FetchedText = { readonly text: string } | { readonly fault: string };

async function bodyOf(body: AsyncIterable<Buffer>): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MOST) return undefined;
  }
  return Buffer.concat(chunks);
}

/**
 * Reads a text at an address, over verified TLS alone, and not from a cloud's metadata
 * service. `fault` is a clause that says why it cannot be read. Rejects with the signal's reason only.
 */
export async function fetchText(
  address: string,
  http: Http,
  signal?: AbortSignal,
): Promise<FetchedText> {
  let url = address;
  for (let step = 0; step <= MOST_REDIRECTS; step += 1) {
    if (!url.startsWith('https://') || !URL.canParse(url)) {
      return { fault: 'it leads to an address that does not begin with https://' };
    }
    try {
      const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'sea-trial' };
      const asked = { method: 'GET', url, headers, blockMetadata: true, ...defined({ signal }) };
      const { status, headers: said, body } = await http(asked);
      const stop = endWithin(body, DOCUMENT_TIME);
      try {
        if (REDIRECTS.has(status)) {
          body.destroy();
          url = URL.parse(said.get('location') ?? '', url)?.href ?? '';
          continue;
        }
        if (status !== 200) {
          body.destroy();
          return { fault: `its server answers ${status}` };
        }
        const bytes = await bodyOf(body);
        if (bytes === undefined) return { fault: `it is larger than ${MOST} bytes` };
        return { text: bytes.toString('utf8') };
      } finally {
        stop();
      }
    } catch (error) {
      signal?.throwIfAborted();
      const { code, message } = error as NodeJS.ErrnoException;
      return { fault: `its server cannot be reached (${code ?? message})` };
    }
  }
  return { fault: `it is redirected more than ${MOST_REDIRECTS} times` };
}
