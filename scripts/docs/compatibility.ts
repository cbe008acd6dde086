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

interface Run extends Road {
  readonly platform: string;
  readonly emulated: boolean;
  readonly passed: boolean;
}

interface Refusal extends Road {
  readonly refused: true;
}

type Cell = Run | Refusal;

function outcome(cell: Cell): readonly string[] {
  if ('refused' in cell) return ['any', 'not begun', 'refused in words'];
  return [code(cell.platform), cell.emulated ? 'emulated' : 'native', cell.passed ? '✔' : '✘'];
}

/** docs/compatibility.md */
export function compatibilityPage(): string {
  const file = join(import.meta.dirname, '..', '..', 'docs', 'compatibility.json');
  const cells: readonly Cell[] = JSON.parse(readFileSync(file, 'utf8'));
  const place = (cell: Cell) =>
    [cell.store, cell.driver, cell.builder, ...outcome(cell)].join('\n');
  const rows = [...cells]
    .sort((a, b) => (place(a) < place(b) ? -1 : 1))
    .map((cell) => [
      `${cell.engine}, ${cell.store} store`,
      code(cell.driver),
      cell.builder,
      cell.buildx,
      ...outcome(cell),
    ]);
  return `${[
    generated('docs/compatibility.json'),
    '# Where it was tried',
    'Each line is a run of the whole way on a real engine: built, inspected, tested, published to the embedded registry and read back. `npm run docs:compatibility` does it again and writes this page.',
    table(['engine', 'driver', 'builder', 'buildx', 'platform', 'tested', 'passed'], rows),
    "An engine that is elsewhere has tests of its own: behind a TCP address, from a job in a container that has the engine's socket, and in a network of its own (`__tests__/integration/engine-elsewhere.test.ts`). Docker Desktop and rootless Docker were not run; what of an engine is not shared with the run is found out by trying, whatever it is called.",
    'The two machines are two BuildKits on one, of which the second says that it runs arm64 natively. The driver `docker` cannot export an image from the classic store. The driver `kubernetes` is passed on to buildx and was not run here.',
  ].join('\n\n')}\n`;
}
