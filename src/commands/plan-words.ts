import { type TextTable, writeDuration } from '../document/index.js';
import {
  appliesTo,
  type BuildpackPlan,
  joinWords,
  type Plan,
  type PlannedImage,
  type PlannedTest,
  placeText,
} from '../evidence/index.js';
import { isStart, TIMEOUT } from '../kinds/index.js';
import { isNative, platformOfNode } from '../platform/index.js';
import { wholeName } from '../reference/index.js';
import { count, PARTIAL, shown, withoutHost } from '../report/index.js';
import type { ResolvedBase } from './resolved-bases.js';

/** Characters of a line's right part. */
const WIDTH = 100;

/** Longer than two references. */
const LONGEST = 1000;

/** Two columns. */
function row(name: string, value: string): string {
  return `  ${name.padEnd(16)} ${shown(value, WIDTH)}`;
}

function optionalRow(name: string, value: string | undefined): readonly string[] {
  return value === undefined || value === '' ? [] : [row(name, value)];
}

/** Characters of a list's line behind its name; with it, the line has 80. */
const LINE = 61;

/** Entries of a list, and characters of one of them. */
const LISTED = 20;
const LONGEST_ENTRY = 48;

/** A list over as many lines as it needs; nothing where it is empty. */
function list(name: string, entries: readonly string[]): readonly string[] {
  const left = entries.length - LISTED;
  const parts = [
    ...entries.slice(0, LISTED).map((entry) => shown(entry, LONGEST_ENTRY)),
    ...(left > 0 ? [`${left} more`] : []),
  ];
  const lines: string[] = [];
  for (const [index, part] of parts.entries()) {
    const text = index === parts.length - 1 ? part : `${part},`;
    const last = lines.at(-1);
    if (last === undefined || last.length + text.length >= LINE) lines.push(text);
    else lines[lines.length - 1] = `${last} ${text}`;
  }
  return lines.map((line, index) => row(index === 0 ? name : '', line));
}

function pairs(table: TextTable): readonly string[] {
  return Object.entries(table).map(([name, value]) => `${name}=${value}`);
}

/** `NAME=value, NAME=value` */
function pairsText(table: TextTable): string {
  return pairs(table).join(', ');
}

/** Labels that every image of a checkout has, which its tags and its commit say. */
const AUTOMATIC = /^org\.opencontainers\.image\.(created|revision|source|version)$/;

function ownLabels(labels: TextTable): TextTable {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !AUTOMATIC.test(name)));
}

/** The ids of secrets, never what they hold. */
function idsOf({ secrets }: PlannedImage['build']): readonly string[] {
  return secrets.map(({ id }) => id);
}

function limitLines({ timeout }: PlannedImage['build']): readonly string[] {
  return timeout === undefined ? [] : [row('timeout', writeDuration(timeout))];
}

/** A buildpack as people write it. */
function buildpackName(text: string): string {
  return text.replace(/^urn:cnb:builder:/, '');
}

/** The order of buildpacks, where it is not the builder's own. */
function orderText({ buildpacks, preBuildpacks, postBuildpacks }: BuildpackPlan): string {
  const own = buildpacks.length > 0 ? buildpacks : ['from=builder'];
  const all = buildpacks.length > 0 ? own : [...preBuildpacks, ...own, ...postBuildpacks];
  const names = all.map((one) =>
    one === 'from=builder' ? "the builder's order" : buildpackName(one),
  );
  return names.length === 1 && all[0] === 'from=builder' ? '' : names.join(', ');
}

function buildpackLines(build: BuildpackPlan): readonly string[] {
  const flow = build.flow === 'creator' ? ' (the lifecycle’s creator)' : '';
  return [
    row('builder', `${build.builder}${flow}`),
    ...optionalRow('run image', build.runImage),
    ...optionalRow('lock', build.lock && placeText(build.lock)),
    row('context', build.context),
    ...optionalRow('buildpacks', orderText(build)),
    ...optionalRow('process', build.process),
    ...optionalRow('descriptor', build.descriptor),
    ...optionalRow('variables', pairsText(build.env)),
    ...optionalRow(
      'bindings',
      build.bindings.map(({ name, type }) => `${name} (${type})`).join(', '),
    ),
    ...build.volumes.map((volume) => row('volume', volume)),
    ...optionalRow('network', build.network),
    ...limitLines(build),
    ...cacheLines(build),
  ];
}

function cacheLines({ cacheFrom, cacheTo }: PlannedImage['build']): readonly string[] {
  return [
    ...cacheFrom.map((cache) => row('cache read', cache)),
    ...cacheTo.map((cache) => row('cache written', cache)),
  ];
}

function buildLines({ build }: PlannedImage): readonly string[] {
  if (build.kind === 'buildpack') return buildpackLines(build);
  return [
    row('Dockerfile', build.file),
    row('context', build.context),
    ...optionalRow('target', build.target),
    ...optionalRow('arguments', pairsText(build.args)),
    ...list('contexts', pairs(build.contexts)),
    ...optionalRow('native', build.native?.join(', ')),
    ...list('secrets', idsOf(build)),
    ...list('labels', pairs(ownLabels(build.labels))),
    ...optionalRow('network', build.network),
    ...limitLines(build),
    ...cacheLines(build),
    ...(build.allow.length === 0 ? [] : [row('entitlements', build.allow.join(', '))]),
  ];
}

