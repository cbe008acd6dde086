import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  createImageReader,
  type ImageReader,
  judgePins,
  type ResolvedBuilder,
  readBuild,
  readOffers,
  readPins,
} from '../../src/buildpacks/index.js';
import { realPorts } from '../../src/ports/index.js';
import { anonymous, createRegistryClient } from '../../src/registry/index.js';
import { type BuilderRegistry, builderRegistry } from './buildpacks.js';
import { project } from './rig.js';

/*
 * What pack writes into a builder, read from a registry: labels, layers, and the versions in
 * the buildpack.toml of the layer that a label names.
 */

const BOTH = ['linux/amd64', 'linux/arm64'];

describe('the builder that pack made', () => {
  const ports = realPorts();
  let registry: BuilderRegistry;
  let builder: ResolvedBuilder;
  let reader: ImageReader;
  beforeAll(async () => {
    registry = await builderRegistry();
    const { http, clock, resolve } = ports;
    const client = createRegistryClient({ http, clock, resolve, credentials: anonymous });
    reader = createImageReader({ client, mirrors: [] });
    const written = { builder: registry.builder, runImage: registry.runImage };
    const { value, findings } = await readBuild(reader, written, BOTH);
    if (value === undefined) throw new Error(JSON.stringify(findings));
    builder = value.builder;
    expect(value.runImages.map(({ platform, reference }) => [platform, reference])).toEqual(
      BOTH.map((platform) => [platform, registry.runImage]),
    );
  });

  test('is read with its lifecycle, order, user and layers on each platform', () => {
    expect(`${registry.builder.split('@')[0]}@${builder.digest}`).toBe(registry.builder);
    expect(builder.platforms.map(({ platform }) => platform)).toEqual(BOTH);
    for (const on of builder.platforms) {
      expect(on).toMatchObject({
        lifecycle: { version: '0.21.17', platformApis: expect.arrayContaining(['0.15']) },
        runImages: [['sea-trial-rig/run:1']],
        order: [[{ id: 'sea-trial-rig/python', version: '1.0.0' }]],
        buildpacks: [{ id: 'sea-trial-rig/python', version: '1.0.0', api: '0.10' }],
        user: { uid: 1000, gid: 1000 },
        distribution: 'sea-trial-rig 1',
      });
      expect(on.layers.map(({ diffId }) => diffId)).toContain(on.buildpacks[0]?.diffId);
    }
  });

  test('is refused for a platform that it does not have', async () => {
    const written = { builder: registry.builder, runImage: registry.runImage };
    const { findings = [] } = await readBuild(reader, written, [...BOTH, 'linux/s390x']);
    expect(findings.map(({ message }) => message)).toEqual([
      `The builder ${registry.builder} has no image for linux/s390x; it has linux/amd64, linux/arm64.`,
    ]);
  });

  test('offers on both platforms the versions of the buildpack.toml in its layer', async () => {
    const { offers, faults } = await readOffers(reader, builder, new Set(['python']));
    expect(faults).toEqual([]);
    expect(offers.map(({ platform, versions }) => [platform, versions])).toEqual(
      BOTH.map((platform) => [
        platform,
        [{ version: '3.12.11', deprecation: '2028-10-31' }, { version: '3.13.7' }],
      ]),
    );
  });

  test.each([
    ['3.13\n', []],
    ['# the deployment has this\n3.12 # and no other\n', []],
    [
      '# newer than the builder\r\n3.14\r\n',
      [
        [
          'version-not-offered',
          'REFERENCE',
          { file: '.python-version', line: 2, column: 1 },
          'Pin 3.13, or choose a builder that offers it.',
        ],
      ],
    ],
  ])('judges the pin %j before anything is built', async (pin, expected) => {
    const folder = await project({ '.python-version': pin });
    const files = await readPins(folder, '.', ports.files);
    const offers = await readOffers(reader, builder, new Set(['python']));
    const question = { builder, files, offers, variables: new Map<string, string>() };
    const found = judgePins({ ...question, now: new Date('2026-11-30') });
    expect(
      found.map(({ code, location, remedy, subject }) => [
        code,
        subject.reference === registry.builder ? 'REFERENCE' : subject.reference,
        location,
        remedy,
      ]),
    ).toEqual(expected);
    for (const { message } of found) {
      expect(message).toBe(
        `3.14 is not offered by ${registry.builder} (sea-trial-rig/python 1.0.0); newest: 3.13.`,
      );
    }
    expect(await ports.files.list(join(folder))).toEqual(['.python-version']);
  });
});
