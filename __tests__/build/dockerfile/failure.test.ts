import { describe, expect, test } from '@jest/globals';
import {
  builderFailure,
  buildFailure,
  damaged,
  nodeLost,
} from '../../../src/build/dockerfile/failure.js';
import { createProgress } from '../../../src/build/dockerfile/progress.js';
import { cacheUnread, entriesUnread } from '../../../src/build/dockerfile/unread-caches.js';
import { createRedactor } from '../../../src/evidence/index.js';
import { OciError } from '../../../src/oci/index.js';
import { plannedBuild, plannedImage } from '../../plans.js';

const subject = { image: 'ship', platform: 'linux/amd64' };

test('a document that is larger than what is read is a fault of the image', () => {
  const error = new OciError('too-large', 'the blob x has 5000000 bytes; 4194304 are read');
  expect(damaged(subject, error)).toMatchObject({
    code: 'build-failed',
    subject,
    message: 'The built image cannot be read: the blob x has 5000000 bytes; 4194304 are read.',
    remedy: expect.stringContaining('labels'),
  });
});

test.each([
  ['digest-mismatch', 'digest-mismatch'],
  ['truncated', 'engine-failed'],
] as const)('a stream that is %s is %s', (kind, code) => {
  expect(damaged(subject, new OciError(kind, 'x'))).toMatchObject({
    code,
    message: "The builder's output is damaged: x",
  });
});

const order = { image: plannedImage(), platform: 'linux/arm64', builder: 'farm' };
const to = { image: 'greeter', platform: 'linux/arm64' };

interface Failed {
  readonly name: string;
  readonly error: string;
  readonly log?: readonly string[];
}

/** What a build has written of steps that failed, and behind them. */
function progressOf(failed: readonly Failed[], ...text: readonly string[]) {
  const progress = createProgress('Dockerfile', createRedactor());
  for (const { name, error, log = [] } of failed) {
    const data = Buffer.from(log.map((line) => `${line}\n`).join('')).toString('base64');
    progress.read(JSON.stringify({ logs: [{ vertex: name, data }] }), 0);
    progress.read(JSON.stringify({ vertexes: [{ digest: name, name, error }] }), 0);
  }
  for (const line of text) progress.read(line, 0);
  return progress;
}

