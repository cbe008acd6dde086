import pLimit from 'p-limit';
import type { Http } from '../../src/ports/index.js';
import type { ImageToPublish, PublishJob } from '../../src/publish/index.js';
import type { RegistryClient } from '../../src/registry/index.js';
import type { Blobs, MadeImage } from '../registry/images.js';
import { clientFor, fakeClock, tagsOf, type Watched } from '../registry/rig.js';

export function job(
  store: Blobs,
  images: readonly ImageToPublish[],
  more: Partial<PublishJob> & { http?: Http } = {},
): PublishJob {
  const { http: port, ...rest } = more;
  return {
    images,
    open: store.open,
    client: clientFor(port === undefined ? {} : { http: port }),
    clock: fakeClock(),
    limit: pLimit(4),
    publish: 'together',
    embedded: true,
    ...rest,
  };
}

/** An image with its targets: a repository and tags each. */
export function to(made: MadeImage, ...targets: readonly [string, ...string[]][]): ImageToPublish {
  return { ...made, targets: targets.map(([repository, ...tags]) => ({ repository, tags })) };
}

export type Kind = 'upload' | 'mount' | 'manifest' | 'tag';

/** What changed a registry, in order: `tag acme/greeter dev`. */
export function changes(registry: Watched, start = 0): readonly string[] {
  return registry
    .requests()
    .slice(start)
    .flatMap(({ method, url, status }) => {
      const manifest = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url);
      const upload = /^\/v2\/(.+)\/blobs\/uploads\/[^?]*\?(mount|digest)=([^&]+)/.exec(url);
      if (status >= 300 || method === 'HEAD' || method === 'GET') return [];
      const line = (kind: Kind, path = '', what = '') => [`${kind} ${path} ${what}`];
      if (manifest !== null) {
        return line(manifest[2]?.includes(':') ? 'manifest' : 'tag', manifest[1], manifest[2]);
      }
      if (upload === null || status !== 201) return [];
      const kind = upload[2] === 'mount' ? 'mount' : 'upload';
      return line(kind, upload[1], decodeURIComponent(upload[3] ?? ''));
    });
}

/** The tags of a repository, with the digests that they serve. */
export async function tagsIn(client: RegistryClient, host: string, path: string) {
  const repository = client.repository(host, path);
  const tags = await tagsOf(host, path);
  const entries = tags.map(
    async (tag) => [tag, (await repository.getManifest(tag)).digest] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
