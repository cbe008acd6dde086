import { expect, test } from '@jest/globals';
import { goMain } from '../../src/checks/go-main.js';
import { elf, type File, go, inspected, layer } from './inspected.js';

const app = (path: string): File => ({ path: 'app', program: elf('arm64', go(path)) });
const pattern = 'example\\.org/greeter$';

test.each<[string, readonly File[], readonly string[]]>([
  ['as expected', [app('example.org/greeter')], []],
  [
    'another component',
    [app('example.org/other')],
    [`The main package of /app is example.org/other; expected ${pattern}.`],
  ],
  [
    'an end that only looks alike',
    [app('example.org/greeter/x')],
    [`The main package of /app is example.org/greeter/x; expected ${pattern}.`],
  ],
  [
    'no Go program',
    [{ path: 'app', program: elf('arm64') }],
    [
      `The main package is unknown; expected ${pattern}: /app has none: it is not a Go program, or the information was removed.`,
    ],
  ],
  [
    'build information that could not be read',
    [{ path: 'app', program: elf('arm64', { unknown: 'its Go build information is cut off' }) }],
    [
      `The main package is unknown; expected ${pattern}: of /app its Go build information is cut off.`,
    ],
  ],
  [
    'no program at all',
    [],
    [
      `The main package is unknown; expected ${pattern}: the image starts no program that is in its layers.`,
    ],
  ],
  [
    'a script, and a Go program in the image',
    [
      { path: 'app', program: { magic: 'script', script: '/bin/sh' } },
      { path: 'srv/main', program: elf('arm64', go('example.org/greeter')) },
    ],
    [],
  ],
  [
    'a script, and no Go program',
    [{ path: 'app', program: { magic: 'script', script: '/bin/sh' } }],
    [
      `The main package is unknown; expected ${pattern}: /app is not an ELF file, and no program in the image has any.`,
    ],
  ],
  [
    'the right one in the image, the wrong one started',
    [
      app('example.org/other'),
      { path: 'srv/main', program: elf('arm64', go('example.org/greeter')) },
    ],
    [`The main package of /app is example.org/other; expected ${pattern}.`],
  ],
])('%s', (_, files, messages) => {
  const findings = goMain(inspected([layer(files)], {}, { goMain: pattern }));
  expect(findings.map(({ message }) => message)).toEqual(messages);
  for (const { code, severity } of findings) expect([code, severity]).toEqual(['go-main', 'error']);
});

test('without an expectation nothing is said', () => {
  expect(goMain(inspected([layer([app('x')])]))).toEqual([]);
});

test('an image that starts nothing is told so, with what was found and expected', () => {
  const subject = inspected([layer([])], { entrypoint: [] }, { goMain: pattern });
  expect(goMain(subject)).toStrictEqual([
    {
      code: 'go-main',
      severity: 'error',
      subject: { image: 'greeter', platform: 'linux/arm64' },
      message: `The main package is unknown; expected ${pattern}: the image starts no program that is in its layers.`,
      found: { value: 'unknown', from: 'Go build information' },
      expected: { value: pattern, from: 'expect go-main' },
      remedy:
        'Build with Go 1.18 or later and keep the section .go.buildinfo, or drop the expectation.',
    },
  ]);
});

test('of many wrong programs five are named', () => {
  const files = Array.from({ length: 7 }, (_, at): File => {
    return { path: `srv/${at}`, program: elf('arm64', go(`example.org/${at}`)) };
  });
  const subject = inspected([layer(files)], { entrypoint: [] }, { goMain: pattern });
  expect(goMain(subject).map(({ subject: { path } }) => path)).toEqual(
    [0, 1, 2, 3, 4].map((at) => `/srv/${at}`),
  );
});

test('the launcher of buildpacks is no program of the application', () => {
  const launcher = { path: 'cnb/lifecycle/launcher', program: elf('arm64', go('launcher')) };
  const subject = inspected([layer([launcher])], { entrypoint: [] }, { goMain: 'launcher' });
  expect(goMain(subject)).toMatchObject([
    { message: expect.stringContaining('The main package is unknown') },
  ]);
});

test('why there is none is said of the program that the launcher starts', () => {
  const files: File[] = [
    { path: 'cnb/lifecycle/launcher', program: elf('arm64', go('launcher')) },
    { path: 'usr/bin/node', program: elf('arm64') },
  ];
  const subject = inspected([layer(files)], { entrypoint: ['/cnb/lifecycle/launcher'] });
  const [launcher] = subject.started;
  if (launcher === undefined) throw new Error('The image starts nothing.');
  const node = inspected([layer(files)], { entrypoint: ['/usr/bin/node'] }).started;
  const started = [{ ...launcher, role: 'interpreter' as const }, ...node];
  expect(goMain({ ...subject, goMain: pattern, started })).toMatchObject([
    { message: expect.stringContaining('/usr/bin/node has none') },
  ]);
});

test('a build from files is explained', () => {
  const subject = inspected([layer([app('command-line-arguments')])], {}, { goMain: pattern });
  expect(goMain(subject)).toEqual([
    {
      code: 'go-main',
      severity: 'error',
      subject: { image: 'greeter', platform: 'linux/arm64', path: '/app' },
      message: `The main package of /app is command-line-arguments; expected ${pattern}.`,
      found: {
        value: 'command-line-arguments',
        from: 'Go build information in layer 1 of 1, COPY base /',
      },
      expected: { value: pattern, from: 'expect go-main' },
      detail: [
        'go build was given files instead of a package, so the binary does not record which package it was built from.',
      ],
      remedy: 'Give go build the package: `go build ./cmd/x` in place of `go build cmd/x/main.go`.',
    },
  ]);
});

test('a search that takes too long is an error, since the expectation was not proved', () => {
  let now = 0;
  const clock = { ticks: () => (now += 1000) };
  const files = [app(`example.org/${'x'.repeat(10_000)}`)];
  const subject = inspected([layer(files)], {}, { goMain: '(?:[xw]?){500}[yz]', clock });
  expect(goMain(subject)).toStrictEqual([
    {
      code: 'go-main',
      severity: 'error',
      subject: { image: 'greeter', platform: 'linux/arm64' },
      message:
        'The main package could not be compared with (?:[xw]?){500}[yz]: the search took longer than 2 s.',
      found: { value: 'unknown', from: 'Go build information' },
      expected: { value: '(?:[xw]?){500}[yz]', from: 'expect go-main' },
      remedy: 'Write a simpler pattern.',
    },
  ]);
});
