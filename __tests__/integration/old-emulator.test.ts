import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type FaultRow, messageOf, noteFaults } from './fault-table.js';
import { alone, unregister } from './home.js';
import { unique } from './image-project.js';
import { CLI, command, environment, leftovers, project, ROOT, type Run, runIn } from './rig.js';
import './needs-root.js';

/*
 * A handler that is registered and too old: QEMU before 9.2 does not know openat2(2). Another
 * file's tests register a new one for the same architecture; they wait for each other.
 */

const PLATFORM = 'linux/mips64le';
const HANDLER = 'qemu-mips64el';
const MISC = '/proc/sys/fs/binfmt_misc';

/** What GNU tar does and says. */
const PROGRAM = `package main

import (
	"os"
	"strings"
	"syscall"
	"unsafe"
)

type openHow struct{ flags, mode, resolve uint64 }

func main() {
	name, _ := syscall.BytePtrFromString(os.Args[1])
	how := openHow{syscall.O_CREAT | syscall.O_WRONLY, 0o644, 8}
	folder := -100
	_, _, errno := syscall.Syscall6(5437, uintptr(folder), uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&how)), unsafe.Sizeof(how), 0, 0)
	if errno != 0 {
		words := errno.Error()
		os.Stderr.WriteString("tar: " + os.Args[1] + ": Cannot open: " + strings.ToUpper(words[:1]) + words[1:] + "\\n")
		os.Exit(2)
	}
}
`;

let old = '';
let program = '';
/** A folder with a new emulator, and the line that registers it. */
let emulators = '';

beforeAll(async () => {
  await alone(HANDLER);
  const image = (await command(join(ROOT, 'scripts', 'rig', 'binfmt-image.sh'), [])).trim();
  emulators = await project({});
  const id = (await command('docker', ['create', image])).trim();
  for (const path of [`usr/bin/${HANDLER}`, `binfmt.d/${HANDLER}.conf`]) {
    await command('docker', ['cp', `${id}:/${path}`, emulators]);
  }
  await command('docker', ['rm', id]);
  const printed = await command(join(ROOT, 'scripts', 'rig', 'old-emulator.sh'), ['mips64el']);
  old = printed.trim().split('\n').at(-1) ?? '';
  const sources = await project({
    'main.go': PROGRAM,
    'go.mod': 'module example.com/tar\n\ngo 1.22\n',
  });
  program = join(sources, 'tar');
  const env = { GOARCH: 'mips64le', GOOS: 'linux', CGO_ENABLED: '0', GOFLAGS: '' };
  await command('go', ['build', '-C', sources, '-o', program, '.'], env);
}, 1_800_000);

/** Registers an emulator with the flags of binfmt's image. */
async function register(emulator: string): Promise<void> {
  const line = await fs.readFile(join(emulators, `${HANDLER}.conf`), 'utf8');
  const written = line.trim().replace(/[^:]*:[^:]*$/, `${emulator}:POCF`);
  await fs.writeFile(join(MISC, 'register'), written);
}

beforeEach(() => register(old));
afterEach(() => unregister(HANDLER));

async function runWith(dockerfile: readonly string[], tests: string): Promise<Run> {
  const folder = await project({
    'sea-trial.yml': [
      'images:',
      '  - name: acme/old',
      '    tags: [dev]',
      `    platforms: [${PLATFORM}]`,
      `    tests: [${tests}]`,
    ].join('\n'),
    Dockerfile: ['FROM scratch', unique(), 'COPY tar /tar', ...dockerfile, ''].join('\n'),
  });
  await fs.copyFile(program, join(folder, 'tar'));
  // What is kept of proofs is the user's, who has another one in each test.
  return runIn(folder, [], { env: { HOME: await project({}), XDG_STATE_HOME: '' } });
}

const FINE = '{ name: fine, run: [/tar, fine], exit-code: 2 }';
const WARNING =
  /⚠ emulator-old {2}linux\/mips64le is emulated by qemu-mips64el \d+\.[\d.]+, under which openat2\(2\) fails with ENOSYS\..*--uninstall qemu-mips64el, then .*--install mips64le/;

const codesOf = ({ evidence }: Run, severity: string) =>
  evidence?.findings.filter((one) => one.severity === severity).map(({ code }) => code);

describe('an emulator that is too old for tar', () => {
  const rows: FaultRow[] = [];
  const note = async (fault: string, stage: FaultRow['stage'], run: Run) => {
    const left = await leftovers(run.evidence);
    rows.push({ fault, stage, exit: run.code, message: messageOf(run), left });
  };

  test("is told before the build, and a step in which tar fails is not its image's fault", async () => {
    const run = await runWith(['RUN ["/tar", "f"]'], FINE);
    expect(run.stderr).toMatch(WARNING);
    expect(run.stderr.search(WARNING)).toBeLessThan(run.stderr.search(/mips64le {2}building/));
    expect([run.code, codesOf(run, 'error')]).toEqual([3, ['platform-not-runnable']]);
    expect(codesOf(run, 'warning')).toContain('emulator-old');
    const error = run.evidence?.findings.find(({ severity }) => severity === 'error');
    expect(error?.message).toContain('tar: f: Cannot open: Function not implemented');
    await note('a step in which tar fails under an old emulator', 'build', run);
  }, 120_000);

  test('a test in which tar fails could not be run', async () => {
    const run = await runWith([], '{ name: extracts, run: [/tar, f] }');
    expect([run.code, codesOf(run, 'error')]).toEqual([3, ['test-errored']]);
    expect(run.evidence?.trials[0]?.tests).toMatchObject([
      { outcome: 'errored', cause: 'environment', exitCode: 2 },
    ]);
    await note('a test in which tar fails under an old emulator', 'test', run);
  }, 120_000);

  test('is a warning alone where nothing fails by it', async () => {
    const run = await runWith([], FINE);
    expect([run.code, codesOf(run, 'error')]).toEqual([0, []]);
    expect(codesOf(run, 'warning')).toEqual(['emulator-old']);
  }, 120_000);

  test('is told by "emulation prove", which passes', async () => {
    const env = { ...environment, HOME: await project({}), XDG_STATE_HOME: '' };
    const printed = await command(process.execPath, [CLI, 'emulation', 'prove', PLATFORM], env);
    expect(printed).toMatch(/✔ emulated by qemu-mips64el .*\n +⚠ linux\/mips64le is emulated by/);
  }, 60_000);

  test('is none any more once a new one is registered', async () => {
    await unregister(HANDLER);
    await register(join(emulators, HANDLER));
    const run = await runWith(['RUN ["/tar", "f"]'], '{ name: extracts, run: [/tar, g] }');
    expect([run.code, codesOf(run, 'error'), codesOf(run, 'warning')]).toEqual([0, [], []]);
  }, 120_000);

  test('says each as docs/faults.md has it', () => {
    expect(rows).toHaveLength(2);
    noteFaults(rows);
  });
});
