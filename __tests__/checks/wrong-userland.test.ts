import { describe, expect, test } from '@jest/globals';
import { archMismatch } from '../../src/checks/arch-mismatch.js';
import type { Inspected } from '../../src/checks/index.js';
import type { ImageConfig } from '../../src/oci/index.js';
import { plannedTest } from '../plans.js';
import { elf, type File, inspected, layer } from './inspected.js';

const COMMENT = 'buildkit.dockerfile.v0';
const PINNED = `busybox@sha256:${'a'.repeat(64)}`;

/** An entry of a history: of the base without the comment of BuildKit's steps. */
const past = (createdBy: string, emptyLayer = false) => ({ createdBy, emptyLayer });
const step = (createdBy: string, emptyLayer = false) => ({
  ...{ createdBy, emptyLayer },
  comment: COMMENT,
});

const busybox = (architecture: Parameters<typeof elf>[0], links = 10): readonly File[] => [
  { path: 'bin/busybox', program: elf(architecture) },
  ...Array.from({ length: links }, (_, number): File => {
    return { path: `bin/${number}`, kind: 'hardlink', link: 'bin/busybox' };
  }),
  { path: 'bin/sh', link: 'busybox' },
];
const app: File = { path: 'app', program: elf('arm64') };

/** What is found, in few words. */
function found(subject: Inspected) {
  return archMismatch(subject).map(({ severity, message, location, remedy }) => ({
    ...{ severity, message, line: location?.line, remedy },
  }));
}

const history = (...after: ImageConfig['history']): ImageConfig['history'] => [
  past('ADD rootfs / '),
  past('CMD ["sh"]', true),
  ...after,
];

/** An image of a base and a layer with `/app` on it, by the Dockerfile that this ends with. */
function onBase(text: string, more: Partial<Inspected> = {}, config: Partial<ImageConfig> = {}) {
  const steps = [step('COPY app /app # buildkit'), step('ENTRYPOINT ["/app"]', true)];
  return inspected(
    [layer(busybox('amd64')), layer([app])],
    { history: history(...steps), ...config },
    {
      dockerfile: { file: 'Dockerfile', text: `${text}\nCOPY app /app\nENTRYPOINT ["/app"]\n` },
      ...more,
    },
  );
}

