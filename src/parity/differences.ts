import type { BuilderFacts, PinFacts, RunImageFacts } from './lock.js';

/** One thing that two builders or run images have otherwise. */
export interface FactDifference {
  /** The name of its place (`placeKey`): `lifecycle`, `order`, `run-image platforms`. */
  readonly fact: string;
  readonly platform: string;
  /** What it is, for people: `the lifecycle`, `heroku/python`. */
  readonly what: string;
  /** Undefined: it is not there on that side. */
  readonly before?: string;
  readonly now?: string;
}

type PlatformDifference = Omit<FactDifference, 'platform'>;

function changed(
  fact: string,
  what: string,
  before: string | undefined,
  now: string | undefined,
): readonly PlatformDifference[] {
  if (before === now) return [];
  return [
    {
      fact,
      what,
      ...(before === undefined ? {} : { before }),
      ...(now === undefined ? {} : { now }),
    },
  ];
}

/** Versions by id, several joined: a builder may hold more than one. */
function versionsOf(buildpacks: readonly string[]): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const one of [...buildpacks].sort()) {
    const at = one.lastIndexOf('@');
    const [id, version] = [one.slice(0, at), one.slice(at + 1)];
    const known = versions.get(id);
    versions.set(id, known === undefined ? version : `${known} and ${version}`);
  }
  return versions;
}

function buildpackDifferences(
  before: readonly string[],
  now: readonly string[],
): readonly PlatformDifference[] {
  const [old, newer] = [versionsOf(before), versionsOf(now)];
  const ids = [...new Set([...old.keys(), ...newer.keys()])].sort();
  return ids.flatMap((id) => changed('buildpacks', id, old.get(id), newer.get(id)));
}

function orderText(order: BuilderFacts['order'], withVersions: boolean): string {
  const groups = order.map((group) => group.join(', ')).join(' | ');
  return withVersions ? groups : groups.replace(/@[^\s,|]+/g, '');
}

/** An order that differs in versions alone says nothing that its buildpacks do not. */
function orderDifferences(
  before: BuilderFacts,
  now: BuilderFacts,
  others: readonly PlatformDifference[],
): readonly PlatformDifference[] {
  const versions = !others.some(({ fact }) => fact === 'buildpacks');
  return changed(
    'order',
    'the order of detection',
    orderText(before.order, versions),
    orderText(now.order, versions),
  );
}

function builderDifferences(
  before: BuilderFacts,
  now: BuilderFacts,
): readonly PlatformDifference[] {
  const buildpacks = buildpackDifferences(before.buildpacks, now.buildpacks);
  return [
    ...buildpacks,
    ...orderDifferences(before, now, buildpacks),
    ...changed('lifecycle', 'the lifecycle', before.lifecycle, now.lifecycle),
    ...changed('platform-api', 'the Platform API', before.platformApi, now.platformApi),
    ...changed('distribution', 'the distribution', before.distribution, now.distribution),
  ];
}

/** What two sides have on each platform; those that `now` was not asked for are left out. */
function perPlatform<Facts extends RunImageFacts>(
  before: readonly Facts[],
  now: readonly Facts[],
  compare: (before: Facts | undefined, now: Facts) => readonly PlatformDifference[],
): readonly FactDifference[] {
  return now.flatMap((one) => {
    const old = before.find(({ platform }) => platform === one.platform);
    return compare(old, one).map((found) => ({ platform: one.platform, ...found }));
  });
}

/** Everything in which the facts of a builder and run image differ, platform by platform. */
export function differences(before: PinFacts, now: PinFacts): readonly FactDifference[] {
  return [
    ...perPlatform(before.builder.platforms, now.builder.platforms, (old, one) => [
      ...changed('builder platforms', "the builder's digest", old?.digest, one.digest),
      ...(old === undefined ? [] : builderDifferences(old, one)),
    ]),
    ...perPlatform(before.runImage.platforms, now.runImage.platforms, (old, one) =>
      changed('run-image platforms', "the run image's digest", old?.digest, one.digest),
    ),
  ];
}

/** Versions that are gained and lost, by `RUNTIME VERSION`; and runtimes of which none is known now. */
export function offerDifferences(
  before: Readonly<Record<string, readonly string[]>>,
  now: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<'gained' | 'lost' | 'unknown', readonly string[]>> {
  const all = (offers: typeof before) =>
    Object.entries(offers).flatMap(([runtime, versions]) =>
      versions.map((version) => ({ runtime, name: `${runtime} ${version}` })),
    );
  const [old, newer] = [all(before), all(now)];
  const names = (list: typeof old, without: typeof old) =>
    list.flatMap(({ name }) => (without.some((one) => one.name === name) ? [] : [name]));
  return {
    gained: names(newer, old),
    lost: names(
      old.filter(({ runtime }) => Object.hasOwn(now, runtime)),
      newer,
    ),
    unknown: Object.keys(before).filter((runtime) => !Object.hasOwn(now, runtime)),
  };
}
