import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Sample, spread, timed } from './measure.js';
import { CLI, DIST, environment, folder, ROOT } from './rig.js';
import { atMost, type Findings, shown } from './table.js';

/*
 * (c) How long each door takes to open, over a node that does nothing; and how
 * big the bundle is.
 */

interface Door {
  readonly what: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

function doors(): readonly Door[] {
  const nowhere = folder();
  return [
    { what: '`cli.js --version`', args: [CLI, '--version'], cwd: nowhere },
    { what: '`cli.js --help`', args: [CLI, '--help'], cwd: nowhere },
    {
      what: '`cli.js plan` in examples/greeter',
      args: [CLI, 'plan'],
      cwd: join(ROOT, 'examples', 'greeter'),
    },
    { what: '`main.js` in an empty workspace', args: [join(DIST, 'main.js')], cwd: nowhere },
    { what: '`post.js` with nothing to undo', args: [join(DIST, 'post.js')], cwd: nowhere },
  ];
}

function open(door: Omit<Door, 'what'>, env: NodeJS.ProcessEnv): Promise<Sample> {
  // An empty workspace is a mistake of the configuration, which is what is told there.
  return timed({ ...door, file: process.execPath, env, codes: [2] });
}

type Opened = Readonly<Record<'empty' | 'warm' | 'first', number>>;

/** All doors in turn, each between an empty node and a start without node's compile cache. */
async function measure(rounds: number) {
  const empty = join(folder(), 'empty.mjs');
  writeFileSync(empty, '');
  const first = { ...environment, NODE_DISABLE_COMPILE_CACHE: '1' };
  const all = doors();
  const samples = new Map<string, Opened[]>(all.map(({ what }) => [what, []]));
  for (const door of all) await open(door, environment);
  for (let round = 0; round < rounds; round++) {
    for (const door of all) {
      const nothing = await open({ args: [empty], cwd: door.cwd }, environment);
      const warm = await open(door, environment);
      const cold = await open(door, first);
      samples
        .get(door.what)
        ?.push({ empty: nothing.seconds, warm: warm.seconds, first: cold.seconds });
    }
  }
  return samples;
}

function sizes(): readonly (readonly [string, number])[] {
  return readdirSync(DIST)
    .sort()
    .map((name) => [name, statSync(join(DIST, name)).size] as const);
}

/** Milliseconds over an empty node; the action's step loads the runner's own packages, too. */
function limitOf(what: string): number {
  return /^`main/.test(what) ? 200 : 100;
}

export async function start(asked: { readonly rounds?: number }): Promise<Findings> {
  const rounds = asked.rounds ?? 21;
  const samples = await measure(rounds);
  const over = (opened: readonly Opened[], which: 'warm' | 'first') =>
    spread(opened.map((one) => (one[which] - one.empty) * 1000));
  const files = sizes();
  const total = files.reduce((sum, [, bytes]) => sum + bytes, 0);
  const empty = spread([...samples.values()].flat().map((one) => one.empty * 1000));
  return {
    head: ['start', 'rounds', 'over an empty node, ms', 'the first time, ms'],
    rows: Array.from(samples, ([what, opened]) => [
      what,
      `${rounds}`,
      shown(over(opened, 'warm'), 0),
      shown(over(opened, 'first'), 0),
    ]),
    goals: [
      ...Array.from(samples, ([what, opened]) =>
        atMost(what, limitOf(what), over(opened, 'warm').median, ' ms', 0),
      ),
      ...Array.from(samples, ([what, opened]) =>
        atMost(`${what}, the first time`, limitOf(what), over(opened, 'first').median, ' ms', 0),
      ),
      atMost('the bundle in all', 2.5, total / 1e6, ' MB'),
    ],
    notes: [
      `An empty node: ${shown(empty, 0)} ms, taken before each start. Node keeps the compiled bundle from the second start on; the first time is without that.`,
      `Files: ${files.map(([name, bytes]) => `${name} ${bytes.toLocaleString('en')} B`).join(', ')}; ${total.toLocaleString('en')} B in all.`,
    ],
    samples: { starts: Object.fromEntries(samples), files: Object.fromEntries(files) },
  };
}
