export { architectureOf, describeMachine, EBPF, expectedMachine } from './elf-machines.js';
export type { ElfFacts, GoFacts, LayerFacts, ProgramBytes } from './facts.js';
export { createFileReader } from './file-reader.js';
export { foreignPath } from './foreign.js';
export { GIT_CONFIG_LIMIT, isGitConfig, withoutGitCredentials } from './git-config.js';
export { globFault } from './glob.js';
export { createScanner, type ScanLimits, scanLimits } from './scan.js';
export {
  isStartable,
  type StartedProgram,
  searchPath,
  shellFile,
  startedPrograms,
} from './started-programs.js';
export { createTree, type Tree, type TreeFile } from './tree.js';
export { mergedRows, type TreeEntry, type TreeRow, treeRows } from './tree-rows.js';
export {
  commandsOf,
  type NeededProgram,
  neededPrograms,
  type TestedProgram,
  testedProgram,
} from './userland.js';
