import { dirname, join } from 'node:path';
import {
  child,
  corrected,
  cutPlaces,
  entry,
  items,
  LIMITS,
  type Located,
  locatedWords,
  type Position,
  type SourceNode,
  text,
  validate,
} from '../document/index.js';
import { elsewhere, isCode, isHeld, isOfProof, type Problem } from '../evidence/index.js';
import type { ReadContext, RefusedVariable } from '../kinds/index.js';
import { platformOfNode } from '../platform/index.js';
import type { Ports } from '../ports/index.js';
import { defined } from '../types/index.js';
import type { Config } from './config.js';
import { hostNotes } from './host-notes.js';
import { normalised, onPlatform, platformsOf, readImage } from './image.js';
import { configuration, imageShape } from './keys.js';
import { strayPlaceholders } from './placeholders.js';
import { type ReadEntry, withPrecedence } from './precedence.js';
import { inlineProblems, isCalled } from './request/inline.js';
import type { Request } from './request/request.js';
import { namedSecrets } from './secret-forms.js';
import { argumentsUse, publicArgsOf, secretProblems, unusedProblems } from './set-variables.js';
import { readSource, type SourceFile, withoutImage } from './source-file.js';
import { hasTags } from './tags.js';
import { textPlaces } from './text-places.js';
import { namedAfterRepository } from './unnamed.js';
import { bareNotes, defaultNotes, ownNotes } from './variable-notes.js';
import { judgeName, lookup, type Replacing, substitute } from './variables.js';
import { expandVersions, type NearlyMatching } from './versions.js';
import { vocabulary } from './vocabulary.js';

/** How problems call what is validated. */
const [WHOLE, AN_IMAGE] = ['the configuration', 'an item of "images"'];

type LoadPorts = Pick<Ports, 'files' | 'env' | 'machine'>;

/** `vars`, each of which may use what stands above it. */
function readVars(
  root: SourceNode,
  request: Request,
  env: Ports['env'],
  publicArgs: ReadonlySet<string>,
): Replacing & {
  readonly used: ReadonlySet<string>;
  readonly problems: Problem[];
} {
  const vars = new Map<string, string | RefusedVariable>();
  const { set, trust } = request;
  const find = lookup({ set, env, vars, publicArgs, untrusted: trust.untrusted });
  const room = { left: LIMITS.bytes };
  const problems: Problem[] = [];
  const used = new Set<string>();
  const places = textPlaces(root);
  const written = child(root, 'vars');
  for (const { key, at, value } of written?.kind === 'map' ? written.entries : []) {
    if (value.kind !== 'scalar') continue;
    const given = { name: key, value: value.text };
    const message = judgeName(given, `"${key}" in "vars"`, publicArgs);
    if (message !== undefined) {
      problems.push({ ...at, message });
      vars.set(key, {});
      continue;
    }
    const done = substitute(value, { find, known: () => [...vars.keys()], room }, places);
    problems.push(...done.problems);
    for (const name of done.used) used.add(name);
    if (done.raw.kind !== 'scalar') continue;
    vars.set(key, done.unknown.length > 0 ? {} : done.raw.text);
  }
  const known = () => [...vars.keys(), ...request.set.keys()];
  return { find, known, room, used, problems };
}

function readSeverities(root: SourceNode, problems: Problem[]): Config['severities'] {
  const written = child(root, 'checks');
  const pairs: [string, 'error' | 'warning' | 'note' | 'off'][] = [];
  for (const { key, at, value } of written?.kind === 'map' ? written.entries : []) {
    if (value.kind !== 'scalar' || !isCode(key)) continue;
    if (isHeld(key) && value.text !== 'error') {
      const why = isOfProof(key) ? 'belongs to the proof chain' : 'is about the environment';
      problems.push({ ...at, message: `"${key}" ${why}; it cannot be lowered` });
    }
    pairs.push([key, value.text as 'error']);
  }
  return Object.fromEntries(pairs);
}

/** Each problem once. */
function once(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((one) => [JSON.stringify(one), one])).values()];
}

/** Where a problem is; an input is one place for many texts. */
function placeOf({ file, line, column }: Problem): readonly Position[] {
  return file === undefined || line === undefined ? [] : [{ file, line, ...defined({ column }) }];
}

/** The input and the text of it that a problem is about, as its message begins; undefined for one with a place. */
function inputText({ file, line, message }: Problem): string | undefined {
  const [text] = /^"(?:[^"\\]|\\.)*"/.exec(message) ?? [];
  return line === undefined && text !== undefined ? `${file} ${text}` : undefined;
}

