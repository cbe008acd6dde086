import { brokenExchange, readUpTo } from './answer.js';
import { baseUrl } from './base-url.js';
import { RegistryError } from './errors.js';
import { PATIENCE } from './patience.js';
import { hasRegistryHeader, isPage } from './speaker.js';
import type { RegistryResponse, Transport } from './transport.js';

/** The first of a body; registries answer `GET /v2/` with two bytes. */
const BODY = 64 * 1024;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether words for people answer: a page, or a plain text that is not Go's 404. An empty
 * answer says nothing, and JSON is a registry's, whatever type a server guesses for it.
 */
async function isText(answer: RegistryResponse): Promise<boolean> {
  const { bytes } = await readUpTo(answer.body, BODY).catch((error: unknown) => {
    throw brokenExchange(error, answer.request);
  });
  const body = bytes.toString('utf8').trim();
  if (body === '' || isJson(body) || hasRegistryHeader(answer)) return false;
  const isPlain = /^text\//i.test(answer.headers.get('content-type') ?? '');
  return isPage(answer) || (isPlain && answer.status === 200);
}

function answerInWords({ url, status, headers }: RegistryResponse, asked: string): string {
  const { host } = new URL(url);
  const from = host === new URL(asked).host ? '' : `is redirected to ${host}, which `;
  return `GET /v2/ ${from}answers ${status} with ${headers.get('content-type')}`;
}

/**
 * That what answers is no registry, a captive portal or a web server: by `GET /v2/`
 * (distribution-spec, "Determining Support"). Undefined where it may be one, for it is
 * asked only after an answer that nothing shows to be a registry's.
 */
export async function noRegistry(
  transport: Transport,
  signal?: AbortSignal,
): Promise<RegistryError | undefined> {
  const asked = `${baseUrl(transport.registry)}/v2/`;
  try {
    const answer = await transport.once({
      method: 'GET',
      url: '/v2/',
      scopes: [],
      expect: [200, 404],
      signal,
      idle: PATIENCE,
    });
    if (!(await isText(answer))) return undefined;
    const detail = answerInWords(answer, asked);
    return new RegistryError({ code: 'no-registry', request: `GET ${asked}`, detail });
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}
