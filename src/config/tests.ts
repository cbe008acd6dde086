import {
  child,
  entry,
  fromRoot,
  items,
  located,
  locatedWords,
  parseDuration,
  type SourceNode,
  table,
  text,
  writtenPath,
} from '../document/index.js';
import type { MountEntry, TestEntry } from './config.js';
import type { ReadContext } from './read-context.js';

const TIMEOUT = 5 * 60_000;

/** What a test on the host cannot have: it runs in no container. */
const IN_CONTAINER = ['user', 'mounts', 'network'] as const;

function readMount(reading: ReadContext, raw: SourceNode): readonly MountEntry[] {
  const [first, second, mode, ...rest] = raw.kind === 'scalar' ? raw.text.split(':') : [];
  const source = text(raw, 'source') ?? first;
  const target = text(raw, 'target') ?? second;
  if (mode === 'rw') {
    reading.problems.push({
      ...raw.at,
      message: `"${first}" cannot be written back: a test gets a copy of its own; leave out ":rw"`,
    });
    return [];
  }
  const known = mode === undefined || mode === 'ro';
  if (!source || !target?.startsWith('/') || !known || rest.length > 0) {
    reading.problems.push({
      ...raw.at,
      message: 'a mount is SOURCE:TARGET, with an absolute target',
    });
    return [];
  }
  const path = fromRoot(reading.root, reading.folder, source);
  return [{ source: path, ...writtenPath(source), target, at: raw.at }];
}

/** What a test runs; a list without items has been refused by its shape. */
function readProgram({ problems }: ReadContext, raw: SourceNode): TestEntry['run'] | undefined {
  const written = raw.kind === 'map' ? child(raw, 'run') : raw;
  const first = written?.kind === 'list' ? written.items[0] : written;
  if (first === undefined) return undefined;
  if (first.kind === 'scalar' && first.text.trim() === '') {
    problems.push({ ...first.at, message: 'this test is empty; it needs a program to run' });
    return undefined;
  }
  if (written?.kind === 'scalar') return { shell: written.text };
  if (written?.kind !== 'list') return undefined;
  return { exec: written.items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : [])) };
}

function defaultName(run: TestEntry['run']): string {
  const command = 'shell' in run ? run.shell : run.exec.join(' ');
  return command.trim().split('\n')[0]?.slice(0, 120) ?? '';
}

function readTest(reading: ReadContext, raw: SourceNode): readonly TestEntry[] {
  const run = readProgram(reading, raw);
  if (run === undefined) return [];
  const onHost = text(raw, 'on') === 'host';
  for (const key of onHost ? IN_CONTAINER : []) {
    const found = entry(raw, key);
    if (found === undefined) continue;
    reading.problems.push({
      ...found.at,
      message: `"${key}" is for containers; this test runs on the host`,
    });
  }
  const workdir = located(raw, 'workdir');
  if (!onHost && workdir !== undefined && !workdir.value.startsWith('/')) {
    const message = `"${workdir.value}" is not absolute, as the "workdir" of a test in the image is`;
    reading.problems.push({ ...workdir.at, message });
  }
  const only = locatedWords(raw, 'platforms');
  return [
    {
      at: raw.at,
      name: text(raw, 'name') ?? defaultName(run),
      onHost,
      run,
      ...pick(raw, 'stdout'),
      ...pick(raw, 'stderr'),
      exitCode: Number(text(raw, 'exit-code') ?? 0),
      env: table(raw, 'env'),
      ...pick(raw, 'user'),
      ...pick(raw, 'workdir'),
      mounts: items(raw, 'mounts').flatMap((item) => readMount(reading, item)),
      ...network(raw),
      timeout: parseDuration(text(raw, 'timeout') ?? '') ?? TIMEOUT,
      ...(only.length === 0 ? {} : { platforms: only }),
    },
  ];
}

function pick<K extends 'stdout' | 'stderr' | 'user' | 'workdir'>(
  raw: SourceNode,
  key: K,
): { readonly [P in K]?: string } {
  const value = text(raw, key);
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: string });
}

function network(raw: SourceNode): Pick<TestEntry, 'network'> {
  const value = located(raw, 'network');
  return value === undefined ? {} : { network: value };
}

/** Reads the validated `tests` of an image. */
export function readTests(reading: ReadContext, image: SourceNode): readonly TestEntry[] {
  return items(image, 'tests').flatMap((raw) => readTest(reading, raw));
}