describe('a wrong userland that the base has brought', () => {
  test('is one error about the base, with what is wrong in it', () => {
    expect(archMismatch(onBase('FROM --platform=$BUILDPLATFORM busybox'))).toEqual([
      {
        code: 'arch-mismatch',
        severity: 'error',
        subject: { image: 'greeter', platform: 'linux/arm64', path: '/bin/busybox' },
        message: 'The base of the last stage is for linux/amd64; the image is for linux/arm64.',
        found: {
          value: 'e_machine 62 (x86-64, 64 bit, little endian)',
          from: '/bin/busybox in layer 1 of 2, ADD rootfs /',
        },
        expected: {
          value: 'e_machine 183 (AArch64, 64 bit, little endian)',
          from: 'platform linux/arm64',
        },
        detail: [
          '/bin/sh (/bin/busybox) is for amd64',
          '12 of the 12 programs on PATH are for amd64',
        ],
        location: { file: 'Dockerfile', line: 1 },
        remedy: 'drop --platform=$BUILDPLATFORM from this FROM',
      },
    ]);
  });

  const index = 'pin the digest of the index, not that of linux/amd64 alone';
  const other = 'start from an image that has linux/arm64';
  test.each<[string, number, string]>([
    ['FROM --platform=linux/amd64 busybox', 1, 'drop --platform=linux/amd64 from this FROM'],
    ['FROM a AS build\nRUN b\nFROM --platform=$X busybox', 3, 'drop --platform=$X from this FROM'],
    [`FROM ${PINNED}`, 1, index],
    [`ARG BASE=${PINNED}\nFROM $BASE`, 2, index],
    [
      'ARG TARGETPLATFORM=linux/amd64\nFROM --platform=$TARGETPLATFORM busybox',
      1,
      'write ARG TARGETPLATFORM without a value',
    ],
    [
      'ARG A=1 TARGETARCH=amd64\nFROM $TARGETARCH/busybox',
      1,
      'write ARG TARGETARCH without a value',
    ],
    [
      `FROM --platform=$BUILDPLATFORM ${PINNED}`,
      1,
      `drop --platform=$BUILDPLATFORM from this FROM, and ${index}`,
    ],
    ['FROM --platform=$TARGETPLATFORM amd64/busybox', 1, other],
    ['FROM amd64/busybox', 1, other],
    ['FROM x AS base-amd64\nFROM y AS base-arm64\nFROM base-$TARGETARCH', 2, other],
    [
      'FROM --platform=$BUILDPLATFORM a as b\nFROM z\nFROM B AS c\nFROM c',
      1,
      'drop --platform=$BUILDPLATFORM from this FROM',
    ],
  ])('%j: line %i, %s', (text, line, remedy) => {
    const message = 'The base of the last stage is for linux/amd64; the image is for linux/arm64.';
    expect(found(onBase(text))).toEqual([{ severity: 'error', message, line, remedy }]);
  });

  test('the steps of all stages on the way are told from the base', () => {
    const text =
      'FROM --platform=$BUILDPLATFORM busybox AS one\nRUN make\nFROM one\nCOPY app /app\n';
    const steps = [step('RUN /bin/sh -c make # buildkit'), step('COPY app /app # buildkit')];
    const made: File = { path: 'usr/bin/made', program: elf('amd64') };
    const layers = [layer(busybox('amd64')), layer([made]), layer([app])];
    const subject = inspected(
      layers,
      { history: history(...steps) },
      { dockerfile: { file: 'Dockerfile', text } },
    );
    // What runs on such a base is made for its platform.
    expect(found(subject)).toMatchObject(
      [{ line: 1, message: /base of the last stage is for linux\/amd64/ }].map((one) => ({
        ...one,
        message: expect.stringMatching(one.message),
      })),
    );
  });

  test('a target is called by its name', () => {
    const text = 'FROM busybox AS release\nCOPY app /app\nFROM release AS last\nRUN x\n';
    const building = { args: {}, contexts: [], target: 'release' };
    const dockerfile = { file: 'Dockerfile', text, building };
    const subject = onBase('', { dockerfile }, { history: history(step('COPY app /app')) });
    expect(found(subject)).toMatchObject([
      {
        message:
          'The base of the stage "release" is for linux/amd64; the image is for linux/arm64.',
        line: 1,
      },
    ]);
  });

  const own = '/bin/sh (/bin/busybox) is an ELF for amd64; the image is for linux/arm64.';
  const steps = [step('COPY app /app'), step('ENTRYPOINT ["/app"]', true)];
  test.each<[string, string, ImageConfig['history']]>([
    ['has other steps', 'FROM busybox\nRUN x', history(...steps)],
    ['has fewer', 'FROM busybox', [past('ADD x /'), past('COPY app /app'), steps[1] as never]],
    [
      'is not BuildKit’s',
      'FROM busybox',
      history(past('COPY app /app'), past('ENTRYPOINT x', true)),
    ],
    ['has steps of ONBUILD', 'FROM busybox AS b\nONBUILD COPY app /app\nFROM b', history(...steps)],
    ['counts other layers', 'FROM busybox', [past('x', true), ...steps]],
  ])('no base is named where the history %s', (_, text, written) => {
    expect(found(onBase(text, {}, { history: written }))).toMatchObject([
      { severity: 'error', message: own, line: undefined },
    ]);
  });

  test('is none for a few files, of which the warning names its line', () => {
    const few = { path: 'usr/src/testdata', program: elf('amd64') };
    const right = ['lib/a', 'lib/b'].map((path) => ({ path, program: elf('arm64') }));
    const dockerfile = { file: 'Dockerfile', text: 'FROM golang\nCOPY app /app\n' };
    const of = (...own: readonly File[]) =>
      archMismatch(
        inspected(
          [layer([few, ...right]), layer([app, ...own])],
          { history: history(step('COPY app /app')) },
          { dockerfile },
        ),
      );
    expect(of()).toMatchObject([
      {
        severity: 'warning',
        location: { line: 1 },
        remedy: expect.stringMatching(/^They come from the base/),
      },
    ]);
    const [both] = of({ path: 'own', program: elf('amd64') });
    expect(both).toMatchObject({ remedy: expect.stringMatching(/^Keep them out/) });
    expect(both).not.toHaveProperty('location');
  });

  test('is a warning about the base where the image can do without all of it', () => {
    const libraries = ['lib/a', 'lib/b'].map((path) => ({ path, program: elf('amd64') }));
    const subject = inspected(
      [layer(libraries), layer([app])],
      { history: history(step('COPY app /app')) },
      { dockerfile: { file: 'Dockerfile', text: 'FROM distroless\nCOPY app /app\n' } },
    );
    expect(archMismatch(subject)).toMatchObject([
      {
        severity: 'warning',
        message: 'The base of the last stage is for linux/amd64; the image is for linux/arm64.',
        detail: ['2 of its ELF files are for amd64'],
        location: { line: 1 },
      },
    ]);
  });

  test('is told with all that is wrong in it, be it as much of one kind as of another', () => {
    const files = ['bin/sh', 'lib/a'].map((path) => ({ path, program: elf('amd64') }));
    const subject = inspected(
      [layer(files), layer([app])],
      { history: history(step('COPY app /app')) },
      { dockerfile: { file: 'Dockerfile', text: 'FROM busybox\nCOPY app /app\n' } },
    );
    expect(archMismatch(subject)).toMatchObject([
      { severity: 'error', message: expect.stringMatching(/^The base of the last stage/) },
    ]);
  });

  test('is told without what is for a third architecture, or for none that is known', () => {
    const third = { path: 'opt/firmware', program: elf('s390x') };
    const { elf: _, ...unread } = elf('amd64');
    const odd = { path: 'opt/odd', program: { ...unread, unknown: 'its header is cut off' } };
    const libraries = ['lib/a', 'lib/b', 'lib/c'].map((path) => ({ path, program: elf('amd64') }));
    const subject = inspected(
      [layer([...busybox('amd64'), ...libraries, third, odd]), layer([app])],
      { history: history(step('COPY app /app')) },
      { dockerfile: { file: 'Dockerfile', text: 'FROM busybox\nCOPY app /app\n' } },
    );
    expect(found(subject).map(({ severity, message }) => `${severity} ${message}`)).toEqual([
      'error The base of the last stage is for linux/amd64; the image is for linux/arm64.',
      'warning 1 other ELF file is for s390x; the image is for linux/arm64.',
    ]);
  });

  test('is told without what was copied onto it', () => {
    const text = 'FROM busybox\nCOPY app /app\nCOPY tool /opt/tool\n';
    const tool: File = { path: 'opt/tool', program: elf('amd64') };
    const steps = [step('COPY app /app'), step('COPY tool /opt/tool')];
    const subject = inspected(
      [layer(busybox('amd64')), layer([app]), layer([tool])],
      { history: history(...steps) },
      { dockerfile: { file: 'Dockerfile', text } },
    );
    expect(found(subject).map(({ severity, message }) => `${severity} ${message}`)).toEqual([
      'error The base of the last stage is for linux/amd64; the image is for linux/arm64.',
      'warning 1 other ELF file is for amd64; the image is for linux/arm64.',
    ]);
  });

  test('stays an error where what runs on such a base has made the program', () => {
    const libraries = ['lib/a', 'lib/b'].map((path) => ({ path, program: elf('amd64') }));
    const subject = inspected(
      [layer(libraries), layer([{ path: 'app', program: elf('amd64') }])],
      { history: history(step('RUN make')) },
      { dockerfile: { file: 'Dockerfile', text: 'FROM x\nRUN make\n' } },
    );
    expect(archMismatch(subject)).toMatchObject([
      { severity: 'error', detail: ['/app is for amd64'], location: { line: 1 } },
    ]);
  });

  test('is not named where most programs of the base are right', () => {
    const text = 'FROM busybox\nCOPY app /app\n';
    const toolchain = Array.from({ length: 30 }, (_, number): File => {
      return { path: `opt/${number}`, program: elf('amd64') };
    });
    const subject = inspected(
      [layer([...busybox('arm64'), ...toolchain]), layer([app])],
      { history: history(step('COPY app /app')) },
      { dockerfile: { file: 'Dockerfile', text } },
    );
    expect(found(subject)).toMatchObject([
      { severity: 'warning', message: expect.stringMatching(/^30 other ELF files are for amd64/) },
    ]);
  });

  test('nor where most of the base is right', () => {
    const libraries = ['lib/a', 'lib/b', 'lib/c'].map((path) => ({ path, program: elf('arm64') }));
    const subject = inspected(
      [layer([...libraries, ...busybox('amd64')]), layer([app])],
      { history: history(step('COPY app /app')) },
      { dockerfile: { file: 'Dockerfile', text: 'FROM busybox\nCOPY app /app\n' } },
    );
    expect(found(subject)).toMatchObject([{ severity: 'error', message: own, line: 1 }]);
  });
});

