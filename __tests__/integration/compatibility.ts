import * as fs from 'node:fs/promises';
import { type Evidence, judge } from '../../src/evidence/index.js';
import { afterwards, command } from './rig.js';

/* For docs/compatibility.md, where somebody asks for it: what was found on other engines stays. */

type Cell = Readonly<Record<string, unknown>>;

const cells: Cell[] = [];
const table = process.env.SEA_TRIAL_COMPATIBILITY;

const roadOf = ({ engine, store, driver, builder, buildpacks }: Cell) =>
  JSON.stringify([engine, store, driver, builder, buildpacks]);

if (table !== undefined) {
  afterwards(async () => {
    const before: readonly Cell[] = JSON.parse(await fs.readFile(table, 'utf8'));
    const own = new Set(cells.map(roadOf));
    const others = before.filter((cell) => !own.has(roadOf(cell)));
    const sorted = [...others, ...cells].map((cell) => JSON.stringify(cell)).sort();
    await fs.writeFile(table, `[\n${sorted.join(',\n')}\n]\n`);
  });
}

/** Notes what a road came to on a platform, or that it is closed. */
export function noteCell(cell: Cell): void {
  cells.push(cell);
}

/** Notes a run of images from buildpacks; `builder` is the reference of theirs. */
export async function noteBuildpacks(
  evidence: Evidence | undefined,
  flow: 'pack' | 'creator',
  builder: string,
): Promise<void> {
  const { engine } = evidence?.environment ?? {};
  const metadata = 'io.buildpacks.builder.metadata';
  const config = JSON.parse(
    await command('crane', ['config', '--platform', 'linux/amd64', builder]),
  );
  const { lifecycle } = JSON.parse(config.config.Labels[metadata]);
  const pack = /^[\d.]+/.exec(await command('pack', ['version']))?.[0];
  const by = flow === 'pack' ? `pack ${pack}` : 'the lifecycle’s creator';
  for (const { platform, emulated, tests = [] } of evidence?.trials ?? []) {
    const isWhole = evidence !== undefined && judge(evidence).exitCode === 0;
    noteCell({
      ...{ engine: `Docker ${engine?.version}`, store: engine?.store },
      ...{ buildpacks: `${by}, lifecycle ${lifecycle.version}`, platform, emulated },
      passed: isWhole && tests.every(({ outcome }) => outcome === 'passed'),
    });
  }
}
