import type { HttpResponse } from '../ports/index.js';

/** What registries have called themselves in every answer since docker's own. */
const API_VERSION = 'docker-distribution-api-version';

/** Whether an answer has something that web servers and captive portals do not send. */
export function hasRegistryHeader({ headers }: Pick<HttpResponse, 'headers'>): boolean {
  return (
    headers.has(API_VERSION) ||
    headers.has('docker-content-digest') ||
    /\/(manifests|blobs)\//.test(headers.get('location') ?? '')
  );
}

/** Whether an answer is a page for people, which no registry sends in place of content. */
export function isPage({ headers }: Pick<HttpResponse, 'headers'>): boolean {
  return /html/i.test(headers.get('content-type') ?? '') && !hasRegistryHeader({ headers });
}
