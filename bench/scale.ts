import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sample, spread, timed } from './measure.js';
import { fill } from './read-back.js';
import { builder, CLI, environment, folder } from './rig.js';
import { atMost, type Findings, shown } from './table.js';

/*
 * (d) How cost grows: images × platforms of next to nothing, and one image of
 * 0.5 and of 2 GB. Published to the embedded registry.
 */

const MIB = 1024 ** 2;
const IMAGES = [1, 5, 20];
const PLATFORMS = [
  ['linux/amd64'],
  ['linux/amd64', 'linux/arm64', 'linux/s390x'],
  ['linux/amd64', 'linux/arm64', 'linux/s390x', 'linux/ppc64le', 'linux/riscv64'],
];
const BIG_LAYERS = 4;
/** MiB of a layer: whether memory grows with an image shows between large ones only. */
const BIG_LAYER = [128, 512] as const;
/** The context, the builder's cache, the layout, the engine's copies, the embedded registry. */
const ROOM = 7 * BIG_LAYERS * BIG_LAYER[1] * MIB;

/** Images of one small file each on busybox, with one test each; `stamp` makes them new. */
function smallImages(images: number, platforms: readonly string[], stamp: string): string {
  const place = folder();
  const names = Array.from({ length: images }, (_, i) => `small-${i + 1}`);
  for (const name of names) {
    mkdirSync(join(place, name));
    writeFileSync(join(place, name, 'what'), `${name} ${stamp}\n`);
    writeFileSync(join(place, name, 'Dockerfile'), 'FROM busybox:1.37\nCOPY what /what\n');
  }
  const entry = (name: string) => `  - name: example.com/bench/${name}
    tags: [bench]
    platforms: [${platforms.join(', ')}]
    build: { context: ${name} }
    tests: [{ name: holds its file, run: cat /what, stdout: '^${name} ${stamp}' }]
`;
  writeFileSync(join(place, 'sea-trial.yml'), `images:\n${names.map(entry).join('')}`);
  return place;
}

function sail(cwd: string, more: readonly string[] = []): Promise<Sample> {
  const args = [CLI, 'run', ...more];
  return timed({ file: process.execPath, args, cwd, env: environment, memory: true });
}

interface Cell {
  readonly images: number;
  readonly platforms: number;
  readonly samples: readonly Sample[];
}

/** Every size once per round, so that a busy minute does not fall on one size alone. */
async function grid(rounds: number): Promise<readonly Cell[]> {
  const sizes = IMAGES.flatMap((images) => PLATFORMS.map((platforms) => ({ images, platforms })));
  const samples = sizes.map((): Sample[] => []);
  await sail(smallImages(1, PLATFORMS.at(-1) ?? [], `${Date.now()}`));
  for (let round = 0; round < rounds; round++) {
    for (const [at, { images, platforms }] of sizes.entries()) {
      samples[at]?.push(await sail(smallImages(images, platforms, `${Date.now()}`)));
    }
  }
  return sizes.map(({ images, platforms }, at) => ({
    images,
    platforms: platforms.length,
    samples: samples[at] ?? [],
  }));
}

async function bigImage(size: number): Promise<Sample> {
  const place = folder();
  const layers = Array.from({ length: BIG_LAYERS }, (_, i) => `layer-${i}`);
  for (const layer of layers) await fill(join(place, layer), size, 'random');
  writeFileSync(
    join(place, 'Dockerfile'),
    `FROM busybox:1.37\n${layers.map((layer) => `COPY ${layer} /${layer}\n`).join('')}`,
  );
  writeFileSync(
    join(place, 'sea-trial.yml'),
    'images:\n  - name: example.com/bench/big\n    tags: [bench]\n    platforms: [linux/amd64]\n    build: .\n    tests: [{ name: holds its files, run: ls /layer-3 }]\n',
  );
  try {
    // A builder of its own, whose cache goes with it.
    return await sail(place, ['--builder', await builder()]);
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** The smaller and the larger one, or why not. */
async function bigImages(): Promise<readonly [Sample, Sample] | string> {
  const { bavail, bsize } = statfsSync(tmpdir());
  if (bavail * bsize < ROOM) {
    return `Large images were not measured: ${Math.round((bavail * bsize) / 1e9)} GB are free, ${Math.round(ROOM / 1e9)} are needed.`;
  }
  const [small, large] = BIG_LAYER;
  return [await bigImage(small), await bigImage(large)];
}

const seconds = ({ samples }: Cell) => samples.map((sample) => sample.seconds);
const perTrial = (cell: Cell) =>
  seconds(cell).map((value) => value / (cell.images * cell.platforms));
const peaks = ({ samples }: Cell) => samples.map(({ peak = Number.NaN }) => peak);

type Size = readonly [images: number, platforms: number];

/** Median of something for one size of the grid. */
function medianOf(
  cells: readonly Cell[],
  [images, platforms]: Size,
  of: (cell: Cell) => readonly number[],
): number {
  const cell = cells.find((one) => one.images === images && one.platforms === platforms);
  return cell === undefined ? Number.NaN : spread(of(cell)).median;
}

export async function scale(asked: { readonly rounds?: number }): Promise<Findings> {
  const cells = await grid(asked.rounds ?? 3);
  const big = await bigImages();
  const [half = Number.NaN, whole = Number.NaN] =
    typeof big === 'string' ? [] : big.map(({ peak }) => peak);
  const most = Math.max(...cells.flatMap(peaks), ...(typeof big === 'string' ? [] : [half, whole]));
  const least = medianOf(cells, [1, 1], peaks);
  const slowdown = medianOf(cells, [20, 5], perTrial) / medianOf(cells, [5, 5], perTrial);
  const row = (cell: Cell) => [
    `${cell.images} × ${cell.platforms}`,
    `${cell.samples.length}`,
    shown(spread(seconds(cell)), 1),
    shown(spread(perTrial(cell))),
    shown(spread(peaks(cell)), 0, 1 / MIB),
  ];
  return {
    head: ['images × platforms', 'rounds', 'seconds', 'seconds per trial', 'peak memory, MiB'],
    rows: [
      ...cells.map(row),
      ...(typeof big === 'string' ? [] : big).map(({ seconds, peak = Number.NaN }, at) => [
        `one image of ${at === 0 ? '0.5' : '2'} GB × 1`,
        '1',
        seconds.toFixed(1),
        '',
        `${Math.round(peak / MIB)}`,
      ]),
    ],
    goals: [
      atMost('seconds per trial, 20 × 5 over 5 × 5 (linear: 1)', 1.1, slowdown),
      atMost(
        'peak memory, 20 × 5 over 1 × 1 (flat: 1)',
        1.5,
        medianOf(cells, [20, 5], peaks) / least,
      ),
      ...(typeof big === 'string'
        ? []
        : [
            atMost('peak memory, 2 GB over 1 × 1 (flat: 1)', 1.5, whole / least),
            atMost('peak memory, 2 GB over 0.5 GB (flat: 1)', 1.1, whole / half),
          ]),
      atMost('peak memory of any of these', 256, most / MIB, ' MiB', 0),
    ],
    notes: [
      'Images of one small file on busybox, each new in each round, one test each, published to the embedded registry and read back. Peak memory is that of the program itself; the docker clients, which it starts, have their own.',
      ...(typeof big === 'string'
        ? [big]
        : [
            `The large images: ${BIG_LAYERS} layers of ${BIG_LAYER.join(' or ')} MiB of random data, each built by a docker-container builder of its own.`,
          ]),
    ],
    samples: { cells, big },
  };
}
