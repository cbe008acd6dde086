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
} from '../document/index.js';
import { EXISTING } from '../evidence/index.js';
import {
  type BuildEntry,
  firstWordProblems,
  perPlatformTables,
  type ReadContext,
  readBuild,
  readTest,
  type TestEntry,
} from '../kinds/index.js';
import { normalisePlatform } from '../platform/index.js';
import { defined } from '../types/index.js';
import type { ForeignEntry, ImageEntry, TargetEntry } from './config.js';
import { differs, fill, mapBuild, platformValues } from './placeholders.js';
import { tagsOf } from './tags.js';
import type { Versioned } from './versions.js';

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

/** The platforms of an image, normalised: its own, or those of images that name none. */
export function platformsOf(
  raw: SourceNode,
  otherwise: readonly Located<string>[],
): readonly Located<string>[] {
  const own = locatedWords(raw, 'platforms');
  return own.length === 0 ? otherwise : own;
}

/** Platforms that placeholders are replaced for; what is none has its problem already. */
export function normalised(platforms: readonly Located<string>[]): readonly string[] {
  return [...new Set(platforms.flatMap(({ value }) => normalisePlatform(value) ?? []))];
}

/** An entry of `images` as a platform's build reads it. */
export function onPlatform(image: SourceNode, platform: string): SourceNode {
  const values = platformValues(platform) ?? {};
  return mapBuild(image, (value) => fill(value, values));
}

/** Names that placeholders make one on a platform. */
function mergedNames(
  { problems }: ReadContext,
  image: SourceNode,
  filled: SourceNode,
  platform: string,
): void {
  const after = perPlatformTables(child(filled, 'build'));
  for (const [index, table] of perPlatformTables(child(image, 'build')).entries()) {
    const names = after[index]?.map(({ name }) => name) ?? [];
    for (const [at, written] of table.entries()) {
      const first = table[names.indexOf(names[at] ?? '')];
      if (first === undefined || first.name === written.name) continue;
      const message = `"${first.name}" and "${written.name}" are both "${names[at]}" on ${platform}; keep one of them`;
      problems.push({ ...written.at, message });
    }
  }
}

/** The builds of an image with placeholders, by platform. */
function readPlatformBuilds(
  reading: ReadContext,
  image: SourceNode,
  platforms: readonly string[],
): ReadonlyMap<string, BuildEntry> | undefined {
  let isSame = true;
  mapBuild(image, (value) => {
    isSame &&= !differs(value);
    return value;
  });
  if (isSame) return undefined;
  return new Map(
    platforms.map((platform) => {
      const filled = onPlatform(image, platform);
      mergedNames(reading, image, filled, platform);
      return [platform, readBuild(reading, filled)];
    }),
  );
}

/** An entry of `tests`, as one test for all platforms on which its placeholders make it the same. */
function readTests(
  reading: ReadContext,
  test: SourceNode,
  platforms: readonly string[],
): readonly TestEntry[] {
  if (!differs(test)) return readTest(reading, test);
  const written = locatedWords(test, 'platforms');
  const own = written.length === 0 ? platforms : normalised(written);
  const found = new Map<string, { readonly test: TestEntry; readonly on: string[] }>();
  for (const platform of own) {
    for (const one of readTest(reading, fill(test, platformValues(platform) ?? {}))) {
      const key = JSON.stringify([one.plan, one.mounts]);
      const same = found.get(key);
      if (same === undefined) found.set(key, { test: one, on: [platform] });
      else same.on.push(platform);
    }
  }
  return [...found.values()].map(({ test: one, on }) => ({
    ...one,
    platforms: on.length === own.length ? written : on.map((value) => ({ value, at: test.at })),
  }));
}

/** Reads one validated image. `platforms` are those of images that name none, the machine's own in the end. */
export function readImage(
  reading: ReadContext,
  { raw, version }: Versioned,
  platforms: readonly Located<string>[],
  machine: string,
): ImageEntry {
  const targets = readTargets(reading, raw);
  const asked = platformsOf(raw, platforms);
  const named = asked.length === 0 ? [machine] : normalised(asked);
  const goMain = text(child(raw, 'expect'), 'go-main');
  const perPlatform = readPlatformBuilds(reading, raw, named);
  // What placeholders make of it is judged, not they.
  const build = readBuild(perPlatform === undefined ? reading : { ...reading, problems: [] }, raw);
  const tests = items(raw, 'tests');
  reading.problems.push(...firstWordProblems(tests, reading.fromInputs));
  const image = {
    at: raw.at,
    id: readId(raw, targets, version),
    ...defined({ version }),
    targets,
    platforms: asked,
    annotations: table(raw, 'annotations'),
    ...defined({ goMain }),
    foreign: readForeign(raw),
    tests: tests.flatMap((test) => readTests(reading, test, named)),
    fromInputs: reading.fromInputs,
  };
  return { ...image, build, ...defined({ perPlatform }) } as ImageEntry;
}
