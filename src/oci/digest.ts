import { createHash, type Hash } from 'node:crypto';
import { DIGEST, isDigest } from '../reference/index.js';
import { OciError } from './errors.js';

/** Algorithm and hex part. Throws an OciError for anything that is no digest. */
export function splitDigest(digest: string): readonly [algorithm: string, hex: string] {
  if (!DIGEST.test(digest)) {
    throw new OciError('malformed', `"${digest.slice(0, 140)}" is not a digest`);
  }
  const colon = digest.indexOf(':');
  return [digest.slice(0, colon), digest.slice(colon + 1)];
}

/** A running hash of the algorithm that a digest names; sha256 without one. */
export function hashFor(digest: string | undefined): { hash: Hash; algorithm: string } {
  const algorithm = digest === undefined ? 'sha256' : splitDigest(digest)[0];
  return { hash: createHash(algorithm), algorithm };
}

/** The digest of bytes, of the algorithm that `like` names; sha256 without one. */
export function digestOf(bytes: string | Uint8Array, like?: string): string {
  const { hash, algorithm } = hashFor(like);
  return `${algorithm}:${hash.update(bytes).digest('hex')}`;
}

/** What bytes are called, where that is no digest of them; undefined also where they are called nothing. */
export function wrongClaim(bytes: Uint8Array, claimed: string | undefined): string | undefined {
  if (claimed === undefined) return undefined;
  return isDigest(claimed) && digestOf(bytes, claimed) === claimed ? undefined : claimed;
}
