import { defined } from '../types/index.js';
import { isDigest } from './digest.js';
import { DOCKER_HUB, isHubAlias } from './docker-hub.js';

/** A name of an image, complete: `busybox` has become `docker.io` and `library/busybox`. */
export interface Reference {
  /** Host and, where written, port: `docker.io`, `ghcr.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  /** Path components joined by `/`: `library/busybox`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

type ReferenceProblemCode =
  | 'empty'
  | 'uppercase'
  | 'bad-name'
  | 'bad-registry'
  | 'bad-tag'
  | 'bad-digest'
  | 'too-long'
  | 'image-id';

interface ReferenceProblem {
  readonly code: ReferenceProblemCode;
  /** A sentence that names the reference, what was found and what is expected. */
  readonly message: string;
}

type ParsedReference =
  | { readonly ok: true; readonly reference: Reference }
  | { readonly ok: false; readonly problem: ReferenceProblem };

// The grammar of github.com/distribution/reference, which docker follows.
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const LABEL = '(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])';
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9A-Fa-f:]+\\])(?::[0-9]{1,5})?$`);

/** Characters of a repository's whole name, its registry's host included. */
export const LONGEST_NAME = 255;

/** Whether a text can be a tag (`[A-Za-z0-9_]`, then up to 127 of these, `.` and `-`). */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** A port that is out of range makes no URL either. */
function isHost(text: string): boolean {
  return HOST.test(text) && URL.canParse(`http://${text}`);
}

/** True for `library/busybox`, by the distribution-spec's rule for `<name>`. */
export function isRepositoryPath(text: string): boolean {
  return text.length <= LONGEST_NAME && text.split('/').every((part) => COMPONENT.test(part));
}

/** Whether a text is a repository's whole name, without tag and digest: `ghcr.io/acme/greeter`. */
export function isRepositoryName(text: string): boolean {
  const parsed = parseReference(text);
  return parsed.ok && parsed.reference.tag === undefined && parsed.reference.digest === undefined;
}

/** Whether a text is a host with an optional path, `ghcr.io/acme`, below which repositories can be. */
export function isRegistryPrefix(text: string): boolean {
  const [host = '', ...path] = text.split('/');
  return text.length <= LONGEST_NAME && isHost(host) && path.every((part) => COMPONENT.test(part));
}

