import { defined } from '../types/index.js';
import {
  type Architecture,
  architectureNamed,
  architectureOfNode,
  architectures,
} from './architectures.js';

/** An operating system and an architecture, in containerd's canonical words. */
interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

const SYSTEMS: ReadonlySet<string> = new Set([
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'wasip1',
  'windows',
]);

/** The row of an architecture by any name that containerd reads, and the variant of a name that has only one. */
function architectureCalled(name: string): { row?: Architecture; only?: string } {
  const aliased = architectures.find(({ aliases }) => Object.hasOwn(aliases ?? {}, name));
  const row = aliased ?? architectureNamed(name);
  return defined({ row, only: aliased?.aliases?.[name]?.variant });
}

/** `8`, `v8.0` and the like as containerd writes them; what it leaves out is empty. */
function canonicalVariant(architecture: string, written: string): string {
  const variant = /^\d/.test(written) ? `v${written}` : written;
  switch (architecture) {
    case 'amd64':
      return variant === 'v1' ? '' : variant;
    case 'arm':
      return variant === '' ? 'v7' : variant;
    case 'arm64':
      return variant.replace(/\.0$/, '').replace(/^v8$/, '');
    default:
      return written;
  }
}

/**
 * Reads `os/architecture[/variant]`, or an architecture alone, which is Linux's.
 * Undefined for anything that containerd's tables do not know.
 *
 * Normalised as github.com/containerd/platforms does: `linux/aarch64/v8` is
 * linux/arm64, `linux/arm` is linux/arm/v7.
 */
export function parsePlatform(text: string): Platform | undefined {
  const parts = text.trim().toLowerCase().split('/');
  if (parts.length > 3) return undefined;
  const [first = '', second, third = ''] = parts.length === 1 ? ['linux', ...parts] : parts;
  const os = first === 'macos' ? 'darwin' : first;
  const { row, only } = architectureCalled(second ?? '');
  if (row === undefined || !SYSTEMS.has(os) || parts.includes('')) return undefined;
  const variant = canonicalVariant(row.name, only ?? third);
  if (row.variants?.test(variant) !== true) return undefined;
  return { os, architecture: row.name, ...(variant === '' ? {} : { variant }) };
}

/** The platform as `os/architecture[/variant]`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}

/** The canonical text of a platform, or undefined for what is not one. */
export function normalisePlatform(text: string): string | undefined {
  const platform = parsePlatform(text);
  return platform && formatPlatform(platform);
}

/** The platform of a machine whose processor node calls `architecture`. */
export function platformOfNode(architecture: string): string {
  return normalisePlatform(architectureOfNode(architecture)) ?? 'linux/amd64';
}

/** Whether two texts name one platform; what is not a platform equals only itself. */
export function samePlatform(a: string, b: string): boolean {
  return (normalisePlatform(a) ?? a) === (normalisePlatform(b) ?? b);
}

/** Platforms that images are usually made for, in the order of suggestions. */
export const knownPlatforms: readonly string[] = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/arm/v6',
  'linux/arm/v5',
  'linux/386',
  'linux/ppc64le',
  'linux/s390x',
  'linux/riscv64',
  'linux/loong64',
  'linux/mips64le',
  'linux/mips64',
];
