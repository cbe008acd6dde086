export type {
  ElfFacts,
  GoFacts,
  LayerEntry,
  LayerFacts,
  ProgramBytes,
} from './facts.js';
export { GIT_CONFIG_LIMIT, isGitConfig, withoutGitCredentials } from './git-config.js';
export {
  architectureOf,
  describeMachine,
  EBPF,
  expectedMachine,
  type Machine,
} from './machines.js';
export { type Role, type StartedProgram, startedPrograms } from './programs.js';
export { createScanner, type ScanLimits, type Scanner, scanLimits } from './scan.js';
export { createTree, type Tree, type TreeFile } from './tree.js';
