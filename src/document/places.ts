import { nearest } from '../platform/index.js';
import { namedItem } from './named-items.js';
import type { MapNode } from './node.js';
import { isRefused, knownKeys, type MapShape, type Shape } from './shape.js';

/** What names a document may hold beside the keys of each map, for a sentence about those that it may not. */
export interface Vocabulary {
  /** Every map of the document, the outermost first: a key may belong to another of them. */
  readonly maps: readonly MapPlace[];
  /** Other tools' names of keys, each with the keys that lead to its own. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  /** The answer to another tool's name for what no key says, in the map that those keys lead to. */
  readonly answer: (name: string, path: readonly string[]) => string | undefined;
}

/** The vocabulary of a document; without further names that of one that no other tool writes. */
export function createVocabulary(
  whole: Shape,
  aliases: Vocabulary['aliases'] = new Map(),
  answer: Vocabulary['answer'] = () => undefined,
): Vocabulary {
  return { maps: mapsOf(whole), aliases, answer };
}

/** From a map to one below it. */
interface PlaceStep {
  readonly key: string;
  /** Whether it is one of several there. */
  readonly isItem: boolean;
}

interface MapPlace {
  readonly shape: MapShape;
  readonly steps: readonly PlaceStep[];
}

/** A key that a name may stand for, and the map that has it. */
interface KeyPlace extends MapPlace {
  readonly key: string;
}

function below(shape: Shape, isItem = false): { shape: MapShape; isItem: boolean } | undefined {
  if (shape.kind === 'map') return { shape, isItem };
  return shape.kind === 'list' || shape.kind === 'table' ? below(shape.of, true) : undefined;
}

function mapsOf(shape: Shape, steps: readonly PlaceStep[] = []): readonly MapPlace[] {
  const own = below(shape)?.shape;
  if (own === undefined) return [];
  const deeper = Object.entries(own.keys).flatMap(([key, rule]) => {
    if (isRefused(rule)) return [];
    const isItem = below(rule.shape)?.isItem ?? false;
    return mapsOf(rule.shape, [...steps, { key, isItem }]);
  });
  return [{ shape: own, steps }, ...deeper];
}

/** How tools differ in writing one name: `no-cache`, `no_cache`. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

function keyCalled(name: string, { keys }: MapShape): string | undefined {
  return Object.keys(keys).find((key) => plain(key) === plain(name));
}

/** The key that a name stands for in one map, under its own name or another tool's. */
function keyFor(
  name: string,
  { shape, steps }: MapPlace,
  { aliases }: Vocabulary,
): KeyPlace | undefined {
  const path = aliases.get(plain(name)) ?? [];
  const isHere =
    path.length === steps.length + 1 && steps.every(({ key }, index) => key === path[index]);
  const key = keyCalled(name, shape) ?? (isHere ? path.at(-1) : undefined);
  return key === undefined ? undefined : { key, shape, steps };
}

function shared(one: readonly PlaceStep[], other: readonly PlaceStep[]): number {
  const at = one.findIndex(({ key }, index) => key !== other[index]?.key);
  return at === -1 ? one.length : at;
}

/** Levels up and down between two maps. */
function distance({ steps: from }: MapPlace, { steps: to }: MapPlace): number {
  return from.length + to.length - 2 * shared(from, to);
}

/** The keys of other maps that a name stands for, those of the nearest maps. */
function elsewhere(name: string, from: MapPlace, vocabulary: Vocabulary): readonly KeyPlace[] {
  const others = vocabulary.maps.filter(({ shape }) => shape !== from.shape);
  const found = others.flatMap((place) => keyFor(name, place, vocabulary) ?? []);
  const taken = found.filter(({ key, shape }) => knownKeys(shape).includes(key));
  const least = Math.min(...taken.map((place) => distance(from, place)));
  return taken.filter((place) => distance(from, place) === least);
}

function placeOf(shape: MapShape, { maps }: Vocabulary): MapPlace {
  return maps.find((place) => place.shape === shape) ?? { shape, steps: [] };
}

/** The key of a map that another name in it is meant to be; undefined where it is a key of its own or belongs elsewhere. */
export function meantKey(
  name: string,
  shape: MapShape,
  vocabulary: Vocabulary,
): string | undefined {
  const known = knownKeys(shape);
  if (Object.hasOwn(shape.keys, name)) return undefined;
  const from = placeOf(shape, vocabulary);
  const own = keyFor(name, from, vocabulary);
  if (own !== undefined) return known.includes(own.key) ? own.key : undefined;
  return elsewhere(name, from, vocabulary).length > 0 ? undefined : nearest(name, known);
}

const LEVELS = ['one level', 'two levels', 'three levels', 'four levels'];

