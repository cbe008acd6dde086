import { architectures } from '../platform/index.js';

/*
 * What an architecture writes into the names of files, so that one and the same
 * file of two platforms is recognised: `lib/x86_64-linux-gnu/libz.so.1` and
 * `lib/aarch64-linux-gnu/libz.so.1`.
 */

const BOUND = ['(?<![a-z0-9])', '(?![a-z0-9])'] as const;
const ARCHITECTURES = architectures.flatMap(({ words }) => words ?? []);
const WORD = new RegExp(BOUND.join(`(?:${ARCHITECTURES.join('|')})`), 'gi');
const LIBRARY = new RegExp(BOUND.join('(gnu|musl|uclibc)(?:eabi(?:hf)?|abi(?:64|n32)|x32)'), 'gi');
const FOLDER = /(?<=^|\/)lib(?:32|64|x32)(?=\/|$)/g;
const LOADER = /(?<=^|\/)ld(?:64)?(?:-[^/]*)?\.so(?:\.\d+)?$/;

/** A path in which no word says any more which architecture it is for. */
export function withoutArchitectureWords(path: string): string {
  return path
    .replace(FOLDER, 'lib')
    .replace(LOADER, 'ld.so')
    .replace(WORD, 'ARCH')
    .replace(LIBRARY, '$1');
}
