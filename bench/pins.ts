import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Sample, spread, timed } from './measure.js';
import { fill } from './read-back.js';
import { push, refused } from './refused-pin.js';
import { buildpackLayouts, environment, folder, ROOT, registry } from './rig.js';
import { atMost, type Findings, mebibytes, shown } from './table.js';

/*
 * A pin against a builder whose buildpack lies in a layer of 300 MB, which has to be read and
 * unpacked for it.
 */

/** Mebibytes that cannot be compressed, and that can, to about a third. */
const CONTENT = { random: 111, words: 555 };

const ID = 'sea-trial-rig/python';

async function crane(...args: string[]): Promise<string> {
  return (await timed({ file: 'crane', args, env: environment })).stdout.trim();
}

/** The rig's builder for linux/amd64, with a buildpack of that size. */
async function largeBuilder(host: string, runImage: string): Promise<string> {
  await push('build', host);
  const work = folder();
  const buildpack = join(work, 'python');
  cpSync(join(ROOT, 'scripts', 'rig', 'buildpacks', 'python'), buildpack, { recursive: true });
  await fill(join(buildpack, 'random'), CONTENT.random, 'random');
  await fill(join(buildpack, 'words'), CONTENT.words, 'words');
  const config = join(work, 'builder.toml');
  writeFileSync(
    config,
    `lifecycle = { uri = "${join(buildpackLayouts(), 'amd64.tgz')}" }
build = { image = "${host}/bench/build:1" }
run = { images = [{ image = "${runImage}" }] }
buildpacks = [{ id = "${ID}", version = "1.0.0", uri = "${buildpack}" }]
order = [{ group = [{ id = "${ID}", version = "1.0.0" }] }]
`,
  );
  const tag = `${host}/bench/large:1`;
  const args = [
    'builder',
    'create',
    tag,
    '--config',
    config,
    '--target',
    'linux/amd64',
    '--publish',
  ];
  const env = { ...environment, PACK_HOME: join(work, 'home') };
  await timed({ file: 'pack', args, env });
  return `${host}/bench/large@${await crane('digest', tag)}`;
}

async function sizeOf(builder: string): Promise<number> {
  const { layers } = JSON.parse(await crane('manifest', builder)) as {
    readonly layers: readonly { readonly size: number }[];
  };
  return layers.reduce((sum, { size }) => sum + size, 0);
}

export async function pins(asked: { readonly rounds?: number }): Promise<Findings> {
  const host = await registry();
  const runImage = await push('run', host);
  const builder = await largeBuilder(host, runImage);
  const rounds = asked.rounds ?? 5;
  const measure = async (command: string): Promise<readonly Sample[]> => {
    const samples: Sample[] = [];
    for (let round = 0; round < rounds; round += 1) {
      samples.push(await refused({ builder, runImage }, { platforms: ['amd64'], command }));
    }
    return samples;
  };
  const [run, plan] = [await measure('run'), await measure('plan')];
  const seconds = (samples: readonly Sample[]) => spread(samples.map((one) => one.seconds));
  const row = (what: string, samples: readonly Sample[]) =>
    [what, `${rounds}`, shown(seconds(samples))] as const;
  return {
    head: ['a pin that is not offered', 'rounds', 'seconds'],
    rows: [row('`sea-trial run`', run), row('`sea-trial plan`', plan)],
    goals: [atMost('`sea-trial run`, the slowest', 5, seconds(run).most, ' s')],
    notes: [
      `A builder of ${mebibytes(await sizeOf(builder))} in a registry server on this machine; nearly all of it is one layer with one buildpack, about a third as compressible as programs and text are. It is read whole, hashed and unpacked in each round; nothing of it is pulled or kept.`,
    ],
    samples: { run, plan },
  };
}
