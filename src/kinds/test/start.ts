import type { PlannedTest } from '../../evidence/index.js';
import { bareTest } from './kind.js';

/** The test of platforms that have none: the image's own program is started. No entry is of its kind. */
export function startTest(platforms?: readonly string[]): PlannedTest {
  return { ...bareTest('starts', 'start'), ...(platforms === undefined ? {} : { platforms }) };
}