/** What stands before the first slash and can only be a host: with a port, a dot or brackets. */
const HOST_FIRST = /^(?:[^/]*:\d+|localhost(?::[^/]*)?|[^/:]*\.[^/]*|\[[^/]*)\//;

/** Where the tag of `acme/x:feature/login` begins, which is none; -1 where no colon can be one's. */
function slashedTag(named: string): number {
  const [host = ''] = HOST_FIRST.exec(named) ?? [];
  const colon = named.indexOf(':', host.length);
  return named.startsWith('/', colon + 1) ? -1 : colon;
}

/** Splits `NAME[:TAG][@DIGEST]` at its signs, without a look at the parts. */
export function splitReference(text: string): {
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
} {
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const own = named.indexOf(':', named.lastIndexOf('/') + 1);
  const colon = own < 0 ? slashedTag(named) : own;
  return {
    name: colon < 0 ? named : named.slice(0, colon),
    tag: colon < 0 ? undefined : named.slice(colon + 1),
    digest: at < 0 ? undefined : text.slice(at + 1),
  };
}

/**
 * Splits a repository's name into host and path as docker does: a first component with
 * a dot, a colon or a capital, or `localhost`, is a host. Undefined where none is written.
 */
export function splitName(name: string): {
  readonly host: string | undefined;
  readonly path: string;
} {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const isHosted = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  return isHosted ? { host: first, path: name.slice(slash + 1) } : { host: undefined, path: name };
}

function nameProblem(registry: string, repository: string): [ReferenceProblemCode, string] | null {
  if (/^[a-z]+:$/i.test(registry) && repository.startsWith('/')) {
    return ['bad-registry', `a name begins with its registry; leave out ${registry}//`];
  }
  if (!isHost(registry)) return ['bad-registry', `"${registry}" is not a host or host:port`];
  if (repository === '') return ['bad-name', 'the name of the repository is empty'];
  if (repository !== repository.toLowerCase()) {
    return ['uppercase', `repository names are lower-case: "${repository.toLowerCase()}"`];
  }
  const wrong = repository.split('/').find((part) => !COMPONENT.test(part));
  if (wrong !== undefined) {
    const rule = 'lower-case letters and digits, joined by ".", "_", "__" or "-"';
    return ['bad-name', `"${wrong}" cannot be part of a repository name (${rule})`];
  }
  return registry.length + 1 + repository.length > LONGEST_NAME
    ? ['too-long', `a name has at most ${LONGEST_NAME} characters`]
    : null;
}

function problemOf(
  parts: Reference & { readonly bare: boolean },
): [ReferenceProblemCode, string] | null {
  if (parts.digest !== undefined && !isDigest(parts.digest)) {
    return [
      'bad-digest',
      `"${parts.digest}" is not sha256: and 64, or sha512: and 128, lower-case hex digits`,
    ];
  }
  if (parts.tag !== undefined && !isTag(parts.tag)) {
    const rule = 'letters, digits, "_", "." and "-", at most 128, no "." or "-" first';
    return ['bad-tag', `"${parts.tag}" is not a tag (${rule})`];
  }
  if (parts.bare && /^[0-9a-f]{64}$/.test(parts.repository)) {
    return ['image-id', 'an image id of 64 hex digits is not a name'];
  }
  return nameProblem(parts.registry, parts.repository);
}

/**
 * Reads a reference as docker does: `docker.io` and `library/` are added (`splitName`
 * says what is a host). A missing tag stays missing.
 */
export function parseReference(text: string): ParsedReference {
  const fail = (code: ReferenceProblemCode, why: string): ParsedReference => ({
    ok: false,
    problem: { code, message: `"${text}" is not an image reference: ${why}.` },
  });
  if (text === '') return fail('empty', 'it is empty');
  const { name, tag, digest } = splitReference(text);
  const { host = DOCKER_HUB, path } = splitName(name);
  const registry = isHubAlias(host) ? DOCKER_HUB : host;
  const isOfficial = registry === DOCKER_HUB && !path.includes('/');
  const reference: Reference = {
    registry,
    repository: isOfficial ? `library/${path}` : path,
    ...defined({ tag, digest }),
  };
  const bare = isOfficial && !name.includes('/');
  const problem = problemOf({ ...reference, repository: path, bare });
  return problem === null ? { ok: true, reference } : fail(...problem);
}

/** The complete form, `docker.io/library/busybox:1.36@sha256:…`. */
export function formatReference(reference: Reference): string {
  const { registry, repository, tag, digest } = reference;
  const name = `${registry}/${repository}`;
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** A repository's name with its registry, `docker.io/library/busybox` for `busybox`; what is none stays. */
export function wholeName(repository: string): string {
  const parsed = parseReference(repository);
  return parsed.ok ? formatReference(parsed.reference) : repository;
}

/**
 * Docker's familiar form without `:latest`, by which BuildKit looks for the context that
 * replaces a `FROM`: `busybox`, `ghcr.io/acme/greeter:1.4`.
 */
export function familiarName({ registry, repository, tag }: Reference): string {
  const isHub = registry === DOCKER_HUB;
  const name = isHub ? repository.replace(/^library\//, '') : `${registry}/${repository}`;
  return tag === undefined || tag === 'latest' ? name : `${name}:${tag}`;
}

/**
 * The same reference in another registry, given as `HOST[/PREFIX]`. With
 * `keepHost` the host becomes the first part of the path, so that names of
 * different registries stay apart: `ghcr.io/acme/x` is then `HOST/ghcr.io/acme/x`.
 */
export function redirectReference(
  reference: Reference,
  registry: string,
  options: { readonly keepHost?: boolean } = {},
): Reference {
  const [host = '', ...prefix] = registry.replace(/\/+$/, '').split('/');
  const kept = options.keepHost ? [hostAsComponent(reference.registry)] : [];
  const repository = [...prefix, ...kept, reference.repository].join('/');
  return { ...reference, registry: host, repository };
}

function hostAsComponent(host: string): string {
  return host
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^-|-$/g, '');
}
