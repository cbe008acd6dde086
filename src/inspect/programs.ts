import { LAUNCHER, type LaunchedImage } from '../buildpacks/index.js';
import type { Inspected } from '../checks/index.js';
import { type Tree, type TreeFile, testedProgram } from '../contents/index.js';
import type { PlannedTest, ProgramFacts, TestProgram } from '../evidence/index.js';
import { runsInContainer } from '../kinds/index.js';
import type { ImageConfig } from '../oci/index.js';
import { defined } from '../types/index.js';

/** What the evidence keeps of one image. */
const PROGRAMS = 200;

function factsOf(file: TreeFile, role: ProgramFacts['role']): ProgramFacts {
  const { size, program } = file.entry;
  const elf = program?.elf;
  return {
    path: file.path,
    role,
    layer: file.layer,
    size,
    ...defined({ digest: program?.digest }),
    ...(elf === undefined
      ? {}
      : {
          elf: {
            architecture: elf.architecture,
            machine: elf.machine,
            class: elf.class,
            data: elf.data,
            ...defined({ interpreter: elf.interpreter }),
          },
        }),
    ...defined({ go: program?.go, script: program?.script, unknown: program?.unknown }),
  };
}

/** The programs that start with the image, then every Go program in it, by path; at most 200. */
export function programFacts({ started, elfFiles }: Inspected): readonly ProgramFacts[] {
  const programs = new Map<string, ProgramFacts>();
  for (const { role, file } of started) {
    if (file !== undefined) programs.set(file.path, factsOf(file, role));
  }
  for (const file of elfFiles) {
    if (programs.size === PROGRAMS) break;
    if (file.entry.program?.go === undefined || programs.has(file.path)) continue;
    programs.set(file.path, factsOf(file, 'other'));
  }
  return [...programs.values()];
}

/** What a test runs in a container of the image, as far as its layers show it. */
export function programOf(
  test: PlannedTest,
  config: ImageConfig,
  tree: Tree,
): TestProgram | undefined {
  return runsInContainer(test) ? factsOfTested(testedProgram(test, config, tree)) : undefined;
}

function factsOfTested(program: ReturnType<typeof testedProgram>): TestProgram | undefined {
  if (program === undefined) return undefined;
  const { asked, file, elf } = program;
  return { path: file?.path ?? asked, ...defined({ architecture: elf?.architecture }) };
}

/** What a test runs behind the launcher; the launcher itself, where that cannot be told. */
export function launchedProgramOf(
  test: PlannedTest,
  { config, pathKnown, tested }: LaunchedImage,
  tree: Tree,
): TestProgram | undefined {
  if (!runsInContainer(test)) return undefined;
  const asked = tested(test);
  const program = testedProgram(asked, config, tree);
  const isTold = pathKnown || program?.asked.includes('/') === true;
  if (isTold && program?.file !== undefined) return factsOfTested(program);
  const launcher = { ...asked, run: { exec: [LAUNCHER] } };
  return factsOfTested(testedProgram(launcher, config, tree));
}
