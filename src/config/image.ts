import {
  child,
  entry,
  items,
  type Located,
  located,
  locatedWords,
  type SourceNode,
  table,
  text,
  words,
} from '../document/index.js';
import { EXISTING } from '../evidence/index.js';
import { type ReadContext, readBuild, readTest } from '../kinds/index.js';
import { defined } from '../types/index.js';
import type { ForeignEntry, ImageEntry, TargetEntry } from './config.js';
import type { Versioned } from './versions.js';

function tagsOf(raw: SourceNode): readonly string[] {
  const tags = words(raw, 'tags');
  return tags.length === 0 ? ['latest'] : tags;
}

/** Keys of a target that stand beside "name" in the short form of one. */
const OF_TARGET = ['tags', 'replaces', 'existing'];

function targetOf({ value, at }: Located<string>, raw: SourceNode): TargetEntry {
  const existing = EXISTING.find((one) => one === text(raw, 'existing'));
  return {
    at,
    repository: value,
    tags: tagsOf(raw),
    replaces: locatedWords(raw, 'replaces'),
    ...defined({ existing }),
  };
}

function readTargets(reading: ReadContext, image: SourceNode): readonly TargetEntry[] {
  const name = located(image, 'name');
  const targets = entry(image, 'targets');
  if (name !== undefined && targets !== undefined) {
    const message = '"name" and "targets" say the same; keep one of them';
    reading.problems.push({ ...targets.at, message });
  }
  if (entry(image, 'name') === undefined && targets === undefined) {
    reading.problems.push({ ...image.at, message: 'this image has neither "name" nor "targets"' });
  }
  for (const key of targets === undefined ? [] : OF_TARGET) {
    if (child(image, key) === undefined) continue;
    const message = `with "targets", ${key} belong in each target`;
    reading.problems.push({ ...(entry(image, key)?.at ?? image.at), message });
  }
  if (name !== undefined) return [targetOf(name, image)];
  return items(image, 'targets').flatMap((raw) => {
    const repository = raw.kind === 'scalar' ? raw.text : text(raw, 'name');
    return repository === undefined ? [] : [targetOf({ value: repository, at: raw.at }, raw)];
  });
}

/** The last part of the first repository, with the version that a glob found. */
function readId(
  image: SourceNode,
  targets: readonly TargetEntry[],
  version: string | undefined,
): Located<string> {
  const suffix = version === undefined ? '' : `:${version}`;
  const written = located(image, 'id');
  if (written !== undefined) {
    const whole = written.value.includes(version ?? '') ? written.value : written.value + suffix;
    return { value: whole, at: written.at };
  }
  const [first] = targets;
  const last = first?.repository.split('/').at(-1) ?? '';
  return { value: last + suffix, at: first?.at ?? image.at };
}

function readForeign(image: SourceNode): readonly ForeignEntry[] {
  return items(image, 'foreign').flatMap((raw) => {
    const [path, reason] = [text(raw, 'path'), text(raw, 'reason')];
    return path === undefined || reason === undefined ? [] : [{ at: raw.at, path, reason }];
  });
}

/** Reads one validated image. */
export function readImage(
  reading: ReadContext,
  { raw, version }: Versioned,
  platforms: readonly Located<string>[],
  fromInputs: boolean,
): ImageEntry {
  const targets = readTargets(reading, raw);
  const own = locatedWords(raw, 'platforms');
  const goMain = text(child(raw, 'expect'), 'go-main');
  const build = readBuild(reading, raw);
  const image = {
    at: raw.at,
    id: readId(raw, targets, version),
    ...defined({ version }),
    targets,
    platforms: own.length === 0 ? platforms : own,
    annotations: table(raw, 'annotations'),
    ...defined({ goMain }),
    foreign: readForeign(raw),
    tests: items(raw, 'tests').flatMap((test) => readTest(reading, test)),
    fromInputs,
  };
  return build.kind === 'dockerfile' ? { ...image, build } : { ...image, build };
}
