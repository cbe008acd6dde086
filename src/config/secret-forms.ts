import { type NodeEntry, type ScalarNode, type SourceNode, scalar } from '../document/index.js';
import type { Problem } from '../evidence/index.js';
import { SECRET_ATTRIBUTES } from '../reference/index.js';

/* Secrets of builds that are written with a variable where the variable's name belongs. */

/** The name in `$NAME`, `${NAME}` and `${NAME:-…}`, where nothing else is written. */
const WHOLE = /^\$\{?([A-Za-z_]\w*)(?:(?<=\{[A-Za-z_]\w*)[^}]*\})?$/;

/** A text with the variable's name in the place of the variable, and the id of the secret. */
interface NamedSecret {
  readonly id: string;
  readonly variable: string;
  readonly text: string;
}

/** `ID=${NAME}` and `id=ID,env=${NAME}`. */
function namedText(text: string): NamedSecret | undefined {
  const fields = text.split(',').map((field) => {
    const [name = '', ...rest] = field.split('=');
    const [, variable] = WHOLE.exec(rest.join('=')) ?? [];
    return { name, value: rest.join('='), variable };
  });
  const [first] = fields;
  const isId = first !== undefined && !SECRET_ATTRIBUTES.some((one) => one === first.name);
  if (isId && fields.length === 1 && first.variable !== undefined) {
    const { name: id, variable } = first;
    return { id, variable, text: `id=${id},env=${variable}` };
  }
  const env = fields.find(({ name }) => name === 'env');
  const id = fields.find(({ name }) => name === 'id')?.value;
  if (env?.variable === undefined || id === undefined) return undefined;
  return { id, variable: env.variable, text: `id=${id},env=${env.variable}` };
}

/** What a secret that is a map says under `env`. */
function namedEntry(
  entries: readonly NodeEntry[],
  { key, value }: NodeEntry,
): NamedSecret | undefined {
  if (key !== 'env' && key !== 'environment') return undefined;
  const [, variable] = value.kind === 'scalar' ? (WHOLE.exec(value.text) ?? []) : [];
  if (variable === undefined) return undefined;
  const own = ['id', 'target', 'source'].flatMap(
    (name) => entries.find((one) => one.key === name)?.value ?? [],
  )[0];
  return { id: own?.kind === 'scalar' ? own.text : 'NAME', variable, text: variable };
}

function refuse(problems: Problem[], { at }: ScalarNode, { id, variable, text }: NamedSecret) {
  const message = `a secret's value stays out of this file, which names its variable alone: write { id: ${id}, env: ${variable} }`;
  problems.push({ ...at, message });
  return scalar(text, at);
}

function secret(raw: SourceNode, problems: Problem[]): SourceNode {
  if (raw.kind === 'scalar') {
    const named = namedText(raw.text);
    return named === undefined ? raw : refuse(problems, raw, named);
  }
  if (raw.kind !== 'map') return raw;
  const entries = raw.entries.map((one) => {
    const named = namedEntry(raw.entries, one);
    if (named === undefined || one.value.kind !== 'scalar') return one;
    return { ...one, value: refuse(problems, one.value, named) };
  });
  return { ...raw, entries };
}

/** A tree with the values behind a path of keys changed, in each item of the lists on the way. */
function changed(
  raw: SourceNode,
  path: readonly string[],
  change: (value: SourceNode) => SourceNode,
): SourceNode {
  if (raw.kind === 'list') {
    return { ...raw, items: raw.items.map((item) => changed(item, path, change)) };
  }
  if (raw.kind !== 'map') return raw;
  const [key, ...deeper] = path;
  const entries = raw.entries.map((one) => {
    if (one.key !== key) return one;
    const next =
      deeper.length === 0 ? change : (value: SourceNode) => changed(value, deeper, change);
    return { ...one, value: next(one.value) };
  });
  return { ...raw, entries };
}

/**
 * The configuration with the names of variables where secrets have the variables themselves,
 * and a problem for each: what the variable holds must not be looked for.
 */
export function namedSecrets(root: SourceNode): {
  readonly root: SourceNode;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const read = changed(root, ['images', 'build', 'secrets'], (value) =>
    value.kind === 'list'
      ? { ...value, items: value.items.map((item) => secret(item, problems)) }
      : secret(value, problems),
  );
  return { root: read, problems };
}
