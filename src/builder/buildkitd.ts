import { join } from 'node:path';
import type { EngineFacts } from '../engine/index.js';
import {
  certificatesFor,
  type HostCertificates,
  hostsWithCertificates,
  type Ports,
} from '../ports/index.js';
import { DOCKER_HUB, HUB_API, onLoopback } from '../reference/index.js';
import { isInsecure } from '../registry/index.js';

/*
 * A builder in a container knows nothing of how the engine, and docker's client,
 * were told to speak to registries. Its buildkitd.toml says it again.
 */

/** How BuildKit is to speak to one registry. */
interface RegistrySetting {
  /** `HOST[/PATH]` of those that are asked before it. */
  readonly mirrors?: readonly string[];
  /** Plain HTTP; with `insecure` only where it has no TLS. */
  readonly http?: boolean;
  readonly insecure?: boolean;
  readonly certificates: HostCertificates;
}

type RegistrySettings = ReadonlyMap<string, RegistrySetting>;

/** What the engine says about registries. */
export type EngineRegistries = Pick<EngineFacts, 'mirrors' | 'insecure'>;

/** Mirrors that are on the engine's own machine. */
export function loopbackMirrors(mirrors: readonly string[]): readonly URL[] {
  return urlsOf(mirrors).filter(({ host }) => onLoopback(host));
}

function urlsOf(mirrors: readonly string[]): readonly URL[] {
  return mirrors.filter((mirror) => URL.canParse(mirror)).map((mirror) => new URL(mirror));
}

/** Authorities for every host, beside those of the builder's image. */
async function extraAuthorities({ env, files }: Pick<Ports, 'env' | 'files'>) {
  const path = env.NODE_EXTRA_CA_CERTS ?? '';
  const text = path === '' ? undefined : await files.read(path).catch(() => undefined);
  return text === undefined ? [] : [text.toString('utf8')];
}

/**
 * The registries that are not spoken to by verified TLS and the builder's own
 * authorities alone: the engine's mirrors for Docker Hub, its insecure ones, and those
 * with certificates in docker's `certs.d`. `needed` are the hosts that the plan names.
 */
export async function settingsFor(
  { mirrors, insecure }: EngineRegistries,
  needed: readonly string[],
  ports: Pick<Ports, 'env' | 'files' | 'resolve'>,
): Promise<RegistrySettings> {
  const urls = urlsOf(mirrors);
  const schemes = new Map(urls.map(({ host, protocol }) => [host, protocol]));
  const certified = await hostsWithCertificates(ports.env);
  const hosts = [DOCKER_HUB, ...schemes.keys(), ...insecure.hosts, ...needed, ...certified];
  const extra = await extraAuthorities(ports);
  const settings = [...new Set(hosts)].map(async (host): Promise<[string, RegistrySetting]> => {
    // The loopback is spoken to plainly without being told.
    const asked = onLoopback(host) ? { ...insecure, ranges: [] } : insecure;
    const careless = await isInsecure(host, asked, ports.resolve);
    const scheme = schemes.get(host);
    const own = await certificatesFor(host === DOCKER_HUB ? HUB_API : host, ports.env);
    return [
      host,
      {
        ...(host === DOCKER_HUB && urls.length > 0 ? { mirrors: urls.map(placeOf) } : {}),
        ...(scheme === undefined && !careless ? {} : { http: scheme !== 'https:' }),
        ...(careless || (scheme !== undefined && onLoopback(host)) ? { insecure: true } : {}),
        certificates: { ...own, authorities: [...own.authorities, ...extra] },
      },
    ];
  });
  return new Map((await Promise.all(settings)).filter(([, setting]) => says(setting)));
}

function placeOf({ host, pathname }: URL): string {
  return `${host}${pathname.replace(/\/+$/, '')}`;
}

function says({ mirrors, http, insecure, certificates }: RegistrySetting): boolean {
  const { authorities, client } = certificates;
  return (
    [mirrors, http, insecure, client].some((one) => one !== undefined) || authorities.length > 0
  );
}

/** buildkitd.toml, and the files of certificates in `folder` that it names: path → PEM text. */
export function buildkitdConfig(settings: RegistrySettings, folder: string) {
  const certificates = new Map<string, string>();
  const keep = (name: string, text: string) => {
    const path = join(folder, name);
    certificates.set(path, text);
    return JSON.stringify(path);
  };
  const tables = [...settings].flatMap(([host, setting], i) => {
    const { mirrors, http, insecure } = setting;
    const { authorities, client } = setting.certificates;
    const table = `registry.${JSON.stringify(host)}`;
    // buildx copies them by their last name: no two of a registry may share it.
    const ca = authorities.map((text, n) => keep(`${i}-${n}.crt`, text));
    return [
      `[${table}]`,
      ...(mirrors === undefined ? [] : [`  mirrors = [${mirrors.map(quote).join(', ')}]`]),
      ...(http === undefined ? [] : [`  http = ${http}`]),
      ...(insecure === undefined ? [] : [`  insecure = ${insecure}`]),
      ...(ca.length === 0 ? [] : [`  ca = [${ca.join(', ')}]`]),
      ...(client === undefined
        ? []
        : [
            `  [[${table}.keypair]]`,
            `    key = ${keep(`${i}.key`, client.key)}`,
            `    cert = ${keep(`${i}.cert`, client.cert)}`,
          ]),
    ];
  });
  return { text: [...tables, ''].join('\n'), certificates };
}

const quote = (text: string) => JSON.stringify(text);
