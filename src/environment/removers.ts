import { removeKnownBuilder } from '../builder/index.js';
import type { Removers } from '../cleanup/index.js';
import { removeUnusedHandlers } from '../emulation/index.js';

/** What a cleaning removes builders and handlers with. */
export const removers: Removers = { builder: removeKnownBuilder, handlers: removeUnusedHandlers };
