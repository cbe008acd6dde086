import type { PlannedTest } from '../../evidence/index.js';
import { defined } from '../../types/index.js';
import { bareTest, type TestKind } from './kind.js';

/** The test of platforms that have none: the image's own program is started. No entry is of its kind. */
export const start: Pick<TestKind, 'kind' | 'inContainer'> = { kind: 'start', inContainer: true };

export function startTest(platforms?: readonly string[]): PlannedTest {
  return {
    ...bareTest('starts', start.kind),
    ...defined({ platforms }),
  };
}

/** Whether a test only starts the image's own program, since the configuration defines none. */
export function isStart({ kind }: Pick<PlannedTest, 'kind'>): boolean {
  return kind === start.kind;
}
