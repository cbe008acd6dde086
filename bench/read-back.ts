import { spawn } from 'node:child_process';
import { randomBytes, randomFillSync, randomInt } from 'node:crypto';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { alternate, type Pair, type Sample, type Spread, spread, timed } from './measure.js';
import { environment, folder, ROOT, registry } from './rig.js';
import { atLeast, atMost, type Findings, mebibytes, shown } from './table.js';

/*
 * (b) The read-back verification against `crane validate --remote`, which also
 * downloads everything, and also decompresses it.
 */

const MIB = 1024 ** 2;
const LAYERS = 4;

/** Mebibytes of each layer that cannot be compressed, and that can, to about a third. */
interface Content {
  readonly random: number;
  readonly words: number;
}

const USUAL: Content = { random: 30, words: 150 };
const DENSE: Content = { random: 80, words: 0 };

function* randomPieces(mebibytes: number): Generator<Buffer> {
  for (let i = 0; i < mebibytes; i++) yield randomFillSync(Buffer.allocUnsafe(MIB));
}

/** Text of a few thousand made-up words, common ones more often, as compressible as programs and prose are. */
function wordPool(): Buffer {
  const letters = randomBytes(64 * 1024)
    .toString('base64')
    .toLowerCase()
    .replace(/[^a-z]/g, '');
  const word = (i: number) => letters.slice(7 * i, 7 * i + 2 + (i % 6));
  const words = Array.from({ length: 4096 }, (_, i) => word(i));
  const picks = new Uint16Array(4 * MIB);
  const chosen = randomBytes(picks.length * 2);
  for (let i = 0; i < picks.length; i++) {
    const number = chosen.readUInt16LE(2 * i);
    picks[i] = number % (1 << (4 + (number & 7) + ((number >> 8) & 1)));
  }
  return Buffer.from(Array.from(picks, (pick) => words[pick] ?? '').join(' '));
}

/** Pieces of the pool from anywhere: what repeats is further apart than a compressor looks. */
function* wordyPieces(mebibytes: number): Generator<Buffer> {
  const pool = wordPool();
  for (let i = 0; i < mebibytes; i++) {
    const from = randomInt(pool.length - MIB);
    yield pool.subarray(from, from + MIB);
  }
}

/** Writes a file of random or repetitive content. */
export function fill(file: string, mebibytes: number, kind: 'random' | 'words'): Promise<void> {
  const pieces = kind === 'random' ? randomPieces(mebibytes) : wordyPieces(mebibytes);
  return pipeline(Readable.from(pieces), createWriteStream(file));
}

