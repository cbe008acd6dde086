import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline as flow } from 'node:stream/promises';
import { digestOf, mediaTypes, writeTar } from '../src/oci/index.js';
import { pipeline } from './pipeline.js';
import { afterwards, dockerIfPossible, environment, store } from './rig.js';
import type { Findings } from './table.js';

/*
 * (a) once more, on an engine that holds 10,000 blobs beside what it holds anyway, as
 * engines do that people work with: an index of images for a platform that this machine
 * is not, so that nothing is unpacked. It is gone afterwards.
 */

const BLOBS = 10_000;
const NAME = 'bench.invalid/full:1';
const PLATFORM = { os: 'linux', architecture: 'mips64le' };

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly content: Buffer;
}

function entry(name: string, content: Buffer): Entry {
  return { name, size: content.length, content };
}

/** The archive that `docker load` takes: three blobs an image. */
async function* entries(images: number): AsyncGenerator<Entry> {
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const blob = (content: Buffer) => {
    const digest = digestOf(content);
    return {
      digest,
      size: content.length,
      file: entry(`blobs/sha256/${digest.slice(7)}`, content),
    };
  };
  yield entry('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
  const manifests: unknown[] = [];
  for (let at = 0; at < images; at++) {
    const content = Buffer.from(`file ${at} of ${process.pid}`);
    const tar = await writeTar([{ ...entry(`file-${at}`, content), mode: 0o644 }]).toArray();
    const layer = blob(Buffer.concat(tar));
    const rootfs = { type: 'layers', diff_ids: [layer.digest] };
    const config = blob(json({ ...PLATFORM, config: {}, rootfs }));
    const of = ({ digest, size }: { digest: string; size: number }, mediaType: string) => ({
      mediaType,
      digest,
      size,
    });
    const manifest = blob(
      json({
        schemaVersion: 2,
        mediaType: mediaTypes.manifest,
        config: of(config, mediaTypes.config),
        layers: [of(layer, 'application/vnd.oci.image.layer.v1.tar')],
      }),
    );
    manifests.push({ ...of(manifest, mediaTypes.manifest), platform: PLATFORM });
    for (const { file } of [layer, config, manifest]) yield file;
  }
  const index = blob(json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }));
  yield index.file;
  const annotations = { 'io.containerd.image.name': NAME };
  const { digest, size } = index;
  const named = [{ mediaType: mediaTypes.index, digest, size, annotations }];
  yield entry('index.json', json({ schemaVersion: 2, manifests: named }));
}

async function fill(): Promise<void> {
  if ((await store()) !== 'containerd') throw new Error('This needs the containerd store.');
  afterwards(() => dockerIfPossible('image', 'rm', NAME));
  const child = spawn('docker', ['load', '--quiet'], {
    env: environment,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(child, 'close');
  await flow(Readable.from(writeTar(entries(Math.ceil(BLOBS / 3)))), child.stdin);
  const [code] = await ended;
  if (code !== 0) throw new Error(`docker load ended with ${code}.`);
}

export async function fullEngine(asked: {
  readonly rounds?: number;
  readonly cold?: number;
  readonly peers?: string;
  readonly before?: string;
}): Promise<Findings> {
  await fill();
  const found = await pipeline(asked, { docker: 1, glued: 0.38 });
  return {
    ...found,
    notes: [`An engine with ${BLOBS} blobs more than it has anyway; else as above.`],
  };
}