describe('a wrong userland', () => {
  test('is wrong without a Dockerfile, too', () => {
    const layers = [layer([app, ...busybox('amd64')])];
    expect(found(inspected(layers, { entrypoint: [] })).map(({ message }) => message)).toEqual([
      '/bin/sh (/bin/busybox) is an ELF for amd64; the image is for linux/arm64.',
    ]);
  });

  test('is the shell of tests, what they run, and the loaders and interpreters of these', () => {
    const files: readonly File[] = [
      app,
      ...busybox('arm64'),
      { path: 'bin/bash', program: elf('arm64', { interpreter: '/lib/ld.so' }) },
      { path: 'lib/ld.so', link: 'ld-2.so' },
      { path: 'lib/ld-2.so', program: elf('amd64') },
      { path: 'opt/check', program: { magic: 'script', script: '/usr/bin/env python3' } },
      { path: 'usr/bin/env', program: elf('arm64') },
      { path: 'usr/bin/python3', program: elf('s390x') },
      { path: 'usr/bin/named', program: elf('amd64') },
      ...['listed', 'asked', 'started'].map((name) => ({
        path: `usr/bin/${name}`,
        program: elf('amd64'),
      })),
      { path: 'opt/tool', program: elf('amd64') },
      { path: 'opt/host', program: elf('amd64') },
    ];
    const tests = [
      plannedTest({ name: 'a', run: { shell: 'x' } }),
      plannedTest({ name: 'e', run: { shell: 'cd /\nnamed --version | cat' } }),
      plannedTest({ name: 'f', run: { exec: ['bash', '-c', 'test "$(listed)" = 1'] } }),
      plannedTest({ name: 'g', run: { shell: 'test -x /usr/bin/asked && env A=1 started' } }),
      plannedTest({ name: 'b', run: { exec: ['check'] }, env: { PATH: '/opt:/bin' } }),
      plannedTest({ name: 'c', run: { exec: ['./tool'] }, workdir: '/opt' }),
      plannedTest({
        name: 'd',
        run: { exec: ['/opt/host'] },
        mounts: [{ source: 'x', target: '/opt' }],
      }),
    ];
    const subject = inspected([layer(files)], { shell: ['bash', '-c'] }, {}, tests);
    const of = (architecture: string) =>
      `is an ELF for ${architecture}; the image is for linux/arm64.`;
    expect(found(subject).map(({ severity, message }) => `${severity} ${message}`)).toEqual([
      `error /lib/ld.so (/lib/ld-2.so), which /bin/bash needs, ${of('amd64')}`,
      `error /usr/bin/named, which test "e" needs, ${of('amd64')}`,
      `error /usr/bin/listed, which test "f" needs, ${of('amd64')}`,
      `error /usr/bin/started, which test "g" needs, ${of('amd64')}`,
      `error /usr/bin/python3, which /opt/check needs, ${of('s390x')}`,
      `error /opt/tool, which test "c" needs, ${of('amd64')}`,
      'warning 2 other ELF files are for amd64; the image is for linux/arm64.',
    ]);
  });

  const tool = (
    number: number,
    architecture: Parameters<typeof elf>[0],
    folder = 'usr/local/bin',
  ) => ({
    path: `${folder}/${architecture}-${number}`,
    program: elf(architecture),
  });
  const tools = (count: number, ...more: [Parameters<typeof elf>[0], string?]) =>
    Array.from({ length: count }, (_, number) => tool(number, ...more));
  const path = ['PATH=/opt/bin'];

  test.each<[string, readonly File[], Partial<ImageConfig>, readonly string[]]>([
    ['half of them', [...tools(3, 'amd64'), ...tools(3, 'arm64')], {}, ['warning 3']],
    ['more', [...tools(4, 'amd64'), ...tools(3, 'arm64')], {}, ['error 4 of the 7']],
    [
      'beside a multi-call binary of the platform',
      [...tools(9, 'amd64'), ...busybox('arm64')],
      {},
      ['warning 9'],
    ],
    ['in folders that are not on PATH', tools(9, 'amd64', 'opt/bin'), {}, ['warning 9']],
    [
      'in folders of a PATH of its own',
      tools(9, 'amd64', 'opt/bin'),
      { env: path },
      ['error 9 of the 9'],
    ],
    [
      'twice on PATH',
      [...tools(2, 'amd64', 'bin'), ...tools(2, 'arm64'), { path: 'sbin', link: 'bin' }],
      {},
      ['warning 2'],
    ],
    ['for eBPF', tools(9, 'bpf'), {}, []],
    [
      'not executable',
      tools(9, 'amd64').map((file) => ({ ...file, mode: 0o644 })),
      {},
      ['warning 9'],
    ],
    [
      'for several',
      [...tools(2, 'amd64'), tool(1, 's390x')],
      {},
      ['error 3 of the 3 programs on PATH are for amd64, s390x'],
    ],
  ])('is most of the programs on PATH: %s', (_, files, config, expected) => {
    const findings = found(inspected([layer([app, ...files])], config));
    const said = findings.map(({ severity, message }) => `${severity} ${message}`);
    expect(said).toEqual(expected.map((words) => expect.stringContaining(words)));
  });

  test('on PATH for 386 is none in an image for amd64', () => {
    const subject = inspected(
      [layer([{ path: 'app', program: elf('amd64') }, ...tools(9, '386')])],
      {},
      { platform: 'linux/amd64' },
    );
    expect(found(subject)).toMatchObject([{ severity: 'warning' }]);
  });

  test('is told at the line that copies it, and no build stage is blamed that is not there', () => {
    const text = 'FROM busybox\nCOPY --from=tools:1 /bin/sh /bin/sh\n';
    const subject = inspected(
      [layer([app]), layer([{ path: 'bin/sh', program: elf('amd64') }])],
      { history: history(step('COPY /bin/sh /bin/sh # buildkit')) },
      { dockerfile: { file: 'Dockerfile', text } },
    );
    expect(found(subject)).toEqual([
      {
        severity: 'error',
        message: '/bin/sh is an ELF for amd64; the image is for linux/arm64.',
        line: 2,
        remedy: 'copy from an image that has linux/arm64',
      },
    ]);
  });

  test('from a stage for the builder is told at that stage’s FROM', () => {
    const text = [
      'FROM --platform=$BUILDPLATFORM other AS other',
      'FROM --platform=$BUILDPLATFORM golang AS base',
      'FROM base AS build',
      'RUN go build',
      'FROM scratch AS collected',
      'COPY --from=2 /app /app',
      'FROM busybox',
      'COPY --from=collected /app /app',
    ].join('\n');
    const subject = inspected(
      [layer(busybox('arm64')), layer([{ path: 'app', program: elf('amd64') }])],
      { history: history(step('COPY /app /app # buildkit')) },
      { dockerfile: { file: 'Dockerfile', text } },
    );
    expect(found(subject)).toMatchObject([
      { line: 2, remedy: 'use GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM' },
    ]);
  });
});

