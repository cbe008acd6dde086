import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ARCHITECTURES = ['amd64', 'arm', 'arm64', 's390x', 'ppc64le'] as const;

/** Real programs: a package built for each architecture, and the same built from its file. */
export interface GoPrograms {
  readonly version: string;
  readonly programs: ReadonlyMap<string, Buffer>;
  /** Built as `go build main.go`, for amd64. */
  readonly fromFile: Buffer;
}

export const MODULE = 'example.org/harbour';

let built: GoPrograms | undefined;

/** The same for all tests of a process: Go links each of them for a second. */
export function buildGoPrograms(): GoPrograms {
  built ??= build();
  return built;
}

/** Builds a program without a library, the smallest that Go makes, in a folder that is gone afterwards. */
function build(): GoPrograms {
  const folder = mkdtempSync(join(tmpdir(), 'sea-trial-go-'));
  try {
    writeFileSync(join(folder, 'go.mod'), `module ${MODULE}\n\ngo 1.21\n`);
    writeFileSync(join(folder, 'main.go'), 'package main\n\nfunc main() { println("hello") }\n');
    const program = (architecture: string, what: string): Buffer => {
      const out = join(folder, 'program');
      const args = ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', out, what];
      const env = {
        ...process.env,
        CGO_ENABLED: '0',
        GOOS: 'linux',
        GOARCH: architecture,
        GOARM: '6',
        GOFLAGS: '',
        GOWORK: 'off',
        GOTOOLCHAIN: 'local',
      };
      execFileSync('go', args, { cwd: folder, env, stdio: 'pipe' });
      return readFileSync(out);
    };
    const version = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim();
    const programs = new Map(ARCHITECTURES.map((name) => [name, program(name, '.')]));
    return { version, programs, fromFile: program('amd64', 'main.go') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
