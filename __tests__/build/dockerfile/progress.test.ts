import { describe, expect, test } from '@jest/globals';
import { builderFailure, buildFailure } from '../../../src/build/dockerfile/failure.js';
import { createProgress } from '../../../src/build/dockerfile/progress.js';
import { cacheUnread, entriesUnread } from '../../../src/build/dockerfile/unread-caches.js';
import { createRedactor } from '../../../src/evidence/index.js';
import { plannedImage } from '../../plans.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const line = (value: object) => JSON.stringify(value);

const SECRET = 'a-secret-word';

function read(...lines: readonly string[]) {
  const redactor = createRedactor();
  redactor.learn(SECRET);
  const progress = createProgress('Dockerfile', redactor);
  // A line a second.
  return { progress, news: lines.map((each, at) => progress.read(each, at * 1000)) };
}

const RUN = '[linux/arm64 2/3] RUN make';

describe("BuildKit's progress", () => {
  test('steps, their times and what came from the cache; housekeeping is left out', () => {
    const { progress, news } = read(
      line({ vertexes: [{ digest: 'a', name: '[internal] load build definition' }] }),
      line({ vertexes: [{ digest: 'b', name: RUN }] }),
      line({ vertexes: [{ digest: 'b', name: RUN, started: '2026-01-01T00:00:00Z' }] }),
      line({
        vertexes: [
          {
            digest: 'b',
            name: RUN,
            started: '2026-01-01T00:00:00Z',
            completed: '2026-01-01T00:00:02.5Z',
          },
          { digest: 'c', name: '[1/3] FROM x', started: '2026-01-01T00:00:00Z', cached: true },
        ],
      }),
      line({ logs: [{ vertex: 'b', data: base64('one\ntwo\n') }] }),
    );
    expect(progress.steps()).toEqual([
      { name: RUN, cached: false, started: '2026-01-01T00:00:00Z', duration: 2500 },
      { name: '[1/3] FROM x', cached: true, started: '2026-01-01T00:00:00Z' },
    ]);
    expect(news.map(({ step }) => step)).toEqual([
      undefined,
      undefined,
      RUN,
      '[1/3] FROM x',
      undefined,
    ]);
    expect(news[4]?.output).toEqual(['one', 'two']);
  });

  test('of steps beside each other, the one that goes on when another ends is told', () => {
    const started = '2026-01-01T00:00:00Z';
    const completed = '2026-01-01T00:00:05Z';
    const load = { digest: 'l', name: '[internal] load metadata for busybox', started };
    const long = { digest: 'a', name: '[a 2/2] RUN hang', started };
    const short = { digest: 'b', name: '[b 2/2] RUN make', started };
    const { progress, news } = read(
      line({ vertexes: [load] }),
      line({ vertexes: [{ ...load, completed }, long] }),
      line({ vertexes: [short] }),
      line({ logs: [{ vertex: 'a', data: base64('one\n') }] }),
      line({ vertexes: [{ ...short, completed }] }),
      line({ vertexes: [{ digest: 'c', name: '[c 1/1] FROM x', started, cached: true }] }),
    );
    expect(news.map(({ step, remaining }) => [step, remaining?.name, remaining?.age])).toEqual([
      [undefined, load.name, 0],
      [long.name, undefined, undefined],
      [short.name, undefined, undefined],
      [undefined, undefined, undefined],
      [undefined, long.name, 3000],
      ['[c 1/1] FROM x', long.name, 4000],
    ]);
    const running = { name: long.name, age: 9000, silence: 7000, log: ['one'] };
    expect(progress.running(10_000)).toEqual([running]);
    progress.read(line({ vertexes: [{ ...long, error: 'canceled' }] }), 10_000);
    expect(progress.running(10_000)).toEqual([]);
    // Its result is computed once more, for another step.
    progress.read(line({ vertexes: [long] }), 11_000);
    expect(progress.running(12_000)).toMatchObject([{ name: long.name, age: 1000 }]);
  });

  test('a secret that comes in pieces, between the lines of another stream, is none', () => {
    const log = (data: string, stream: number) =>
      line({ logs: [{ vertex: 'b', stream, data: base64(data) }] });
    const { progress, news } = read(
      log('it is a-sec', 1),
      log('a warning\n', 2),
      log('ret-word\nand a-secret', 1),
      line({
        vertexes: [{ digest: 'b', name: RUN, completed: '2026-01-01T00:00:02Z', error: 'x' }],
      }),
    );
    const said = ['it is ', 'a warning', '***', 'and ', 'a-secret'];
    expect(news.flatMap(({ output }) => output)).toEqual(said);
    expect(progress.failed()?.log).toEqual(said);
  });

  test('warnings with the line they are about', () => {
    const { progress } = read(
      line({
        warnings: [
          {
            vertex: 'a',
            short: base64('JSONArgsRecommended: use JSON'),
            url: 'https://docs.docker.com/go/x',
            range: [{ start: { line: 4 }, end: { line: 4 } }],
          },
        ],
      }),
    );
    expect(progress.warnings()).toEqual([
      {
        message: 'JSONArgsRecommended: use JSON',
        url: 'https://docs.docker.com/go/x',
        location: { file: 'Dockerfile', line: 4 },
      },
    ]);
  });

  test('of a warning that names no line or address only the words are told', () => {
    const short = base64('use JSON');
    const { progress } = read(
      line({ warnings: [{ short }, { short, range: [] }, { short, range: [{}], url: '' }, {}] }),
    );
    const location = { file: 'Dockerfile' };
    expect(progress.warnings()).toStrictEqual([
      { message: 'use JSON', location },
      { message: 'use JSON', location },
      { message: 'use JSON', location },
      { message: '', location },
    ]);
  });

  test('a step that has not begun is not under way', () => {
    const { progress } = read(line({ vertexes: [{ digest: 'b', name: RUN }] }));
    expect(progress.running(5000)).toStrictEqual([]);
    expect(progress.steps()).toStrictEqual([{ name: RUN, cached: false }]);
  });

  test('a line that is not whole is told once its step has ended, and not before', () => {
    const log = (data: string) => line({ logs: [{ vertex: 'b', data: base64(data) }] });
    const started = '2026-01-01T00:00:00Z';
    const { news } = read(
      line({ vertexes: [{ digest: 'b', name: RUN, started }] }),
      log('it is a-sec'),
      line({ vertexes: [{ digest: 'b', name: RUN, started }] }),
      log('ret-word\nand mo'),
      log('re'),
      line({ vertexes: [{ digest: 'b', name: RUN, started, completed: started }] }),
    );
    expect(news.map(({ output }) => output.join('').includes('secret'))).not.toContain(true);
    expect(news.flatMap(({ output }) => output).join('')).toBe('it is ***and more');
  });

  test('lines that are no JSON and JSON that is damaged are kept as text', () => {
    const { progress } = read('{"vertexes":[', 'Dockerfile:7', 'ERROR: no');
    expect(progress.text()).toEqual(['{"vertexes":[', 'Dockerfile:7', 'ERROR: no']);
  });
});

