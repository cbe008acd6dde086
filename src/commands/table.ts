import type { ParsedRequest } from '../config/index.js';
import { clean } from './clean.js';
import type { CliCommand } from './command.js';
import { emulation } from './emulation.js';
import { parity } from './parity.js';
import { plan } from './plan.js';
import { run } from './run.js';

/** Those that the action's input "mode" names too. */
export const modes: readonly CliCommand<ParsedRequest>[] = [run, plan];

/** Every command, in the order of the help. */
export const commands: readonly CliCommand[] = [...modes, parity, emulation, clean];
