import type { PlannedTest } from '../../evidence/index.js';
import { command } from './command.js';
import { host } from './host.js';
import type { TestRunner } from './kind.js';
import { start } from './start.js';

/** How each kind of test is run, judged and reported. */
export const kinds: Readonly<Record<PlannedTest['kind'], TestRunner>> = { command, host, start };
