import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CRASHES } from './crashing.js';
import { type FaultRow, lasting, messageOf, noteFaults } from './fault-table.js';
import { busybox, imageProject, PASSES, unique } from './image-project.js';
import { distribution, leftovers, type Run, runIn } from './rig.js';

/*
 * How programs end: by a signal, at once, in the middle of a test's lines, in a step
 * of a build. All of it in one run each, beside each other.
 */

const AMD64 = 'linux/amd64';
const ARM64 = 'linux/arm64';

const FROM_NOTHING = [
  'FROM scratch',
  'ARG TARGETARCH',
  'COPY crash-$TARGETARCH /crash',
  'ENTRYPOINT ["/crash"]',
];
const QEMU = 'qemu-aarch64: QEMU internal SIGSEGV {code=MAPERR, addr=0x20}';
const CRASH_IN_SHELL = "sh -c 'kill -SEGV $$$$'; exit $$?";

interface Case {
  readonly stage: FaultRow['stage'];
  readonly dockerfile: string;
  readonly tests: string;
  readonly platforms: string;
}

const CASES = {
  'a program that dies at once': {
    stage: 'test',
    dockerfile: [...FROM_NOTHING, unique(), ''].join('\n'),
    tests: '[]',
    platforms: `${AMD64}, ${ARM64}`,
  },
  'a program that ends at once with another code': {
    stage: 'test',
    dockerfile: busybox('CMD ["sh", "-c", "echo no port >&2; exit 7"]'),
    tests: '[]',
    platforms: AMD64,
  },
  'an emulator that has failed itself': {
    stage: 'test',
    dockerfile: busybox(),
    tests: `[{ name: says it, run: 'echo "${QEMU}" >&2; exit 1' }, { name: dies in a shell, run: "${CRASH_IN_SHELL}" }]`,
    platforms: `${ARM64}, ${AMD64}`,
  },
  'a line that fails in the middle of a test': {
    stage: 'test',
    dockerfile: busybox('SHELL ["/bin/busybox", "ash", "-o", "pipefail", "-c"]'),
    tests:
      '[{ name: in the image, run: "wget -q http://127.0.0.1:1/\\necho on" }, { name: on the host, on: host, run: "cd /nowhere\\necho on" }, { name: one line, run: "false; echo on" }]',
    platforms: AMD64,
  },
  'a line that fails in a shell that goes on': {
    stage: 'test',
    dockerfile: busybox('SHELL ["/usr/bin/env", "sh", "-c"]'),
    tests: '[{ name: goes on, run: "false\\ntrue" }]',
    platforms: AMD64,
  },
  'a step that fails where a cache is missing': {
    stage: 'build',
    dockerfile: busybox('RUN echo words of the step; exit 7'),
    tests: PASSES,
    platforms: AMD64,
  },
} as const satisfies Record<string, Case>;

const runs = new Map<string, Run>();

async function runOf({ dockerfile, tests, platforms, stage }: Case, host: string): Promise<Run> {
  const folder = await imageProject(dockerfile, tests, platforms);
  const cache = `    build: { cache_from: ['type=registry,ref=${host}/none/none:x'] }\n`;
  if (stage === 'build') await fs.appendFile(join(folder, 'sea-trial.yml'), `\n${cache}`);
  for (const [name, program] of Object.entries(CRASHES)) {
    await fs.writeFile(join(folder, `crash-${name}`), program, { mode: 0o755 });
  }
  return runIn(folder);
}

beforeAll(async () => {
  const host = await distribution();
  await Promise.all(
    Object.entries(CASES).map(async ([name, each]) => runs.set(name, await runOf(each, host))),
  );
}, 120_000);

function ended(name: keyof typeof CASES) {
  const run = runs.get(name);
  if (run?.evidence === undefined) throw new Error(`${name}: ${run?.stderr}`);
  const { findings, trials } = run.evidence;
  return { ...run, findings, tests: trials.flatMap(({ tests }) => tests) };
}

