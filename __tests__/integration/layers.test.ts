import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { dockerEngine, EngineError, layersRefused, runName } from '../../src/engine/index.js';
import type { ImageFacts } from '../../src/evidence/index.js';
import { digestOf, engineArchive, mediaTypes } from '../../src/oci/index.js';
import { realPorts } from '../../src/ports/index.js';
import { file, OPAQUE_ROOT, REFUSED, UNPACKED } from '../contents/odd-layers.js';
import { type RawEntry, rawTar } from '../oci/raw-tar.js';
import { blobs } from '../registry/images.js';
import { command, environment, project } from './rig.js';

/* The engine at hand sees the files in odd layers that contents/tree.test.ts expects. */

const engine = dockerEngine({ ...realPorts(), env: environment });

type Layers = readonly (readonly RawEntry[])[];

/** Does something with a container of an image that has these layers, and removes both. */
async function inContainer<T>(layers: Layers, use: (container: string) => Promise<T>): Promise<T> {
  const store = blobs();
  const tars = layers.map((entries) => rawTar(entries));
  const config = store.add(
    JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      config: { Cmd: ['/x'] },
      rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
    }),
    mediaTypes.config,
  );
  const stored = tars.map((tar) => store.add(tar, 'application/vnd.oci.image.layer.v1.tar'));
  const document = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: stored };
  const manifest = store.add(JSON.stringify(document), mediaTypes.manifest);
  const facts = { manifest, config, layers: stored } as unknown as ImageFacts;
  const name = runName('layers', manifest.digest);
  try {
    await engine.load(engineArchive({ read: store.open }, facts, name));
    const container = await engine.create({
      image: name,
      platform: 'linux/amd64',
      arguments: [],
      env: {},
      labels: {},
    });
    try {
      return await use(container);
    } finally {
      await engine.remove(container);
    }
  } finally {
    await engine.removeImage(name);
  }
}

/** A base layer is not unpacked on overlayfs by each engine. */
const BASE = [file('base')];

const OF_ENGINE = /^(dev|proc|sys|etc|\.dockerenv)(\/|$)/;

async function filesIn(container: string): Promise<readonly string[]> {
  const archive = join(await project({}), 'files.tar');
  await command('docker', ['export', '--output', archive, container]);
  const listed = (await command('tar', ['-tf', archive])).split('\n');
  return listed.filter((path) => path !== '' && !path.endsWith('/') && !OF_ENGINE.test(path));
}

/** All of these in one image, each below a folder of its own. */
function together(cases: typeof UNPACKED): Layers {
  const below = (number: number, { path, type, link, ...rest }: RawEntry): RawEntry => ({
    ...rest,
    path: `${number}/${path}`,
    ...(type === undefined ? {} : { type }),
    ...(link === undefined ? {} : { link: type === '1' ? `${number}/${link}` : link }),
  });
  return [0, 1, 2].map((layer) =>
    cases.flatMap(([, layers], number) =>
      (layers[layer] ?? []).map((entry) => below(number, entry)),
    ),
  );
}

const withoutLayer = (path: string) => path.replace(/^\/(.*)@\d+$/, '$1');

describe('odd layers hold for us what they hold for the engine', () => {
  test('whiteouts, opaque directories, links', async () => {
    const seen = await inContainer(together(UNPACKED), filesIn);
    const found = UNPACKED.map(([title], number) => {
      const own = seen.filter((path) => path.startsWith(`${number}/`));
      return [title, own.map((path) => path.slice(`${number}/`.length)).sort()];
    });
    expect(found).toEqual(
      UNPACKED.map(([title, , expected]) => [title, expected.map(withoutLayer)]),
    );
  });

  test('an opaque root', async () => {
    const [, layers, expected] = OPAQUE_ROOT;
    expect(await inContainer(layers, filesIn)).toEqual(
      expect.arrayContaining(expected.map(withoutLayer)),
    );
  });

  // The words for the others are those of both engines, in engine/layers.test.ts.
  test.each(REFUSED.slice(0, 3))(
    '%s is refused, and that is the fault of the image',
    async (_, entries) => {
      const refused = await inContainer([BASE, entries], async () => undefined).catch(
        (error) => error,
      );
      expect(refused).toBeInstanceOf(EngineError);
      expect(layersRefused((refused as EngineError).said)).toMatch(
        /^its layers cannot be unpacked/,
      );
    },
  );
});
