import { describe, expect, test } from '@jest/globals';
import { archMismatch } from '../../src/checks/arch-mismatch.js';
import { plannedTest } from '../plans.js';
import { elf, inspected, layer } from './inspected.js';

const base = layer([{ path: 'bin/sh', program: elf('arm64') }]);

describe('what a container starts', () => {
  const wrong = layer([{ path: 'usr/local/bin/app', program: elf('amd64') }]);
  const config = { entrypoint: ['app'] };
  const found = {
    value: 'e_machine 62 (x86-64, 64 bit, little endian)',
    from: 'layer 2 of 2, COPY --from=build /out/app /usr/local/bin/app',
  };
  const finding = {
    code: 'arch-mismatch',
    severity: 'error',
    subject: {
      image: 'greeter',
      platform: 'linux/arm64',
      path: '/usr/local/bin/app',
      digest: `sha256:${'e'.repeat(64)}`,
    },
    message: '/usr/local/bin/app is an ELF for amd64; the image is for linux/arm64.',
    found,
    expected: {
      value: 'e_machine 183 (AArch64, 64 bit, little endian)',
      from: 'platform linux/arm64',
    },
    remedy: 'Compile or download it for $TARGETARCH, or use a base image that has the platform.',
  };

  test('is an error with path, layer, found and expected', () => {
    expect(archMismatch(inspected([base, wrong], config))).toEqual([finding]);
  });

  test('points to the line that fixes the build stage to the build platform', () => {
    const text =
      'ARG A\nFROM golang\nfrom  --platform=$BUILDPLATFORM golang AS build\nRUN go build\nFROM x\nCOPY a b\n';
    const dockerfile = { file: 'images/Dockerfile', text };
    expect(archMismatch(inspected([base, wrong], config, { dockerfile }))).toEqual([
      {
        ...finding,
        location: { file: 'images/Dockerfile', line: 3 },
        detail: ['The build stage runs on the build platform and does not cross-compile.'],
        remedy: 'use GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM',
      },
    ]);
  });

  test('points to the Dockerfile where it has no such line', () => {
    const dockerfile = { file: 'Dockerfile', text: 'FROM golang AS build\nCOPY a b\n' };
    expect(archMismatch(inspected([base, wrong], config, { dockerfile }))).toEqual([
      { ...finding, location: { file: 'Dockerfile' } },
    ]);
  });

  test('is named as it is started, whatever else asks for it', () => {
    const link = layer([{ path: 'bin/tool', link: '/usr/local/bin/app' }]);
    const tests = [plannedTest({ run: { exec: ['/bin/tool'] } })];
    const named = (entrypoint: readonly string[]) =>
      archMismatch(inspected([base, wrong, link], { entrypoint }, {}, tests)).map(
        ({ message }) => message.split(' is an ELF')[0],
      );
    expect(named(['app'])).toEqual(['/usr/local/bin/app']);
    expect(named([])).toEqual(['/bin/tool (/usr/local/bin/app), which test "works" needs,']);
  });

  test('names the instruction of its layer, of a long one the beginning', () => {
    const from = (createdBy: string) => {
      const history = ['COPY base /', createdBy].map((one) => ({
        createdBy: one,
        emptyLayer: false,
      }));
      return archMismatch(inspected([base, wrong], { ...config, history }))[0]?.found?.from;
    };
    const longest = `RUN ${'x'.repeat(116)}`;
    expect(from(longest)).toBe(`layer 2 of 2, ${longest}`);
    expect(from(`${longest}y`)).toBe(`layer 2 of 2, ${longest}…`);
  });

  test('holds for the command and for every interpreter', () => {
    const files = layer([
      { path: 'run', program: { magic: 'script', script: '/lib/interpreter' } },
      { path: 'lib/interpreter', program: elf('s390x', { interpreter: '/lib/ld.so' }) },
      { path: 'lib/ld.so', link: 'ld-1.so' },
      { path: 'lib/ld-1.so', program: elf('arm') },
    ]);
    const findings = archMismatch(inspected([files], { entrypoint: [], command: ['/run'] }));
    expect(findings.map(({ severity, subject }) => [severity, subject.path])).toEqual([
      ['error', '/lib/interpreter'],
      ['error', '/lib/ld-1.so'],
    ]);
  });
});

describe('other ELF files', () => {
  test('are one warning that counts and names the first', () => {
    const many = Array.from({ length: 7 }, (_, number) => ({
      path: `lib/${number}`,
      program: elf(number === 0 ? 's390x' : 'amd64'),
    }));
    const files = layer([{ path: 'app', program: elf('arm64') }, ...many]);
    expect(archMismatch(inspected([files]))).toEqual([
      {
        code: 'arch-mismatch',
        severity: 'warning',
        subject: { image: 'greeter', platform: 'linux/arm64', path: '/lib/0' },
        message: '7 other ELF files are for amd64, s390x; the image is for linux/arm64.',
        found: { value: 'amd64, s390x', from: 'ELF headers in the layers' },
        expected: {
          value: 'e_machine 183 (AArch64, 64 bit, little endian)',
          from: 'platform linux/arm64',
        },
        detail: [
          '/lib/0: s390x, layer 1 of 1, COPY base /',
          '/lib/1: amd64, layer 1 of 1, COPY base /',
          '/lib/2: amd64, layer 1 of 1, COPY base /',
          '/lib/3: amd64, layer 1 of 1, COPY base /',
          '/lib/4: amd64, layer 1 of 1, COPY base /',
          'and 2 more',
        ],
        remedy:
          'Keep them out of the last stage; if the image needs them, list them under "foreign".',
      },
    ]);
  });

  test.each<[string, Parameters<typeof elf>[0], string, readonly string[]]>([
    ['of the platform', 'arm64', 'linux/arm64', []],
    ['for eBPF', 'bpf', 'linux/arm64', []],
    ['on a platform of which no rule is known', 'amd64', 'wasip1/wasm', []],
    ['for 386 in an image for amd64', '386', 'linux/amd64', ['warning']],
    ['for amd64 in an image for 386', 'amd64', 'linux/386', ['error']],
  ])('%s', (_, architecture, platform, severities) => {
    const own = platform === 'linux/386' ? 'app' : 'other';
    const isAmd64 = platform === 'linux/amd64';
    const files = layer([
      { path: own, program: elf(architecture) },
      ...(own === 'app' ? [] : [{ path: 'app', program: elf(isAmd64 ? 'amd64' : 'arm64') }]),
    ]);
    const subject = inspected([files], {}, { platform });
    expect(archMismatch(subject).map(({ severity }) => severity)).toEqual(severities);
  });

  test('the entrypoint for 386 is a warning on amd64, whose kernels start it', () => {
    const subject = inspected(
      [layer([{ path: 'app', program: elf('386') }])],
      {},
      { platform: 'linux/amd64' },
    );
    expect(archMismatch(subject)).toMatchObject([
      { severity: 'warning', subject: { path: '/app' } },
    ]);
  });
});
