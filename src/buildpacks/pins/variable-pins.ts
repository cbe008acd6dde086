import { defined } from '../../types/index.js';
import { buildpacksIn } from '../apis.js';
import type { ResolvedBuilder } from '../builder.js';
import { type RuntimeReader, readerOf } from '../readers.js';
import { npmRange } from '../versions.js';
import type { Pin, Runtime } from './pin.js';

/** Variables of a build, by name. */
export type BuildVariables = ReadonlyMap<string, string>;

/** What a variable says to a buildpack that reads it before every file; undefined where it is not set. */
export function variablePin(
  { runtime, variable }: RuntimeReader,
  variables: BuildVariables,
): Pin | undefined {
  if (variable === undefined) return undefined;
  const text = variables.get(variable)?.trim();
  if (!text) return undefined;
  const place = { name: variable, file: variable, line: 0, column: 0, variable: true } as const;
  return { runtime, ...place, ...defined({ text, constraint: npmRange(text) }) };
}

/** What variables pin that are known to buildpacks of a builder, whatever its platform. */
export function variablePins(
  { platforms }: Pick<ResolvedBuilder, 'platforms'>,
  variables: BuildVariables,
): ReadonlyMap<Runtime, Pin> {
  const found = platforms.flatMap((on) =>
    buildpacksIn(on).flatMap(({ id, version }) => {
      const reader = readerOf(id, version);
      const pin = reader && variablePin(reader, variables);
      return pin === undefined ? [] : [[pin.runtime, pin] as const];
    }),
  );
  return new Map(found);
}

/** Names by which buildpacks take a version: Paketo's and Google's. */
const BY_NAME = /^(?:BP|GOOGLE)_[A-Z0-9_]*VERSION$/;

/** The variables that seem to pin a version and that no buildpack of the builder is known to read. */
export function unknownVariables(
  known: ReadonlyMap<Runtime, Pin>,
  variables: BuildVariables,
): readonly string[] {
  const read = new Set([...known.values()].map(({ name }) => name));
  const set = [...variables].filter(([, text]) => text.trim() !== '').map(([name]) => name);
  return set.filter((name) => BY_NAME.test(name) && !read.has(name));
}
