import {
  type BuildpackRef,
  createImageReader,
  type ImageReader,
  type ResolvedBuilder,
} from '../../src/buildpacks/index.js';
import { digestOf, mediaTypes } from '../../src/oci/index.js';
import { type Blobs, blobs } from '../registry/images.js';
import { clientFor, respond, serve } from '../registry/rig.js';

type Fields = Readonly<Record<string, unknown>>;

/** Labels of a builder with one buildpack, as pack writes them. */
export const METADATA = {
  buildpacks: [{ id: 'acme/python', version: '1.2.3' }],
  lifecycle: {
    version: '0.21.17',
    api: { buildpack: '0.7', platform: '0.7' },
    apis: {
      buildpack: { deprecated: ['0.7'], supported: ['0.9', '0.10'] },
      platform: { deprecated: [], supported: ['0.7', '0.15'] },
    },
  },
  stack: { runImage: { image: '', mirrors: null } },
  images: [{ image: 'REGISTRY/run:1', mirrors: ['REGISTRY/mirror/run:1'] }],
} as const;
export const ORDER = [{ group: [{ id: 'acme/python', version: '1.2.3' }] }];

/** One platform's image of a builder; what is given takes the place of what a good one has. */
export interface DescribedBuilder {
  readonly platform?: string;
  /** What an index says, where it is something else. */
  readonly listedAs?: string;
  readonly metadata?: unknown;
  readonly order?: unknown;
  readonly layersLabel?: unknown;
  readonly labels?: Readonly<Record<string, string | undefined>>;
  readonly env?: readonly string[];
  /** Uncompressed tars; each is a layer of its own. */
  readonly layers?: readonly Buffer[];
  /** Default: those of the layers. */
  readonly diffIds?: readonly string[];
  /** What the manifest says, where that is something else. */
  readonly sizes?: readonly number[];
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

const splitPlatform = (platform: string) => {
  const [os = '', architecture = '', variant] = platform.split('/');
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
};

/** Content that a registry serves: builders, run images, indexes. */
export function contents(registry: { readonly host: string }) {
  const store: Blobs = blobs();
  const types = new Map<string, string>();
  const tags = new Map<string, string>();
  const add = (content: string | Buffer, mediaType: string) => {
    const descriptor = store.add(content, mediaType);
    types.set(descriptor.digest, mediaType);
    return descriptor;
  };
  const manifest = (config: Fields, layers: readonly Fields[]) =>
    add(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.manifest,
        config: add(JSON.stringify(config), mediaTypes.config),
        layers,
      }),
      mediaTypes.manifest,
    );
  const image = (described: DescribedBuilder, labels: Readonly<Record<string, unknown>>) => {
    const { platform = 'linux/amd64', layers = [Buffer.from('one'), Buffer.from('two')] } =
      described;
    const { env = ['CNB_USER_ID=1000', 'CNB_GROUP_ID=1001'] } = described;
    const diffIds = described.diffIds ?? layers.map((layer) => digestOf(layer));
    const given = Object.entries({ ...labels, ...described.labels }).filter(
      ([, value]) => value !== undefined,
    );
    const Labels = Object.fromEntries(
      given.map(([name, value]) => [name, textOf(value).replaceAll('REGISTRY', registry.host)]),
    );
    const rootfs = { type: 'layers', diff_ids: diffIds };
    const config = { ...splitPlatform(platform), config: { Env: env, Labels }, rootfs };
    return manifest(
      config,
      layers.map((layer, at) => {
        const descriptor = add(layer, mediaTypes.layer);
        return { ...descriptor, size: described.sizes?.[at] ?? descriptor.size };
      }),
    );
  };
  return {
    store,
    types,
    tags,
    add,
    /** The descriptor of a builder's manifest for one platform. */
    builder: (described: DescribedBuilder = {}) =>
      image(described, {
        'io.buildpacks.builder.metadata': described.metadata ?? METADATA,
        'io.buildpacks.buildpack.order': described.order ?? ORDER,
        'io.buildpacks.buildpack.layers': described.layersLabel ?? {
          'acme/python': {
            '1.2.3': { api: '0.10', layerDiffID: digestOf(Buffer.from('two')) },
          },
        },
        'io.buildpacks.base.distro.name': 'ubuntu',
        'io.buildpacks.base.distro.version': '24.04',
      }),
    /** That of an image without labels of its own. */
    image: (described: DescribedBuilder = {}) => image(described, {}),
    index(entries: readonly (readonly [platform: string, descriptor: Fields])[]) {
      const manifests = entries.map(([platform, descriptor]) => ({
        ...descriptor,
        platform: splitPlatform(platform),
      }));
      const document = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
      return add(JSON.stringify(document), mediaTypes.index);
    },
    tag: (name: string, { digest }: { readonly digest: string }) => void tags.set(name, digest),
  };
}

export type Contents = ReturnType<typeof contents>;

export interface Served {
  readonly host: string;
  readonly reader: ImageReader;
  readonly store: Contents;
  /** `METHOD PATH` of every request so far. */
  asked(): readonly string[];
}

/**
 * A registry that serves what `fill` makes: tags are `REPOSITORY:TAG`. `onRequest` is told of
 * each path before it is answered.
 */
export async function served(
  fill: (store: Contents) => void,
  onRequest: (path: string) => void = () => {},
): Promise<Served> {
  const registry = { host: '' };
  const store = contents(registry);
  const server = await serve(({ url }, response) => {
    onRequest(url);
    const [, path = '', name = ''] = /^\/v2\/(.*)\/(?:manifests|blobs)\/(.*)$/.exec(url) ?? [];
    const digest = store.tags.get(`${path}:${name}`) ?? name;
    const bytes = store.store.all.get(digest);
    const headers = { 'content-type': store.types.get(digest) ?? '' };
    respond(response, bytes === undefined ? 404 : 200, bytes ?? '', headers);
  });
  registry.host = server.host;
  fill(store);
  const reader = createImageReader({ client: clientFor(), mirrors: [] });
  const asked = () => server.seen.map(({ method, url }) => `${method} ${url}`);
  return { host: server.host, reader, store, asked };
}

/** A builder as it is read before a build, with these buildpacks on each platform. */
export function resolvedBuilder(
  reference: string,
  refs: readonly BuildpackRef[],
  platforms: readonly string[],
): ResolvedBuilder {
  return {
    reference,
    digest: 'sha256:i',
    platforms: platforms.map((platform) => ({
      platform,
      digest: 'sha256:b',
      lifecycle: { version: '0.21.17', buildpackApis: [], platformApis: [] },
      runImages: [],
      order: [refs],
      buildpacks: refs.map((ref) => ({ ...ref, api: '0.10', order: [] })),
      layers: [],
      user: { uid: 1000, gid: 1000 },
    })),
  };
}
