import { join } from 'node:path';
import { isObject, type Json } from '../oci/index.js';
import { buildxFolder, dockerFolder, type Ports } from '../ports/index.js';
import { loginKey } from '../reference/index.js';
import type { Login } from '../registry/index.js';
import { defined } from '../types/index.js';

type ConfigPorts = Pick<Ports, 'files' | 'env'>;

const table = (value: unknown): Json => (isObject(value) ? value : {});

async function readConfig(path: string, { files }: ConfigPorts): Promise<Json> {
  if ((await files.look(path)) === undefined) return {};
  const content = await files.read(path).catch((error: NodeJS.ErrnoException) => {
    // Docker's client takes a link that leads nowhere for no file.
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  return parsed(content.toString('utf8'));
}

function authsOf(logins: readonly Login[]): Readonly<Record<string, { readonly auth: string }>> {
  const pairs = logins.map(({ registry, username, password }) => {
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    return [loginKey(registry), { auth }] as const;
  });
  return Object.fromEntries(pairs);
}

function parsed(text: string): Json {
  try {
    return table(JSON.parse(text));
  } catch {
    // Docker's client warns of such a text and goes on without it.
    return {};
  }
}

/**
 * Docker's config.json with logins laid over it: all else stays, contexts and
 * proxies above all. A host's entry in `credHelpers` that is empty keeps the
 * common `credsStore` from being asked instead of `auths`.
 */
export function withAuths(config: Json, logins: readonly Login[]): Json {
  const auths = authsOf(logins);
  const helpers = Object.fromEntries(Object.keys(auths).map((key) => [key, '']));
  return {
    ...config,
    auths: { ...table(config.auths), ...auths },
    credHelpers: { ...table(config.credHelpers), ...helpers },
  };
}

/**
 * A docker configuration of the run's own in `folder`, with logins laid over the
 * user's: contexts, plugins, certificates and builders stay where they are and
 * are seen through links (design decision 12). Answers the variables for the
 * builder's client; the caller removes the folder.
 */
export async function writeDockerConfig(
  logins: readonly Login[],
  folder: string,
  ports: ConfigPorts,
): Promise<Readonly<Record<string, string>>> {
  const { files, env } = ports;
  const theirs = dockerFolder(env);
  const ours = await files.makeTemporary('docker-', folder);
  const isThere = theirs !== undefined && (await files.look(theirs)) !== undefined;
  for (const name of isThere ? await files.list(theirs) : []) {
    if (name !== 'config.json') await files.link(join(theirs ?? '', name), join(ours, name));
  }
  const config = theirs === undefined ? {} : await readConfig(join(theirs, 'config.json'), ports);
  const text = JSON.stringify(withAuths(config, logins));
  await files.write(join(ours, 'config.json'), text, 0o600);
  const buildx = buildxFolder(env);
  // Docker's client asks this variable before its file.
  const { DOCKER_AUTH_CONFIG: first } = env;
  const theirAuths = first === undefined ? undefined : table(parsed(first).auths);
  const asked = { auths: { ...theirAuths, ...authsOf(logins) } };
  return {
    DOCKER_CONFIG: ours,
    ...defined({ BUILDX_CONFIG: buildx }),
    ...(first === undefined ? {} : { DOCKER_AUTH_CONFIG: JSON.stringify(asked) }),
  };
}

/**
 * What containers get of proxies from docker's client, by the variables that it sets
 * (docker/cli, cli/config/configfile, `ParseProxyConfig`): those of the engine's address as
 * the client has it, `unix:///var/run/docker.sock`, where it has an entry, else `default`.
 */
export async function dockerProxies(
  engineHost: string,
  ports: ConfigPorts,
): Promise<Readonly<Record<string, string>>> {
  const folder = dockerFolder(ports.env);
  const config = folder === undefined ? {} : await readConfig(join(folder, 'config.json'), ports);
  const proxies = table(config.proxies);
  const key = Object.hasOwn(proxies, engineHost) ? engineHost : 'default';
  const { httpProxy, httpsProxy, noProxy } = table(proxies[key]);
  const all = { HTTP_PROXY: httpProxy, HTTPS_PROXY: httpsProxy, NO_PROXY: noProxy };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      typeof value === 'string' && value !== '' ? [[name, value]] : [],
    ),
  );
}
