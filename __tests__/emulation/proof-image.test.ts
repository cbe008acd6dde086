import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { programs } from '../../src/emulation/programs.js';
import { programFor, proofImage } from '../../src/emulation/proof-image.js';
import { knownPlatforms } from '../../src/platform/index.js';
import { architectureOf } from '../../src/platform/native.js';

/** `e_machine` and class of each architecture's ELF files (their psABI documents). */
const ELF: Readonly<Record<string, readonly [machine: number, bits: number, order: string]>> = {
  '386': [3, 32, 'little'],
  amd64: [62, 64, 'little'],
  arm: [40, 32, 'little'],
  arm64: [183, 64, 'little'],
  loong64: [258, 64, 'little'],
  mips64: [8, 64, 'big'],
  mips64le: [8, 64, 'little'],
  ppc64le: [21, 64, 'little'],
  riscv64: [243, 64, 'little'],
  s390x: [22, 64, 'big'],
};

function elfOf(file: Buffer) {
  const order = file[5] === 2 ? 'big' : 'little';
  const machine = order === 'big' ? file.readUInt16BE(18) : file.readUInt16LE(18);
  return [machine, file[4] === 2 ? 64 : 32, order];
}

const ROOT = join(import.meta.dirname, '..', '..');

describe('the programs', () => {
  test('are made from the sources that are here', async () => {
    const table = await readFile(join(ROOT, 'src/emulation/programs.ts'), 'utf8');
    const written = table.matchAll(/^ \* {3}(\S+) +([0-9a-f]{64})$/gm);
    const sources = Array.from(written, ([, name = '', sum]) => [name, sum] as const);
    const there = sources.map(async ([name]) => {
      const source = await readFile(join(ROOT, 'scripts/proof', name));
      return [name, createHash('sha256').update(source).digest('hex')];
    });
    // Where they differ, scripts/proof/build.sh has to be run again.
    expect(sources).toEqual(await Promise.all(there));
    expect(sources.map(([name]) => name)).toEqual(['proof.c', 'build.sh']);
  });

  test('stand in a file that the script would write again, word for word', async () => {
    const table = await readFile(join(ROOT, 'src/emulation/programs.ts'), 'utf8');
    const script = await readFile(join(ROOT, 'scripts/proof/build.sh'), 'utf8');
    const frame = /<<END\n(.*?)\n \* Written by.*?(\n \*\/\n.*?)\nEND\n/s.exec(script)?.slice(1);
    expect(frame).toHaveLength(2);
    for (const part of frame ?? []) expect(table).toContain(part);
  });

  test('are there for every platform that is known', () => {
    expect(Object.keys(programs).sort()).toEqual([...knownPlatforms].sort());
  });

  test.each(Object.entries(programs))(
    '%s is what its digest and its header say',
    (platform, program) => {
      const file = Buffer.from(program.base64, 'base64');
      expect(createHash('sha256').update(file).digest('hex')).toBe(program.sha256);
      expect(file.subarray(0, 4).toString('latin1')).toBe('\u007fELF');
      expect(elfOf(file)).toEqual(ELF[architectureOf(platform)]);
      expect(file.length).toBeLessThan(2500);
      expect(file.includes(`${platform.slice('linux/'.length)}\0`)).toBe(true);
    },
  );

  test.each([
    ['linux/amd64/v3', 'linux/amd64'],
    ['linux/arm64/v9', 'linux/arm64'],
    ['linux/arm/v8', 'linux/arm/v7'],
    ['linux/arm/v6', 'linux/arm/v6'],
    ['linux/ppc64le/power9', 'linux/ppc64le'],
  ])('%s is proved by that of %s', (platform, general) => {
    expect(programFor(platform)?.toString('base64')).toBe(programs[general]?.base64);
  });

  test.each(['linux/ppc64', 'windows/amd64', 'wasip1/wasm', 'nonsense'])(
    'there is none for %s',
    (platform) => {
      expect(programFor(platform)).toBeUndefined();
    },
  );
});

describe('proofImage', () => {
  const programs = (...platforms: readonly string[]) =>
    new Map(platforms.map((platform) => [platform, Buffer.from(`program of ${platform}`)]));

  test('has the same digests for the same platforms and run, and others for another', async () => {
    const digests = await Promise.all(
      [
        ['linux/arm/v7', 'run-1'],
        ['linux/arm/v7', 'run-1'],
        ['linux/arm/v6', 'run-1'],
        ['linux/arm/v7', 'run-2'],
      ].map(async ([platform = '', run = '']) => {
        const labels = { 'sea-trial.run': run };
        return (await proofImage('linux/amd64', programs(platform), labels)).manifest;
      }),
    );
    expect(digests[1]).toBe(digests[0]);
    expect(new Set(digests).size).toBe(3);
  });

  test('is an archive that holds its name, its manifest and all programs', async () => {
    const image = await proofImage('linux/arm64', programs('linux/arm/v7', 'linux/386'), {
      'sea-trial.run': 'run-1',
    });
    const archive = Buffer.concat(await image.archive('a.test/b:c').toArray()).toString('latin1');
    expect(archive).toContain(`blobs/sha256/${image.manifest.slice('sha256:'.length)}\0`);
    expect(archive).toContain('"RepoTags":["a.test/b:c"]');
    expect(archive).toContain('"os":"linux","architecture":"arm64"');
    expect(archive).toContain('"Labels":{"sea-trial.run":"run-1"}');
    expect(archive).toContain(
      '"history":[{"created":"1970-01-01T00:00:00Z","created_by":"sea-trial"}]',
    );
    expect(archive).toMatch(
      /"layers":\[\{"mediaType":"application\/vnd\.oci\.image\.layer\.v1\.tar"/,
    );
    expect(archive).toMatch(/"rootfs":\{"type":"layers","diff_ids":\["sha256:[0-9a-f]{64}"\]\}/);
    expect(archive).toContain('proof-linux-arm-v7\0');
    expect(archive).toContain('program of linux/arm/v7\0');
    expect(archive).toContain('proof-linux-386\0');
    expect(archive).not.toContain('/proof-linux');
    expect(archive).toContain('manifest.json\0');
  });
});
