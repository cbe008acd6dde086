import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { EngineError } from '../../engine/index.js';
import { createTarReader } from '../../oci/index.js';
import { architectureOfNode } from '../../platform/index.js';
import { childEnvironment, chunkWriter, type Ports } from '../../ports/index.js';
import { isOlder, OLDEST_PACK } from '../../reference/index.js';
import { DownloadError } from './download.js';
import { PACK_RELEASES } from './pack-releases.js';
import { placeOf } from './provide-buildx.js';
import { provideTool } from './provide-tool.js';

type PackPorts = Pick<Ports, 'exec' | 'env' | 'files' | 'http' | 'machine' | 'tools'>;

/** A pack, and the program that it is. */
export interface Pack {
  /** Without `v`, e.g. `0.40.9`. */
  readonly version: string;
  readonly file: string;
}

export interface PackOptions {
  /** A release, with or without `v`. */
  readonly version?: string;
  /** Replaces GitHub's release folder, for networks that cannot reach it. */
  readonly mirror?: string;
}

interface PackSources {
  readonly options: PackOptions;
  /** A folder of the run's own, for the program of a release. */
  readonly folder: string;
  readonly releases?: typeof PACK_RELEASES;
}

const RELEASES = 'https://github.com/buildpacks/pack/releases/download';

/** Three times what a release had in 2026. */
const LIMIT = 128 * 1024 * 1024;

function missing(message: string): EngineError {
  return new EngineError('not-installed', message, '');
}

/** The version of the pack on PATH; undefined where there is none, or it does not say one. */
async function installed({ exec, env }: PackPorts, signal: AbortSignal) {
  const { stdout } = await exec.run({
    file: 'pack',
    args: ['version'],
    env: childEnvironment(env),
    signal,
  });
  signal.throwIfAborted();
  return /^v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
}

/** Why a release is needed: the first half of the sentence that says that there is none. */
function need(found: string | undefined, wanted: string | undefined): string {
  if (wanted !== undefined) return '';
  if (found === undefined) return 'There is no pack on PATH. ';
  return `The pack on PATH is ${found}; ${OLDEST_PACK} or later is needed. `;
}

function checksum(version: string, asset: string, releases: typeof PACK_RELEASES, why: string) {
  const assets = releases.get(version);
  const known = [...(assets ?? releases).keys()].join(', ');
  const sha256 = assets?.get(asset);
  if (sha256 !== undefined) return sha256;
  const what = assets === undefined ? '' : ` for ${asset}`;
  throw missing(
    `${why}pack ${version} is not downloaded${what}, because its checksum is not known (known: ${known}); install pack ${OLDEST_PACK} or later.`,
  );
}

/** Writes the program that an archive of a release holds. Rejects with `DownloadError` where there is none. */
async function unpack(archive: string, to: string, files: Ports['files']): Promise<void> {
  const pieces: Buffer[] = [];
  let inside = false;
  let found = false;
  const reader = createTarReader({
    entry: ({ path, kind }) => {
      inside = kind === 'file' && path.replace(/^\.\//, '') === 'pack';
      found ||= inside;
    },
    data: (piece) => {
      if (inside) pieces.push(Buffer.from(piece));
    },
    end() {},
  });
  // A file keeps the mode that it was made with.
  await files.write(to, '', 0o755);
  const writer = chunkWriter(files.writer(to));
  await pipeline(files.reader(archive), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      reader.write(chunk);
      for (const piece of pieces.splice(0)) await writer.write(piece);
    }
    reader.end();
  });
  await writer.end();
  if (!found) throw new DownloadError('it holds no program of the name pack');
}

/** The address of a release's archive: `linux` is amd64 where nothing else is said. */
function archiveOf(version: string, asset: string): string {
  const [system = '', architecture = ''] = asset.split('-');
  const named = system === 'darwin' ? 'macos' : system;
  return `v${version}/pack-v${version}-${named}${architecture === 'amd64' ? '' : `-${architecture}`}.tgz`;
}

/**
 * The pack on PATH where it is new enough, or exactly the requested version; else a release
 * from the table of checksums, whose archive is cached or downloaded. Rejects with
 * `EngineError` where no checksum is known, or the content is another one, and with the
 * signal's reason.
 */
export async function providePack(
  { options, folder, releases = PACK_RELEASES }: PackSources,
  ports: PackPorts,
  signal: AbortSignal,
): Promise<Pack> {
  const wanted = options.version?.replace(/^v/, '');
  const found = await installed(ports, signal);
  const suffices = found !== undefined && !isOlder(found, OLDEST_PACK);
  if (suffices && (wanted === undefined || wanted === found)) {
    return { version: found, file: 'pack' };
  }
  const [newest = OLDEST_PACK] = releases.keys();
  const version = wanted ?? newest;
  const why = need(found, wanted);
  if (isOlder(version, OLDEST_PACK)) {
    throw missing(`pack ${version} is too old; ${OLDEST_PACK} or later is needed.`);
  }
  const { system, architecture } = ports.machine;
  const asset = `${system}-${architectureOfNode(architecture)}`;
  const sha256 = checksum(version, asset, releases, why);
  const { tools, files } = ports;
  if (tools === undefined) {
    throw missing(
      `${why}pack ${version} cannot be cached: none of RUNNER_TOOL_CACHE, XDG_CACHE_HOME and HOME is set.`,
    );
  }
  const { base, ...login } = placeOf(options.mirror ?? RELEASES);
  const url = `${base}/${archiveOf(version, asset)}`;
  const tool = { name: 'pack', version, architecture, program: 'pack.tgz' };
  try {
    const archive = await provideTool(
      tool,
      { url, ...login, sha256, limit: LIMIT },
      { ...ports, tools },
      signal,
    );
    const file = join(folder, 'pack');
    await unpack(archive, file, files);
    return { version, file };
  } catch (error) {
    signal.throwIfAborted();
    const { code, path } = error as NodeJS.ErrnoException;
    if (!(error instanceof DownloadError) && code === undefined) throw error;
    const reason = error instanceof DownloadError ? error.message : `${path ?? 'file'}: ${code}`;
    throw missing(
      `${why}pack ${version} could not be downloaded from ${url}: ${reason}. Install pack ${OLDEST_PACK} or later, or name a mirror (pack-mirror).`,
    );
  }
}
