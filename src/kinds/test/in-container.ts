import type { PlannedTest } from '../../evidence/index.js';
import { command } from './command.js';
import { host } from './host.js';
import type { TestKind } from './kind.js';
import { start } from './start.js';

const kinds: Readonly<Record<PlannedTest['kind'], Pick<TestKind, 'inContainer'>>> = {
  command,
  host,
  start,
};

/** Whether what a test runs is a program of the image, in a container of it. */
export function runsInContainer({ kind }: Pick<PlannedTest, 'kind'>): boolean {
  return kinds[kind].inContainer;
}
