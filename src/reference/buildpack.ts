import { defined } from '../types/index.js';
import type { ReadResult } from './csv.js';
import { parseReference } from './image-reference.js';

/** A buildpack as an order of a build names it, and where it comes from. */
export type BuildpackSource =
  /** The builder's own order, in the place of one buildpack. */
  | { readonly from: 'order' }
  /** One that is in the builder. */
  | { readonly from: 'builder'; readonly id: string; readonly version?: string }
  /** One of the public registry of buildpacks. */
  | { readonly from: 'registry'; readonly id: string; readonly version?: string }
  | { readonly from: 'image'; readonly reference: string }
  | { readonly from: 'address'; readonly address: string }
  /** A folder or an archive: absolute, or relative with `.` first. */
  | { readonly from: 'path'; readonly path: string };

const ORDER = 'from=builder';
const BUILDER = /^(?:urn:cnb:builder|from=builder):/;
const REGISTRY = /^urn:cnb:registry:/;
/** pack takes all three: `docker:`, one slash and two. */
const IMAGE = /^docker:\/(?:\/|)/;
/** pack's own test for an address (internal/paths). */
const ADDRESS = /^.+:\//;
const PATH = /^(?:\.{0,2}\/|\.{1,2}$)|\.(?:tgz|tar|tar\.gz|cnb)$/;
/** The buildpacks' specification allows an id digits, letters and `. / -`. */
const ID = /^[A-Za-z0-9./-]+$/;
const REGISTRY_ID = /^[a-z0-9.-]+\/[a-z0-9.-]+$/;
const VERSION = /^[0-9A-Za-z.+_-]+$/;

const FORMS =
  'expected an id that the builder has (heroku/python or heroku/python@1.2.3), an image (docker://REFERENCE), a folder or an archive (./PATH), an address (https://…), or urn:cnb:registry:ID for one of the public registry';

/** Whether these can be a buildpack's: in a builder they are the names of folders. */
export function isBuildpackName(id: string, version: string): boolean {
  const names = [id, version];
  return ID.test(id) && VERSION.test(version) && !names.some((one) => /^\.{1,2}$/.test(one));
}

/** `ID[@VERSION]`; with two `@` pack would leave the version out. */
function readId(
  text: string,
  rule = ID,
): { readonly id: string; readonly version?: string } | null {
  const [id = '', version, ...more] = text.split('@');
  const isVersion = version === undefined || VERSION.test(version);
  return rule.test(id) && isVersion && more.length === 0 ? { id, ...defined({ version }) } : null;
}

function readImage(reference: string): ReadResult<BuildpackSource> {
  const parsed = parseReference(reference);
  return parsed.ok
    ? { value: { from: 'image', reference } }
    : { fault: parsed.problem.message.replace(/\.$/, '') };
}

function readAddress(address: string): ReadResult<BuildpackSource> {
  if (/^https?:\/\//.test(address) && URL.canParse(address)) {
    return { value: { from: 'address', address } };
  }
  const [, path] = /^file:\/\/(\/.*)$/.exec(address) ?? [];
  if (path === undefined)
    return { fault: `it begins with another scheme than pack reads; ${FORMS}` };
  try {
    return readPath(decodeURIComponent(path));
  } catch {
    return { fault: 'its "%" is not followed by two hex digits' };
  }
}

/** pack makes an address of a path and reads that, so that `%2f` in a name would be a slash. */
function readPath(path: string): ReadResult<BuildpackSource> {
  if (path.includes('%')) {
    return {
      fault: 'its path holds a "%", which pack reads as the beginning of another character',
    };
  }
  if (ADDRESS.test(path))
    return { fault: 'its path holds ":/", which makes it an address to pack' };
  return { value: { from: 'path', path } };
}

/**
 * One item of pack's `--buildpack`, `--pre-buildpack` and `--post-buildpack` (pack 0.40,
 * pkg/buildpack/locator_type.go), with two differences: a name alone is an id of the builder and
 * nothing else, where pack would take a folder of that name or ask the public registry; and
 * what pack divides or unquotes (CSV) is refused.
 */
export function readBuildpack(text: string): ReadResult<BuildpackSource> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
  if (/[",\u0000-\u001f]/.test(text)) return { fault: 'it holds a comma, a quote or a line break' };
  if (text === ORDER) return { value: { from: 'order' } };
  if (BUILDER.test(text)) {
    const named = readId(text.replace(BUILDER, ''));
    return named ? { value: { from: 'builder', ...named } } : { fault: FORMS };
  }
  if (REGISTRY.test(text)) {
    const named = readId(text.replace(REGISTRY, ''), REGISTRY_ID);
    if (named) return { value: { from: 'registry', ...named } };
    return { fault: 'an id of the public registry has the form NAMESPACE/NAME, in lower case' };
  }
  if (IMAGE.test(text)) return readImage(text.replace(IMAGE, ''));
  if (ADDRESS.test(text)) return readAddress(text);
  if (PATH.test(text)) return readPath(text);
  const named = readId(text);
  if (named) return { value: { from: 'builder', ...named } };
  return parseReference(text).ok ? readImage(text) : { fault: FORMS };
}

/** A path that nothing takes for an id. */
function dotted(path: string): string {
  return /^(\/|\.{1,2}(\/|$))/.test(path) ? path : `./${path}`;
}

/** What a plan has, and `readBuildpack` reads, as that buildpack. */
export function writeBuildpack(source: BuildpackSource): string {
  switch (source.from) {
    case 'order':
      return ORDER;
    case 'image':
      return `docker://${source.reference}`;
    case 'address':
      return source.address;
    case 'path':
      return dotted(source.path);
    default: {
      const version = source.version === undefined ? '' : `@${source.version}`;
      return `urn:cnb:${source.from}:${source.id}${version}`;
    }
  }
}

/**
 * What pack takes as that buildpack and nothing else, in a folder that has no files: with
 * `docker://`, it knows no registry with a port.
 */
export function packBuildpack(source: BuildpackSource): string {
  const isBare = source.from === 'image' && /^[^/]*:\d+\//.test(source.reference);
  return isBare ? source.reference : writeBuildpack(source);
}

/** A buildpack of the plan, where each is as `writeBuildpack` writes it; paths start at the root. */
export function plannedBuildpack(text: string): BuildpackSource {
  const read = readBuildpack(text);
  if ('fault' in read) throw new Error('the plan holds a buildpack that cannot be read');
  return read.value;
}
