import type { ElfFacts, TreeFile } from '../contents/index.js';

/** An ELF file for another architecture, without which the image is of no use. */
export interface Wrong {
  readonly file: TreeFile;
  readonly elf: ElfFacts;
  /** As a sentence's subject: `/usr/local/bin/app`, `/bin/sh (/bin/busybox)`. */
  readonly name: string;
  /** What needs it, where that is not the image itself. */
  readonly by?: string;
}
