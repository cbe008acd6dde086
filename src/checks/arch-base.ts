import {
  describeMachine,
  type ElfFacts,
  expectedMachine,
  type TreeFile,
} from '../contents/index.js';
import { isPinned, type Stage } from '../dockerfile/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { type Inspected, layerOf } from './inspected.js';
import type { Sources } from './origin.js';
import type { Wrong } from './wrong.js';

/** A base whose programs are for another architecture than the image. */
export interface WrongBase {
  readonly sources: Sources;
  readonly layers: number;
  readonly elf: ElfFacts;
  /** The first of its files that the image cannot do without. */
  readonly file: TreeFile;
  readonly detail: readonly string[];
}

const NAMED = 5;

/** What is wrong in an image, and where its layers come from. */
interface Found {
  readonly programs: readonly Wrong[];
  readonly commands: readonly TreeFile[];
  readonly sources: Sources | undefined;
}

/** Whether most ELF files of those layers are for that architecture. */
function isMostly(architecture: string, layers: number, { elfFiles }: Inspected): boolean {
  const own = new Set(elfFiles.filter(({ layer }) => layer <= layers).map(({ entry }) => entry));
  const same = [...own].filter(({ program }) => program?.elf?.architecture === architecture);
  return same.length * 2 > own.size;
}

/** The base, where its layers have brought something that is wrong, and are that all over. */
export function baseOf(subject: Inspected, found: Found): WrongBase | undefined {
  const { programs, commands, sources } = found;
  const { baseLayers: layers = 0 } = sources ?? {};
  const file = [...programs.map((one) => one.file), ...commands].find(
    ({ layer }) => layer <= layers,
  );
  const elf = file?.entry.program?.elf;
  if (sources === undefined || file === undefined || elf === undefined) return undefined;
  if (!isMostly(elf.architecture, layers, subject)) return undefined;
  const named = programs.filter((one) => one.file.layer <= layers);
  const more = named.length - NAMED;
  const what = `for ${elf.architecture}`;
  const detail = [
    ...named
      .slice(0, NAMED)
      .map(({ name, by }) => `${name}${by === undefined ? '' : `, which ${by} needs,`} is ${what}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(commands.length === 0
      ? []
      : [`${commands.length} of the ${subject.commands.length} programs on PATH are ${what}`]),
  ];
  return { sources, layers, elf, file, detail };
}

/** Whether a file is as it is because of a wrong base: its own, or made by what runs on it. */
export function isOfBase({ layer, entry }: TreeFile, { sources, layers, elf }: WrongBase): boolean {
  if (entry.program?.elf?.architecture !== elf.architecture) return false;
  return layer <= layers || sources.step(layer)?.keyword === 'RUN';
}

function remedyFor({ platform, from }: Stage, found: string, wanted: string): string {
  const index = `pin the digest of the index, not that of ${found} alone`;
  if (platform !== undefined && !/^\$\{?TARGETPLATFORM\b/i.test(platform)) {
    return `drop --platform=${platform} from this FROM${isPinned(from) ? `, and ${index}` : ''}`;
  }
  return isPinned(from) ? index : `start from an image that has ${wanted}`;
}

/** That the base is for another platform, with the line of its FROM. */
export function baseFinding(subject: Inspected, base: WrongBase): Finding {
  const { image, platform, dockerfile } = subject;
  const { elf, file, detail, sources } = base;
  const expected = expectedMachine(platform);
  const found = `linux/${elf.architecture}`;
  const { target } = dockerfile?.building ?? {};
  const stage =
    target === undefined ? "The last stage's base" : `The base of the stage "${target}"`;
  const { root } = sources;
  return finding(
    'arch-mismatch',
    { image, platform, path: file.path },
    `${stage} is for ${found}; the image is for ${platform}.`,
    {
      found: { value: describeMachine(elf), from: `${file.path} in ${layerOf(file, subject)}` },
      ...(expected === undefined
        ? {}
        : { expected: { value: describeMachine(expected), from: `platform ${platform}` } }),
      detail,
      ...(dockerfile === undefined ? {} : { location: { file: dockerfile.file, line: root.line } }),
      remedy: remedyFor(root, found, platform),
    },
  );
}
