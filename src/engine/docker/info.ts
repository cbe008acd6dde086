import { architectureOfUname } from '../../platform/index.js';
import type { EngineFacts } from '../engine.js';
import { engineError } from '../errors.js';

interface Info {
  readonly ID?: string;
  readonly ServerVersion?: string;
  readonly ServerErrors?: readonly string[];
  readonly OSType?: string;
  readonly Architecture?: string;
  readonly DriverStatus?: readonly (readonly string[])[];
  readonly DockerRootDir?: string;
  readonly SecurityOptions?: readonly string[];
  readonly RegistryConfig?: {
    readonly Mirrors?: readonly string[] | null;
    readonly InsecureRegistryCIDRs?: readonly string[] | null;
    readonly IndexConfigs?: Readonly<Record<string, { readonly Secure?: boolean }>> | null;
  };
  readonly HttpProxy?: string;
  readonly HttpsProxy?: string;
  readonly NoProxy?: string;
  readonly ClientInfo?: {
    readonly Context?: string;
    readonly Plugins?: readonly {
      readonly Name?: string;
      readonly Version?: string;
      readonly Path?: string;
    }[];
  };
}

function insecureIn({ RegistryConfig }: Info): EngineFacts['insecure'] {
  const { IndexConfigs, InsecureRegistryCIDRs } = RegistryConfig ?? {};
  const hosts = Object.entries(IndexConfigs ?? {}).filter(([, { Secure }]) => Secure === false);
  return { hosts: hosts.map(([host]) => host), ranges: InsecureRegistryCIDRs ?? [] };
}

function proxiesIn({ HttpProxy, HttpsProxy, NoProxy }: Info): EngineFacts['proxies'] {
  const all = { HTTP_PROXY: HttpProxy, HTTPS_PROXY: HttpsProxy, NO_PROXY: NoProxy };
  const set = Object.entries(all).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return Object.fromEntries(set);
}

/** Reads the answer of `docker info --format '{{json .}}'` (Docker 24 and later). */
export function readInfo(json: string): EngineFacts {
  const info = JSON.parse(json) as Info;
  const problem = info.ServerErrors?.[0];
  if (problem !== undefined) throw engineError('answer', problem);
  const plugin = info.ClientInfo?.Plugins?.find(({ Name }) => Name === 'buildx');
  const buildx = plugin?.Version;
  const architecture = info.Architecture ?? '';
  return {
    name: 'docker',
    ...(info.ID ? { id: info.ID } : {}),
    version: info.ServerVersion ?? 'unknown',
    store: (info.DriverStatus ?? []).some(([, value]) =>
      value?.startsWith('io.containerd.snapshotter'),
    )
      ? 'containerd'
      : 'classic',
    platform: `${info.OSType ?? 'linux'}/${architectureOfUname(architecture)}`,
    context: info.ClientInfo?.Context || 'default',
    rootless: (info.SecurityOptions ?? []).some((option) => option.includes('name=rootless')),
    ...(plugin?.Path ? { buildxFile: plugin.Path } : {}),
    ...(buildx === undefined ? {} : { buildx: buildx.replace(/^v/, '').replace(/[+~-].*$/, '') }),
    mirrors: info.RegistryConfig?.Mirrors ?? [],
    ...(info.DockerRootDir ? { root: info.DockerRootDir } : {}),
    insecure: insecureIn(info),
    proxies: proxiesIn(info),
  };
}
