import { builtBy, type JudgedTrial, joinWords } from '../../evidence/index.js';
import { bytes, change, duration, short } from '../format.js';
import {
  emulatedWords,
  markOf,
  type PublishedTags,
  pullSize,
  type Report,
  type ReportedImage,
  testWords,
} from '../model/index.js';
import { code, copied, fenced, markdown } from '../untrusted.js';
import { folded, type Section, tableOf } from './sections.js';

const WORD = {
  passed: '',
  failed: 'failed',
  errored: 'could not be tested',
  'not-run': 'not tested',
} as const;

function cell(trial: JudgedTrial | undefined): string {
  if (trial === undefined) return '';
  const { state, facts } = trial;
  const tests = facts?.tests ?? [];
  const words = testWords(tests);
  const emulated = emulatedWords(tests);
  const mark = state === 'not-run' ? '·' : markOf(state, [trial]);
  const head = [mark, WORD[state] || words].join(' ');
  const more = [
    ...(WORD[state] !== '' && tests.length > 0 ? [words] : []),
    ...(facts === undefined || facts.duration === 0 ? [] : [duration(facts.duration)]),
    ...(emulated === '' ? [] : [emulated]),
  ];
  return more.length === 0 ? head : `${head}<br><sub>${more.join(' · ')}</sub>`;
}

/** Images × platforms; each cell a mark, the tests, the time and how it was run. */
export function gridSection({ images, trials }: Report): Section {
  // In the order in which they are first named.
  const platforms = [...new Set(trials.map(({ platform }) => platform))];
  const rows = images.map((image) => [
    `<b>${markdown(image.id)}</b>`,
    ...platforms.map((platform) => cell(image.trials.find((trial) => trial.platform === platform))),
  ]);
  return { text: tableOf(['', ...platforms.map((name) => markdown(name))], rows), rank: 1 };
}

function sizesLine({ trials, before }: ReportedImage): string {
  const sizes = trials.flatMap(({ platform, facts }) =>
    facts?.built === undefined ? [] : [{ platform, size: pullSize(facts.built) }],
  );
  if (sizes.length === 0) return '';
  const each = sizes
    .map(({ platform, size }) => {
      const earlier = before?.sizes.get(platform);
      const changed = earlier === undefined ? '' : ` (${change(earlier, size)})`;
      return `${markdown(platform)} ${bytes(size)}${changed}`;
    })
    .join(' · ');
  if (before === undefined) return each;
  const served = before.same ? 'the same index' : code(short(before.digest));
  return `${each}<br>${code(before.tag)} served ${served} before`;
}

function mainPackagesLine({ mainPackages }: ReportedImage): string {
  const each = mainPackages.map(({ platform, path }) =>
    platform === undefined ? code(path) : `${markdown(platform)} ${code(path)}`,
  );
  return each.length === 0 ? '' : `main package ${each.join(' · ')}`;
}

function alsoTagged({ tags }: PublishedTags): string {
  return tags
    .slice(1)
    .map((tag) => code(tag))
    .join(', ');
}

/** The first tag of each repository to copy; the others in a line for all that have the same. */
function liveReferences(tags: readonly PublishedTags[]): readonly string[] {
  if (tags.length === 0) return [];
  const groups = [...Map.groupBy(tags, alsoTagged)].filter(([others]) => others !== '');
  const lines = groups.map(([others, group]) =>
    group.length === tags.length
      ? `also tagged ${others}`
      : `${group.map(({ repository }) => code(repository)).join(', ')} also tagged ${others}`,
  );
  return [
    fenced(
      tags.map(({ reference }) => copied(reference)),
      'text',
    ),
    ...(lines.length === 0 ? [] : [lines.join('<br>')]),
  ];
}

function referencesOf({ publication }: ReportedImage): readonly string[] {
  const { tags, embeddedWords, namesInEngine } = publication;
  const { kept, publishesNothing } = embeddedWords ?? { kept: '' };
  const embedded = tags
    .filter((one) => one.embedded)
    .map((one) => {
      const way =
        publishesNothing ??
        `use <code>push: true</code> to publish to ${joinWords(one.wouldBe.map((name) => code(name)))}`;
      const also = alsoTagged(one);
      return `embedded: ${code(one.reference)}${also === '' ? '' : `, also tagged ${also}`} (${kept}; ${way})`;
    });
  return [
    ...liveReferences(tags.filter((one) => !one.embedded)),
    ...embedded,
    ...namesInEngine.map(
      ({ name, platform, passed }) =>
        `in the engine: ${code(name)} (${markdown(platform)}${passed ? '' : ', not passed'})`,
    ),
  ];
}

/** Per image: what to copy, what it weighs against before, and what was verified. */
export function imageSections({ images }: Report): readonly Section[] {
  return images.map((image) => {
    const { id, outcome, publication } = image;
    const parts = [
      images.length > 1 ? `**${markdown(id)}** ${markdown(outcome, 600)}` : '',
      ...referencesOf(image),
      [sizesLine(image), mainPackagesLine(image), publication.verified ?? '']
        .filter((part) => part !== '')
        .join('<br>'),
    ];
    return { text: parts.filter((part) => part !== '').join('\n\n'), rank: 1 };
  });
}

/** Whole digests per platform, to be copied. */
export function digestSection({ trials }: Report): Section {
  const rows = trials.flatMap(({ image, platform, facts }) =>
    facts?.built === undefined
      ? []
      : [[markdown(image), markdown(platform), code(facts.built.manifest.digest)]],
  );
  if (rows.length === 0) return { text: '', rank: 3 };
  return { text: folded('Digests', tableOf(['image', 'platform', 'manifest'], rows)), rank: 3 };
}

/** What builds from Dockerfiles started from, each as a line can pin it. */
export function basesSection({ evidence, trials }: Report): Section {
  const dockerfiles = new Set(builtBy(evidence.plan.images, 'dockerfile').map(({ id }) => id));
  const users = new Map<string, Set<string>>();
  for (const { image, facts } of trials) {
    if (!dockerfiles.has(image)) continue;
    for (const { reference, digest } of facts?.build?.bases ?? []) {
      const pinned = reference.includes('@') ? reference : `${reference}@${digest}`;
      users.set(pinned, (users.get(pinned) ?? new Set()).add(image));
    }
  }
  if (users.size === 0) return { text: '', rank: 4 };
  const rows = [...users].map(([pinned, images]) => [
    code(pinned, 400),
    markdown(joinWords([...images])),
  ]);
  return {
    text: folded('Bases, as they can be pinned', tableOf(['base', 'images'], rows)),
    rank: 4,
  };
}
