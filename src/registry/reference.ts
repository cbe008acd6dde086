import { isDigest } from '../oci/index.js';
import { isLoopback } from '../ports/index.js';
import { DOCKER_HUB, HUB_API } from './hub.js';

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
const LONGEST_NAME = 255;

/** Whether a text can be a tag (`[A-Za-z0-9_]`, then up to 127 of these, `.` and `-`). */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** True for `library/busybox`, by the distribution-spec's rule for `<name>`. */
export function isRepository(text: string): boolean {
  return text.length <= LONGEST_NAME && text.split('/').every((part) => COMPONENT.test(part));
}

function splitRegistry(name: string): readonly [registry: string, repository: string] {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  if (slash < 0 || !isHost) return [DOCKER_HUB, name];
  const registry = first === 'index.docker.io' ? DOCKER_HUB : first;
  return [registry, name.slice(slash + 1)];
}

function splitTag(rest: string): readonly [name: string, tag: string | undefined] {
  const colon = rest.lastIndexOf(':');
  return colon > rest.lastIndexOf('/')
    ? [rest.slice(0, colon), rest.slice(colon + 1)]
    : [rest, undefined];
}

function nameProblem(registry: string, repository: string): [ReferenceProblemCode, string] | null {
  // A port that is none is no URL either.
  if (!HOST.test(registry) || !URL.canParse(`http://${registry}`)) {
    return ['bad-registry', `"${registry}" is not a host or host:port`];
  }
  if (repository === '') return ['bad-name', 'the name of the repository is empty'];
  if (repository !== repository.toLowerCase()) {
    return ['uppercase', `repository names are lower-case: "${repository.toLowerCase()}"`];
  }
  const wrong = repository.split('/').find((part) => !COMPONENT.test(part));
  if (wrong !== undefined) {
    const rule = 'lower-case letters and digits, joined by ".", "_", "__" or "-"';
    return ['bad-name', `"${wrong}" is no part of a repository name (${rule})`];
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
 * Reads a reference as docker does: `docker.io` and `library/` are added, a
 * first component with a dot, a colon or a capital, or `localhost`, is a host.
 * A missing tag stays missing.
 */
export function parseReference(text: string): ParsedReference {
  const fail = (code: ReferenceProblemCode, why: string): ParsedReference => ({
    ok: false,
    problem: { code, message: `"${text}" is not an image reference: ${why}.` },
  });
  if (text === '') return fail('empty', 'it is empty');
  const at = text.indexOf('@');
  const [name, tag] = splitTag(at < 0 ? text : text.slice(0, at));
  const [registry, path] = splitRegistry(name);
  const isOfficial = registry === DOCKER_HUB && path !== '' && !path.includes('/');
  const reference: Reference = {
    registry,
    repository: isOfficial ? `library/${path}` : path,
    ...(tag === undefined ? {} : { tag }),
    ...(at < 0 ? {} : { digest: text.slice(at + 1) }),
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

/** Whether a registry is written as one of the machine itself that asks for it, with or without a port. */
export function onLoopback(registry: string): boolean {
  return URL.canParse(`http://${registry}`) && isLoopback(new URL(`http://${registry}`).hostname);
}

/**
 * Where a registry's API is: plain HTTP on this machine, HTTPS everywhere else;
 * Docker Hub's API has a host of its own.
 */
export function baseUrl(registry: string): string {
  if (registry === DOCKER_HUB) return `https://${HUB_API}`;
  return `${onLoopback(registry) ? 'http' : 'https'}://${registry}`;
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
    .replace(/^-+|-+$/g, '');
}
