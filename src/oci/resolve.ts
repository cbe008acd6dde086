import type { ImageFacts } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { type ImageConfig, parseImageConfig, writtenPlatform } from './config.js';
import {
  attestedDigest,
  type Index,
  isAttestation,
  type Manifest,
  type OciDescriptor,
  parseManifest,
} from './documents.js';
import { OciError } from './errors.js';
import type { Ingested, IngestedAttestation, ScannedLayer, Statement } from './ingested.js';
import { DOCUMENT_LIMIT, parseObject } from './json.js';
import type { Layout } from './layout.js';
import { isForeignLayer, isIndexType, mediaTypes } from './media-types.js';

const DEPTH = 4;
const DOCUMENTS = 256;

/** The blob's bytes after its size and media type were compared with its descriptor's. */
async function readDocument(layout: Layout, descriptor: OciDescriptor, problems: string[]) {
  const bytes = await layout.readBytes(descriptor.digest, DOCUMENT_LIMIT);
  if (bytes.length !== descriptor.size) {
    problems.push(
      `${descriptor.digest} has ${bytes.length} bytes; its descriptor says ${descriptor.size}`,
    );
  }
  return bytes;
}

async function readManifest(
  layout: Layout,
  descriptor: OciDescriptor,
  problems: string[],
): Promise<Manifest | Index> {
  const bytes = await readDocument(layout, descriptor, problems);
  const parsed = parseManifest(bytes, descriptor.digest);
  problems.push(...parsed.problems);
  if (parsed.value === undefined) {
    throw new OciError(
      'malformed',
      `${descriptor.digest} is not a manifest: ${parsed.problems.join('; ')}`,
    );
  }
  const { mediaType } = parsed.value;
  if (mediaType !== undefined && mediaType !== descriptor.mediaType) {
    problems.push(
      `${descriptor.digest} calls itself ${mediaType}; its descriptor says ${descriptor.mediaType}`,
    );
  }
  return parsed.value;
}

/** Every manifest's descriptor below an index, nested ones opened. */
async function flatten(
  tops: readonly OciDescriptor[],
  layout: Layout,
  problems: string[],
): Promise<readonly OciDescriptor[]> {
  const found: OciDescriptor[] = [];
  const visited = new Set<string>();
  let level = tops;
  for (let depth = 0; level.length > 0; depth++) {
    const next: OciDescriptor[] = [];
    for (const descriptor of level) {
      if (visited.has(descriptor.digest)) continue;
      visited.add(descriptor.digest);
      if (depth > DEPTH || visited.size > DOCUMENTS) {
        throw new OciError(
          'too-large',
          'the archive has too many manifests, or they are nested too deep',
        );
      }
      if (!isIndexType(descriptor.mediaType)) {
        found.push(descriptor);
        continue;
      }
      const index = await readManifest(layout, descriptor, problems);
      if (index.kind === 'index') next.push(...index.manifests);
    }
    level = next;
  }
  return found;
}

async function readStatement(layout: Layout, descriptor: OciDescriptor): Promise<Statement> {
  const annotated = descriptor.annotations.get('in-toto.io/predicate-type');
  if (descriptor.size > DOCUMENT_LIMIT) return { predicateType: annotated ?? '', descriptor };
  const json = parseObject(await layout.readBytes(descriptor.digest), descriptor.digest);
  const stated = typeof json.predicateType === 'string' ? json.predicateType : '';
  return { predicateType: annotated ?? stated, descriptor, json };
}

async function readAttestation(
  layout: Layout,
  descriptor: OciDescriptor,
  problems: string[],
): Promise<IngestedAttestation> {
  const manifest = await readManifest(layout, descriptor, problems);
  const of = attestedDigest(descriptor) ?? manifest.subject?.digest;
  if (manifest.kind === 'index') return { descriptor, of, statements: [] };
  const statements = manifest.layers.filter(({ mediaType }) => mediaType === mediaTypes.inToto);
  return {
    descriptor,
    of,
    statements: await Promise.all(statements.map((layer) => readStatement(layout, layer))),
  };
}

