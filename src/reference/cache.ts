import { type Attributes, readAttributes, writeAttributes } from './attributes.js';
import { type ReadResult, readFields } from './csv.js';

/** A cache that a build reads or writes. */
export interface Cache {
  readonly type: string;
  readonly attributes: Attributes;
}

/** A reference that needs no quotes; buildx reads one in quotes a second time as CSV. */
const REFERENCE = /^[^\s",=]+$/;

/**
 * One item of `--cache-from` or `--cache-to` (buildx, util/buildflags/cache.go): NAME=VALUE
 * with a type, or the references of caches in a registry.
 */
export function readCaches(text: string): ReadResult<readonly Cache[]> {
  const fields = readFields(text);
  if ('fault' in fields) return fields;
  if (!text.includes('=')) {
    if (!fields.value.every((field) => REFERENCE.test(field))) {
      return { fault: 'a reference in it is empty, or holds spaces, quotes or a comma' };
    }
    const caches = fields.value.map((ref) => ({
      type: 'registry',
      attributes: new Map([['ref', ref]]),
    }));
    return { value: caches };
  }
  const read = readAttributes(fields.value);
  if ('fault' in read) return read;
  const attributes = new Map(read.value);
  const type = attributes.get('type') ?? '';
  attributes.delete('type');
  if (type === '') return { fault: 'it has no type, such as type=gha' };
  return { value: [{ type, attributes }] };
}

/** What `readCaches` reads as that cache alone. */
export function writeCache({ type, attributes }: Cache): string {
  return writeAttributes(new Map([['type', type], ...attributes]));
}

/** A cache of the plan, where each is as `writeCache` writes it. */
export function plannedCache(text: string): Cache {
  const read = readCaches(text);
  const [cache] = 'fault' in read ? [] : read.value;
  if (cache === undefined) throw new Error('the plan holds a cache that cannot be read');
  return cache;
}

/** BuildKit reads a yes as Go's strconv.ParseBool does. */
export function isTrue(value: string | undefined): boolean {
  return /^(1|[tT]|true|True|TRUE)$/.test(value ?? '');
}
