import { describe, expect, test } from '@jest/globals';
import { elf, layer } from '../checks/inspected.js';
import { built, found, words } from './platforms.js';

const prog = (architecture: Parameters<typeof elf>[0], path = 'bin/prog') => ({
  path,
  program: elf(architecture, { digest: `sha256:${Buffer.from(architecture).toString('hex')}` }),
});

describe('equal layers', () => {
  test('with a program for one of two platforms are an error that names both', () => {
    const layers = [[prog('amd64')]];
    expect(found([built('linux/amd64', layers), built('linux/arm64', layers)])).toEqual([
      {
        code: 'equal-layers',
        severity: 'error',
        subject: { image: 'greeter', platform: 'linux/arm64', path: '/bin/prog' },
        message:
          'linux/arm64 has the same layers as linux/amd64, and /bin/prog in them is an ELF for amd64.',
        found: {
          value: 'e_machine 62 (x86-64, 64 bit, little endian)',
          from: 'layer 1 of 1, COPY base /',
        },
        expected: {
          value: 'e_machine 183 (AArch64, 64 bit, little endian)',
          from: 'platform linux/arm64',
        },
        detail: [],
        remedy: expect.stringContaining('foreign'),
      },
    ]);
  });

  test('are an error too where the bytes of layers differ and the programs do not', () => {
    const other = { ...layer([prog('amd64')]), diffId: `sha256:${'2'.repeat(64)}` };
    const text = { path: 'etc/built-at' };
    const platforms = [
      built('linux/amd64', [[prog('amd64'), text]]),
      built('linux/arm64', [other]),
    ];
    expect(words(...platforms)).toContainEqual(
      expect.stringMatching(/^error equal-layers linux\/arm64: .* has the same programs as /),
    );
  });

  test('are an error where only scripts, or what no platform runs, differ', () => {
    const beside = (letter: string) => {
      const digest = `sha256:${letter.repeat(64)}`;
      return [
        { path: 'run', program: { magic: 'script', script: '/bin/sh', digest } } as const,
        { path: 'firmware', program: elf('s390x', { digest }) },
      ];
    };
    const platforms = [
      built('linux/amd64', [[prog('amd64'), ...beside('1')]]),
      built('linux/arm64', [[prog('amd64'), ...beside('2')]]),
    ];
    expect(words(...platforms)).toContainEqual(
      expect.stringMatching(/^error equal-layers linux\/arm64: /),
    );
  });

  test('name every platform that the programs fit, and every one that they do not', () => {
    const layers = [[prog('amd64', 'a'), prog('arm64', 'b'), prog('arm64', 'c')]];
    const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x'];
    expect(words(...platforms.map((platform) => built(platform, layers)))).toEqual([
      'error equal-layers linux/amd64: linux/amd64 has the same layers as linux/arm64, and /b in them is an ELF for arm64.',
      'error equal-layers linux/arm64: linux/arm64 has the same layers as linux/amd64, and /a in them is an ELF for amd64.',
      'error equal-layers linux/s390x: linux/s390x has the same layers as linux/amd64, linux/arm64, and /a in them is an ELF for amd64.',
    ]);
  });

  test('name five programs and count the others', () => {
    const layers = [Array.from({ length: 7 }, (_, at) => prog('amd64', `bin/${at}`))];
    const [finding] = found([built('linux/amd64', layers), built('linux/arm64', layers)]);
    expect(finding?.detail).toEqual([
      '/bin/1 too',
      '/bin/2 too',
      '/bin/3 too',
      '/bin/4 too',
      'and 2 more',
    ]);
  });

  const script = { path: 'app', program: { magic: 'script', script: '/bin/sh' } } as const;
  test.each([
    ['scripts and texts alone', [script, { path: 'etc/config' }]],
    ['nothing at all', []],
    ['programs for eBPF', [prog('bpf')]],
    ['programs for neither, as firmware', [prog('s390x')]],
  ])('may hold %s', (_, files) => {
    expect(found([built('linux/amd64', [files]), built('linux/arm64', [files])])).toEqual([]);
  });

  test('may hold programs of 386 on amd64, and of arm for every variant', () => {
    const pairs = [
      ['386', 'linux/386', 'linux/amd64'],
      ['arm', 'linux/arm/v6', 'linux/arm/v7'],
    ] as const;
    for (const [architecture, one, other] of pairs) {
      const layers = [[prog(architecture)]];
      expect(found([built(one, layers), built(other, layers)])).toEqual([]);
    }
  });

  test('may hold what the configuration calls foreign, and nothing else beside it', () => {
    const foreign = [{ path: 'payload/**', reason: 'written to the boards' }];
    const both = (...files: readonly ReturnType<typeof prog>[]) => [
      built('linux/amd64', [files]),
      built('linux/arm64', [files]),
    ];
    expect(found(both(prog('amd64', 'payload/a')), foreign)).toEqual([]);
    expect(found(both(prog('amd64', 'payload/a'), prog('amd64')), foreign)).toMatchObject([
      { code: 'equal-layers', subject: { path: '/bin/prog' } },
    ]);
  });

  test('in part are not judged here: the other programs tell the platforms apart', () => {
    const prebuilt = [prog('amd64', 'lib/amd64.node'), prog('arm64', 'lib/arm64.node')];
    const platforms = [
      built('linux/amd64', [[prog('amd64')], prebuilt]),
      built('linux/arm64', [[prog('arm64')], prebuilt]),
    ];
    expect(found(platforms)).toEqual([]);
  });

  test('are no concern of an image with one platform', () => {
    expect(found([built('linux/arm64', [[prog('amd64')]])])).toEqual([]);
  });
});
