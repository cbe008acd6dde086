import {
  architectureOf,
  describeMachine,
  EBPF,
  type ElfFacts,
  expectedMachine,
  foreignPath,
  type TreeFile,
} from '../contents/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { defined } from '../types/index.js';
import { baseFinding, baseOf, isOfBase } from './arch-base.js';
import { hintOf } from './arch-hint.js';
import { architecturesOf, distinct, elfOf, namedFiles, type Wrong } from './elf-files.js';
import { permittedFindings } from './foreign-files.js';
import { type Inspected, layerOf } from './inspected.js';
import { type Sources, sourcesOf } from './origin.js';

type Expected = NonNullable<ReturnType<typeof expectedMachine>>;

const NOT_PERMITTED = '"foreign" never covers what the image starts, its shell, or what tests run.';

export function fits(elf: ElfFacts, expected: Expected): boolean {
  const { machine, data } = expected;
  return elf.machine === machine && elf.class === expected.class && elf.data === data;
}

/** Kernels for amd64 start programs for 386 too. */
export function mayRun(elf: ElfFacts, expected: Expected): boolean {
  return expected.architecture === 'amd64' && architectureOf(elf) === '386';
}

/** Whether no machine of the platform runs it. */
function isWrong(elf: ElfFacts | undefined, expected: Expected): elf is ElfFacts {
  return (
    elf !== undefined && elf.machine !== EBPF && !fits(elf, expected) && !mayRun(elf, expected)
  );
}

/** A program's path, with the name that it is asked for by where a link has led to another. */
function nameOf(asked: string, path: string): string {
  const last = (one: string) => one.slice(one.lastIndexOf('/') + 1);
  return last(asked) === last(path) ? path : `${asked} (${path})`;
}

/** What the image starts, the shell, what tests run, and what these need in turn; each file once. */
function wrongPrograms({ started, needed }: Inspected, expected: Expected): readonly Wrong[] {
  const wrong = new Map<string, Wrong>();
  const add = (asked: string, file: TreeFile | undefined, by?: string) => {
    const elf = file && elfOf(file);
    if (file === undefined || wrong.has(file.path) || !isWrong(elf, expected)) return;
    const more = defined({ by });
    wrong.set(file.path, { file, elf, name: nameOf(asked, file.path), ...more });
  };
  for (const { asked, file } of started) add(asked, file);
  for (const { asked, file, by } of needed) add(asked, file, by);
  return [...wrong.values()];
}

/** The programs on PATH that are wrong, where most are; else none. */
function wrongCommands(subject: Inspected, expected: Expected): readonly TreeFile[] {
  const permitted = foreignPath(subject.foreign);
  const judged = subject.commands.filter(({ path }) => permitted(path) === undefined);
  const wrong = judged.filter((file) => isWrong(elfOf(file), expected));
  return wrong.length * 2 > judged.length ? wrong : [];
}

function programFinding(
  subject: Inspected,
  { file, elf, name, by }: Wrong,
  expected: Expected,
  sources: Sources | undefined,
): Finding {
  const { image, platform } = subject;
  const digest = file.entry.program?.digest;
  const asked = by === undefined ? '' : `, which ${by} needs,`;
  const message = `${name}${asked} is an ELF for ${elf.architecture}; the image is for ${platform}.`;
  const { detail = [], ...hint } = hintOf(subject, file, sources);
  const permitted = foreignPath(subject.foreign)(file.path) === undefined ? [] : [NOT_PERMITTED];
  const details = [...detail, ...permitted];
  return finding(
    'arch-mismatch',
    { image, platform, path: file.path, ...defined({ digest }) },
    message,
    {
      found: { value: describeMachine(elf), from: layerOf(file, subject) },
      expected: { value: describeMachine(expected), from: `platform ${platform}` },
      ...hint,
      ...(details.length === 0 ? {} : { detail: details }),
    },
  );
}

