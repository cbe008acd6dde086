import { expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/index.js';
import { explainLayerTypes } from '../../src/publish/refused-layer.js';
import { RegistryError } from '../../src/registry/index.js';

const OCI = 'application/vnd.oci.image.layer.v1.tar';
const DOCKER = 'application/vnd.docker.image.rootfs.diff.tar';
const descriptor = (mediaType: string) => ({ mediaType, digest: digestOf(mediaType), size: 1 });

function manifestOf(types: readonly string[]) {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const config = descriptor('application/vnd.oci.image.config.v1+json');
  const document = { schemaVersion: 2, mediaType, config, layers: types.map(descriptor) };
  const bytes = Buffer.from(JSON.stringify(document));
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}

const request = 'PUT https://quay.io/v2/acme/x/manifests/sha256:aa';
const refused = new RegistryError({ code: 'refused', request, status: 400 });

test.each<[readonly string[], number, string]>([
  [[`${OCI}+gzip`, `${OCI}+zstd`], 2, `${OCI}+zstd`],
  [[DOCKER, `${DOCKER}.gzip`], 1, DOCKER],
  [[`${OCI}+gzip`, `${OCI}+gzip`, OCI], 3, OCI],
])('a refused manifest with layers %j is explained by layer %d', (types, number, type) => {
  const explained = explainLayerTypes(refused, manifestOf(types), ['debian:12']);
  expect(explained).toMatchObject({
    code: 'layer-type',
    status: 400,
    detail: `its layer ${number} of ${types.length}, ${digestOf(type)}, has the media type ${type}, which is not gzip, and comes from its base debian:12`,
  });
});

test.each<[string, RegistryError, readonly string[]]>([
  ['has gzip layers', refused, [`${OCI}+gzip`, `${DOCKER}.gzip`]],
  ['is a statement', refused, ['application/vnd.in-toto+json']],
  ['is denied', new RegistryError({ code: 'denied', request, status: 403 }), [`${OCI}+zstd`]],
])('one that %s is not', (_, error, types) => {
  expect(explainLayerTypes(error, manifestOf(types), ['debian:12'])).toBe(error);
});

const told = (types: readonly string[], bases?: readonly string[]) =>
  (explainLayerTypes(refused, manifestOf(types), bases) as RegistryError).detail;

test.each<[readonly string[] | undefined, string]>([
  [undefined, 'a base of it'],
  [[], 'a base of it'],
  [['debian:12'], 'its base debian:12'],
  [['golang:1.26', 'debian:12'], 'one of its bases (golang:1.26, debian:12)'],
])('such a layer comes from %j: %s', (bases, words) => {
  expect(told([OCI], bases)).toMatch(
    new RegExp(`, and comes from ${words.replace(/[().]/g, '.')}$`),
  );
});

test('further layers of that kind are counted, and those that are fetched from elsewhere are not', () => {
  const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar';
  expect(told([OCI, `${OCI}+zstd`, `${OCI}+gzip`, foreign])).toMatch(
    / \(1 more of its layers are not gzip either\)$/,
  );
  expect(told([OCI, `${OCI}+gzip`, foreign])).not.toContain('more of its layers');
  expect(explainLayerTypes(refused, manifestOf([foreign]))).toBe(refused);
});

test('what is no manifest, or was refused for another reason, is not explained', () => {
  for (const text of ['{"schemaVersion":2,"manifests":[]}', '{"schemaVersion":2,"layers":[]}']) {
    const bytes = Buffer.from(text);
    expect(explainLayerTypes(refused, { ...manifestOf([OCI]), bytes })).toBe(refused);
  }
  const fault = new TypeError('a fault of ours');
  expect(explainLayerTypes(fault, manifestOf([OCI]))).toBe(fault);
});

test('the explanation keeps what the registry said', () => {
  const oci = [{ code: 'MANIFEST_INVALID', message: 'no' }];
  const error = new RegistryError({ code: 'refused', request, oci });
  const explained = explainLayerTypes(error, manifestOf([OCI])) as RegistryError;
  expect(explained).toMatchObject({ request, oci, cause: error });
  expect(explained.status).toBeUndefined();
});
