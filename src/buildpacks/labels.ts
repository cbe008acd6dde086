import { fieldsOf, type ImageConfig, isObject, type Json, jsonIn } from '../oci/index.js';
import { defined } from '../types/index.js';
import type { BuilderBuildpack, BuildpackRef, PlatformBuilder } from './builder.js';

/** What the labels and the environment of a builder say. */
export type BuilderLabels = Omit<PlatformBuilder, 'platform' | 'digest' | 'layers'>;

/** Labels that `pack builder create` writes (pack: internal/builder/builder.go, pkg/dist/dist.go). */
const METADATA = 'io.buildpacks.builder.metadata';
const ORDER = 'io.buildpacks.buildpack.order';
const LAYERS = 'io.buildpacks.buildpack.layers';
const EXTENSIONS = 'io.buildpacks.buildpack.order-extensions';
const DISTRIBUTION = 'io.buildpacks.base.distro';

/** Image extensions that a builder tries, `ID@VERSION` each (buildpacks/spec: image_extension.md). */
export function extensionsOf({ labels }: ImageConfig): readonly string[] {
  const groups = orderOf(jsonIn(labels.get(EXTENSIONS) ?? ''), `label ${EXTENSIONS}`, []);
  return groups.flat().map(({ id, version }) => `${id}@${version}`);
}

/** Far above what any builder has; keeps work on a hostile label small. */
const MANY = 2000;

const NO_MEMBERS: Json = {};

const objectIn = (value: unknown): Json => (isObject(value) ? value : NO_MEMBERS);

const listIn = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value.slice(0, MANY) : [];

/** Groups of an order: `[{"group":[{"id","version","optional"}]}]`. */
function orderOf(value: unknown, what: string, problems: string[]) {
  return listIn(value).map((entry) =>
    listIn(objectIn(entry).group).flatMap((one): readonly BuildpackRef[] => {
      const fields = fieldsOf(objectIn(one), what);
      const [id, version] = [fields.text('id'), fields.text('version')];
      problems.push(...fields.problems);
      if (id === undefined) {
        problems.push(`${what}: a buildpack has no "id"`);
        return [];
      }
      const optional = objectIn(one).optional === true ? { optional: true as const } : {};
      return [{ id, version: version ?? '', ...optional }];
    }),
  );
}

/** `{ID: {VERSION: {api, layerDiffID, order}}}` */
function buildpacksOf(layers: Json, problems: string[]): readonly BuilderBuildpack[] {
  return Object.entries(layers).flatMap(([id, versions]) =>
    Object.entries(objectIn(versions)).map(([version, entry]) => {
      const what = `label ${LAYERS}, ${id}@${version}`;
      const fields = fieldsOf(objectIn(entry), what);
      const [api, diffId] = [fields.text('api'), fields.text('layerDiffID')];
      problems.push(...fields.problems);
      const order = orderOf(objectIn(entry).order, what, problems);
      return { id, version, api: api ?? '', ...defined({ diffId }), order };
    }),
  );
}

/** Builders of before `images` say their run image as `stack.runImage`. */
function runImagesOf(metadata: Json): readonly (readonly string[])[] {
  const written = [...listIn(metadata.images), objectIn(metadata.stack).runImage];
  const all = written.flatMap((one) => {
    const { image, mirrors } = objectIn(one);
    const names = [image, ...listIn(mirrors)].filter((name) => typeof name === 'string');
    return typeof image === 'string' && image !== '' ? [names] : [];
  });
  return all.filter(([image], at) => all.findIndex(([first]) => first === image) === at);
}

/** Deprecated ones are served too; builders of before `apis` name one in `api`. */
function apisOf(lifecycle: Json, which: 'buildpack' | 'platform'): readonly string[] {
  const { deprecated, supported } = objectIn(objectIn(lifecycle.apis)[which]);
  const all = [...listIn(deprecated), ...listIn(supported)];
  const one = objectIn(lifecycle.api)[which];
  return (all.length === 0 ? [one] : all).filter((api) => typeof api === 'string');
}

function userOf(env: readonly string[], problems: string[]) {
  const read = (name: string) => {
    const text = env.findLast((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
    if (/^\d{1,9}$/.test(text ?? '')) return Number(text);
    const found = text === undefined ? 'is not set' : `is "${text}", which is not a number`;
    problems.push(`the environment variable ${name} ${found}`);
    return 0;
  };
  return { uid: read('CNB_USER_ID'), gid: read('CNB_GROUP_ID') };
}

/** Whether an image calls itself a builder. */
export function isBuilder({ labels }: ImageConfig): boolean {
  return labels.has(METADATA);
}

/** `NAME VERSION` of an image's distribution, by its labels. */
export function distributionOf({ labels }: ImageConfig): string | undefined {
  const name = labels.get(`${DISTRIBUTION}.name`);
  const version = labels.get(`${DISTRIBUTION}.version`);
  return name === undefined ? undefined : [name, ...(version ? [version] : [])].join(' ');
}

/**
 * What a builder's configuration says, or a clause for each thing that is wrong. A builder
 * without buildpacks has no label of layers; the others every builder has.
 */
export function builderLabels(
  config: ImageConfig,
):
  | { readonly value: BuilderLabels }
  | { readonly missing: readonly string[] }
  | { readonly problems: readonly string[] } {
  const { labels } = config;
  const missing = [METADATA, ORDER].filter((name) => !labels.has(name));
  if (missing.length > 0) return { missing };
  const problems: string[] = [];
  const json = (name: string, is: (value: unknown) => boolean, kind: string) => {
    const text = labels.get(name);
    const value = text === undefined ? undefined : jsonIn(text);
    if (text !== undefined && !is(value)) problems.push(`label ${name} is not ${kind}`);
    return value;
  };
  const metadata = objectIn(json(METADATA, isObject, 'a JSON object'));
  const order = orderOf(json(ORDER, Array.isArray, 'a JSON list'), `label ${ORDER}`, problems);
  const layers = objectIn(json(LAYERS, isObject, 'a JSON object'));
  const buildpacks = buildpacksOf(layers, problems);
  const lifecycle = objectIn(metadata.lifecycle);
  const { version } = lifecycle;
  if (isObject(jsonIn(labels.get(METADATA) ?? '')) && typeof version !== 'string') {
    problems.push(`label ${METADATA} names no version of a lifecycle`);
  }
  const user = userOf(config.env, problems);
  if (problems.length > 0) return { problems };
  return {
    value: {
      lifecycle: {
        version: String(version),
        buildpackApis: apisOf(lifecycle, 'buildpack'),
        platformApis: apisOf(lifecycle, 'platform'),
      },
      runImages: runImagesOf(metadata),
      order,
      buildpacks,
      user,
      ...defined({ distribution: distributionOf(config) }),
    },
  };
}