/** What placeholders make of the build on one platform. */
function buildOn({ build, perPlatform = {} }: PlannedImage, platform: string): readonly string[] {
  const { file, context, target, ...tables } = perPlatform[platform] ?? {};
  const words = { Dockerfile: file, context, target };
  const written = new Map<string, unknown>(Object.entries(build));
  const changed = (['args', 'contexts', 'env', 'labels'] as const).map((key) => {
    const before = written.get(key) as Readonly<Record<string, string>>;
    const pairs = Object.entries(tables[key] ?? {});
    return pairsText(Object.fromEntries(pairs.filter(([name, value]) => before[name] !== value)));
  });
  return [
    ...Object.entries(words).flatMap(([name, value]) => (value ? [`${name} ${value}`] : [])),
    ...changed.filter((text) => text !== ''),
  ];
}

/** A platform's tests, and what its build has of its own. */
function platformRow(image: PlannedImage, platform: string): string {
  return row(platform, [testsOn(image.tests, platform), ...buildOn(image, platform)].join('; '));
}

/** A test by its name, with what is its own: platforms, and a limit other than the usual one. */
function testText({ name, platforms, timeout }: PlannedTest, all: readonly string[]): string {
  const only = platforms?.length === all.length ? [] : (platforms ?? []);
  const own = [...only, ...(timeout === TIMEOUT ? [] : [`timeout ${writeDuration(timeout)}`])];
  return own.length === 0 ? name : `${name} (${own.join('; ')})`;
}

/** The tests that the configuration has, by their names. */
function testLines({ tests, platforms }: PlannedImage): readonly string[] {
  const written = tests.filter((test) => !isStart(test));
  return list(
    'tests',
    written.map((test) => testText(test, platforms)),
  );
}

/** What the checks expect of this image. */
function expectLines({ expect: { goMain } }: PlannedImage): readonly string[] {
  return goMain === undefined ? [] : [row('expect', `go-main ${goMain}`)];
}

function testsOn(tests: readonly PlannedTest[], platform: string): string {
  const own = tests.filter((test) => appliesTo(test, platform));
  return own.every(isStart) ? 'no tests; its program is started' : count(own.length, 'test');
}

/** What the checks permit for this image. */
function foreignLines({ foreign = [] }: PlannedImage): readonly string[] {
  return foreign.map(({ path, reason }) => row('foreign', `${path} (${reason})`));
}

/** What may happen to tags that exist, where it is not the default. */
function tagRule({ existing, replaces = [] }: PlannedImage['targets'][number]): string {
  const rules = [
    ...(existing === undefined ? [] : [`existing: ${existing}`]),
    ...(replaces.length === 0 ? [] : [`may lose ${replaces.join(', ')}`]),
  ];
  return rules.length === 0 ? '' : ` (${rules.join('; ')})`;
}

/** What holds for the whole run: grants, and findings whose severity is changed. */
function runLines({ grants, severities }: Plan): readonly string[] {
  const changed = Object.entries(severities).map(([code, severity]) => `${code}: ${severity}`);
  const lines = [
    ...(grants.length === 0 ? [] : [`grants: ${grants.join(', ')}`]),
    ...(changed.length === 0 ? [] : [`severities: ${changed.join(', ')}`]),
  ];
  return lines.length === 0 ? [] : [...lines.map((line) => shown(line, LONGEST)), ''];
}

function tagLines(plan: Plan, { targets }: PlannedImage): readonly string[] {
  if (plan.partial) return [`  ${PARTIAL}`];
  return targets.flatMap((target) =>
    target.tags.map((tag) => {
      const { repository } = target;
      const rule = tagRule(target);
      const real = `${wholeName(repository)}:${tag}`;
      return shown(
        plan.push
          ? `  → ${real}${rule}`
          : `  → embedded: ${withoutHost(repository)}:${tag}, in place of ${real}${rule}`,
        LONGEST,
      );
    }),
  );
}

/** Which platforms another machine than this one runs by itself, as a sentence; undefined where none is. */
export function emulationWords({ images }: Plan, architecture: string): string | undefined {
  const own = platformOfNode(architecture);
  const all = [...new Set(images.flatMap(({ platforms }) => platforms))];
  const others = all.filter((platform) => !isNative(platform, own));
  if (others.length === 0) return undefined;
  const [are, them] = others.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return `This machine is ${own}: ${joinWords(others)} ${are} built and tested under emulation, unless the engine or a node of the builder is a machine for ${them}.`;
}

/** A plan for people, one line for each fact; no text of a configuration can add a line. */
export function planLines(plan: Plan): readonly string[] {
  const images = plan.images.flatMap((image) => [
    shown(image.id),
    ...buildLines(image),
    ...image.platforms.map((platform) => platformRow(image, platform)),
    ...testLines(image),
    ...expectLines(image),
    ...foreignLines(image),
    ...tagLines(plan, image),
    '',
  ]);
  return [...images, ...runLines(plan)];
}

/** What a plan's bases are now, each as a line can pin it, and a line at the end. */
export function baseLines({
  bases,
}: {
  readonly bases?: readonly ResolvedBase[];
}): readonly string[] {
  if (bases === undefined) return [];
  const lines = bases.map(({ image, reference, line, pinned, reason }) => {
    const where = `${shown(image)}, line ${line}`;
    if (reason !== undefined) return `  ${where}  ${shown(`${reference} ${reason}`, LONGEST)}`;
    return `  ${where}  ${shown(`${reference} can be pinned as ${pinned}`, LONGEST)}`;
  });
  return ['bases', ...(lines.length === 0 ? ['  none'] : lines), ''];
}

/** What a plan holds, in words. */
export function planHeading({ images }: Plan): string {
  const trials = images.reduce((sum, { platforms }) => sum + platforms.length, 0);
  const what = `${count(images.length, 'image')}, ${count(trials, 'trial')}`;
  return `A plan of ${what}; nothing was started.`;
}
