import { entry, type KeyTable, locatedWords, type SourceNode } from '../../document/index.js';
import type { ReadContext } from '../read-context.js';
import { command } from './command.js';
import { host } from './host.js';
import { bareTest, type TestEntry, type TestKind, type TestPart, type TestPlan } from './kind.js';
import { defaultName } from './program.js';

/** The kinds of test, the most particular first. */
const kinds: readonly TestKind[] = [host, command];

/** Every key that an entry of `tests` may have, for the validation and the documentation. */
export const testKeys: KeyTable = Object.assign({}, ...kinds.toReversed().map(({ keys }) => keys));

function refuseOthers({ keys, refuses }: TestKind, test: SourceNode, { problems }: ReadContext) {
  if (refuses === undefined) return;
  for (const key of Object.keys(testKeys)) {
    const found = entry(test, key);
    if (found !== undefined && !Object.hasOwn(keys, key)) {
      problems.push({ ...found.at, message: refuses(key) });
    }
  }
}

function partsOf({ keys }: TestKind, test: SourceNode, context: ReadContext): readonly TestPart[] {
  return Object.values(keys).flatMap((key) =>
    'read' in key && key.read !== undefined ? [key.read(test, context)] : [],
  );
}

/** Reads a validated entry of `tests`; none where there is nothing to run. */
export function readTest(context: ReadContext, test: SourceNode): readonly TestEntry[] {
  const kind = kinds.find(({ matches }) => matches(test)) ?? command;
  const parts = partsOf(kind, test, context);
  const plan: Partial<TestPlan> = Object.assign({}, ...parts.map((part) => part.plan));
  refuseOthers(kind, test, context);
  if (plan.run === undefined && plan.process === undefined) return [];
  const name = plan.name ?? defaultName(plan);
  return [
    {
      at: test.at,
      plan: { ...bareTest(name, kind.kind), ...plan },
      platforms: locatedWords(test, 'platforms'),
      grants: parts.flatMap(({ grants = [] }) => grants),
      mounts: parts.flatMap(({ mounts = [] }) => mounts),
      processes: parts.flatMap(({ processes = [] }) => processes),
      texts: parts
        .flatMap(({ texts = [] }) => texts)
        .map((one) => ({ ...one, what: `test "${name}": ${one.what}` })),
    },
  ];
}