const RUN = '[2/2] RUN make';
const many = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}`);

test.each<[string, readonly Failed[], readonly string[], string, readonly string[]]>([
  ['nothing', [], [], 'the build failed: the build ended without an error message', []],
  ['its last line', [], many(12), 'the build failed: line 11', many(12).slice(2)],
  [
    'the last error, without what BuildKit says of itself',
    [],
    ['ERROR: one', 'ERROR: failed to build: failed to solve: two', 'three'],
    'the build failed: two',
    ['ERROR: one', 'ERROR: failed to build: failed to solve: two', 'three'],
  ],
  [
    'an error that says more before such words',
    [],
    ['ERROR: a: failed to run Build function: b: failed to solve: c: failed to build: d'],
    'the build failed: a: failed to run Build function: b: failed to solve: c: failed to build: d',
    ['ERROR: a: failed to run Build function: b: failed to solve: c: failed to build: d'],
  ],
  [
    'the error of its step',
    [{ name: RUN, error: 'exit code: 1', log: many(30) }],
    [],
    `step ${RUN} failed: exit code 1`,
    many(30).slice(10),
  ],
  [
    'that it was interrupted in its step',
    [
      {
        name: RUN,
        error: 'process "/bin/sh -c make" did not complete successfully: signal: killed',
      },
    ],
    [],
    `step ${RUN} failed: signal: killed`,
    [],
  ],
])('a build that fails with %s', (_, failed, text, message, detail) => {
  expect(buildFailure(order, progressOf(failed, ...text))).toStrictEqual({
    code: 'build-failed',
    severity: 'error',
    subject: to,
    message,
    detail,
    location: { file: 'Dockerfile' },
  });
});

test.each<[string, readonly string[], number | undefined]>([
  ['of the Dockerfile', ['Dockerfile:7', '---'], 7],
  ['of a file in a folder', ['  a b/My.Dockerfile:12  '], 12],
  ['that is first', ['Dockerfile:7', 'Dockerfile:9'], 7],
  ['that is none', ['Dockerfile:7 of 9', 'Dockerfile:', ':7', 'x'], undefined],
])('the line %s is told', (_, text, line) => {
  const failed = [{ name: RUN, error: 'exit code: 1' }];
  expect(buildFailure(order, progressOf(failed, ...text)).location).toStrictEqual({
    file: 'Dockerfile',
    ...(line === undefined ? {} : { line }),
  });
});

test.each<[string, string, string, string, RegExp]>([
  [
    'exporting cache to registry',
    'denied',
    'registry-failed',
    'the build cache could not be read or written: denied',
    /^Check that its registry can be reached/,
  ],
  [
    RUN,
    'failed to push cache: denied',
    'registry-failed',
    'the build cache could not be read or written: failed to push cache: denied',
    /^Check that its registry/,
  ],
  [
    RUN,
    'failed to configure registry cache importer: x',
    'registry-failed',
    'the build cache could not be read or written: failed to configure registry cache importer: x',
    /^Check that its registry/,
  ],
  [
    RUN,
    'write /x: No space left on device',
    'engine-failed',
    "the builder's disk is full: write /x: No space left on device",
    /^Free space on the builder's disk, then run again\.$/,
  ],
  [
    RUN,
    'no builder "farm" found',
    'engine-failed',
    'the connection to the builder was lost: no builder "farm" found',
    /./,
  ],
  [
    RUN,
    'network.host is not allowed',
    'build-failed',
    'a step needs an entitlement that was not granted: network.host is not allowed',
    /entitlements: \[network\.host\], and grant it: --grant network\.host/,
  ],
])('%s with %s is %s', (name, error, code, message, remedy) => {
  const found = buildFailure(order, progressOf([{ name, error }]));
  expect([found.code, found.message]).toStrictEqual([code, message]);
  expect(found.remedy).toMatch(remedy);
});

test('of two steps that failed, the one that the builder names at its end is told', () => {
  const failed = [
    { name: '[a 2/2] RUN one', error: 'exit code: 3' },
    { name: '[b 2/2] RUN two', error: 'exit code: 4' },
  ];
  const said = (...text: readonly string[]) =>
    buildFailure(order, progressOf(failed, ...text)).message;
  expect(said('ERROR: failed to solve: exit code: 3')).toBe(
    'step [a 2/2] RUN one failed: exit code 3',
  );
  expect(said('exit code: 3', 'ERROR: failed to solve: exit code: 4')).toBe(
    'step [b 2/2] RUN two failed: exit code 4',
  );
});

test('a program that does not run here is told by all that its step has written', () => {
  const said = 'exec /bin/sh: exec format error';
  const code = (...log: readonly string[]) =>
    buildFailure(order, progressOf([{ name: RUN, error: 'exit code: 255', log }])).code;
  expect(code(said)).toBe('platform-not-runnable');
  expect([code(`${said}!`), code(said, 'more'), code()]).toStrictEqual(
    Array(3).fill('build-failed'),
  );
});

test('a builder that is not reached is named with each place of its machines', () => {
  const name = '[internal] waiting for connection';
  const progress = progressOf([{ name, error: 'no answer', log: many(25) }]);
  const endpoints = ['tcp://a:1', undefined, 'tcp://b:1', 'tcp://a:1'];
  const nodes = endpoints.map((endpoint, at) => ({
    ...{ name: `n${at}`, native: true },
    ...(endpoint === undefined ? {} : { endpoint }),
  }));
  expect(builderFailure({ ...order, nodes }, progress)).toStrictEqual({
    code: 'engine-failed',
    severity: 'error',
    subject: to,
    message: 'The builder "farm" (tcp://a:1, tcp://b:1) cannot be reached: no answer',
    remedy:
      'Check that BuildKit is running there and can be reached from this machine, or name another builder.',
    detail: many(25).slice(5),
  });
  expect(builderFailure(order, progress)?.message).toBe(
    'The builder "farm" cannot be reached: no answer',
  );
  expect(builderFailure(order, progressOf([]))).toBeUndefined();
});

test('a pod that is lost is named', () => {
  expect(nodeLost(order, 'farm0')).toStrictEqual({
    code: 'engine-failed',
    severity: 'error',
    subject: to,
    message: 'The pod of the builder "farm" (node "farm0") was lost during the build.',
    remedy:
      'Run again; "kubectl get events" in the builder\'s namespace shows the reason for about an hour.',
  });
});

describe('caches that could not be read', () => {
  const reading = (place: string, error: string) => ({
    name: `importing cache manifest from ${place}`,
    error,
  });
  const caching = (...cacheFrom: readonly string[]) => ({
    ...order,
    image: plannedImage({ platforms: ['linux/arm64'], build: plannedBuild({ cacheFrom }) }),
  });

  test('are one note of a build that failed, in their order, and say the reference once', () => {
    const progress = progressOf([
      reading('r.io/b:c', 'failed to configure registry cache importer: r.io/b:c: not found'),
      reading('r.io/a:c', 'failed to configure registry cache importer: denied: not found here'),
    ]);
    expect(cacheUnread(order, progress)).toStrictEqual([
      {
        code: 'cache-unread',
        severity: 'note',
        subject: to,
        message: 'A cache could not be read; the build continued without it.',
        detail: ['r.io/a:c: denied: not found here', 'r.io/b:c: not found'],
        remedy: expect.any(String),
      },
    ]);
    expect(cacheUnread(order, progressOf([]))).toStrictEqual([]);
  });

  test('are noted for an entry of a build that went well where no place of it could be read', () => {
    const entry = 'type=registry,ref=r.io/a:c';
    const places = ['r.io/a:c-greeter-linux-arm64', 'r.io/a:c'];
    const progress = progressOf(places.map((place) => reading(place, 'denied')));
    expect(entriesUnread(caching('type=gha', entry), progress)).toStrictEqual([
      {
        code: 'cache-unread',
        severity: 'note',
        subject: to,
        message: 'The cache r.io/a:c could not be read; the build did without it.',
        detail: places.map((place) => `${place}: denied`),
        remedy: expect.any(String),
      },
    ]);
    const one = progressOf([reading('r.io/a:c', 'denied')]);
    expect(entriesUnread(caching(entry), one)).toStrictEqual([]);
    expect(entriesUnread(caching(), progress)).toStrictEqual([]);
    expect(entriesUnread(caching('type=gha'), progress)).toStrictEqual([]);
  });
});
