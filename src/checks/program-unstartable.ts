import type { StartedProgram, TreeFile } from '../contents/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { type Inspected, isComplete, layerOf } from './inspected.js';
import { placeOf, sourcesOf } from './origin.js';

/** Why no kernel starts a file, as a clause, and what to do. */
interface Refusal {
  readonly why: string;
  readonly remedy?: string;
}

const NEITHER = 'is neither an ELF file nor a script with #!';

const SAVE = 'Save it as UTF-8 without a byte order mark, with #! as its first two characters.';

const FOR_LINUX = 'Compile or download it for Linux.';

const UNPACK = 'Unpack it in the build, and start the program that is in it.';

/** Of a text, what is shown. */
const SHOWN = 12;

/** Files that are told by how they begin, in latin1; the first counts. */
const KINDS: readonly (readonly [starts: readonly string[], Refusal])[] = [
  [
    ['\xef\xbb\xbf#!'],
    { why: 'it begins with EF BB BF, a byte order mark, before #!', remedy: SAVE },
  ],
  [
    ['\xef\xbb\xbf'],
    { why: 'it begins with EF BB BF, a byte order mark, and has no #!', remedy: SAVE },
  ],
  [
    ['\xff\xfe', '\xfe\xff'],
    { why: 'it begins with a byte order mark of UTF-16 and has no #!', remedy: SAVE },
  ],
  [
    ['version https://git-lf'],
    {
      why: 'it is a pointer of Git LFS, not the file itself',
      remedy: 'Fetch the file before the build: git lfs pull, or lfs: true for actions/checkout.',
    },
  ],
  [['MZ'], { why: 'it begins with MZ, as programs for Windows do', remedy: FOR_LINUX }],
  [
    ['\xcf\xfa\xed\xfe', '\xce\xfa\xed\xfe'],
    { why: 'it is a program for macOS', remedy: FOR_LINUX },
  ],
  [['\x1f\x8b'], { why: 'it is compressed with gzip', remedy: UNPACK }],
  [['PK\x03\x04'], { why: 'it is a zip archive', remedy: UNPACK }],
  [
    ['!<arch>'],
    {
      why: 'it is an archive of object files',
      remedy: 'Link a program; of Go, build a package main.',
    },
  ],
];

/** WebAssembly, which some runtimes start themselves. */
const WEB_ASSEMBLY = '\0asm';

const PAGE = /^\s*<(?:!doctype|html|head|\?xml)/i;

function shown(text: string): string {
  const [line = ''] = text.trimStart().split(/[\r\n]/, 1);
  return `"${line.slice(0, SHOWN)}${line.length > SHOWN ? '…' : ''}"`;
}

/** The same of bytes that are no program of any kind. */
function faultOfBytes(begins: string): Refusal | undefined {
  if (begins === '') {
    return { why: 'it is empty', remedy: 'Look at what writes it: nothing was written to it.' };
  }
  if (begins.startsWith(WEB_ASSEMBLY)) return undefined;
  const known = KINDS.find(([starts]) => starts.some((start) => begins.startsWith(start)));
  if (known !== undefined) return known[1];
  if (/^\s+#!/.test(begins)) {
    const remedy = 'Make #! its first two characters.';
    return { why: 'it begins with a blank or an empty line, before #!', remedy };
  }
  if (!/^[\t\r\n\x20-\x7e]+$/.test(begins)) {
    const bytes = Buffer.from(begins.slice(0, 4), 'latin1').toString('hex').toUpperCase();
    return { why: `it begins with ${bytes.replace(/..\B/g, '$& ')} and ${NEITHER}` };
  }
  const why = `it begins with ${shown(begins)} and ${NEITHER}`;
  if (!PAGE.test(begins))
    return { why, remedy: 'Add #! and its interpreter as the first line: #!/bin/sh.' };
  return {
    why,
    remedy:
      'Look at the step that downloads it: the server sent a page. With curl --fail a page about an error ends the step.',
  };
}

/** Why the kernel refuses the bytes of a program; undefined where it does not, or they are not known. */
function faultOf({ executedBy }: StartedProgram, { entry }: TreeFile): Refusal | undefined {
  if (executedBy === undefined || entry.kind !== 'file' || (entry.mode & 0o111) === 0) {
    return undefined;
  }
  const { program, begins } = entry;
  if (program?.cut !== undefined) {
    const remedy = 'Build or copy it again; if a step downloads it, compare its checksum there.';
    return { why: program.cut, remedy };
  }
  const type = program?.elf?.type;
  if (type === 'relocatable' || type === 'core') {
    const what = type === 'core' ? 'a core dump' : 'an object file';
    return { why: `it is ${what}, not a program`, remedy: 'Copy the program that is linked.' };
  }
  // A shell reads a text itself, with or without #!.
  if (executedBy === 'shell') return undefined;
  if (program?.magic === 'script' && program.script === undefined) {
    return { why: program.unknown ?? 'its first line names no interpreter' };
  }
  return begins === undefined ? undefined : faultOfBytes(begins);
}

/**
 * What the kernel is asked to execute is an ELF file to its end, or a script with `#!`.
 * Nothing is said where a layer could not be read, or the file's bytes are not known.
 */
export function programUnstartable(subject: Inspected): readonly Finding[] {
  if (!isComplete(subject) || subject.config.os !== 'linux') return [];
  const { image, platform } = subject;
  return subject.started.flatMap((program) => {
    const { file, by } = program;
    const fault = file && faultOf(program, file);
    if (file === undefined || fault === undefined) return [];
    const step = sourcesOf(subject)?.step(file.layer);
    return [
      finding(
        'program-unstartable',
        { image, platform, path: file.path },
        `${file.path}, which ${by} names, cannot be executed: ${fault.why}.`,
        {
          found: { value: `${file.entry.size} bytes`, from: layerOf(file, subject) },
          expected: { value: 'an ELF file or a script with #!', from: by },
          ...placeOf(step, subject),
          ...defined({ remedy: fault.remedy }),
        },
      ),
    ];
  });
}
