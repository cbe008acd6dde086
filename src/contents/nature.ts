/*
 * What an architecture writes into the names of files, so that one and the same
 * file of two platforms is recognised: `lib/x86_64-linux-gnu/libz.so.1` and
 * `lib/aarch64-linux-gnu/libz.so.1`.
 */

const BOUND = ['(?<![a-z0-9])', '(?![a-z0-9])'] as const;
const ARCHITECTURES = [
  'amd64(?:p32)?|x86[-_]64|x(?:86|64|32)|i[3-6]86|[36]86|ia32',
  'arm64(?:be)?|aarch64(?:_be)?|arm(?:hf|el|eb|be)?|armv\\d+[a-z]*',
  'ppc(?:64)?(?:le|el)?|powerpc(?:64)?(?:le)?|s390x?|sparc64',
  'riscv(?:32|64)?(?:gc)?|mips(?:64)?(?:r6)?(?:le|el)?|loong(?:arch)?64',
];
const WORD = new RegExp(BOUND.join(`(?:${ARCHITECTURES.join('|')})`), 'gi');
const LIBRARY = new RegExp(BOUND.join('(gnu|musl|uclibc)(?:eabi(?:hf)?|abi(?:64|n32)|x32)'), 'gi');
const FOLDER = /(?<=^|\/)lib(?:32|64|x32)(?=\/|$)/g;
const LOADER = /(?<=^|\/)ld(?:64)?(?:-[^/]*)?\.so(?:\.\d+)?$/;

/** A path in which no word says any more which architecture it is for. */
export function withoutArchitecture(path: string): string {
  return path
    .replace(FOLDER, 'lib')
    .replace(LOADER, 'ld.so')
    .replace(WORD, 'ARCH')
    .replace(LIBRARY, '$1');
}
