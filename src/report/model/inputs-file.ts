import { dump } from 'js-yaml';
import type { Evidence, PlannedImage, PlannedTest } from '../../evidence/index.js';
import { writeBuild } from '../../kinds/index.js';

/* The inputs of the action describe one image; here it is as sea-trial.yml says it. */

/** Whether the action's inputs describe an image: it stands in no file then. */
export function isFromInputs({ location }: PlannedImage): boolean {
  return location === undefined;
}

type Keys = Readonly<Record<string, unknown>>;

/** Keys with something behind them. */
function filled(keys: Keys): Keys | undefined {
  const said = Object.entries(keys).filter(
    ([, value]) =>
      value !== undefined &&
      value !== false &&
      !(typeof value === 'object' && value !== null && Object.keys(value).length === 0),
  );
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

const unless = <T>(implied: T, value: T) => (value === implied ? undefined : value);

/** What placeholders made of a test is for some platforms only. */
function testOf({ run, process, platforms }: PlannedTest): readonly unknown[] {
  const only = platforms === undefined ? {} : { platforms };
  if (process !== undefined) return [{ process, ...only }];
  if (run === undefined) return [];
  if ('shell' in run) return [platforms === undefined ? run.shell : { run: run.shell, ...only }];
  return [{ run: run.exec, ...only }];
}

/** A `$` that would begin a variable of the configuration. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\$(?=[${])/g, '$$$$');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

type RunSource = Pick<Evidence['run']['source'], 'repository' | 'revision'>;
type Texts = PlannedImage['annotations'];

const PREFIX = 'org.opencontainers.image.';

/** What is set by itself, as far as it is known; not the time, which is the commit's. */
function automatic({ targets }: PlannedImage, { repository, revision }: RunSource): Texts {
  const version = targets[0]?.tags[0];
  const pairs = Object.entries({ revision, source: repository, version });
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => (value ? [[PREFIX + name, value]] : [])),
  );
}

/** What has to be written beside what is set by itself: other values, and what is switched off. */
function beside(texts: Texts, implied: Texts): Keys | undefined {
  const own = Object.entries(texts).filter(
    ([key, value]) => value !== implied[key] && key !== `${PREFIX}created`,
  );
  const off = Object.keys(implied).filter((key) => !Object.hasOwn(texts, key));
  const all = [...own, ...off.map((key) => [key, false] as const)];
  return all.length === 0 ? undefined : Object.fromEntries(all);
}

/** Labels and annotations; what a label says of these four, the index says too. */
function described(image: PlannedImage, source: RunSource) {
  const implied = automatic(image, source);
  if (image.build.kind !== 'dockerfile') {
    return { labels: undefined, annotations: beside(image.annotations, implied) };
  }
  const { labels } = image.build;
  const given = Object.entries(labels).filter(([key]) => Object.hasOwn(implied, key));
  const annotations = beside(image.annotations, Object.fromEntries(given));
  return { labels: beside(labels, implied), annotations };
}

/** Images that the inputs describe as the text of `images` in sea-trial.yml, with a newline at its end. */
export function imagesAsFile(images: readonly PlannedImage[], source: RunSource): string {
  const entries = images.map((image) => {
    const { id, platforms, targets, tests } = image;
    const [target] = targets;
    const [first, ...more] = tests.flatMap(testOf);
    const { labels, annotations } = described(image, source);
    return filled({
      id: unless(target?.repository.split('/').at(-1), id),
      ...(targets.length === 1
        ? { name: target?.repository, tags: target?.tags }
        : { targets: targets.map(({ repository, tags }) => ({ name: repository, tags })) }),
      platforms,
      build: filled({ ...writeBuild(image.build), labels }),
      annotations,
      tests: more.length === 0 ? first : [first, ...more],
    });
  });
  return dump(plain({ images: entries }), { lineWidth: -1 });
}
