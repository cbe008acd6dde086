import {
  describeMachine,
  type ElfFacts,
  expectedMachine,
  type TreeFile,
} from '../contents/index.js';
import { isPinned, type Stage } from '../dockerfile/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { hiddenHint } from './arch-hint.js';
import { architectureIn, distinct, elfOf, type Wrong } from './elf-files.js';
import { type Inspected, layerOf } from './inspected.js';
import { hasOwnPlatform, type Sources } from './origin.js';

/** A base whose programs are for another architecture than the image. */
export interface WrongBase {
  readonly sources: Sources;
  readonly elf: ElfFacts;
  /** The first of its files that is wrong. */
  readonly file: TreeFile;
  readonly severity: 'error' | 'warning';
  readonly detail: readonly string[];
}

/** What is wrong in an image, and where its layers come from. */
interface Found {
  readonly programs: readonly Wrong[];
  readonly commands: readonly TreeFile[];
  /** What the image may do without. */
  readonly others: readonly TreeFile[];
  readonly sources: Sources | undefined;
}

/** Whether most ELF files of those layers are for that architecture, and most names on PATH. */
function isMostly(
  architecture: string,
  layers: number,
  { elfFiles, commands }: Inspected,
): boolean {
  const ofBase = (files: readonly TreeFile[]) => files.filter(({ layer }) => layer <= layers);
  return [distinct(ofBase(elfFiles)), ofBase(commands)].every((files) => {
    const same = files.filter((file) => architectureIn(file) === architecture);
    return files.length === 0 || same.length * 2 > files.length;
  });
}

/** Whether a file is as it is because of a wrong base: its own, or made by what runs on it. */
export function isOfBase(
  file: TreeFile,
  { sources, elf }: Pick<WrongBase, 'sources' | 'elf'>,
): boolean {
  if (architectureIn(file) !== elf.architecture) return false;
  const step = sources.step(file.layer);
  return step === undefined || step.keyword === 'RUN';
}

/** What of a base is wrong, a line each. */
function detailOf(
  programs: readonly Wrong[],
  commands: readonly TreeFile[],
  others: readonly TreeFile[],
  subject: Inspected,
): readonly string[] {
  const lines = [
    ...programs.map(
      ({ name, by }) => `${name}${by === undefined ? ' is' : `, which ${by} needs, is`}`,
    ),
    ...(commands.length === 0
      ? []
      : [`${commands.length} of the ${subject.commands.length} programs on PATH are`]),
  ];
  return lines.length === 0 ? [`${others.length} of its ELF files are`] : lines;
}

/**
 * The base, where its layers have brought something that is wrong, and are that all over:
 * an error where the image cannot do without it, else a warning.
 */
export function baseOf(subject: Inspected, found: Found): WrongBase | undefined {
  const { programs, commands, others, sources } = found;
  const { baseLayers: layers = 0 } = sources ?? {};
  const wrong = [...programs.map(({ file }) => file), ...commands, ...others];
  const file = wrong.find(({ layer }) => layer <= layers);
  const elf = file && elfOf(file);
  if (sources === undefined || file === undefined || elf === undefined) return undefined;
  if (!isMostly(elf.architecture, layers, subject)) return undefined;
  const base = { sources, elf, file };
  const isIts = (one: TreeFile) => isOfBase(one, base);
  const ownPrograms = programs.filter((one) => isIts(one.file));
  const ownCommands = commands.filter(isIts);
  return {
    ...base,
    severity: ownPrograms.length + ownCommands.length > 0 ? 'error' : 'warning',
    detail: detailOf(ownPrograms, ownCommands, others.filter(isIts), subject).map(
      (line) => `${line} for ${elf.architecture}`,
    ),
  };
}

function remedyFor(stage: Stage, found: string, wanted: string): string {
  const index = `pin the digest of the index, not that of ${found} alone`;
  const { platform, from } = stage;
  if (hasOwnPlatform(stage)) {
    return `drop --platform=${platform} from this FROM${isPinned(from) ? `, and ${index}` : ''}`;
  }
  return isPinned(from) ? index : `start from an image that has ${wanted}`;
}

/** That the base is for another platform, with the line of its FROM. */
export function baseFinding(subject: Inspected, base: WrongBase): Finding {
  const { image, platform, dockerfile } = subject;
  const { elf, file, severity, detail, sources } = base;
  const expected = expectedMachine(platform);
  const found = `linux/${elf.architecture}`;
  const { target } = dockerfile?.building ?? {};
  const stage =
    target === undefined ? 'The base of the last stage' : `The base of the stage "${target}"`;
  const { root } = sources;
  const hidden =
    (dockerfile && hiddenHint(dockerfile.file, platform, sources, elf.architecture)) ?? {};
  return finding(
    'arch-mismatch',
    { image, platform, path: file.path },
    `${stage} is for ${found}; the image is for ${platform}.`,
    {
      severity,
      found: { value: describeMachine(elf), from: `${file.path} in ${layerOf(file, subject)}` },
      ...(expected === undefined
        ? {}
        : { expected: { value: describeMachine(expected), from: `platform ${platform}` } }),
      ...(dockerfile === undefined ? {} : { location: { file: dockerfile.file, line: root.line } }),
      remedy: remedyFor(root, found, platform),
      ...hidden,
      detail: [...detail, ...(hidden.detail ?? [])],
    },
  );
}
