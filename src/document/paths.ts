import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { isFolder, isUsersRepository } from '../evidence/index.js';

/** Whether a context is an address that the builder fetches, not a folder. */
export function isAddress(context: string): boolean {
  const isWritten = /^([a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/)/.test(context);
  return isWritten || isUsersRepository(context);
}

/** Whether an address has a login in it; the name of a user of SSH is none, nor is an image's in front of its digest. */
export function holdsCredentials(address: string): boolean {
  return /^(?!ssh:)[a-z][a-z0-9+.-]*:\/\/[^/@]+@(?!sha(?:256|512):[0-9a-f]{64,}$)/i.test(address);
}

/** What a problem shows of a path that was written absolute, or with `~/`, and is kept relative to the root. */
export function writtenPath(path: string): { readonly written?: string } {
  return isAbsolute(path) || path.startsWith('~/') ? { written: path } : {};
}

/**
 * A path as it is written in a folder, made relative to the root with `/`
 * (`.` for the root itself, `../x` for what lies outside, `./x:y` for what would
 * read as an address).
 */
export function fromRoot(root: string, folder: string, path: string): string {
  const absolute = isAbsolute(path) ? path : join(resolve(root, folder), path);
  const written = relative(root, absolute).split(sep).join('/') || '.';
  return isFolder(written) ? written : `./${written}`;
}