/** Problems without those about a text of an input of which there is nothing more to say. */
function withoutStrays(
  problems: readonly Problem[],
  strays: readonly Problem[],
): readonly Problem[] {
  const texts = new Set(strays.flatMap((stray) => inputText(stray) ?? []));
  return problems.filter((problem) => !texts.has(inputText(problem) ?? ''));
}

interface WrittenImages {
  readonly base: Omit<ReadContext, 'problems' | 'fromInputs'>;
  readonly raws: readonly SourceNode[];
  /** Those of images that name none. */
  readonly platforms: readonly Located<string>[];
}

interface ReadImages extends Pick<Config, 'images' | 'notes' | 'problems'> {
  /** What is wrong with placeholders and patterns: there is nothing more to say of a text with one. */
  readonly strays: readonly Problem[];
  /** The entries as each platform's build reads them. */
  readonly built: readonly SourceNode[];
}

async function readImages(
  { base, raws, platforms }: WrittenImages,
  request: Request,
  { files, machine }: LoadPorts,
): Promise<ReadImages> {
  const fromInputs = request.inline !== undefined;
  const reading: ReadContext = { ...base, fromInputs, problems: [] };
  const entries: ReadEntry[] = [];
  const notes: string[] = [];
  const strays: Problem[] = [];
  const nearly: NearlyMatching[] = [];
  const built: SourceNode[] = [];
  const own = platformOfNode(machine.architecture);
  const folder = join(request.root, base.folder);
  for (const raw of raws) {
    const named = normalised(platformsOf(raw, platforms));
    const scope = {
      folder,
      from: base.dockerfileFrom,
      platforms: named.length === 0 ? [own] : named,
    };
    const expanded = await expandVersions(raw, scope, files);
    reading.problems.push(...expanded.problems);
    strays.push(...expanded.strays);
    nearly.push(...(expanded.nearly ?? []));
    for (const one of expanded.images) {
      const found = strayPlaceholders(one.raw);
      strays.push(...found.problems);
      notes.push(...found.notes);
      reading.problems.push(...validate(one.raw, imageShape, AN_IMAGE, vocabulary));
      built.push(...scope.platforms.map((platform) => onPlatform(one.raw, platform)));
      if (one.raw.kind !== 'map') continue;
      entries.push({
        image: readImage(reading, one, platforms, own),
        hasId: child(one.raw, 'id') !== undefined,
        hasTags: hasTags(one.raw),
      });
    }
  }
  const chosen = withPrecedence(entries);
  const read = entries.flatMap(({ image: { build } }) =>
    build.kind === 'dockerfile' ? [join(request.root, build.dockerfile.value)] : [],
  );
  const left = nearly.flatMap(({ path, note }) => (read.includes(path) ? [] : [note]));
  const said = [
    ...new Set([...notes, ...left, ...chosen.images.flatMap(hostNotes), ...chosen.notes]),
  ];
  return {
    images: chosen.images,
    notes: said,
    problems: reading.problems,
    strays: [...strays, ...chosen.problems],
    built,
  };
}

/** The tree without its images, which are validated one by one after their globs. */
function withoutImages(root: SourceNode): SourceNode {
  const written = entry(root, 'images')?.value;
  if (root.kind !== 'map' || written?.kind !== 'list' || written.items.length === 0) return root;
  const entries = root.entries.map((one): typeof one =>
    one.key === 'images'
      ? { ...one, value: { kind: 'scalar', text: '', empty: true, at: one.at } }
      : one,
  );
  return { ...root, entries };
}

function without(root: SourceNode, name: string): SourceNode {
  if (root.kind !== 'map') return root;
  return { ...root, entries: root.entries.filter(({ key }) => key !== name) };
}

/** The variables as they are written, for the validation: their texts are not replaced in place. */
function onlyVars(root: SourceNode): SourceNode {
  if (root.kind !== 'map') return { kind: 'map', entries: [], at: root.at };
  return { ...root, entries: root.entries.filter(({ key }) => key === 'vars') };
}

/** Whether no file says, or may say, what images there are. */
function isImageOpen({ inline }: Request, source: SourceFile | undefined): boolean {
  if (source === undefined) return true;
  const { root } = source;
  return inline !== undefined && root !== undefined && entry(root, 'images') === undefined;
}

