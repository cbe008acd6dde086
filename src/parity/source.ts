import { isAbsolute, join } from 'node:path';
import { appLabels, type ImageReader } from '../buildpacks/index.js';
import { fromRoot, holdsCredentials, LIMITS, type Position } from '../document/index.js';
import type { Finding, Problem } from '../evidence/index.js';
import type { ImageConfig } from '../oci/index.js';
import { type Files, type Http, pathEscape } from '../ports/index.js';
import type { Channel } from '../reference/index.js';
import { splitReference } from '../reference/index.js';
import { readDescriptor } from './descriptor.js';
import { fetchText } from './fetch-text.js';
import { withTag } from './pin.js';
import { readValues } from './values-file.js';

/** The source of a lock whose pins follow their own tags. */
export const OWN_TAGS = 'builder';

/** An image that is deployed, with what its labels say. */
interface DeployedImage {
  readonly reference: string;
  readonly platform: string;
  readonly config: ImageConfig;
}

/** What a source says an image is built with; references as they are written there. */
export interface SourcePins {
  /** As the lock keeps it. */
  readonly source: string;
  readonly builder: string;
  /** Undefined: the builder's own. */
  readonly runImage?: string;
  readonly channel?: Channel;
  readonly until?: string;
  /** `ID@VERSION` of what the source builds with beside the builder's own. */
  readonly buildpacks: readonly string[];
  /** What has to be like the result. */
  readonly deployed?: DeployedImage;
}

export type ReadSource =
  | { readonly value: SourcePins }
  | { readonly problems: readonly Problem[] }
  /** What the registry has is wrong, or does not answer. */
  | { readonly findings: readonly Finding[] }
  /** A server does not answer. */
  | { readonly outage: Problem };

/** What is asked of a source. */
export interface SourceAsked {
  /** As it was given or is written in the lock. */
  readonly source: string;
  /** Where that stands: an option, or a line of the lock. */
  readonly at: Partial<Position>;
  readonly channel?: Channel | undefined;
  /** What the configuration names, for sources that name no builder. */
  readonly builder: string;
  readonly runImage?: string | undefined;
  readonly platforms: readonly string[];
}

/** What a source is read with. */
export interface SourceReaders {
  readonly reader: ImageReader;
  readonly http: Http;
  readonly files: Files;
  /** The root of the request, absolute; paths are relative to it. */
  readonly root: string;
  /** Paths must not leave the root. */
  readonly untrusted: boolean;
  readonly signal: AbortSignal;
}

type SourceKind = 'own tags' | 'address' | 'descriptor' | 'values' | 'reference';

function kindOf(source: string): SourceKind {
  if (source === OWN_TAGS) return 'own tags';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) return 'address';
  if (/\.toml$/.test(source)) return 'descriptor';
  return /^\.{0,2}\/|\.(ya?ml|gotmpl|tpl)$/.test(source) ? 'values' : 'reference';
}

interface SourceText {
  readonly file: string;
  readonly text: string;
}

