import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { code, generated, table } from './markdown.ts';

/*
 * docs/compatibility.md from docs/compatibility.json, and that comes from
 * the tests, where every line was run for real:
 *
 *   npm run docs:compatibility
 */

interface Road {
  readonly engine: string;
  readonly store: string;
  readonly driver: string;
  readonly builder: string;
  readonly buildx: string;
}

/** What built images from buildpacks. */
interface BuildpackRun {
  readonly engine: string;
  readonly store: string;
  readonly buildpacks: string;
  readonly platform: string;
  readonly emulated: boolean;
  readonly passed: boolean;
}

interface Run extends Road {
  readonly platform: string;
  readonly emulated: boolean;
  readonly passed: boolean;
}

interface Refusal extends Road {
  readonly refused: true;
}

type Cell = Run | Refusal;

const isBuildpacks = (cell: Cell | BuildpackRun): cell is BuildpackRun => 'buildpacks' in cell;

const road = ({ engine, store, driver, builder, buildx }: Road) => [
  `${engine}, ${store} store`,
  code(driver),
  builder,
  buildx,
];

function outcome(cells: readonly (Cell | BuildpackRun)[], platform: string): string {
  const run = cells.find(
    (cell): cell is Run | BuildpackRun => 'platform' in cell && cell.platform === platform,
  );
  if (run === undefined) return cells.some((cell) => 'refused' in cell) ? 'refused' : '';
  return `${run.passed ? '✔' : '✘'} ${run.emulated ? 'emulated' : 'native'}`;
}

/** A line for each road, in the order of their names, and a column for each platform. */
function tableOf<C extends Cell | BuildpackRun>(
  head: readonly string[],
  cells: readonly C[],
  nameOf: (cell: C) => readonly string[],
): string {
  const platforms = [
    ...new Set(cells.flatMap((cell) => ('platform' in cell ? [cell.platform] : []))),
  ];
  const roads = Object.entries(Object.groupBy(cells, (cell) => nameOf(cell).join('\n')));
  const rows = roads
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, some = []]) => [
      ...name.split('\n'),
      ...platforms.map((platform) => outcome(some, platform)),
    ]);
  return table([...head, ...platforms.map(code)], rows);
}

/** docs/compatibility.md */
export function compatibilityPage(): string {
  const file = join(import.meta.dirname, '..', '..', 'docs', 'compatibility.json');
  const all: readonly (Cell | BuildpackRun)[] = JSON.parse(readFileSync(file, 'utf8'));
  const cells = all.filter((cell): cell is Cell => !isBuildpacks(cell));
  const builders = tableOf(['engine', 'driver', 'builder', 'buildx'], cells, road);
  const buildpacks = tableOf(
    ['engine', 'what builds'],
    all.filter(isBuildpacks),
    ({ engine, store, buildpacks: by }) => [`${engine}, ${store} store`, by],
  );
  return `${[
    generated('docs/compatibility.json'),
    '# Where it was tested',
    'Each mark is a run of the whole way on a real engine: built, inspected, tested, published to the embedded registry and read back; where none is, nothing was run. `npm run docs:compatibility` does it again for the engine that is there and writes this page.',
    builders,
    'Images from buildpacks, with a builder for linux/amd64 and linux/arm64:',
    buildpacks,
    "An engine that is elsewhere has tests of its own: behind a TCP address, from a job in a container that has the engine's socket, and in a network of its own (`__tests__/integration/engine-elsewhere.test.ts`). Rootless Docker 29.1.3 was run by an ordinary user on Ubuntu 24.04: the examples with the engine’s own builder and with a docker-container one, and the suites of builds, tests, publishing and the environment. Docker Desktop was not run; what of an engine is not shared with the run is found out by trying, whatever it is called.",
    'The two machines are two BuildKits on one, of which the second says that it runs arm64 natively. The driver `docker` cannot export an image from the classic store, and is refused in words there. The driver `kubernetes` has a suite of its own on a cluster of one machine (`npm run test:cluster`): Kubernetes 1.36.3, containerd 2.1.9, buildx 0.29.1 and BuildKit 0.32.1, on linux/amd64, linux/arm64 and linux/s390x, with two nodes, with two replicas, and as a user with few rights.',
  ].join('\n\n')}\n`;
}