describe('foreign', () => {
  const foreign = [{ path: 'opt/**', reason: 'a cross compiler' }];
  const compiler = ['opt/cc', 'opt/lib/cc1'].map((path) => ({ path, program: elf('amd64') }));

  test('permits other files, and its reason is repeated', () => {
    const other = { path: 'srv/x', program: elf('s390x') };
    const subject = inspected([layer([app, ...compiler, other])], {}, { foreign });
    expect(archMismatch(subject)).toMatchObject([
      {
        severity: 'warning',
        message: '1 other ELF file is for s390x; the image is for linux/arm64.',
        detail: ['/srv/x: s390x, layer 1 of 1, COPY base /'],
      },
      {
        code: 'foreign-files',
        severity: 'note',
        message: 'foreign: opt/**, 2 files for amd64: a cross compiler',
      },
    ]);
  });

  test('is told with its place, and of a file with two names once', () => {
    const location = { file: 'sea-trial.yml', line: 3 };
    const [cc] = compiler;
    const again: File = { path: 'opt/gcc', kind: 'hardlink', link: 'opt/cc' };
    const subject = inspected(
      [layer([app, ...(cc === undefined ? [] : [cc]), again])],
      {},
      { foreign: [{ path: 'opt/**', reason: 'a cross compiler', location }] },
    );
    expect(archMismatch(subject)).toStrictEqual([
      {
        code: 'foreign-files',
        severity: 'note',
        subject: { image: 'greeter', platform: 'linux/arm64', path: 'opt/**' },
        message: 'foreign: opt/**, 1 file for amd64: a cross compiler',
        location,
        remedy: 'Check that the reason still applies.',
      },
    ]);
  });

  test('permits programs on PATH, which then do not count', () => {
    const config = { env: ['PATH=/opt'] };
    const subject = inspected([layer([app, ...compiler])], config, { foreign });
    expect(archMismatch(subject)).toMatchObject([{ code: 'foreign-files' }]);
  });

  test('permits neither what starts, nor the shell, nor what tests run', () => {
    const files = ['opt/app', 'opt/sh', 'opt/t'].map((path) => ({ path, program: elf('amd64') }));
    const sh = { path: 'bin/sh', link: '/opt/sh' };
    const tests = [plannedTest({ name: 't', run: { exec: ['/opt/t'] } })];
    const config = { entrypoint: ['/opt/app'] };
    const subject = inspected([layer([...files, sh])], config, { foreign }, tests);
    const detail = ['"foreign" never covers what the image starts, its shell, or what tests run.'];
    expect(archMismatch(subject)).toMatchObject([
      { severity: 'error', subject: { path: '/opt/app' }, detail },
      { severity: 'error', subject: { path: '/opt/sh' }, detail },
      { severity: 'error', subject: { path: '/opt/t' }, detail },
    ]);
  });
});
