import {
  child,
  fromRoot,
  holdsCredentials,
  type Located,
  type LocatedPath,
  located,
  locatedWords,
  type NodeEntry,
  pairs,
  type SourceNode,
  tableOf,
  writtenPath,
} from '../../../document/index.js';
import {
  type BuildpackSource,
  readBuildpack,
  readVolume,
  writeBuildpack,
  writeVolume,
} from '../../../reference/index.js';
import type { ReadContext } from '../../read-context.js';
import type { BuildpackEntry } from './entry.js';

/* What a build with buildpacks says in pack's own short forms. */

function fromFolder({ root, folder }: ReadContext, source: BuildpackSource): BuildpackSource {
  return source.from === 'path' ? { ...source, path: fromRoot(root, folder, source.path) } : source;
}

function unusable(source: BuildpackSource, key: string): string | undefined {
  if (source.from === 'order' && key !== 'buildpacks') {
    return `"from=builder" is the builder's order, which "${key}" adds to; name it under "buildpacks"`;
  }
  return source.from === 'address' && holdsCredentials(source.address)
    ? 'the address of this buildpack holds credentials, which would be recorded; leave them out'
    : undefined;
}

/** Buildpacks under a key, each as `writeBuildpack` writes it; paths start at the root. */
export function readBuildpacks(
  context: ReadContext,
  raw: SourceNode,
  key: 'buildpacks' | 'pre-buildpacks' | 'post-buildpacks',
): readonly LocatedPath[] {
  const found = locatedWords(raw, key).flatMap(({ value, at }) => {
    const read = readBuildpack(value);
    const message =
      'fault' in read
        ? `the buildpack "${value}" cannot be read: ${read.fault}`
        : unusable(read.value, key);
    if (message === undefined && 'value' in read) {
      const written = read.value.from === 'path' ? writtenPath(read.value.path) : {};
      return [{ value: writeBuildpack(fromFolder(context, read.value)), at, ...written }];
    }
    context.problems.push({ ...at, message: message ?? '' });
    return [];
  });
  for (const [index, { value, at }] of found.entries()) {
    if (found.findIndex((one) => one.value === value) === index) continue;
    context.problems.push({ ...at, message: `the buildpack "${value}" is named twice; keep one` });
  }
  return found;
}

/** Each becomes a file of that name under /platform/env, in the build. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Whether a text can be the name of a variable of a build with buildpacks. */
export function isBuildVariable(name: string): boolean {
  return VARIABLE.test(name);
}

/** Variables of the build; one without a value takes the variable's of that name, or is not given at all. */
export function readEnv(context: ReadContext, raw: SourceNode): BuildpackEntry['env'] {
  const given = pairs(raw, 'env').flatMap(({ name, value, at }) => {
    if (!isBuildVariable(name)) {
      const message = `"${name}" is not the name of a variable of a build; it has letters, digits and "_ . -", and begins with a letter or "_"`;
      context.problems.push({ ...at, message });
      return [];
    }
    const found = value ?? context.find(name);
    if (typeof found === 'object' && found.refused !== undefined) {
      context.problems.push({ ...at, message: found.refused });
    }
    return typeof found === 'string' ? [[name, found] as const] : [];
  });
  return tableOf(given);
}

export function readDescriptor(
  { root, folder, problems }: ReadContext,
  raw: SourceNode,
): LocatedPath | undefined {
  const written = located(raw, 'descriptor');
  if (written === undefined) return undefined;
  const { value, at } = written;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) {
    problems.push({ ...at, message: `"${value}" is an address; "descriptor" names a file` });
    return undefined;
  }
  return { value: fromRoot(root, folder, value), at, ...writtenPath(value) };
}

/** Volumes, each as `writeVolume` writes it; relative paths start at the root. */
export function readVolumes(
  { root, folder, problems }: ReadContext,
  raw: SourceNode,
): readonly Located<string>[] {
  const targets = new Set<string>();
  return locatedWords(raw, 'volumes').flatMap(({ value, at }) => {
    const read = readVolume(value);
    if ('fault' in read) {
      problems.push({ ...at, message: `the volume "${value}" cannot be read: ${read.fault}` });
      return [];
    }
    const { source, target } = read.value;
    if (targets.has(target)) {
      problems.push({ ...at, message: `two volumes lie at ${target}; keep one of them` });
    }
    targets.add(target);
    const path = fromRoot(root, folder, source);
    const relative = /^\.{1,2}(\/|$)/.test(path) ? path : `./${path}`;
    const from = source.startsWith('.') ? relative : source;
    return [{ value: writeVolume({ ...read.value, source: from }), at }];
  });
}

/** Names of bindings by the specification of service bindings, and of the files in one. */
const BINDING = /^[a-z0-9.-]{1,253}$/;
const ENTRY = /^[A-Za-z0-9._-]{1,253}$/;

function isName(rule: RegExp, name: string): boolean {
  return rule.test(name) && name !== '.' && name !== '..';
}

type Binding = BuildpackEntry['bindings'][number];

function readBinding(
  { problems }: ReadContext,
  { key: name, at, value }: NodeEntry,
): readonly Binding[] {
  const refuse = (message: string, where = at) => problems.push({ ...where, message });
  if (!isName(BINDING, name)) {
    refuse(`"${name}" is not the name of a binding; it has small letters, digits and ". -"`);
  }
  if (value.kind !== 'map') return [];
  const entries = value.entries.flatMap((one) => {
    if (one.value.kind !== 'scalar' || one.value.empty) return [];
    return [{ key: one.key, secret: one.value.text, at: one.at }];
  });
  const type = entries.find(({ key }) => key === 'type')?.secret;
  if (type === undefined) refuse(`binding "${name}" has no "type", such as postgresql`);
  const rest = entries.filter(({ key }) => key !== 'type');
  for (const { key, at } of rest) {
    if (!isName(ENTRY, key)) {
      refuse(
        `"${key}" is not the name of a file of binding "${name}"; it has letters, digits and ". _ -"`,
        at,
      );
    }
  }
  return [{ name, type: type ?? '', entries: rest, at }];
}

/** Service bindings; which of the build's secrets there are is judged with them. */
export function readBindings(context: ReadContext, raw: SourceNode): BuildpackEntry['bindings'] {
  const written = child(raw, 'bindings');
  return written?.kind === 'map' ? written.entries.flatMap((one) => readBinding(context, one)) : [];
}
