import { defined } from '../types/index.js';
import { readAttributes, writeAttributes } from './attributes.js';
import { type ReadResult, readFields } from './csv.js';

/** A secret of a build, and where its value is. */
export interface Secret {
  readonly id: string;
  readonly env?: string;
  readonly file?: string;
}

/** What the text form of a secret may say; `file` is ours, the others are buildx's. */
export const SECRET_ATTRIBUTES = ['id', 'type', 'env', 'src', 'source', 'file'] as const;

const FORM = 'expected an id, or id=ID,env=NAME, or id=ID,src=PATH';

/** One item of `--secret` (buildx, util/buildflags/secrets.go), or an id alone. */
export function readSecret(text: string): ReadResult<Secret> {
  const fields = readFields(text);
  if ('fault' in fields) return fields;
  const [only = ''] = fields.value;
  if (fields.value.length === 1 && !only.includes('=')) return { value: { id: only } };
  const read = readAttributes(fields.value);
  if ('fault' in read) return read;
  const { value: attributes } = read;
  const unknown = [...attributes.keys()].find((name) => !isAttribute(name));
  if (unknown !== undefined && fields.value.length === 1) {
    return {
      fault: `a secret's value stays out of what names it; write id=${unknown},env=VARIABLE, or id=${unknown},src=PATH`,
    };
  }
  if (unknown !== undefined) return { fault: `"${unknown}" is not known in it; ${FORM}` };
  const [id = '', type, env] = ['id', 'type', 'env'].map((name) => attributes.get(name));
  const files = ['src', 'source', 'file'].filter((name) => attributes.has(name));
  if (files.length > 1) return { fault: `it names "${files.join('" and "')}"; keep one of them` };
  const file = attributes.get(files[0] ?? '');
  if (id === '' || env === '' || file === '') return { fault: FORM };
  if (type !== undefined && type !== 'env' && type !== 'file') {
    return { fault: 'its type is neither env nor file' };
  }
  const named =
    type === 'env' && env === undefined ? { env: file, file: undefined } : { env, file };
  return { value: { id, ...defined(named) } };
}

function isAttribute(name: string): boolean {
  return SECRET_ATTRIBUTES.some((known) => known === name);
}

/** What buildx reads as that secret. */
export function writeSecret({ id, env, file }: Secret): string {
  return writeAttributes(new Map(Object.entries(defined({ id, src: file, env }))));
}