describe('why a build failed', () => {
  const subject = { image: 'greeter', platform: 'linux/arm64' };
  const order = { image: plannedImage(), platform: 'linux/arm64' };
  const failing = (error: string, log = '') =>
    read(
      line({ vertexes: [{ digest: 'b', name: RUN, started: '2026-01-01T00:00:00Z', error }] }),
      line({ logs: [{ vertex: 'b', data: base64(log) }] }),
      'Dockerfile:7',
      '   7 | >>> RUN make',
      `ERROR: failed to build: failed to solve: ${error}`,
    ).progress;

  test.each([
    [
      'process "/bin/sh -c make" did not complete successfully: exit code: 1',
      'exec /bin/sh: exec format error',
      'platform-not-runnable',
    ],
    ['failed to copy: write /x: no space left on device', '', 'engine-failed'],
    [
      'busybox: failed to resolve source metadata for docker.io/library/busybox: not found',
      '',
      'not-pulled',
    ],
    ['error getting credentials - err: exit status 1, out: ``', '', 'not-pulled'],
    ['rpc error: code = Unavailable desc = error reading from server: EOF', '', 'engine-failed'],
  ])('%s (%s) is %s', (error, log, code) => {
    expect(buildFailure(order, failing(error, log))).toMatchObject({
      code,
      subject,
      location: { file: 'Dockerfile', line: 7 },
      message: expect.stringContaining(error),
    });
  });

  test.each([
    [
      'exporting cache to registry',
      'error writing layer blob: failed to do request: Head "https://127.0.0.1:5999/v2/user/c/blobs/sha256:0": dial tcp 127.0.0.1:5999: connect: connection refused',
      'registry-failed',
    ],
    [
      RUN,
      'error writing layer blob: failed to authorize: failed to fetch oauth token: 401 Unauthorized',
      'registry-failed',
    ],
    [
      'exporting cache to registry',
      'failed to push cache: 429 Too Many Requests - toomanyrequests: slow down',
      'registry-failed',
    ],
    [
      'exporting cache to registry',
      'failed to do request: Head "https://reg.io/v2/": EOF',
      'registry-failed',
    ],
    [
      'exporting cache to client directory',
      'write /cache/x: no space left on device',
      'engine-failed',
    ],
  ])('a cache that cannot be written is no base image: %s, %s', (step, error, code) => {
    const { progress } = read(
      line({ vertexes: [{ digest: 'c', name: step, started: '2026-01-01T00:00:00Z', error }] }),
      `ERROR: failed to build: failed to solve: ${error}`,
    );
    expect(buildFailure(order, progress).code).toBe(code);
  });

  const SYFT = 'docker.io/docker/buildkit-syft-scanner:stable-1';
  test.each([
    [SYFT, 'true', 'the image that scans for the SBOM cannot be pulled', 'leave "sbom" out'],
    ['reg.io/own:1', 'generator=reg.io/own:1', 'that scans for the SBOM', 'leave "sbom" out'],
    [
      'docker.io/docker/dockerfile:9',
      'true',
      'the image that reads the Dockerfile cannot be pulled',
      '# syntax=',
    ],
    [SYFT, 'false', 'that reads the Dockerfile', '# syntax='],
  ])(
    'an image that is no base is called what it is: %s, sbom: %s',
    (reference, sbom, words, remedy) => {
      const image = plannedImage();
      const asked = { ...order, image: { ...image, build: { ...image.build, sbom } } };
      const failed = (why: string) => {
        const error = `failed to resolve source metadata for ${reference}: ${why}`;
        const name = `resolve image config for docker-image://${reference}`;
        const { progress } = read(
          line({ vertexes: [{ digest: 'c', name, started: '2026-01-01T00:00:00Z', error }] }),
          `ERROR: failed to build: failed to solve: ${error}`,
        );
        return buildFailure(asked as typeof order, progress);
      };
      expect(failed(`${reference}: not found`)).toMatchObject({
        code: 'not-pulled',
        message: expect.stringContaining(words),
        remedy: expect.stringContaining(remedy),
      });
      // That a registry limits pulls is the same for all images.
      expect(failed('429 Too Many Requests').message).toContain('limits how often');
    },
  );

  test.each([
    [
      'failed to load LLB: network.host is not allowed',
      'entitlements: [network.host], and grant it: --grant network.host, or the action\'s input "grants"',
    ],
    [
      'granting entitlement security.insecure is not allowed by build daemon configuration',
      '--allow-insecure-entitlement=security.insecure',
    ],
  ])('%s: what to do is named', (error, remedy) => {
    expect(buildFailure(order, failing(error))).toMatchObject({
      code: 'build-failed',
      remedy: expect.stringContaining(remedy),
    });
  });

  test.each([
    [
      '[internal] waiting for connection',
      [{ name: 'x0', native: false, endpoint: 'tcp://127.0.0.1:9' }],
      'The builder "x" (tcp://127.0.0.1:9) cannot be reached: no answer',
    ],
    ['[internal] booting buildkit', [], 'The builder "x" could not be started: no answer'],
  ])('a build that never came to its builder is no fault of a step: %s', (name, nodes, message) => {
    const order = {
      image: plannedImage({ id: 'a' }),
      platform: 'linux/arm64',
      builder: 'x',
      nodes,
    };
    const { progress } = read(
      line({ vertexes: [{ digest: 'c', name, error: 'no answer' }] }),
      'ERROR: failed to build: no answer',
    );
    expect(builderFailure(order, progress)).toMatchObject({
      code: 'engine-failed',
      message,
      remedy: expect.stringContaining('name another builder'),
    });
    expect(builderFailure(order, failing('x'))).toBeUndefined();
  });

  const exit = (command: string) =>
    `process "/bin/sh -c ${command}" did not complete successfully: exit code: 1`;

  test.each([
    ['wget -q http://127.0.0.1:1/', "wget: can't connect to remote host: Connection refused"],
    ['make', 'cc: no space left on device'],
    ['make', 'ERROR: rpc error: code = Unavailable desc = error reading from server: EOF'],
    ['make', 'failed to push: toomanyrequests: 429 Too Many Requests'],
    ['make', 'a line of its own\nexec /bin/sh: exec format error'],
    ['echo \\"failed to push\\"; echo exec /bin/sh: exec format error; false', ''],
  ])('a step that was executed has failed, whatever it says: %s, %s', (command, log) => {
    const found = buildFailure(order, failing(exit(command), log));
    expect(found).toMatchObject({ code: 'build-failed', message: expect.stringMatching(/^step /) });
  });

  test('nor is it anybody else who is at fault where more is said behind its exit code', () => {
    const error = `${exit('make')}: rpc error: code = Unavailable desc = error reading from server`;
    expect(buildFailure(order, failing(error)).code).toBe('build-failed');
  });

  test.each([
    'failed to resolve source metadata for docker.io/library/x:1: failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/x/manifests/sha256:0: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.',
    'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://auth.docker.io/token: 429 Too Many Requests',
    'pull access denied, toomanyrequests: rate exceeded: toomanyrequests: rate exceeded',
  ])('a limit on pulls is no matter of credentials: %s', (error) => {
    expect(buildFailure(order, failing(error))).toMatchObject({
      code: 'not-pulled',
      message: expect.stringMatching(/^a registry limits how often images may be pulled/),
      remedy: expect.stringMatching(/Log in .* mirror, or run again later/),
    });
  });

  test.each([true, false])('a step whose emulator has failed itself: emulated %s', (emulated) => {
    const fault = 'qemu-aarch64: QEMU internal SIGSEGV {code=MAPERR, addr=0x20}';
    const progress = failing(exit('make'), `cc x.c\n${fault}\nmake: *** [x] Error 139`);
    expect(buildFailure({ ...order, emulated }, progress)).toMatchObject(
      emulated
        ? { code: 'platform-not-runnable', message: expect.stringContaining(fault) }
        : { code: 'build-failed', message: `step ${RUN} failed: exit code 1` },
    );
  });

  const OTHER = '[linux/amd64 build 2/3] RUN make';

  test.each([
    [
      'under an emulator that refuses tar',
      RUN,
      { emulated: true, tarWords: 'Invalid argument' },
      true,
    ],
    ['under one that fails otherwise', RUN, { emulated: true, tarWords: 'Not that' }, false],
    ['under one of which nothing is known', RUN, { emulated: true }, false],
    ['natively', RUN, { emulated: false, tarWords: 'Invalid argument' }, false],
    ['in a native stage', OTHER, { emulated: true, tarWords: 'Invalid argument' }, false],
  ])('a step in which tar fails %s', (_, name, emulation, isEmulators) => {
    const said = 'tar: src/f: Cannot open: Invalid argument';
    const error = exit('make');
    const { progress } = read(
      line({ vertexes: [{ digest: 'b', name, started: '2026-01-01T00:00:00Z', error }] }),
      line({ logs: [{ vertex: 'b', data: base64(`${said}\ntar: Exiting with failure status`) }] }),
      `ERROR: failed to build: failed to solve: ${error}`,
    );
    const found = buildFailure({ ...order, ...emulation }, progress);
    expect(found.code).toBe(isEmulators ? 'platform-not-runnable' : 'build-failed');
    expect(found.message.includes(`the image is not at fault: ${said}`)).toBe(isEmulators);
    if (isEmulators) expect(found.remedy).toMatch(/^Use a newer emulator/);
  });

  test('a base that the registry does not have is no matter of credentials', () => {
    const base =
      'busybox:nope: failed to resolve source metadata for docker.io/library/busybox:nope';
    const remedyOf = (error: string) => buildFailure(order, failing(error)).remedy;
    expect(remedyOf(`${base}: docker.io/library/busybox:nope: not found`)).toBe(
      'Fix the reference: the registry has no such image or tag.',
    );
    expect(
      remedyOf(
        `${base}: pull access denied, repository does not exist or may require authorization`,
      ),
    ).toContain('credentials');
  });

  test('what BuildKit says of itself before an error, or does not, is left out', () => {
    const error = 'failed to run Build function: busybox:1: failed to resolve source metadata';
    expect(buildFailure(order, failing(error)).message).toBe(
      'a base image cannot be pulled: busybox:1: failed to resolve source metadata',
    );
  });

  test("a file that is missing is told without BuildKit's own names, another for each platform", () => {
    const found = buildFailure(
      order,
      failing(
        'failed to compute cache key: failed to calculate checksum of ref a::b: "/connection refused": not found',
      ),
    );
    expect(found).toMatchObject({
      code: 'build-failed',
      message: `step ${RUN} failed: "/connection refused": not found`,
    });
  });

  test('the command of a step is said once', () => {
    const error = 'process "/bin/sh -c make \\"all\\"" did not complete successfully: exit code: 2';
    const found = buildFailure(order, failing(error, 'a.c:1: oops'));
    expect(found).toMatchObject({
      code: 'build-failed',
      message: `step ${RUN} failed: exit code 2`,
      location: { file: 'Dockerfile', line: 7 },
    });
  });

  describe('the step is the one of the line that failed', () => {
    const MISSING = 'failed to compute cache key: "/main.goo": not found';
    const COPY = '[linux/arm64 build 2/3] COPY go.mod main.goo ./';
    const excerpt = (...lines: readonly string[]) => [
      'Dockerfile:3',
      '--------------------',
      '   2 |     WORKDIR /src',
      ...lines.map((each, at) => `   ${3 + at} | >>> ${each}`),
      '--------------------',
      `ERROR: failed to build: failed to solve: ${MISSING}`,
    ];
    const messageOf = (steps: readonly string[], blamed: string, text: readonly string[]) =>
      buildFailure(
        order,
        read(
          line({ vertexes: steps.map((name, at) => ({ digest: `s${at}`, name })) }),
          line({ vertexes: [{ digest: 'b', name: blamed, error: MISSING }] }),
          ...text,
        ).progress,
      ).message;
    const CONTEXT = '[context busybox:1.37] docker.io/library/busybox:1.37';
    const WORKDIR = '[linux/arm64 build 1/3] WORKDIR /src';

    test.each([
      ['reported at another step', [WORKDIR, COPY], WORKDIR, COPY],
      ['reported at a context', [COPY], CONTEXT, COPY],
      ['its step never told', [], CONTEXT, 'COPY go.mod main.goo ./'],
    ])('%s', (_, steps, blamed, step) => {
      expect(messageOf(steps, blamed, excerpt('COPY go.mod main.goo ./'))).toBe(
        `step ${step} failed: ${MISSING}`,
      );
    });

    test('over several lines, or with variables', () => {
      expect(messageOf([COPY], CONTEXT, excerpt('COPY go.mod \\', '     main.goo ./'))).toBe(
        `step ${COPY} failed: ${MISSING}`,
      );
      expect(messageOf([], COPY, excerpt('COPY go.mod $MAIN ./'))).toBe(
        `step ${COPY} failed: ${MISSING}`,
      );
    });
  });

  test('what to do is left out where it is no more than to mend the step', () => {
    expect(buildFailure(order, failing('exit code: 2'))).not.toHaveProperty('remedy');
  });

  test('the last lines of the step that failed are in the finding', () => {
    const found = buildFailure(order, failing('exit code: 2', 'cc -c a.c\na.c:1: oops'));
    expect(found.detail).toEqual(['cc -c a.c', 'a.c:1: oops']);
  });
});

