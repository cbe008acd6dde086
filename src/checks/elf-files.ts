import type { ElfFacts, TreeFile } from '../contents/index.js';
import { type Inspected, layerOf } from './inspected.js';

/** An ELF file for another architecture, without which the image is of no use. */
export interface Wrong {
  readonly file: TreeFile;
  readonly elf: ElfFacts;
  /** As a sentence's subject: `/usr/local/bin/app`, `/bin/sh (/bin/busybox)`. */
  readonly name: string;
  /** What needs it, where that is not the image itself. */
  readonly by?: string;
}

const NAMED = 5;

/** What an ELF file says of itself; undefined of any other. */
export function elfOf({ entry }: TreeFile): ElfFacts | undefined {
  return entry.program?.elf;
}

export function architectureIn(file: TreeFile): string {
  return elfOf(file)?.architecture ?? 'unknown';
}

/** `amd64, s390x`: for what some ELF files are. */
export function architecturesOf(files: readonly TreeFile[]): string {
  return [...new Set(files.map(architectureIn))].sort().join(', ');
}

/** The first of some files, a line each. */
export function namedFiles(files: readonly TreeFile[], subject: Inspected): readonly string[] {
  return [
    ...files
      .slice(0, NAMED)
      .map((file) => `${file.path}: ${architectureIn(file)}, ${layerOf(file, subject)}`),
    ...(files.length > NAMED ? [`and ${files.length - NAMED} more`] : []),
  ];
}

/** ELF files with several names once, under the first. */
export function distinct(files: readonly TreeFile[]): readonly TreeFile[] {
  const entries = new Map(files.toReversed().map((file) => [file.entry, file]));
  return files.filter((file) => entries.get(file.entry) === file);
}
