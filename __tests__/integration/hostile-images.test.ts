import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { dockerEngine, runName } from '../../src/engine/index.js';
import type { ImageFacts } from '../../src/evidence/index.js';
import { digestOf, engineArchive, mediaTypes } from '../../src/oci/index.js';
import { realPorts } from '../../src/ports/index.js';
import { runInContainer } from '../../src/test/container.js';
import { END, paxRecord, rawTar } from '../oci/raw-tar.js';
import { plannedTest } from '../plans.js';
import { blobs } from '../registry/images.js';
import { environment } from './rig.js';

/* What the real engine says of images that are wrong in themselves is known as such. */

const ports = { ...realPorts(), env: environment };
const engine = dockerEngine(ports);

const PLAIN = rawTar([{ path: 'bin/x', content: 'x'.repeat(10_000), mode: 0o755 }]);

interface Hostile {
  readonly layer: Buffer;
  /** What the config says that the layer holds; the archive unless given. */
  readonly holds?: Buffer;
  readonly env?: readonly string[];
}

function imageOf({ layer, holds = PLAIN, env = [] }: Hostile) {
  const store = blobs();
  const config = store.add(
    JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      config: { Cmd: ['/bin/x'], Env: env },
      rootfs: { type: 'layers', diff_ids: [digestOf(holds)] },
    }),
    mediaTypes.config,
  );
  const layers = [store.add(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')];
  const document = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers };
  const manifest = store.add(JSON.stringify(document), mediaTypes.manifest);
  return { store, facts: { manifest, config, layers, shell: [] } as unknown as ImageFacts };
}

const zipped = gzipSync(PLAIN);
const outside = rawTar([{ path: 'bin/x', type: '1', link: '../../../../etc/nothing' }]);
const long = rawTar([
  { path: 'x', type: 'x', content: paxRecord('comment', 'y'.repeat(2_000_000)) },
  { path: 'bin/x', content: 'x' },
]);

test.each<[string, Hostile, RegExp]>([
  ['a layer that is cut short', { layer: zipped.subarray(0, -20) }, /unpacked: .*unexpected EOF/],
  ['bytes behind its layer', { layer: Buffer.concat([zipped, END]) }, /unpacked: .*gzip: invalid/],
  [
    'a hard link to outside',
    { layer: gzipSync(outside), holds: outside },
    /unpacked: failed to extract layer \S+: link \/etc\/nothing \/bin\/x: no such file/,
  ],
  [
    'a PAX header of 2 MB',
    { layer: gzipSync(long), holds: long },
    /unpacked: .*archive\/tar: header field too long/,
  ],
  ['another layer than it says', { layer: zipped, holds: END }, /unpacked: wrong diff id/],
  [
    'a variable without a name',
    { layer: zipped, env: ['=x'] },
    /^environment variable name can't be empty/,
  ],
])(
  'an image with %s is at fault itself',
  async (_, hostile, words) => {
    const { store, facts } = imageOf(hostile);
    const name = runName('hostile', facts.manifest.digest);
    const layout = { read: store.open };
    const removals: Promise<void>[] = [];
    try {
      await engine.load(engineArchive(layout, facts, name));
      const imageId = (await engine.imageId(name)) ?? '';
      const { run: _run, ...start } = plannedTest({ kind: 'start' });
      const tested = {
        platform: 'linux/amd64',
        imageId,
        image: facts,
        labels: {},
        emulated: false,
      };
      const later = (removal: () => Promise<void>) => removals.push(removal());
      const prepare = async () => {};
      const ending = runInContainer(
        start,
        tested,
        { timeout: 10_000, prepare },
        { engine, clock: ports.clock, later },
      );
      expect((await ending).notStarted).toMatch(words);
    } finally {
      await Promise.all(removals);
      await engine.removeImage(name);
    }
  },
  60_000,
);
