import { BUILDX_PLUGIN, EngineError } from '../../engine/index.js';
import { architectureOfNode, parsePlatform } from '../../platform/index.js';
import type { Ports } from '../../ports/index.js';
import { isOlder, OLDEST_BUILDX } from '../../reference/index.js';
import { BUILDX_RELEASES } from './buildx-releases.js';
import { DownloadError } from './download.js';
import { provideTool } from './provide-tool.js';

type BuildxPorts = Pick<Ports, 'files' | 'http' | 'machine' | 'tools'>;

/** A buildx, and how it is started. */
export interface Buildx {
  /** Without `v`, e.g. `0.29.1`. */
  readonly version: string;
  readonly file: string;
  /** Arguments before all others: `buildx` where it is the docker client's plugin. */
  readonly prefix: readonly string[];
}

export interface BuildxOptions {
  /** A release, with or without `v`, or `latest`: the newest of the table, or the docker client's where that is newer. */
  readonly version?: string;
  /** Replaces GitHub's release folder, for networks that cannot reach it. */
  readonly mirror?: string;
}

type Releases = typeof BUILDX_RELEASES;

interface BuildxSources {
  readonly options: BuildxOptions;
  /** The version of the docker client's plugin, if there is one. */
  readonly plugin: string | undefined;
  readonly releases?: Releases;
}

const RELEASES = 'https://github.com/docker/buildx/releases/download';

/** Three times what a release had in 2026. */
const LIMIT = 256 * 1024 * 1024;

/**
 * The client's plugin started directly, where its program is known: the client would ask
 * every plugin for its name first, which takes as long as buildx itself.
 */
export async function byItself(
  buildx: Buildx,
  file: string | undefined,
  files: Ports['files'],
): Promise<Buildx> {
  const isPlugin = buildx.prefix.length > 0;
  if (!isPlugin || file === undefined || !(await files.isExecutable(file))) return buildx;
  return { ...buildx, file, prefix: [] };
}

/** `0.29.1` of `v0.29.1+ds1`: a distribution's suffix does not make it another release. */
function release(version: string): string {
  return version.replace(/^v/, '').replace(/\+.*$/, '');
}

/** Whether the docker client's plugin is new enough, and the version that was requested. */
function suffices(plugin: string, wanted: string | undefined, newest: string): boolean {
  if (isOlder(plugin, OLDEST_BUILDX)) return false;
  if (wanted === 'latest') return !isOlder(plugin, newest);
  return wanted === undefined || release(wanted) === plugin;
}

function missing(message: string): EngineError {
  return new EngineError('not-installed', message, '');
}

function checksum(version: string, asset: string, releases: Releases): string {
  const assets = releases.get(version);
  if (assets === undefined) {
    const known = [...releases.keys()].join(', ');
    throw missing(
      `buildx ${version} is not downloaded, because its checksum is not known; known versions: ${known}.`,
    );
  }
  const sha256 = assets.get(asset);
  if (sha256 !== undefined) return sha256;
  const known = [...assets.keys()].join(', ');
  throw missing(
    `buildx ${version} is not downloaded for ${asset}, because its checksum is not known (known: ${known}); install it as a plugin of the docker client.`,
  );
}

/** The address of the releases, without a slash at its end, and the login that it holds. */
export function placeOf(address: string): {
  readonly base: string;
  readonly authorization?: string;
} {
  const url = new URL(address);
  const login = [url.username, url.password].map(decodeURIComponent).join(':');
  url.username = '';
  url.password = '';
  const base = url.href.replace(/\/+$/, '');
  if (login === ':') return { base };
  return { base, authorization: `Basic ${Buffer.from(login).toString('base64')}` };
}

/** Why a download is needed: the first half of the sentence that says that it failed. */
function need(plugin: string | undefined, wanted: string | undefined): string {
  if (wanted !== undefined) return '';
  if (plugin === undefined) return 'The docker client has no buildx plugin. ';
  return `The docker client's buildx is ${plugin}; ${OLDEST_BUILDX} or later is needed. `;
}

/**
 * The docker client's buildx where it is new enough, or exactly the requested version; else
 * a release from the table of checksums, cached or downloaded. `plugin` is the version of
 * the docker client's plugin, if there is one. Rejects with `EngineError` where no checksum
 * is known, or the content is another one.
 */
export async function provideBuildx(
  { options, plugin, releases = BUILDX_RELEASES }: BuildxSources,
  ports: BuildxPorts,
  signal: AbortSignal,
): Promise<Buildx> {
  const [newest = OLDEST_BUILDX] = releases.keys();
  const wanted = options.version;
  const own = plugin === undefined ? undefined : release(plugin);
  if (own !== undefined && suffices(own, wanted, newest)) return { version: own, ...BUILDX_PLUGIN };
  const version = wanted === undefined || wanted === 'latest' ? newest : release(wanted);
  if (isOlder(version, OLDEST_BUILDX)) {
    throw missing(
      `buildx ${version} is too old; ${OLDEST_BUILDX} or later is needed: change the input "version", or leave it out.`,
    );
  }
  const { system, architecture } = ports.machine;
  const { variant } = parsePlatform(architectureOfNode(architecture)) ?? {};
  const asset = [system, architectureOfNode(architecture), ...(variant ? [variant] : [])].join('-');
  const sha256 = checksum(version, asset, releases);
  const { tools } = ports;
  if (tools === undefined) {
    throw missing(
      `${need(plugin, wanted)}buildx ${version} cannot be cached: none of RUNNER_TOOL_CACHE, XDG_CACHE_HOME and HOME is set.`,
    );
  }
  const { base, ...login } = placeOf(options.mirror ?? RELEASES);
  const url = `${base}/v${version}/buildx-v${version}.${asset}`;
  const tool = { name: 'buildx', version, architecture, program: 'docker-buildx' };
  try {
    const wantedFile = { url, ...login, sha256, limit: LIMIT };
    const file = await provideTool(tool, wantedFile, { ...ports, tools }, signal);
    return { version, file, prefix: [] };
  } catch (error) {
    signal.throwIfAborted();
    const { code, path } = error as NodeJS.ErrnoException;
    if (!(error instanceof DownloadError) && code === undefined) throw error;
    const reason = error instanceof DownloadError ? error.message : `${path ?? 'file'}: ${code}`;
    throw missing(
      `${need(plugin, wanted)}buildx ${version} could not be downloaded from ${url}: ${reason}. Install docker-buildx ${OLDEST_BUILDX} or later, or name a mirror (buildx-mirror).`,
    );
  }
}
