import { parse, TomlDate } from 'smol-toml';
import { isObject } from '../../oci/index.js';
import { parsePlatform } from '../../platform/index.js';
import { defined } from '../../types/index.js';
import type { Runtime } from '../pins/pin.js';
import type { OfferedVersion } from './offer.js';

/** How buildpacks call the runtimes among their dependencies. */
const RUNTIMES: Readonly<Record<string, Runtime>> = {
  cpython: 'python',
  go: 'go',
  mri: 'ruby',
  node: 'node',
  php: 'php',
  python: 'python',
  ruby: 'ruby',
};

const MANY = 5000;

function dateOf(value: unknown): string | undefined {
  const date = value instanceof TomlDate ? value : new Date(typeof value === 'string' ? value : '');
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, 10);
}

/** Whether a dependency is for a platform; what says no system or architecture is for all. */
function isFor(platform: string, { os, arch }: Readonly<Record<string, unknown>>): boolean {
  const wanted = parsePlatform(platform);
  const [system, architecture] = [os, arch].map((one) => (typeof one === 'string' ? one : ''));
  return (
    (!system || system === wanted?.os) &&
    (!architecture ||
      parsePlatform(`${wanted?.os}/${architecture}`)?.architecture === wanted?.architecture)
  );
}

/**
 * The versions of each runtime that a buildpack.toml lists for a platform
 * (`[[metadata.dependencies]]`, as packit reads it); undefined where it is no TOML.
 */
export function dependenciesIn(
  toml: string,
  platform: string,
): ReadonlyMap<Runtime, readonly OfferedVersion[]> | undefined {
  let top: unknown;
  try {
    top = parse(toml);
  } catch {
    return undefined;
  }
  const metadata = isObject(top) ? top.metadata : undefined;
  const list = isObject(metadata) ? metadata.dependencies : undefined;
  const found = new Map<Runtime, OfferedVersion[]>();
  for (const one of Array.isArray(list) ? list.slice(0, MANY) : []) {
    if (!isObject(one) || typeof one.id !== 'string' || typeof one.version !== 'string') continue;
    const runtime = Object.hasOwn(RUNTIMES, one.id) ? RUNTIMES[one.id] : undefined;
    if (runtime === undefined || !isFor(platform, one)) continue;
    const deprecation = dateOf(one.deprecation_date);
    const versions = found.get(runtime) ?? [];
    const { version } = one;
    if (!versions.some((known) => known.version === version)) {
      versions.push(defined({ version, deprecation }));
    }
    found.set(runtime, versions);
  }
  return found;
}
