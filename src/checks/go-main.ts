import { LAUNCHER } from '../buildpacks/index.js';
import type { GoFacts, TreeFile } from '../contents/index.js';
import { type Finding, finding, findPattern, TOO_LONG } from '../evidence/index.js';
import { type Inspected, layerOf } from './inspected.js';

interface GoProgram {
  readonly file: TreeFile;
  readonly go: GoFacts;
}

const NAMED = 5;

function goPrograms(files: Iterable<TreeFile | undefined>): readonly GoProgram[] {
  const programs = new Map<string, GoProgram>();
  for (const file of files) {
    const go = file?.entry.program?.go;
    if (file !== undefined && go !== undefined) programs.set(file.path, { file, go });
  }
  return [...programs.values()];
}

/** The launcher of an image from buildpacks is a Go program, and not of the application. */
function isOwn({ file }: GoProgram): boolean {
  return file.path !== LAUNCHER;
}

/** Why no Go program was recognised, by the program that the image starts. */
function reasonOf({ started }: Inspected): string {
  // The launcher of an image from buildpacks comes before the program that it starts.
  const file = started.find(({ role }) => role !== 'interpreter')?.file;
  if (file === undefined) return 'the image starts no program that is in its layers';
  const { program } = file.entry;
  if (program?.unknown !== undefined) return `of ${file.path} ${program.unknown}`;
  if (program?.magic === 'elf') {
    return `${file.path} has none: it is not a Go program, or the information was removed`;
  }
  return `${file.path} is not an ELF file, and no program in the image has any`;
}

function wrong(subject: Inspected, { file, go }: GoProgram, pattern: string): Finding {
  const { image, platform } = subject;
  const path = go.path ?? '';
  const files = path === 'command-line-arguments';
  return finding(
    'go-main',
    { image, platform, path: file.path },
    `The main package of ${file.path} is ${path}; expected ${pattern}.`,
    {
      found: { value: path, from: `Go build information in ${layerOf(file, subject)}` },
      expected: { value: pattern, from: 'expect go-main' },
      ...(files
        ? {
            detail: [
              'go build was given files instead of a package, so the binary does not record which package it was built from.',
            ],
            remedy:
              'Give go build the package: `go build ./cmd/x` in place of `go build cmd/x/main.go`.',
          }
        : {}),
    },
  );
}

function unsearched({ image, platform }: Inspected, pattern: string): Finding {
  const message = `The main package could not be compared with ${pattern}: the search ${TOO_LONG}.`;
  return finding('go-main', { image, platform }, message, {
    found: { value: 'unknown', from: 'Go build information' },
    expected: { value: pattern, from: 'expect go-main' },
    remedy: 'Write a simpler pattern.',
  });
}

function unknown(subject: Inspected, pattern: string): Finding {
  const { image, platform } = subject;
  const message = `The main package is unknown; expected ${pattern}: ${reasonOf(subject)}.`;
  return finding('go-main', { image, platform }, message, {
    found: { value: 'unknown', from: 'Go build information' },
    expected: { value: pattern, from: 'expect go-main' },
    remedy:
      'Build with Go 1.18 or later and keep the section .go.buildinfo, or drop the expectation.',
  });
}

/**
 * The import path of the main package against the pattern that the image
 * expects (RE2, found anywhere in the path). The programs that start with the
 * image are judged; where none of them is Go's, any Go program in it may match.
 * No build information at all is an error: an expectation was written.
 */
export function goMain(subject: Inspected): readonly Finding[] {
  const { goMain: pattern, started, elfFiles, clock } = subject;
  if (pattern === undefined) return [];
  const own = goPrograms(started.map(({ file }) => file)).filter(isOwn);
  const programs = own.length > 0 ? own : goPrograms(elfFiles).filter(isOwn);
  if (programs.length === 0) return [unknown(subject, pattern)];
  const paths = programs.map(({ go }) => go.path ?? '');
  const matches = findPattern(pattern, paths, clock);
  if (matches === 'too-long') return [unsearched(subject, pattern)];
  if (matches) return [];
  return programs.slice(0, NAMED).map((program) => wrong(subject, program, pattern));
}
