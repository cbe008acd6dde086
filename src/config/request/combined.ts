import { isAbsolute, join } from 'node:path';
import { fromRoot } from '../../document/index.js';
import { nearest } from '../../platform/index.js';
import { defined } from '../../types/index.js';
import { readBuilder, readBuildx, readPack } from './builder.js';
import { inlineImage } from './inline.js';
import { grants } from './inputs.js';
import { readLogins } from './logins.js';
import type { RequestReader } from './reader.js';
import type { ParsedRequest, SecretSource } from './request.js';
import { isPullRequest, type StartContext } from './start.js';

/* What several inputs say together. None of them is an option but "grants". */

/** The sentence about a grant that does not exist; undefined for one that does. */
function grantProblem(name: string): string | undefined {
  if (grants.has(name)) return undefined;
  const near = nearest(name, grants.keys());
  const hint =
    near === undefined ? `there are: ${[...grants.keys()].join(', ')}` : `did you mean ${near}?`;
  return `"${name}" is not a grant; ${hint}`;
}

function readGrants({ named }: RequestReader): Partial<ParsedRequest> {
  const [written, allow] = [named('grants'), named('allow')];
  const given = [...written.items()];
  for (const name of given) {
    const message = grantProblem(name);
    if (message !== undefined) written.refuse(message);
  }
  for (const name of allow.items()) {
    // `device=…` names one device; the grant is for the kind.
    const grant = name.split('=')[0] ?? name;
    if (['network.host', 'security.insecure', 'device'].includes(grant)) given.push(grant);
    else allow.refuse(`"${name}" is not an entitlement of BuildKit`);
  }
  // The image of the inputs has these by itself; as a file says it, it needs the grants.
  for (const name of ['cgroup-parent', 'ssh']) if (named(name).items().length > 0) given.push(name);
  return { grants: [...new Set(given)].sort() };
}

/** What BuildKit looks for when it clones a private repository from a host (Docker's docs, "Build context"). */
function gitSecret(token: string | undefined, { env }: StartContext): readonly [string, string][] {
  if (token === undefined) return [];
  const server = env.GITHUB_SERVER_URL || 'https://github.com';
  return URL.canParse(server) ? [[`GIT_AUTH_TOKEN.${new URL(server).host}`, token]] : [];
}

function readSecrets(
  { named, problems }: RequestReader,
  start: StartContext,
): Partial<ParsedRequest> {
  const values = named('secrets').pairs();
  const secretSources: SecretSource[] = [
    ...values.map(([id]) => ({ id })),
    ...named('secret-envs')
      .pairs()
      .map(([id, env]) => ({ id, env })),
    ...named('secret-files')
      .pairs()
      .map(([id, path]) => ({ id, file: fromRoot(start.root, '.', path) })),
  ];
  const ids = secretSources.map(({ id }) => id);
  for (const id of new Set(ids.filter((one, index) => ids.indexOf(one) !== index))) {
    problems.push({ message: `secret "${id}" is given twice by the inputs` });
  }
  const token = named('github-token').text();
  return { secretSources, secretValues: new Map([...values, ...gitSecret(token, start)]) };
}

function readBuilders({ named }: RequestReader, { root }: StartContext): Partial<ParsedRequest> {
  const given = {
    text: (name: string) => named(name).text(),
    list: (name: string) => named(name).items(),
    flag: (name: string) => named(name).isOn(),
    path: (path: string) => (isAbsolute(path) ? path : join(root, path)),
    refuse: (name: string, message: string) => named(name).refuse(message),
  };
  return defined({
    newBuilder: readBuilder(given),
    buildx: readBuildx(given),
    pack: readPack(given),
  });
}

/** In a pull request they are seldom used; from a fork, secrets are empty and nothing is wrong with that. */
function readAllLogins({ named }: RequestReader, start: StartContext): Partial<ParsedRequest> {
  const logins = readLogins({
    text: (name) => named(name).text(),
    refuse: (name, message) => {
      if (!isPullRequest(start)) named(name).refuse(message);
    },
  });
  return logins.length === 0 ? {} : { logins };
}

function readImage({ named, problems }: RequestReader): Partial<ParsedRequest> {
  const { image, problems: found } = inlineImage((name) => named(name).text());
  problems.push(...found);
  return defined({ inline: image });
}

/** Everything that is said by several inputs together. */
export const combined: readonly ((
  reader: RequestReader,
  start: StartContext,
) => Partial<ParsedRequest>)[] = [readGrants, readSecrets, readBuilders, readAllLogins, readImage];