/** What buildx 0.29.1 with Docker 28.5.2 wrote, without times, inputs and digests. */
describe('the output of a failing build step where a cache could not be imported', () => {
  const order = { image: plannedImage(), platform: 'linux/amd64' };
  const registry = '127.0.0.1:5000/none/none';
  const missing = `failed to configure registry cache importer: ${registry}:x: not found`;
  const ran = (command: string) => `process "/bin/sh -c ${command}" did not complete successfully`;
  const refused =
    'error writing layer blob: failed to do request: Head "https://127.0.0.1:1/v2/none/none/blobs/sha256:33b1": dial tcp 127.0.0.1:1: connect: connection refused';
  const checksum = 'failed to calculate checksum of ref 36ei::rx83: "/nothing-here": not found';

  /** Vertexes in the order in which they are named first, then each one's error. */
  const failed = (vertexes: readonly (readonly [string, string])[], text: readonly string[]) =>
    read(
      line({ vertexes: vertexes.map(([name]) => ({ digest: name, name })) }),
      ...vertexes.map(([name]) =>
        line({ logs: [{ vertex: name, stream: 1, data: base64(`says ${name}\n`) }] }),
      ),
      ...vertexes.map(([name, error]) => line({ vertexes: [{ digest: name, name, error }] })),
      ...text,
    ).progress;
  const ERROR = 'ERROR: failed to build: failed to solve: ';
  const CACHE = [`importing cache manifest from ${registry}:x`, missing] as const;

  test.each([
    [
      'a step that ended with an error',
      [['[3/3] RUN make; exit 7', `${ran('make; exit 7')}: exit code: 7`], CACHE],
      [
        'Dockerfile:3',
        '   3 | >>> RUN make; exit 7',
        `${ERROR}${ran('make; exit 7')}: exit code: 7`,
      ],
      { step: '[3/3] RUN make; exit 7', code: 'build-failed', message: 'exit code 7' },
    ],
    [
      'one of several steps, the others canceled',
      [
        CACHE,
        ['[b 2/2] RUN exit 3', `${ran('exit 3')}: exit code: 3`],
        [
          '[a 2/2] RUN sleep 30',
          `${ran('sleep 30')}: exit code: 137: context canceled: context canceled`,
        ],
      ],
      ['Dockerfile:4', '   4 | >>> RUN exit 3', `${ERROR}${ran('exit 3')}: exit code: 3`],
      { step: '[b 2/2] RUN exit 3', code: 'build-failed', message: 'exit code 3' },
    ],
    [
      'a file that is missing',
      [['[3/4] COPY nothing-here /x', checksum], CACHE],
      [
        'Dockerfile:3',
        '   3 | >>> COPY nothing-here /x',
        `${ERROR}failed to compute cache key: ${checksum}`,
      ],
      {
        step: '[3/4] COPY nothing-here /x',
        code: 'build-failed',
        message: '"/nothing-here": not found',
      },
    ],
    [
      "a base that is missing, by BuildKit's own step",
      [[`[internal] load metadata for ${registry}:1`, `${registry}:1: not found`], CACHE],
      [
        `${ERROR}${registry}:1: failed to resolve source metadata for ${registry}:1: ${registry}:1: not found`,
      ],
      {
        step: `[internal] load metadata for ${registry}:1`,
        code: 'not-pulled',
        message: 'not found',
      },
    ],
    [
      'the writing of a cache alone',
      [CACHE, ['exporting cache to registry', refused]],
      [`${ERROR}${refused}`],
      {
        step: 'exporting cache to registry',
        code: 'registry-failed',
        message: 'connection refused',
      },
    ],
    [
      'a step, without a last word',
      [
        ['[3/3] RUN make', `${ran('make')}: exit code: 7`],
        CACHE,
        ['[a 2/2] RUN x', 'context canceled'],
      ],
      [],
      { step: '[3/3] RUN make', code: 'build-failed', message: 'exit code 7' },
    ],
  ] as const)('%s', (_, vertexes, text, { step, code, message }) => {
    const progress = failed(vertexes, text);
    expect(progress.failed()).toMatchObject({ step, log: [`says ${step}`] });
    expect(buildFailure(order, progress)).toMatchObject({
      code,
      message: expect.stringContaining(message),
      detail: [`says ${step}`],
    });
    expect(cacheUnread(order, progress)).toMatchObject([
      { code: 'cache-unread', severity: 'note', detail: [`${registry}:x: not found`] },
    ]);
  });

  test('a build that only had a cache to miss is not blamed on it', () => {
    const progress = failed([CACHE], [`${ERROR}the frontend went away`]);
    expect(progress.failed()).toBeUndefined();
    expect(buildFailure(order, progress).message).toContain('the frontend went');
  });

  test('a build without such a cache has no note', () => {
    expect(cacheUnread(order, failed([['[2/2] RUN x', 'y']], []))).toEqual([]);
  });

  test('a cache of which it is said already that it cannot be read is not told again', () => {
    const importing = (reference: string) =>
      [`importing cache manifest from ${reference}`, 'denied'] as const;
    const entries = ['r.example/a:c', 'r.example/b:c'];
    const image = { ...order.image, platforms: ['linux/amd64'] };
    const build = { ...order.image.build, cacheFrom: entries };
    const asked = { ...order, image: { ...image, build }, platform: 'linux/amd64' };
    const places = entries.flatMap((one) => [`${one}-${image.id}-linux-amd64`, one]);
    const progress = failed(places.map(importing), []);
    const said = (refused: readonly string[]) => {
      const known = { ...asked, refusedCaches: new Set(refused) };
      return [cacheUnread(known, progress), entriesUnread(known, progress)].map((all) =>
        all.flatMap(({ detail = [] }) => detail.map((line) => line.split(': ')[0])).sort(),
      );
    };
    expect(said([])).toEqual([places.toSorted(), places.toSorted()]);
    const left = places.slice(2).toSorted();
    expect(said(['r.example/a:c'])).toEqual([left, left]);
    expect(said(entries)).toEqual([[], []]);
  });
});