async function checkLayer<Facts extends ScannedLayer>(
  layer: OciDescriptor,
  facts: Facts,
  expected: string | undefined,
  layout: Layout,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const size = await layout.size(layer.digest);
  if (size !== layer.size) {
    problems.push(`layer ${layer.digest} has ${size} bytes; the manifest says ${layer.size}`);
  }
  if (facts.diffId !== undefined && expected !== undefined && facts.diffId !== expected) {
    problems.push(
      `layer ${layer.digest} holds ${facts.diffId} uncompressed; the config's diff_ids say ${expected}`,
    );
  }
  return problems;
}

function plain({ mediaType, digest, size }: OciDescriptor) {
  return { mediaType, digest, size };
}

interface ResolvedDocuments {
  readonly manifest: OciDescriptor;
  readonly document: Manifest;
  readonly config: ImageConfig;
  readonly layers: readonly ScannedLayer[];
  readonly attestations: readonly IngestedAttestation[];
}

function factsOf(
  { manifest, document, config, layers, attestations }: ResolvedDocuments,
  name: string,
): ImageFacts {
  return {
    manifest: plain(manifest),
    config: plain(document.config),
    layers: document.layers.map((layer, number) => ({
      ...plain(layer),
      diffId: layers[number]?.diffId ?? config.diffIds[number] ?? layer.digest,
      uncompressedSize: layers[number]?.uncompressedSize ?? 0,
    })),
    attestations: attestations.map(({ descriptor, statements }) => ({
      ...plain(descriptor),
      predicateTypes: statements.map(({ predicateType }) => predicateType),
    })),
    platform: writtenPlatform(config),
    entrypoint: config.entrypoint,
    command: config.command,
    shell: config.shell,
    ...defined({ user: config.user, workdir: config.workdir }),
    labels: Object.fromEntries(config.labels),
    ...defined({ created: config.created }),
    storedIn: { kind: 'layout', name },
  };
}

/** The one image below some descriptors, its documents compared with each other and with its bytes. */
export async function resolveImage<Facts extends ScannedLayer>(
  tops: readonly OciDescriptor[],
  layout: Layout,
  scan: (digest: string) => Promise<Facts>,
): Promise<Ingested<Facts>> {
  const problems: string[] = [];
  const all = await flatten(tops, layout, problems);
  const images = all.filter((descriptor) => !isAttestation(descriptor));
  const [manifest] = images;
  if (manifest === undefined || images.length > 1) {
    const found = `${images.length} images`;
    throw new OciError(
      'unsupported',
      `the archive has ${found}; one image of one platform is expected`,
      {
        found,
        expected: '1 image',
      },
    );
  }
  const document = await readManifest(layout, manifest, problems);
  if (document.kind === 'index') {
    throw new OciError(
      'malformed',
      `${manifest.digest} is an index; its descriptor says a manifest`,
    );
  }
  const configBytes = await readDocument(layout, document.config, problems);
  const parsed = parseImageConfig(configBytes, document.config.digest);
  problems.push(...parsed.problems);
  const config = parsed.value;
  if (config.diffIds.length !== document.layers.length) {
    problems.push(
      `the manifest has ${document.layers.length} layers; the config's diff_ids are ${config.diffIds.length}`,
    );
  }
  const layers: Facts[] = [];
  for (const [number, layer] of document.layers.entries()) {
    if (isForeignLayer(layer.mediaType)) {
      throw new OciError(
        'unsupported',
        `layer ${layer.digest} is a foreign layer, ${layer.mediaType}`,
      );
    }
    const facts = await scan(layer.digest);
    layers.push(facts);
    problems.push(...(await checkLayer(layer, facts, config.diffIds[number], layout)));
  }
  const attestations: IngestedAttestation[] = [];
  for (const descriptor of all.filter(isAttestation)) {
    const attestation = await readAttestation(layout, descriptor, problems);
    if (attestation.of !== undefined && attestation.of !== manifest.digest) {
      problems.push(
        `attestation manifest ${descriptor.digest} is about ${attestation.of}, not ${manifest.digest}`,
      );
    }
    attestations.push(attestation);
  }
  return {
    index: [manifest, ...attestations.map(({ descriptor }) => descriptor)],
    facts: factsOf({ manifest, document, config, layers, attestations }, layout.name),
    config,
    layers,
    attestations,
    problems,
  };
}
