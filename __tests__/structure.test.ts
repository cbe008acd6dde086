import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseSync } from '@swc/core';

/*
 * Imports go one way: entries → commands → pipeline → stages → the rooms below
 * them → ports. A stage never imports another stage, nobody goes through a wall
 * where there is a door, and only ports touch the world.
 */

const SRC = join(import.meta.dirname, '..', 'src');

const STAGES = [
  'config',
  'plan',
  'environment',
  'build',
  'inspect',
  'test',
  'publish',
  'verify',
  'report',
];
const ROOMS = [
  'buildpacks',
  'parity',
  'checks',
  'contents',
  'dockerfile',
  'document',
  'kinds',
  'evidence',
  'oci',
  'registry',
  'engine',
  'cleanup',
  'emulation',
  'builder',
  'preflight',
];

/** The ground floor: pure tables and grammars that every place may import, ports included. */
const GROUND = ['types', 'reference', 'platform'];

/** What each place may import from, beside itself, the ground floor and packages. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  entry: ['commands', 'github', 'config', 'report', 'ports', 'entry'],
  commands: ['pipeline', ...STAGES, ...ROOMS, 'ports'],
  github: ['report', 'ports'],
  pipeline: [...STAGES, ...ROOMS, 'ports'],
  ...Object.fromEntries(STAGES.map((stage) => [stage, [...ROOMS, 'ports']])),
  buildpacks: ['contents', 'document', 'evidence', 'oci', 'registry', 'ports'],
  parity: ['buildpacks', 'document', 'evidence', 'oci', 'registry', 'ports'],
  checks: ['buildpacks', 'contents', 'dockerfile', 'evidence', 'oci'],
  contents: ['oci', 'ports'],
  dockerfile: ['evidence', 'ports'],
  document: ['contents', 'evidence', 'platform', 'registry'],
  kinds: ['document', 'evidence', 'platform', 'reference'],
  evidence: ['ports'],
  oci: ['evidence', 'ports'],
  registry: ['oci', 'evidence', 'ports'],
  engine: ['evidence', 'ports'],
  cleanup: ['engine', 'oci', 'ports'],
  emulation: ['cleanup', 'engine', 'evidence', 'oci', 'ports'],
  builder: ['cleanup', 'engine', 'evidence', 'oci', 'registry', 'ports'],
  preflight: ['checks', 'engine', 'evidence', 'oci', 'registry', 'ports'],
  reference: ['platform', 'types'],
  platform: ['types'],
  types: [],
  ports: [],
};

/** What a room is given by another one, as a type that is gone when it runs. */
const GIVEN: Readonly<Record<string, string>> = { plan: 'config', commands: 'github' };

/** Node's modules that only compute; all others are the ports' own. */
const PURE = [
  'buffer',
  'crypto',
  'path',
  'stream',
  'stream/promises',
  'string_decoder',
  'util',
  'zlib',
  'events',
];

interface Import {
  readonly file: string;
  readonly from: string;
  readonly typeOnly: boolean;
  /** `import('…')`: loaded when that line runs. */
  readonly dynamic: boolean;
}

function sources(): readonly string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replaceAll('\\', '/'));
}

function importsOf(file: string): readonly Import[] {
  const text = textOf(file);
  const pattern =
    /^(?:import|export)\s+(type\s+)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    from: match[2] ?? match[3] ?? match[4] ?? '',
    typeOnly: match[1] !== undefined,
    dynamic: match[4] !== undefined,
  }));
}

function target({ file, from }: Import): string {
  return normalize(join(dirname(file), from))
    .replaceAll('\\', '/')
    .replace(/\.js$/, '.ts');
}

function placeOf(file: string): string {
  const [first = ''] = file.split('/');
  return file.includes('/') ? first : 'entry';
}

function mayImport(here: string, there: string): boolean {
  const onGround = GROUND.includes(there) && !GROUND.includes(here);
  return onGround || (ALLOWED[here] ?? []).includes(there);
}

function textOf(file: string): string {
  return readFileSync(join(SRC, file), 'utf8');
}

/** Functions, methods, and types of functions with more than four parameters, by the name around them. */
function longSignatures(node: unknown, around = ''): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { identifier, key, id, params } = node as Record<string, { readonly value?: string }>;
  const name = identifier?.value ?? key?.value ?? id?.value ?? around;
  const isLong = Array.isArray(params) && params.length > 4;
  const inside = Object.values(node).flatMap((child) => longSignatures(child, name));
  return isLong ? [name, ...inside] : inside;
}

/** Every interface, type, class and enum that a file declares, exported or not. */
function typesIn(file: string): ReadonlySet<string> {
  const text = textOf(file);
  const pattern =
    /^\s*(?:export )?(?:declare )?(?:abstract )?(?:(?:interface|class|enum) (\w+)|type (\w+)(?=\s*[=<]))/gm;
  return new Set([...text.matchAll(pattern)].map(([, name, alias]) => name ?? alias ?? ''));
}

const all = sources().flatMap(importsOf);
const local = all.filter((found) => found.from.startsWith('.') && !target(found).startsWith('..'));

function describeImport(found: Import): string {
  return `${found.file} imports ${target(found)}`;
}

