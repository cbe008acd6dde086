import { parseReference } from '../registry/index.js';

/** The grammar of github.com/distribution/reference. */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const LABEL = '(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])';
const HOST = `(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?`;
const REGISTRY = new RegExp(`^${HOST}(?:/${COMPONENT})*$`);

/** A repository's whole name, without tag and digest. */
export function isRepository(text: string): boolean {
  const parsed = parseReference(text);
  return parsed.ok && parsed.reference.tag === undefined && parsed.reference.digest === undefined;
}

/** A host with an optional path, as --registry takes it. */
export function isRegistry(text: string): boolean {
  const [host] = text.split('/');
  return text.length <= 255 && REGISTRY.test(text) && URL.canParse(`http://${host}`);
}

/** Splits `repository[:tag]`; the tag is `latest` where none is written, as docker has it. */
export function splitReference(text: string): {
  readonly repository: string;
  readonly tag: string;
} {
  const colon = text.indexOf(':', text.lastIndexOf('/') + 1);
  if (colon === -1) return { repository: text, tag: 'latest' };
  return { repository: text.slice(0, colon), tag: text.slice(colon + 1) };
}