/** Most of the programs on PATH, where no layer of a base explains them. */
function commandsFinding(
  subject: Inspected,
  wrong: readonly TreeFile[],
  expected: Expected,
  sources: Sources | undefined,
): readonly Finding[] {
  const [first] = wrong;
  if (first === undefined) return [];
  const { image, platform, commands } = subject;
  const architectures = architecturesOf(wrong);
  const message = `${wrong.length} of the ${commands.length} programs on PATH are for ${architectures}; the image is for ${platform}.`;
  return [
    finding('arch-mismatch', { image, platform, path: first.path }, message, {
      found: { value: architectures, from: layerOf(first, subject) },
      expected: { value: describeMachine(expected), from: `platform ${platform}` },
      ...hintOf(subject, first, sources),
      detail: namedFiles(wrong, subject),
    }),
  ];
}

/** Where other ELF files come from, and what to do about them. */
function adviceOn(
  others: readonly TreeFile[],
  { dockerfile, fromBuildpacks }: Inspected,
  sources: Sources | undefined,
): Partial<Finding> {
  if (fromBuildpacks) {
    return {
      remedy: 'Leave out what the image does not need; list what it needs under "foreign".',
    };
  }
  const { baseLayers = 0, root } = sources ?? {};
  if (
    dockerfile === undefined ||
    root === undefined ||
    others.some((one) => one.layer > baseLayers)
  )
    return {
      remedy:
        'Keep them out of the last stage; if the image needs them, list them under "foreign".',
    };
  return {
    location: { file: dockerfile.file, line: root.line },
    remedy: 'They come from the base; if that is intended, list them under "foreign".',
  };
}

/** Other ELF files: counted in one warning, for foreign programs have their places. */
function othersFinding(
  subject: Inspected,
  others: readonly TreeFile[],
  expected: Expected,
  sources: Sources | undefined,
): readonly Finding[] {
  const [first] = others;
  if (first === undefined) return [];
  const { image, platform } = subject;
  const found = architecturesOf(others);
  const count =
    others.length === 1 ? '1 other ELF file is' : `${others.length} other ELF files are`;
  return [
    finding(
      'arch-mismatch',
      { image, platform, path: first.path },
      `${count} for ${found}; the image is for ${platform}.`,
      {
        severity: 'warning',
        found: { value: found, from: 'ELF headers in the layers' },
        expected: { value: describeMachine(expected), from: `platform ${platform}` },
        detail: namedFiles(others, subject),
        ...adviceOn(others, subject, sources),
      },
    ),
  ];
}

/**
 * The machine of every ELF file against the platform: an error for what a container starts,
 * for the shell, for what tests run, and where most programs on PATH are wrong; a warning for
 * the rest, unless `foreign` permits it. What the base has brought is told as the base's.
 * Programs for eBPF are at home everywhere; a platform whose machine is not known is not judged.
 */
export function archMismatch(subject: Inspected): readonly Finding[] {
  const expected = expectedMachine(subject.platform);
  if (expected === undefined) return [];
  const programs = wrongPrograms(subject, expected);
  const own = new Set(programs.map(({ file }) => file.entry));
  const commands = wrongCommands(subject, expected);
  const told = new Set([...own, ...commands.map(({ entry }) => entry)]);
  const rest = subject.elfFiles.filter((file) => {
    const elf = elfOf(file);
    return (
      !told.has(file.entry) && elf !== undefined && elf.machine !== EBPF && !fits(elf, expected)
    );
  });
  const permitted = foreignPath(subject.foreign);
  const others = distinct(rest.filter(({ path }) => permitted(path) === undefined));
  const sources = told.size + others.length === 0 ? undefined : sourcesOf(subject);
  const base = baseOf(subject, { programs, commands, others, sources });
  const isLeft = (file: TreeFile) => base === undefined || !isOfBase(file, base);
  const left = commands.filter((file) => isLeft(file) && !own.has(file.entry));
  return [
    ...(base === undefined ? [] : [baseFinding(subject, base)]),
    ...programs
      .filter(({ file }) => isLeft(file))
      .map((wrong) => programFinding(subject, wrong, expected, sources)),
    ...(left.length === 0 ? [] : commandsFinding(subject, commands, expected, sources)),
    ...othersFinding(subject, others.filter(isLeft), expected, sources),
    ...permittedFindings(subject, rest),
  ];
}