/** `under "build" of an item of "images"`, from the map that both are below. */
function downwards(steps: readonly PlaceStep[]): string {
  const [last, ...outer] = steps.toReversed();
  const first = last?.isItem ? `to an item of "${last.key}"` : `under "${last?.key}"`;
  const more = outer.map(({ key, isItem }) =>
    isItem ? ` of an item of "${key}"` : ` of "${key}"`,
  );
  return [first, ...more].join('');
}

/** What stands where a key belongs in the short form, and has to be written beside it then. */
function besideShort({ shape, steps }: MapPlace, from: MapPlace, raw: MapNode): string {
  const [step, ...more] = steps.slice(from.steps.length);
  const found = raw.entries.find(({ key }) => key === step?.key)?.value;
  const written = found?.kind === 'list' ? found.items.at(-1) : found;
  if (more.length > 0 || written?.kind !== 'scalar' || written.empty) return '';
  return shape.short === undefined ? '' : `, beside "${shape.short}: ${written.text.slice(0, 40)}"`;
}

function whereTo(place: KeyPlace, from: MapPlace, raw: MapNode): string {
  const common = shared(from.steps, place.steps);
  const down = place.steps.slice(common);
  if (down.length > 0) {
    const beside = common === from.steps.length ? besideShort(place, from, raw) : '';
    return `${downwards(down)}${beside}`;
  }
  const level = LEVELS[from.steps.length - common - 1] ?? 'several levels';
  return `${level} up, beside "${from.steps[common]?.key}"`;
}

function belongs(name: string, places: readonly KeyPlace[], from: MapPlace, raw: MapNode): string {
  const words = places.map((place) => {
    const as = place.key === name ? '' : `, as "${place.key}"`;
    return `${whereTo(place, from, raw)}${as}`;
  });
  return `belongs ${words.join(', or ')}`;
}

/** The answer that a map below has to a name that is refused there. */
function refusedBelow(name: string, from: MapPlace, { maps }: Vocabulary): string | undefined {
  for (const { shape, steps } of maps) {
    const key = keyCalled(name, shape);
    const rule = key === undefined ? undefined : shape.keys[key];
    const isBelow = shared(from.steps, steps) === from.steps.length;
    if (isBelow && rule !== undefined && isRefused(rule)) return rule.refused;
  }
  return undefined;
}

/** A misspelt key of another map. */
function nearElsewhere(name: string, from: MapPlace, vocabulary: Vocabulary): string | undefined {
  const all = vocabulary.maps.flatMap(({ shape }) => knownKeys(shape));
  const near = nearest(name, [...all, ...vocabulary.aliases.keys()]);
  return near !== undefined && elsewhere(near, from, vocabulary).length > 0 ? near : undefined;
}

/** That what stands as a key may be the name of an item, where no other key says what the map is. */
function nameHint(name: string, shape: MapShape, { entries }: MapNode): string {
  const known = knownKeys(shape);
  const own = ['id', 'name'].find((key) => known.includes(key));
  const isEmpty = entries.every(({ value }) => value.kind === 'scalar' && value.empty);
  if (own === undefined || isEmpty || entries.some(({ key }) => known.includes(key))) return '';
  const [only, ...more] = entries;
  const item = only === undefined || more.length > 0 ? undefined : namedItem(only, own, shape);
  return `; if that is its name, write ${item ?? `"${own}: ${name.slice(0, 40)}"`}`;
}

/** The sentence about a name that is no key of the map in which it stands. */
export function unknownKey(
  name: string,
  shape: MapShape,
  raw: MapNode,
  vocabulary: Vocabulary,
): string {
  const from = placeOf(shape, vocabulary);
  const known = knownKeys(shape);
  const own = keyFor(name, from, vocabulary);
  const rule = own === undefined ? undefined : shape.keys[own.key];
  if (rule !== undefined && isRefused(rule)) return `"${name}": ${rule.refused}`;
  const near = nearest(name, known);
  if (own !== undefined && own.key !== near) {
    return `unknown key "${name}"; here it is "${own.key}"`;
  }
  const others = elsewhere(name, from, vocabulary);
  if (others.length > 0) {
    const or = near === undefined ? '' : `; or did you mean "${near}"?`;
    return `"${name}" ${belongs(name, others, from, raw)}${or}`;
  }
  if (near !== undefined) return `unknown key "${name}"; did you mean "${near}"?`;
  const refused = refusedBelow(name, from, vocabulary);
  if (refused !== undefined) return `"${name}": ${refused}`;
  const answer = vocabulary.answer(
    plain(name),
    from.steps.map(({ key }) => key),
  );
  if (answer !== undefined) return `"${name}" ${answer}`;
  const other = nearElsewhere(name, from, vocabulary);
  if (other !== undefined) {
    const words = belongs(other, elsewhere(other, from, vocabulary), from, raw);
    return `unknown key "${name}"; did you mean "${other}"? It ${words}`;
  }
  return `unknown key "${name}"${nameHint(name, shape, raw)}; there are: ${known.join(', ')}`;
}
