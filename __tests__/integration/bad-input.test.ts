import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type FaultRow, lasting, messageOf, noteFaults } from './fault-table.js';
import {
  brief,
  busybox,
  errorsOf,
  imageProject,
  openFolder,
  PASSES,
  repeated,
  sentences,
  unique,
  withTmp,
} from './image-project.js';
import { distribution, leftovers, project, runIn, tagsAt } from './rig.js';

interface Expected {
  readonly exit: number;
  readonly errors: readonly string[];
  /** Words of the one message. */
  readonly says: readonly string[];
}

interface Case extends Expected {
  readonly stage: FaultRow['stage'];
  readonly dockerfile: string;
  /** Whether the context has `app`, a program of this machine that is linked dynamically. */
  readonly app?: true;
  readonly tests?: string;
  readonly platforms?: string;
}

/** What a case has come to; what was said is there only where something of it is missing. */
async function outcome(prefix: string, wanted: Case, host: string) {
  const { dockerfile, tests = PASSES, platforms, says } = wanted;
  const folder = await imageProject(dockerfile, tests, platforms);
  if (wanted.app) await fs.copyFile('/usr/bin/env', join(folder, 'app'));
  const { env, left } = await withTmp();
  const run = await runIn(folder, ['--push', '--registry', `${host}/${prefix}`], { env });
  const said = sentences(run.stdout);
  const missing = [...says, 'nothing was published'].filter((words) => !said.includes(words));
  const seen = {
    exit: run.code,
    errors: errorsOf(run).map(brief),
    missing: missing.length === 0 ? [] : [...missing, run.stderr, run.stdout],
    repeated: repeated(run),
    tags: await tagsAt(host, `${prefix}/acme/ship`),
    left: [...(await left()), ...(run.evidence === undefined ? [] : await leftovers(run.evidence))],
  };
  return { seen, run };
}

const ONLY_ARM = 'test "$(uname -m)" != aarch64 ||';

