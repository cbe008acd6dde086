import { discard } from './answer.js';
import { baseUrl } from './base-url.js';
import { RegistryError } from './errors.js';
import { PATIENCE } from './patience.js';
import type { RegistryResponse, Transport } from './transport.js';

/** What registries have called themselves in every answer since docker's own. */
const API_VERSION = 'docker-distribution-api-version';

/** A page or a plain text: a registry answers in JSON, and an empty answer says nothing. */
function isText({ headers }: RegistryResponse): boolean {
  const isNamed = headers.has(API_VERSION);
  return !isNamed && /^text\/|xhtml/i.test(headers.get('content-type') ?? '');
}

function answerInWords({ url, status, headers }: RegistryResponse, asked: string): string {
  const { host } = new URL(url);
  const from = host === new URL(asked).host ? '' : `is redirected to ${host}, which `;
  return `GET /v2/ ${from}answers ${status} with ${headers.get('content-type')}`;
}

/**
 * That what answers is no registry, a captive portal or a web server: by `GET /v2/`
 * (distribution-spec, "Determining Support"). Undefined where it may be one, for it is
 * asked only after it gave an answer that no registry gives.
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
    discard(answer);
    if (!isText(answer)) return undefined;
    const detail = answerInWords(answer, asked);
    return new RegistryError({ code: 'no-registry', request: `GET ${asked}`, detail });
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

/** Whether an answer has something that web servers and captive portals do not send. */
export function hasRegistryHeader({ headers }: Pick<RegistryResponse, 'headers'>): boolean {
  return (
    headers.has(API_VERSION) ||
    headers.has('docker-content-digest') ||
    /\/(manifests|blobs)\//.test(headers.get('location') ?? '')
  );
}

/** Whether an answer is a page for people, which no registry sends in place of content. */
export function isPage({ headers }: Pick<RegistryResponse, 'headers'>): boolean {
  return /html/i.test(headers.get('content-type') ?? '') && !hasRegistryHeader({ headers });
}