async function layer(place: string, number: number, content: Content): Promise<string> {
  const source = join(place, `layer-${number}`);
  mkdirSync(source);
  await fill(join(source, `random-${number}`), content.random, 'random');
  await fill(join(source, `words-${number}`), content.words, 'words');
  const file = `${source}.tar.gz`;
  const tar = spawn('tar', ['-C', source, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await pipeline(tar.stdout, createGzip({ level: 6 }), createWriteStream(file));
  rmSync(source, { recursive: true });
  return file;
}

async function crane(...args: string[]): Promise<string> {
  const { stdout } = await timed({ file: 'crane', args, env: environment });
  return stdout.trim();
}

/** An index of one image with several layers; made and pushed by crane. */
async function pushImage(host: string, name: string, content: Content): Promise<string> {
  const place = folder();
  const files: string[] = [];
  for (let i = 0; i < LAYERS; i++) files.push(await layer(place, i, content));
  const [image, index] = [`${host}/bench/${name}:image`, `${host}/bench/${name}:index`];
  const layers = files.flatMap((file) => ['--new_layer', file]);
  await crane('append', '--oci-empty-base', ...layers, '--new_tag', image);
  await crane('mutate', '--set-platform=linux/amd64', '--tag', image, image);
  await crane('index', 'append', '--manifest', image, '--tag', index);
  rmSync(place, { recursive: true });
  return index;
}

async function bytesOf(index: string): Promise<number> {
  const manifest = JSON.parse(await crane('manifest', '--platform=linux/amd64', index)) as {
    readonly layers: readonly { readonly size: number }[];
  };
  return manifest.layers.reduce((sum, { size }) => sum + size, 0);
}

/** The small program in one file, as the shipped one is. */
async function bundle(): Promise<string> {
  const place = join(ROOT, 'build', 'bench', 'read-back');
  const source = join(import.meta.dirname, 'read-back-entry.js');
  const ncc = join(ROOT, 'node_modules', '.bin', 'ncc');
  await timed({ file: ncc, args: ['build', source, '--out', place, '--minify', '--quiet'] });
  return join(place, 'index.js');
}

interface Compared {
  readonly bytes: number;
  readonly unpacked: number;
  readonly pairs: readonly Pair<Sample>[];
}

async function compare(
  host: string,
  entry: string,
  name: string,
  content: Content,
  rounds: number,
): Promise<Compared> {
  const index = await pushImage(host, name, content);
  const run = (file: string, ...args: string[]): Promise<Sample> =>
    timed({ file, args, env: environment, memory: true });
  const ours = () => run(process.execPath, entry, index);
  const theirs = () => run('crane', 'validate', '--remote', index);
  await ours();
  await theirs();
  return {
    bytes: await bytesOf(index),
    unpacked: LAYERS * (content.random + content.words) * MIB,
    pairs: await alternate(rounds, ours, theirs),
  };
}

/** How many times as fast ours is, pair by pair. */
function faster({ pairs }: Compared): Spread {
  return spread(pairs.map(({ ours, theirs }) => theirs.seconds / ours.seconds));
}

function row(what: string, compared: Compared): readonly string[] {
  const { bytes, unpacked, pairs } = compared;
  const seconds = (which: 'ours' | 'theirs') => spread(pairs.map((pair) => pair[which].seconds));
  const peak = (which: 'ours' | 'theirs') =>
    shown(spread(pairs.map((pair) => pair[which].peak ?? Number.NaN)), 0, 1 / MIB);
  return [
    `${what}: ${mebibytes(bytes)}, unpacked ${mebibytes(unpacked)}`,
    `${pairs.length}`,
    shown(seconds('ours')),
    shown(seconds('theirs')),
    shown(faster(compared), 1),
    peak('ours'),
    peak('theirs'),
  ];
}

export async function readBack(asked: { readonly rounds?: number }): Promise<Findings> {
  const host = await registry();
  const entry = await bundle();
  const rounds = asked.rounds ?? 5;
  const usual = await compare(host, entry, 'usual', USUAL, rounds);
  const dense = await compare(host, entry, 'dense', DENSE, rounds);
  const peaks = [usual, dense].flatMap(({ pairs }) =>
    pairs.map(({ ours }) => ours.peak ?? Number.NaN),
  );
  return {
    head: [
      'layers',
      'rounds',
      'Sea Trial, s',
      'crane, s',
      'times as fast',
      'Sea Trial, MiB',
      'crane, MiB',
    ],
    rows: [
      row('as compressible as programs and text', usual),
      row('that cannot be compressed', dense),
    ],
    goals: [
      atLeast('times as fast as crane, compressible', 4, faster(usual).median, '', 1),
      atLeast('times as fast as crane, not compressible', 4, faster(dense).median, '', 1),
      atMost('peak memory of the read-back', 256, Math.max(...peaks) / MIB, ' MiB', 0),
    ],
    notes: [
      `The read-back by itself, bundled apart, against \`crane validate --remote\`; it takes what was tried from the registry first. An index of one image with ${LAYERS} layers in a registry server on this machine; both with their own start.`,
      'crane also decompresses every layer and compares it with the configuration, which is most of its time. The read-back does not need to: the stored bytes themselves were looked into before they were published, and are compared whole. Where nothing is compressed, the difference is what is left without that.',
    ],
    samples: { usual, dense },
  };
}
