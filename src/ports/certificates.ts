import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../types/index.js';
import type { EnvironmentVariables } from './child-environment.js';
import { dockerFolder } from './docker-folder.js';

/** What a host's folder under docker's certs.d holds (docs.docker.com, "registry certificates"). */
export interface HostCertificates {
  /** PEM texts of `*.crt`: authorities that are trusted for this host, beside the usual ones. */
  readonly authorities: readonly string[];
  /** `*.cert` with the `*.key` of the same name: the client's own. */
  readonly client?: { readonly cert: string; readonly key: string };
}

/** Docker's places: the system's, the one of rootless engines, the one beside config.json. */
function places(env: EnvironmentVariables): readonly string[] {
  const { HOME, XDG_CONFIG_HOME } = env;
  const own = XDG_CONFIG_HOME || (HOME ? join(HOME, '.config') : '');
  const config = dockerFolder(env);
  const roots = ['/etc/docker', ...(own ? [join(own, 'docker')] : []), ...(config ? [config] : [])];
  return roots.map((root) => join(root, 'certs.d'));
}

/** A host comes from outside; docker's folders have no other names than these. */
const HOST = /^(?!.*\.\.)[\w.[\]:-]+$/;

/** Nothing where a folder is not there or may not be read: another place may have it. */
async function filesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder).catch(() => []);
  const wanted = names.filter((name) => /\.(crt|cert|key)$/.test(name)).sort();
  const texts = await Promise.all(
    wanted.map((name) => readFile(join(folder, name), 'utf8').catch(() => undefined)),
  );
  const pairs = wanted.map((name, at) => [name, texts[at]] as const);
  return new Map(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function clientIn(files: ReadonlyMap<string, string>): HostCertificates['client'] {
  for (const [name, cert] of files) {
    if (!name.endsWith('.cert')) continue;
    const key = files.get(name.replace(/\.cert$/, '.key'));
    if (key !== undefined) return { cert, key };
  }
  return undefined;
}

/**
 * The certificates that docker's `certs.d/HOST` folders hold for a host, with
 * its port where the reference has one (`registry.example:5000`).
 */
export async function certificatesFor(
  host: string,
  env: EnvironmentVariables,
): Promise<HostCertificates> {
  if (!HOST.test(host)) return { authorities: [] };
  const found = await Promise.all(places(env).map((place) => filesIn(join(place, host))));
  const authorities = found.flatMap((files) =>
    [...files].filter(([name]) => name.endsWith('.crt')).map(([, text]) => text),
  );
  const client = found.map(clientIn).find((one) => one !== undefined);
  return { authorities, ...defined({ client }) };
}

/** The hosts that docker's `certs.d` folders hold certificates for. */
export async function hostsWithCertificates(env: EnvironmentVariables): Promise<readonly string[]> {
  const found = places(env).map((place) => readdir(place).catch(() => []));
  return [...new Set((await Promise.all(found)).flat())].filter((name) => HOST.test(name));
}
