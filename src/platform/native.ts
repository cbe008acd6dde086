import { parsePlatform } from './platform.js';

/** The architecture of a platform: `arm` of `linux/arm/v7`. */
export function architectureOf(platform: string): string {
  return parsePlatform(platform)?.architecture ?? platform;
}

/**
 * Whether a machine may run a platform by itself: amd64 runs 386, and many a
 * 64-bit arm runs the 32-bit ones. What really ran is in the proof.
 */
export function isNative(platform: string, own: string): boolean {
  const [wanted, has] = [architectureOf(platform), architectureOf(own)];
  return (
    wanted === has || (wanted === '386' && has === 'amd64') || (wanted === 'arm' && has === 'arm64')
  );
}
