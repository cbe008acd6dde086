import { describeMachine, expectedMachine, foreignPath, type TreeRow } from '../contents/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { fits, mayRun } from './arch-mismatch.js';
import type { BuiltPlatform, Compared } from './compared.js';
import { layerWords } from './inspected.js';

const NAMED = 5;

const programAt = (row: TreeRow, at: number) => row[at]?.entry.program;

function runs(row: TreeRow, at: number, { platform }: BuiltPlatform): boolean | undefined {
  const elf = programAt(row, at)?.elf;
  const expected = expectedMachine(platform);
  return elf && expected && (fits(elf, expected) || mayRun(elf, expected));
}

/** ELF files that some platform of the image runs, sorted by path; firmware and the like say nothing. */
function programsOf({ rows, platforms, foreign }: Compared) {
  const permitted = foreignPath(foreign);
  const isProgram = (row: TreeRow) =>
    row.some((one, at) => one?.entry.program && platforms.some((on) => runs(row, at, on)));
  return [...rows]
    .filter(([path, row]) => isProgram(row) && permitted(path) === undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, row]) => row);
}

const layersOf = ({ layers }: BuiltPlatform) => layers.map(({ diffId }) => diffId).join();

/**
 * Two platforms with the same layers, or with layers that hold the very same programs:
 * an error for the one that these do not fit, whatever the image starts. Scripts and
 * texts are rightly the same everywhere.
 */
export function equalLayers(compared: Compared): readonly Finding[] {
  const { image, platforms } = compared;
  const programs = programsOf(compared);
  const digest = (row: TreeRow, at: number) => programAt(row, at)?.digest;
  return platforms.flatMap((on, at) => {
    const { platform } = on;
    const misfits = programs.filter((row) => runs(row, at, on) === false);
    const twins = platforms.filter(
      (twin, other) =>
        programs.every((row) => digest(row, at) === digest(row, other)) &&
        misfits.some((row) => runs(row, at, twin)),
    );
    const fitting = misfits.filter((row) => twins.some((twin) => runs(row, at, twin)));
    const first = fitting[0]?.[at];
    const [elf, expected] = [first?.entry.program?.elf, expectedMachine(platform)];
    if (first === undefined || elf === undefined || expected === undefined) return [];
    const same = twins.every((twin) => layersOf(twin) === layersOf(on)) ? 'layers' : 'programs';
    const others = twins.map((twin) => twin.platform).join(', ');
    const message = `${platform} has the same ${same} as ${others}, and ${first.path} in them is an ELF for ${elf.architecture}.`;
    return [
      finding('equal-layers', { image, platform, path: first.path }, message, {
        found: { value: describeMachine(elf), from: layerWords(first.layer, on) },
        expected: { value: describeMachine(expected), from: `platform ${platform}` },
        detail: [
          ...fitting.slice(1, NAMED).map((row) => `${row[at]?.path} too`),
          ...(fitting.length > NAMED ? [`and ${fitting.length - NAMED} more`] : []),
        ],
      }),
    ];
  });
}
