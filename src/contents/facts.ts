import type { EntryKind } from '../oci/index.js';

/** What an ELF file's headers say (System V ABI, chapters 4 and 5). */
export interface ElfFacts {
  /** GOARCH's name where there is one, else `e_machine N`. */
  readonly architecture: string;
  readonly machine: number;
  readonly class: 32 | 64;
  readonly data: 'little' | 'big';
  readonly type: 'relocatable' | 'executable' | 'shared' | 'core' | 'other';
  readonly flags: number;
  /** The program that loads it (PT_INTERP), as written. */
  readonly interpreter?: string;
}

/** Go's build information (debug/buildinfo). */
export interface GoFacts {
  /** `go1.26.1` */
  readonly toolchain: string;
  /** Import path of the main package. */
  readonly path?: string;
  readonly module?: string;
  readonly version?: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** A file that a kernel would start by its first bytes. */
export interface ProgramBytes {
  readonly magic: 'elf' | 'script';
  /** Digest of the file; ELF only. */
  readonly digest?: string;
  readonly elf?: ElfFacts;
  readonly go?: GoFacts;
  /** What stands behind `#!`: the interpreter and its argument. */
  readonly script?: string;
  /** Of an ELF file that ends too early for a kernel to start it: where, as a clause. */
  readonly cut?: string;
  /** Why something about the file is not known. */
  readonly unknown?: string;
}

/** An entry of a layer. */
export interface LayerEntry {
  /** Without a leading `/` or `./`, without `.` and `..`, no slash at the end; empty for the root. */
  readonly path: string;
  readonly kind: EntryKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** A symlink's target as written; a hard link's target as a path like `path`. */
  readonly link?: string;
  readonly program?: ProgramBytes;
  /** The first bytes of a file with an x bit that is neither an ELF file nor a script, as latin1. */
  readonly begins?: string;
  /** Of a git repository's configuration: the names of what holds credentials in it. */
  readonly credentials?: readonly string[];
}

/** What one pass over a layer's bytes showed. */
export interface LayerFacts {
  readonly compression: 'none' | 'gzip' | 'zstd';
  /** Digest of the uncompressed bytes; absent where they could not be read to their end. */
  readonly diffId?: string;
  /** Uncompressed bytes that were seen. */
  readonly uncompressedSize: number;
  readonly entries: readonly LayerEntry[];
  /** Sentences. With any of them `entries` may be incomplete. */
  readonly problems: readonly string[];
}
