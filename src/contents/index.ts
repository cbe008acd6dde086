export type { ElfFacts, GoFacts, LayerFacts, ProgramBytes } from './facts.js';
export { foreignPath } from './foreign.js';
export { GIT_CONFIG_LIMIT, isGitConfig, withoutGitCredentials } from './git-config.js';
export { globFault } from './glob.js';
export { architectureOf, describeMachine, EBPF, expectedMachine } from './machines.js';
export { type StartedProgram, shellFile, startedPrograms } from './programs.js';
export { createScanner, type ScanLimits, scanLimits } from './scan.js';
export { joined, sideBySide, type TreeEntry, type TreeRow } from './side-by-side.js';
export { createTree, type Tree, type TreeFile } from './tree.js';
export {
  commandsOf,
  type NeededProgram,
  neededPrograms,
  type TestProgram,
  testedProgram,
} from './userland.js';
