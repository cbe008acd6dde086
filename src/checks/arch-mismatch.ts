import {
  architectureOf,
  describeMachine,
  EBPF,
  type ElfFacts,
  expectedMachine,
  type StartedProgram,
  type TreeFile,
} from '../contents/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { type Inspected, layerOf } from './inspected.js';

type Expected = NonNullable<ReturnType<typeof expectedMachine>>;

const NAMED = 5;

function fits(elf: ElfFacts, expected: Expected): boolean {
  const { machine, data } = expected;
  return elf.machine === machine && elf.class === expected.class && elf.data === data;
}

/** Kernels for amd64 start programs for 386 too. */
function mayRun(elf: ElfFacts, expected: Expected): boolean {
  return expected.architecture === 'amd64' && architectureOf(elf) === '386';
}

/** The line that makes a build stage run on the builder's platform, where there is one. */
function hintOf({ dockerfile }: Inspected): Partial<Finding> {
  if (dockerfile === undefined) return {};
  const { file, text = '' } = dockerfile;
  const fixed = /^\s*FROM\s+--platform=\$\{?BUILDPLATFORM\b/i;
  const line = text.split('\n').findIndex((each) => fixed.test(each));
  if (line === -1) return { location: { file } };
  return {
    location: { file, line: line + 1 },
    detail: ['The build stage runs on the build platform and does not cross-compile.'],
    remedy: 'use GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM',
  };
}

function startedFinding(
  subject: Inspected,
  file: TreeFile,
  elf: ElfFacts,
  expected: Expected,
): Finding {
  const { image, platform } = subject;
  const digest = file.entry.program?.digest;
  const message = `${file.path} is an ELF for ${elf.architecture}; the image is for ${platform}.`;
  return finding(
    'arch-mismatch',
    { image, platform, path: file.path, ...(digest === undefined ? {} : { digest }) },
    message,
    {
      found: { value: describeMachine(elf), from: layerOf(file, subject) },
      expected: { value: describeMachine(expected), from: `platform ${platform}` },
      ...hintOf(subject),
    },
  );
}

/** Other ELF files: counted in one warning, for foreign programs have their places. */
function othersFinding(
  subject: Inspected,
  others: readonly TreeFile[],
  expected: Expected,
): Finding {
  const { image, platform } = subject;
  const named = others.slice(0, NAMED);
  const found = new Set(others.map(({ entry }) => entry.program?.elf?.architecture ?? 'unknown'));
  const count =
    others.length === 1 ? '1 other ELF file is' : `${others.length} other ELF files are`;
  return finding(
    'arch-mismatch',
    { image, platform, ...(named[0] === undefined ? {} : { path: named[0].path }) },
    `${count} for ${[...found].sort().join(', ')}; the image is for ${platform}.`,
    {
      severity: 'warning',
      found: { value: [...found].sort().join(', '), from: 'ELF headers in the layers' },
      expected: { value: describeMachine(expected), from: `platform ${platform}` },
      detail: [
        ...named.map(
          (file) =>
            `${file.path}: ${file.entry.program?.elf?.architecture}, ${layerOf(file, subject)}`,
        ),
        ...(others.length > NAMED ? [`and ${others.length - NAMED} more`] : []),
      ],
      remedy: 'Leave them out of the last stage, unless the image needs them.',
    },
  );
}

function startedElf(started: readonly StartedProgram[]): ReadonlyMap<string, TreeFile> {
  const files = started.flatMap(({ file }) =>
    file?.entry.program?.elf === undefined ? [] : [file],
  );
  return new Map(files.map((file) => [file.path, file]));
}

/**
 * The machine of every ELF file against the platform: an error for what a
 * container starts, a warning for the rest. Programs for eBPF are at home
 * everywhere; a platform whose machine is not known is not judged.
 */
export function archMismatch(subject: Inspected): readonly Finding[] {
  const expected = expectedMachine(subject.platform);
  if (expected === undefined) return [];
  const started = startedElf(subject.started);
  const errors: Finding[] = [];
  const others: TreeFile[] = [];
  for (const file of started.values()) {
    const elf = file.entry.program?.elf;
    if (elf === undefined || fits(elf, expected)) continue;
    if (mayRun(elf, expected)) others.push(file);
    else errors.push(startedFinding(subject, file, elf, expected));
  }
  for (const file of subject.elfFiles) {
    const elf = file.entry.program?.elf;
    if (elf === undefined || started.has(file.path) || elf.machine === EBPF) continue;
    if (!fits(elf, expected)) others.push(file);
  }
  return others.length === 0 ? errors : [...errors, othersFinding(subject, others, expected)];
}