describe('the house', () => {
  test('has walls: every place imports only from what lies below it', () => {
    const wrong = local.filter((found) => {
      const [here, there] = [placeOf(found.file), placeOf(target(found))];
      const given = found.typeOnly && GIVEN[here] === there;
      return here !== there && !given && !mayImport(here, there);
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test('knows GitHub in one room, which the action alone loads, when it runs', () => {
    const ofActions = all.filter(({ from }) => from.startsWith('@actions/'));
    expect(ofActions.length).toBeGreaterThan(0);
    expect(ofActions.filter(({ file }) => placeOf(file) !== 'github')).toEqual([]);
    const loading = local.filter(
      (found) =>
        placeOf(target(found)) === 'github' && placeOf(found.file) !== 'github' && !found.typeOnly,
    );
    expect(loading.map(({ file, dynamic }) => [file, dynamic]).toSorted()).toEqual([
      ['main.ts', true],
      ['post.ts', true],
    ]);
  });

  test('has doors: a folder is entered through its index.ts', () => {
    const wrong = local.filter((found) => {
      const there = target(found);
      const same = placeOf(found.file) === placeOf(there);
      return !same && there.includes('/') && !/^[^/]+\/index\.ts$/.test(there);
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test('has walls inside report: a folder has a door, and what is shown is chosen in model alone', () => {
    const folderOf = (file: string) => /^report\/([^/]+)\//.exec(file)?.[1] ?? '';
    const below: Readonly<Record<string, readonly string[]>> = {
      model: [],
      terminal: ['model'],
      summary: ['model'],
      progress: ['terminal'],
    };
    const inside = local.filter(
      ({ file, ...found }) =>
        placeOf(file) === 'report' && placeOf(target({ file, ...found })) === 'report',
    );
    const wrong = inside.filter((found) => {
      const [here, there] = [folderOf(found.file), folderOf(target(found))];
      if (there === '' || here === there) return false;
      const isDoor = target(found) === `report/${there}/index.ts`;
      return !isDoor || (here !== '' && !(below[here] ?? []).includes(there));
    });
    expect(wrong.map(describeImport)).toEqual([]);
    const judging = sources()
      .filter((file) => placeOf(file) === 'report' && folderOf(file) !== 'model')
      .filter((file) => /\bjudge\(/.test(textOf(file)));
    // Its strings are for later steps: nothing in them is chosen for a reader.
    expect(judging).toEqual(['report/outputs.ts']);
  });

  test('touches the world in ports alone', () => {
    const wrong = all.filter(
      ({ file, from, typeOnly }) =>
        from.startsWith('node:') &&
        !typeOnly &&
        placeOf(file) !== 'ports' &&
        !PURE.includes(from.slice('node:'.length)),
    );
    expect(wrong.map(({ file, from }) => `${file} imports ${from}`)).toEqual([]);
  });

  test('leaves the process to the entries and the ports', () => {
    const wrong = sources()
      .filter((file) => !['entry', 'ports'].includes(placeOf(file)))
      .filter((file) => /\bprocess\.\w/.test(textOf(file)));
    expect(wrong).toEqual([]);
  });

  test('starts the docker client in the engine alone, and lends it to no other room', () => {
    const inEngine = (file: string) => placeOf(file) === 'engine';
    const starts = sources().filter((file) => /\bfile: (['"`])docker\1/.test(textOf(file)));
    expect(starts.filter(inEngine)).not.toEqual([]);
    expect(starts.filter((file) => !inEngine(file))).toEqual([]);
    // What takes arguments of a command line would let other rooms write some.
    expect(textOf('engine/index.ts')).not.toMatch(/\bdocker(Pulling)?\b(?!\/index\.js)/);
  });

  test('has no circles between rooms at run time', () => {
    const edges = new Map<string, Set<string>>();
    for (const found of local.filter(({ typeOnly }) => !typeOnly)) {
      const [here, there] = [placeOf(found.file), placeOf(target(found))];
      if (here !== there) edges.set(here, (edges.get(here) ?? new Set()).add(there));
    }
    const reaches = (from: string, seen: ReadonlySet<string> = new Set()): readonly string[] =>
      [...(edges.get(from) ?? [])].flatMap((next) =>
        seen.has(next) ? [] : [next, ...reaches(next, new Set([...seen, next]))],
      );
    expect([...edges.keys()].filter((place) => reaches(place).includes(place))).toEqual([]);
  });

  test('has no circles between files', () => {
    const edges = new Map<string, string[]>();
    for (const found of local) {
      edges.set(found.file, [...(edges.get(found.file) ?? []), target(found)]);
    }
    /** The way from a file through what it imports back to itself; empty where there is none. */
    const wayBack = (file: string): string => {
      const ways = new Map([[file, file]]);
      for (const [here, way] of ways) {
        for (const next of edges.get(here) ?? []) {
          if (next === file) return `${way} → ${file}`;
          if (!ways.has(next)) ways.set(next, `${way} → ${next}`);
        }
      }
      return '';
    };
    expect(sources().map(wayBack).filter(Boolean)).toEqual([]);
  });

  test('asks what is true of a kind of test in kinds alone', () => {
    const wrong = sources()
      .filter((file) => placeOf(file) !== 'kinds')
      .filter((file) => /\bkind [!=]== '(command|host|start)'/.test(textOf(file)));
    expect(wrong).toEqual([]);
  });

  test('gives a function four parameters at most', () => {
    const wrong = sources().flatMap((file) =>
      longSignatures(parseSync(textOf(file), { syntax: 'typescript' })).map(
        (name) => `${file}: ${name}`,
      ),
    );
    expect(wrong).toEqual([]);
  });

  test('declares each type name in one file', () => {
    const names = sources().flatMap((file) => [...typesIn(file)]);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  test('is where the documentation of the source says it is', () => {
    const rooms = new Set(sources().map(placeOf));
    expect([...rooms].filter((place) => place !== 'entry' && !(place in ALLOWED))).toEqual([]);
  });
});