describe('a program that dies by a signal', () => {
  test('without a test is an error on each platform, told by its signal', () => {
    const { code, findings, tests, stdout } = ended('a program that dies at once');
    expect(code).toBe(1);
    expect(tests).toMatchObject([
      { kind: 'start', outcome: 'failed', signal: 'SIGSEGV', exitCode: 139 },
      { kind: 'start', outcome: 'failed', signal: 'SIGSEGV', exitCode: 139 },
    ]);
    expect(findings.map(({ code, subject }) => [code, subject.platform])).toEqual([
      ['program-killed', AMD64],
      ['program-killed', ARM64],
    ]);
    expect(findings[0]?.message).toMatch(/: killed by SIGSEGV \(exit 139\)$/);
    expect(findings[1]?.message).toMatch(
      /: killed by SIGSEGV under qemu-aarch64 \d[\w.+~-]*; the cause is the program or the emulator, which a native runner would show$/,
    );
    expect(stdout).toContain('nothing was published');
  });

  test('ends a test in the same words', () => {
    const { tests } = ended('an emulator that has failed itself');
    const killed = tests.filter(({ name }) => name === 'dies in a shell');
    expect(killed).toMatchObject([
      { reason: expect.stringMatching(/^killed by SIGSEGV under qemu-aarch64 \d/), exitCode: 139 },
      { reason: 'killed by SIGSEGV (exit 139)' },
    ]);
  });

  test('is no fault of the image where an emulator says that it has failed itself; natively it says nothing', () => {
    const { code, tests, findings } = ended('an emulator that has failed itself');
    const says = tests.filter(({ name }) => name === 'says it');
    expect([code, ...says.map(({ outcome }) => outcome)]).toEqual([3, 'errored', 'failed']);
    expect(findings.find(({ subject }) => subject.test === 'says it')).toMatchObject({
      code: 'test-errored',
      message: expect.stringContaining(QEMU),
    });
  });

  test('another code is a warning with it', () => {
    const { code, findings } = ended('a program that ends at once with another code');
    expect(code).toBe(0);
    expect(findings).toMatchObject([
      {
        code: 'started-only',
        severity: 'warning',
        message: expect.stringMatching(/ended at once with exit 7\.$/),
        detail: ['no port'],
      },
    ]);
  });
});

describe('a failing line of a test with several lines', () => {
  test('ends it, in the image and on the host; a single line keeps its meaning', () => {
    const { code, tests, stdout } = ended('a line that fails in the middle of a test');
    expect(code).toBe(1);
    expect(tests.map(({ outcome, stdout }) => [outcome, stdout.text])).toEqual([
      ['failed', ''],
      ['failed', ''],
      ['passed', 'on\n'],
    ]);
    const shell = ['/bin/busybox', 'ash', '-o', 'pipefail'];
    const lines = 'wget -q http://127.0.0.1:1/\necho on';
    expect(tests.map(({ executed }) => executed)).toEqual([
      [...shell, '-e', '-c', lines],
      ['/bin/sh', '-e', '-c', 'cd /nowhere\necho on'],
      [...shell, '-c', 'false; echo on'],
    ]);
    expect(stdout).toMatch(/executed +\/bin\/busybox ash -o pipefail -e -c /);
  });

  test('is noted in a shell that goes on', () => {
    const { code, findings } = ended('a line that fails in a shell that goes on');
    expect([code, findings.map(({ code }) => code)]).toEqual([0, ['lines-go-on']]);
  });
});

describe('the output of a failing step', () => {
  test('is told where a cache is missing, which is a note', () => {
    const { code, findings, stdout } = ended('a step that fails where a cache is missing');
    expect(code).toBe(1);
    expect(findings).toMatchObject([
      { code: 'build-failed', detail: ['words of the step'], location: { line: 2 } },
      { code: 'cache-unread', severity: 'note' },
    ]);
    expect(stdout).toContain('words of the step');
  });
});

test('each leaves nothing, and comes to what docs/faults.md says', async () => {
  const names = Object.keys(CASES) as (keyof typeof CASES)[];
  const rows = names.map(async (fault): Promise<FaultRow> => {
    const run = ended(fault);
    const { stage } = CASES[fault];
    const message = lasting(messageOf(run));
    return { fault, stage, exit: run.code, message, left: await leftovers(run.evidence) };
  });
  noteFaults((await Promise.all(rows)).filter(({ exit }) => exit !== 0));
});
