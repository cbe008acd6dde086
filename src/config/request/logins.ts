import { child, readDocument, type SourceNode } from '../../document/index.js';
import { hostIn, registryOf } from '../../reference/index.js';
import { ECR_LOGIN } from './refused-inputs.js';
import type { LoginRequest } from './request.js';

/** How the inputs are read, and where what is wrong with one of them goes. */
interface LoginInputs {
  text(name: string): string | undefined;
  refuse(name: string, message: string): void;
}

const KEYS: ReadonlySet<string> = new Set(['registry', 'username', 'password']);

function scalarIn(raw: SourceNode, key: string): string | undefined {
  const value = child(raw, key);
  return value?.kind === 'scalar' && value.text.trim() !== '' ? value.text.trim() : undefined;
}

const HOST = /^(\[[0-9a-f:]+\]|[a-z0-9]([a-z0-9._-]*[a-z0-9])?)(:\d{1,5})?$/i;

/** A host, with or without port, scheme and path; empty: Docker Hub. */
function isRegistry(text: string): boolean {
  return text === '' || HOST.test(hostIn(text));
}

/** What is wrong with a login, by the key it is wrong in; its texts are not repeated. */
function judge({ registry, username }: LoginRequest): readonly (readonly [string, string])[] {
  return [
    ...(isRegistry(registry)
      ? []
      : [
          [
            'registry',
            'it is not a registry, such as ghcr.io or registry.example.org:5000',
          ] as const,
        ]),
    // HTTP's basic authentication (RFC 7617, section 2) ends the name there.
    ...(username.includes(':')
      ? [['username', 'it holds a colon, which separates a username from a password'] as const]
      : []),
  ];
}

/** Numbers of entries are counted from 1; nothing of what is written is repeated, it may be a secret. */
function problemIn(raw: SourceNode): string | undefined {
  if (raw.kind !== 'map') return 'it is not a map of registry, username and password';
  const ecr = raw.entries.some(({ key }) => key === 'ecr');
  if (ecr) return `"ecr" is not known here; ${ECR_LOGIN}`;
  if (raw.entries.some(({ key }) => !KEYS.has(key))) {
    return 'it has a key that is none of registry, username and password';
  }
  const missing = ['username', 'password'].find((key) => scalarIn(raw, key) === undefined);
  return missing === undefined ? undefined : `it has no ${missing}`;
}

/** The entries as far as they can be read, and whether they are all that there is. */
function entriesOf(text: string) {
  const { root, problems } = readDocument(text, 'input "registries"');
  const isList = root?.kind === 'list';
  return { entries: isList ? root.items : [], isWhole: isList && problems.length === 0 };
}

function readList(inputs: LoginInputs, text: string): readonly LoginRequest[] {
  const { entries, isWhole } = entriesOf(text);
  if (!isWhole) {
    inputs.refuse('registries', 'it is not a YAML or JSON list of registry, username, password');
    return [];
  }
  const seen = new Set<string>();
  return entries.flatMap((raw, at) => {
    const registry = registryOf(scalarIn(raw, 'registry') ?? '');
    const again = seen.has(registry)
      ? `an earlier entry already has a login for ${registry}`
      : undefined;
    seen.add(registry);
    const problem = problemIn(raw) ?? again;
    if (problem !== undefined) {
      inputs.refuse('registries', `entry ${at + 1}: ${problem}`);
      return [];
    }
    const login = {
      registry: scalarIn(raw, 'registry') ?? '',
      username: scalarIn(raw, 'username') ?? '',
      password: scalarIn(raw, 'password') ?? '',
    };
    for (const [key, why] of judge(login)) {
      inputs.refuse('registries', `entry ${at + 1}, ${key}: ${why}`);
    }
    return [login];
  });
}

function readOne(inputs: LoginInputs): readonly LoginRequest[] {
  const [registry = '', username, password] = ['registry', 'username', 'password'].map(inputs.text);
  if (username !== undefined && password !== undefined) {
    const login = { registry, username, password };
    for (const [name, why] of judge(login)) inputs.refuse(name, why);
    return [login];
  }
  if (username !== undefined) inputs.refuse('password', 'it is empty, and there is a username');
  else if (password !== undefined)
    inputs.refuse('username', 'it is empty, and there is a password');
  else if (registry !== '') {
    inputs.refuse('registry', 'it is the registry of a login, and there is no username');
  }
  return [];
}

/** The logins of the inputs: one under the names that docker/login-action has, or a list of them. */
export function readLogins(inputs: LoginInputs): readonly LoginRequest[] {
  const several = inputs.text('registries');
  const one = readOne(inputs);
  if (several === undefined) return one;
  if (one.length > 0) {
    inputs.refuse('registries', 'it and "username" give logins; keep one of the two');
  }
  return readList(inputs, several);
}

/** Passwords in a list of logins, as far as it can be read, for a log to hide. */
export function passwordsIn(text: string): readonly string[] {
  const found = entriesOf(text).entries.map((raw) => scalarIn(raw, 'password'));
  return found.filter((password) => password !== undefined);
}