const CASES: Readonly<Record<string, Case>> = {
  'a dockerfile that fails on one platform': {
    stage: 'build',
    dockerfile: busybox('ARG TARGETARCH', 'RUN echo some words; test $TARGETARCH != arm64'),
    exit: 1,
    errors: ['build-failed linux/arm64'],
    says: ['failed on linux/arm64', 'some words', 'Dockerfile:3', 'linux/amd64 passed'],
  },
  'a step that wants more than it was granted': {
    stage: 'build',
    dockerfile: busybox('RUN --network=host true'),
    exit: 1,
    errors: ['build-failed linux/amd64', 'build-failed linux/arm64'],
    says: ['network.host is not allowed', 'entitlements: [network.host]', '--grant network.host'],
  },
  'a test that fails on one platform': {
    stage: 'test',
    dockerfile: busybox(),
    tests: `[{ name: adds up, run: '${ONLY_ARM} exit 9' }]`,
    exit: 1,
    errors: ['test-failed linux/arm64 adds up'],
    says: ['test "adds up": exit 9, expected 0', 'sea-trial run --only ship@linux/arm64'],
  },
  'a test that hangs on one platform': {
    stage: 'test',
    dockerfile: busybox(),
    tests: `[{ name: waits, run: '${ONLY_ARM} sleep 600', timeout: 5s }]`,
    exit: 1,
    errors: ['test-failed linux/arm64 waits'],
    says: ['did not end within 20 s'],
  },
  'a test that prints 100 MB on one platform': {
    stage: 'test',
    dockerfile: busybox(),
    tests: `[{ name: prints, run: '${ONLY_ARM} head -c 100000000 /dev/zero | tr "\\0" x; echo the end; ${ONLY_ARM} exit 5' }]`,
    exit: 1,
    errors: ['test-failed linux/arm64 prints'],
    says: ['exit 5, expected 0'],
  },
  'a base that does not exist': {
    stage: 'build',
    dockerfile: 'FROM acme.invalid/no/such:1\n',
    exit: 3,
    errors: ['not-pulled linux/amd64', 'not-pulled linux/arm64'],
    says: ['acme.invalid/no/such:1', 'Dockerfile:1'],
  },
  'a base that the registry does not have': {
    stage: 'build',
    dockerfile: 'FROM busybox:no-such-tag\n',
    exit: 3,
    errors: ['not-pulled linux/amd64', 'not-pulled linux/arm64'],
    says: ['busybox:no-such-tag', 'not found', 'Dockerfile:1'],
  },
  'an emulator that is missing': {
    stage: 'environment',
    dockerfile: busybox(),
    platforms: 'linux/amd64, linux/mips64',
    exit: 3,
    errors: ['platform-not-runnable linux/mips64'],
    says: ['linux/mips64 cannot be run here'],
  },
  'an empty image': {
    stage: 'test',
    dockerfile: `FROM scratch\n${unique()}\n`,
    tests: '[{ name: starts, run: [/app] }]',
    exit: 1,
    errors: ['cannot-execute linux/amd64 starts', 'cannot-execute linux/arm64 starts'],
    says: ['could not be executed: exec: "/app"'],
  },
  'no shell and a string test': {
    stage: 'test',
    dockerfile: `FROM busybox:1.37 AS all\nFROM scratch\nCOPY --from=all /bin/busybox /busybox\n${unique()}\n`,
    tests: '[{ name: speaks, run: /busybox echo hello }, { name: list, run: [/busybox, "true"] }]',
    exit: 1,
    errors: ['cannot-execute linux/amd64 speaks', 'cannot-execute linux/arm64 speaks'],
    says: [
      'exec: "/bin/sh"',
      'a test written as text needs a shell in the image, one written as a list does not',
    ],
  },
  'a step that says it is the builder': {
    stage: 'build',
    dockerfile: busybox(
      "RUN echo 'ERROR: rpc error: code = Unavailable'; wget -q http://127.0.0.1:1/",
    ),
    exit: 1,
    errors: ['build-failed linux/amd64', 'build-failed linux/arm64'],
    says: ['code = Unavailable', 'Connection refused', 'Dockerfile:2'],
  },
  'an empty image without tests': {
    stage: 'test',
    dockerfile: `FROM scratch\n${unique()}\n`,
    tests: '[]',
    exit: 1,
    errors: ['cannot-execute linux/amd64 starts', 'cannot-execute linux/arm64 starts'],
    says: [],
  },
  'a program that is not there': {
    stage: 'inspect',
    dockerfile: busybox('ENTRYPOINT ["/app"]'),
    exit: 1,
    errors: ['program-missing linux/amd64', 'program-missing linux/arm64'],
    says: ['/app'],
  },
  'a program that a later layer removes': {
    stage: 'inspect',
    dockerfile: busybox('RUN cp /bin/busybox /app', 'RUN rm /app', 'ENTRYPOINT ["/app"]'),
    platforms: 'linux/amd64',
    exit: 1,
    errors: ['program-missing linux/amd64'],
    says: ['/app'],
  },
  'a program in a folder that a later layer makes anew': {
    stage: 'inspect',
    dockerfile: busybox(
      'RUN mkdir /opt && cp /bin/busybox /opt/app',
      'RUN rm -r /opt && mkdir /opt && touch /opt/other',
      'ENTRYPOINT ["/opt/app"]',
    ),
    platforms: 'linux/amd64',
    exit: 1,
    errors: ['program-missing linux/amd64'],
    says: ['/opt/app'],
  },
  'a program whose interpreter is not there': {
    stage: 'inspect',
    app: true,
    dockerfile: busybox('COPY app /app', 'ENTRYPOINT ["/app"]'),
    platforms: 'linux/amd64',
    exit: 1,
    errors: ['interpreter-missing linux/amd64'],
    says: ['/app', 'ld-linux'],
  },
  'a program for the wrong architecture': {
    stage: 'inspect',
    dockerfile: [
      'FROM --platform=$BUILDPLATFORM busybox:1.37 AS build',
      'FROM busybox:1.37',
      'RUN mkdir -p /usr/local/bin',
      'COPY --from=build /bin/busybox /usr/local/bin/busybox',
      unique(),
      'ENTRYPOINT ["/usr/local/bin/busybox"]',
    ].join('\n'),
    tests: '[{ name: runs, run: [/usr/local/bin/busybox, "true"] }]',
    exit: 1,
    errors: ['arch-mismatch linux/arm64'],
    says: ['/usr/local/bin/busybox', 'layer 3 of 3', 'x86-64', 'AArch64', 'Dockerfile:1'],
  },
  'equal layers with a program for one platform': {
    stage: 'inspect',
    dockerfile: [
      'FROM --platform=$BUILDPLATFORM busybox:1.37 AS build',
      'FROM scratch',
      'COPY --from=build /bin/busybox /opt/busybox',
      unique(),
    ].join('\n'),
    tests: '[{ name: on the host, on: host, run: "true" }]',
    exit: 1,
    errors: ['equal-layers linux/arm64'],
    says: ['linux/arm64 has the same layers as linux/amd64, and /opt/busybox in them'],
  },
};