async function readFile(
  { source, at }: SourceAsked,
  { files, root, untrusted }: SourceReaders,
): Promise<SourceText | { readonly problems: readonly Problem[] }> {
  const path = isAbsolute(source) ? source : join(root, source);
  const file = fromRoot(root, '.', path);
  const refuse = (message: string) => ({
    problems: [{ ...at, message: `"${source}": ${message}` }],
  });
  const leaves = await pathEscape(path, { root, workspace: root, files });
  if (untrusted && leaves !== undefined) {
    return refuse('an untrusted run reads no source outside of the repository');
  }
  try {
    return { file, text: (await files.read(path, LIMITS.bytes)).toString('utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === 'ENOENT') return refuse('there is no such file');
    if (code === 'EFBIG') return refuse(`the file is larger than ${LIMITS.bytes} bytes`);
    return refuse(`the file cannot be read: ${code}`);
  }
}

async function readAddress(
  { source, at }: SourceAsked,
  { http, signal }: SourceReaders,
): Promise<SourceText | Extract<ReadSource, { outage: unknown } | { problems: unknown }>> {
  if (!/^https:/i.test(source)) {
    return { problems: [{ ...at, message: `"${source}": an address begins with https://` }] };
  }
  if (holdsCredentials(source)) {
    const message =
      'an address with a login in it would be recorded in the lock; leave out the login';
    return { problems: [{ ...at, message }] };
  }
  const read = await fetchText(source, http, signal);
  if ('text' in read) return { file: source, text: read.text };
  return { outage: { ...at, message: `${source} cannot be read: ${read.fault}` } };
}

function fromValues({ file, text }: SourceText, asked: SourceAsked): ReadSource {
  const channel = asked.channel ?? 'default';
  const read = readValues(text, file, channel);
  if ('problems' in read) return read;
  const { builder, runImage, until } = read.value;
  return {
    value: {
      source: asked.source,
      channel,
      builder: builder.value,
      runImage: runImage.value,
      ...(until === undefined ? {} : { until: until.value }),
      buildpacks: [],
    },
  };
}

function fromDescriptor({ file, text }: SourceText, { source, runImage }: SourceAsked): ReadSource {
  const read = readDescriptor(text, file);
  if ('problems' in read) return read;
  const run = runImage === undefined ? {} : { runImage };
  return { value: { source, ...read.value, ...run } };
}

/** The first platform that an image has, of those that are asked for. */
async function readImage(
  { source, platforms }: SourceAsked,
  reader: ImageReader,
): Promise<DeployedImage | { readonly findings: readonly Finding[] }> {
  let findings: readonly Finding[] = [];
  for (const platform of platforms) {
    const read = await reader.read('The image', source, [platform]);
    const config = read.value?.images[0]?.config;
    if (config !== undefined) return { reference: source, platform, config };
    if (findings.length === 0) findings = read.findings ?? [];
  }
  return { findings };
}

async function fromReference(asked: SourceAsked, { reader }: SourceReaders): Promise<ReadSource> {
  const image = await readImage(asked, reader);
  if ('findings' in image) return image;
  const { source, builder, runImage, at } = asked;
  if (image.config.labels.has('io.buildpacks.builder.metadata')) {
    const run = runImage === undefined ? {} : { runImage };
    return { value: { source: OWN_TAGS, builder: source, ...run, buildpacks: [] } };
  }
  const labels = appLabels(image.config);
  if ('problems' in labels) {
    const message = `${source} is neither a builder nor an image from buildpacks: ${labels.problems.join('; ')}`;
    return { problems: [{ ...at, message }] };
  }
  const labelled = labels.value.runImage.image;
  const written = runImage === undefined ? [] : [runImage];
  const run = labelled === undefined ? runImage : withTag(labelled, written);
  return {
    value: {
      source,
      builder,
      ...(run === undefined ? {} : { runImage: run }),
      buildpacks: [],
      deployed: image,
    },
  };
}

/** A channel belongs to values; elsewhere it would be taken for granted. */
function channelProblem(kind: SourceKind, { channel, at }: SourceAsked): readonly Problem[] {
  if (channel === undefined || kind === 'values' || kind === 'address') return [];
  return [{ ...at, message: `a channel is one of a deployment's values; this source has none` }];
}

/** The reference without its digest: what its tag serves now is asked for. */
export function withoutDigest(reference: string): string {
  const { name, tag } = splitReference(reference);
  return tag === undefined ? name : `${name}:${tag}`;
}

/**
 * Reads what a source says an image is built with, or why that is not known. Rejects with
 * the signal's reason only.
 */
export async function readSource(asked: SourceAsked, readers: SourceReaders): Promise<ReadSource> {
  const kind = kindOf(asked.source);
  const problems = channelProblem(kind, asked);
  if (problems.length > 0) return { problems };
  if (kind === 'own tags') {
    const { builder, runImage } = asked;
    const run = runImage === undefined ? {} : { runImage };
    return { value: { source: OWN_TAGS, builder, ...run, buildpacks: [] } };
  }
  if (kind === 'reference') return fromReference(asked, readers);
  const text =
    kind === 'address' ? await readAddress(asked, readers) : await readFile(asked, readers);
  if (!('text' in text)) return text;
  return kind === 'descriptor' ? fromDescriptor(text, asked) : fromValues(text, asked);
}