/** Whether a file has images is unknown where it could not be read. */
function aboutInline({ inline, push }: Request, source: SourceFile | undefined, root: SourceNode) {
  const unread = source !== undefined && source.root === undefined;
  return inline === undefined || unread ? [] : inlineProblems(inline, entry(root, 'images'), push);
}

/**
 * Reads sea-trial.yml, or the image that the inputs describe, or both where the
 * file has no images. Never rejects for what is written: everything that is
 * wrong is in `problems`, with its place.
 */
export async function loadConfig(asked: Request, ports: LoadPorts): Promise<Config> {
  const source = await readSource(asked, ports);
  const named = isImageOpen(asked, source) ? await namedAfterRepository(asked, ports) : undefined;
  const request = named === undefined ? asked : { ...asked, inline: named };
  const at: Position = { file: source?.file ?? 'the inputs' };
  const { root, problems: secretForms } = namedSecrets(
    corrected(source?.root ?? { kind: 'map', entries: [], at }, configuration, vocabulary),
  );
  const publicArgs = publicArgsOf([
    ...items(root, 'images'),
    ...(request.inline === undefined ? [] : [request.inline]),
  ]);
  const vars = readVars(root, request, ports.env, publicArgs);
  const done = substitute(without(root, 'vars'), vars, textPlaces(root));
  const raw = done.raw;
  const problems: Problem[] = [...(source?.problems ?? [])];
  problems.push(...validate(onlyVars(root), configuration, WHOLE, vocabulary));
  problems.push(...validate(withoutImages(raw), configuration, WHOLE, vocabulary));
  problems.push(...aboutInline(request, source, raw));
  const severities = readSeverities(raw, problems);

  const written = child(raw, 'images');
  const listed = written?.kind === 'list' ? written.items : [];
  const { inline } = request;
  const raws = inline === undefined ? listed : isCalled(inline) ? [inline] : [];
  const found = problems.length + done.problems.length + vars.problems.length;
  if (raws.length === 0 && found === 0) problems.push(await withoutImage(request, source, ports));
  const folder = request.inline === undefined ? dirname(source?.file ?? '.') : '.';
  const dockerfileFrom = request.inline === undefined ? 'context' : 'folder';
  const { HOME: home } = ports.env;
  const base = { root: request.root, folder, home, find: vars.find, dockerfileFrom } as const;
  const platforms = locatedWords(raw, 'platforms');
  const read = await readImages({ base, raws, platforms }, request, ports);
  // Names with placeholders are used as what a platform makes of them.
  const described = [...listed, ...(inline === undefined ? [] : [inline])];
  const plain = described.flatMap(argumentsUse).filter((name) => !/[{}]/.test(name));
  const bare = [...plain, ...read.built.flatMap(argumentsUse)];
  const used = new Set([...vars.used, ...done.used, ...bare]);
  // What a file uses is unknown where it is missing or could not be read.
  if (source === undefined ? raws.length > 0 : source.root !== undefined) {
    problems.push(...unusedProblems(request, used, publicArgs));
  }
  const given = [...used].flatMap((name) => {
    const value = request.set.has(name) ? undefined : ports.env[name];
    return value !== undefined && vars.find(name) === value ? [[name, value] as const] : [];
  });
  const fromEnvironment = new Map(given);
  const unset = [
    ...secretProblems(request, read.built, publicArgs),
    ...vars.problems,
    ...done.problems,
    ...secretForms,
  ];
  const unknown = [...done.unknown, ...read.strays.flatMap(placeOf), ...cutPlaces(raw)];
  return {
    ...defined({ file: source?.file }),
    publish: request.publish ?? (text(raw, 'publish') === 'per-image' ? 'per-image' : 'together'),
    severities,
    images: read.images,
    isUnnamed: named !== undefined,
    notes: [
      ...items(root, 'images').flatMap((image) => bareNotes(child(image, 'build'))),
      ...items(root, 'images').flatMap((image) => defaultNotes(image, vars.find)),
      ...items(root, 'images')
        .flatMap((image) => items(image, 'tests'))
        .flatMap((test) => ownNotes(test, (name) => fromEnvironment.has(name))),
      ...read.notes,
    ],
    fromEnvironment,
    publicArgs,
    problems: once([
      ...unset,
      ...read.strays,
      ...elsewhere(withoutStrays([...problems, ...read.problems], read.strays), unknown),
    ]),
    unknown,
  };
}