describe('bad input', () => {
  test('each has one clear message, its exit code, and leaves nothing behind and no tag', async () => {
    const host = await distribution();
    const waiting = Object.entries(CASES);
    const runs = new Map<string, Awaited<ReturnType<typeof outcome>>>();
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [name, wanted] = next;
        runs.set(name, await outcome(name.toLowerCase().replaceAll(/\W+/g, '-'), wanted, host));
      }
    };
    await Promise.all([worker(), worker(), worker()]);
    const seen = Object.keys(CASES).map((name) => [name, runs.get(name)?.seen]);
    const expected = Object.entries(CASES).map(([name, { exit, errors }]) => [
      name,
      { exit, errors, missing: [], repeated: [], tags: [], left: [] },
    ]);
    expect(seen).toEqual(expected);

    noteFaults(
      [...runs].map(([fault, { seen, run }]) => ({
        fault,
        stage: CASES[fault]?.stage ?? 'test',
        exit: seen.exit,
        message: messageOf(run),
        left: [...seen.left, ...seen.tags],
      })),
    );

    const loud = runs.get('a test that prints 100 MB on one platform')?.run.evidence?.trials[1];
    expect(loud?.tests[0]?.stdout).toMatchObject({ bytes: 100_000_008, truncated: true });
    expect(loud?.tests[0]?.stdout.text.length).toBeLessThanOrEqual(64 * 1024);
    expect(loud?.tests[0]?.stdout.text).toMatch(/xthe end\n$/);
  }, 400_000);
});

describe('an engine that is not to be had', () => {
  test('is said in one sentence, with exit 3 and nothing left behind', async () => {
    const folder = await imageProject(busybox(), PASSES);
    await fs.chmod(folder, 0o755);
    const node = await project({});
    await fs.symlink(process.execPath, join(node, 'node'));
    const ask = async (env: Record<string, string>, uid?: number) => {
      const tmp = await withTmp();
      const options = { env: { ...tmp.env, ...env }, ...(uid === undefined ? {} : { uid }) };
      const { code, stderr, stdout } = await runIn(folder, [], options);
      const words = stderr.slice(stderr.indexOf('✘')).replace(/\s+/g, ' ');
      return { code, stdout, words, left: await tmp.left() };
    };
    const expected = (words: string) => ({
      code: 3,
      stdout: '',
      words: expect.stringMatching(new RegExp(`^✘ [^;]+; nothing was published ${words}`)),
      left: [],
    });
    const closed = await project({});
    await fs.chmod(closed, 0);
    const isRoot = process.getuid?.() === 0;
    const [down, missing, refused] = await Promise.all([
      ask({ DOCKER_HOST: 'tcp://127.0.0.1:1' }),
      ask({ PATH: node }),
      // A user that no group helps; for one that a group may help, a socket out of reach.
      isRoot
        ? ask({ HOME: await openFolder(), XDG_STATE_HOME: '' }, 65_534)
        : ask({ DOCKER_HOST: `unix://${closed}/docker.sock` }),
    ]);
    expect(down).toEqual(expected('The Docker engine does not answer; start it'));
    expect(missing).toEqual(expected('There is no "docker" on PATH'));
    expect(refused).toEqual(expected('You have no permission to use the Docker engine'));
    const faults = { 'no engine': down, 'no docker': missing, 'no permission': refused };
    noteFaults(
      Object.entries(faults).map(([fault, { code, words, left }]) => ({
        fault,
        stage: 'environment',
        exit: code,
        // What docker itself says is another with each version.
        message: lasting(words).replace(/^.*?; nothing was published | \| .*$/g, ''),
        left,
      })),
    );
  });
});
