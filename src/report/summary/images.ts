import type { Evidence, JudgedImage, JudgedTrial, Verdict } from '../../evidence/index.js';
import { bytes, change, count, duration, short } from '../format.js';
import { code, copied, fenced, markdown } from '../untrusted.js';
import {
  emulatedWords,
  isEmbedded,
  keptWords,
  mainPackages,
  namesInEngine,
  outcomeOf,
  publishesNothing,
  pullSize,
  tagsOf,
  triedWords,
} from '../words.js';
import { folded, type Section, tableOf } from './sections.js';

const MARK = { passed: '✔', failed: '✘', errored: '⚠', 'not-run': '·' } as const;
const WORD = {
  passed: '',
  failed: 'failed',
  errored: 'could not be tried',
  'not-run': 'not tried',
} as const;

function cell(trial: JudgedTrial | undefined): string {
  if (trial === undefined) return '';
  const { state, facts } = trial;
  const tests = facts?.tests ?? [];
  const tried = triedWords(tests);
  const emulated = emulatedWords(tests);
  const head = [MARK[state], WORD[state] || tried].join(' ');
  const more = [
    ...(WORD[state] !== '' && tests.length > 0 ? [tried] : []),
    ...(facts === undefined || facts.duration === 0 ? [] : [duration(facts.duration)]),
    ...(emulated === '' ? [] : [emulated]),
  ];
  return more.length === 0 ? head : `${head}<br><sub>${more.join(' · ')}</sub>`;
}

/** Platforms of all images, in the order in which they are first named. */
function platformsOf(verdict: Verdict): readonly string[] {
  return [...new Set(verdict.trials.map(({ platform }) => platform))];
}

/** Images × platforms; each cell a mark, the tests, the time and how it was run. */
export function gridSection(verdict: Verdict): Section {
  const platforms = platformsOf(verdict);
  const rows = verdict.images.map((image) => [
    `<b>${markdown(image.id)}</b>`,
    ...platforms.map((platform) => cell(image.trials.find((trial) => trial.platform === platform))),
  ]);
  return { text: tableOf(['', ...platforms.map((name) => markdown(name))], rows), rank: 1 };
}

function sizesLine({ trials, publication }: JudgedImage): string {
  const sizes = trials.flatMap(({ platform, facts }) =>
    facts?.built === undefined ? [] : [{ platform, size: pullSize(facts.built) }],
  );
  if (sizes.length === 0) return '';
  const target = publication?.targets.find(({ before }) => before !== undefined);
  const before = new Map(target?.before?.platforms.map(({ platform, size }) => [platform, size]));
  const each = sizes
    .map(({ platform, size }) => {
      const weighed = before.get(platform);
      const changed = weighed === undefined ? '' : ` (${change(weighed, size)})`;
      return `${markdown(platform)} ${bytes(size)}${changed}`;
    })
    .join(' · ');
  if (target?.before === undefined) return each;
  const { digest } = target.before;
  if (digest === target.digest)
    return `${each}<br>${code(target.tag)} served the same index before`;
  return `${each}<br>${code(target.tag)} served ${code(short(digest))} before`;
}

function mainPackagesLine(image: JudgedImage): string {
  const each = mainPackages(image).map(({ platform, path }) =>
    platform === undefined ? code(path) : `${markdown(platform)} ${code(path)}`,
  );
  return each.length === 0 ? '' : `main package ${each.join(' · ')}`;
}

function referencesOf(evidence: Evidence, image: JudgedImage): readonly string[] {
  const tags = tagsOf(image);
  const live = tags.filter(({ embedded }) => !embedded).map(({ reference }) => reference);
  const gone = tags.filter(({ embedded }) => embedded);
  const words = keptWords(image);
  const way = (wouldBe: string) =>
    publishesNothing(evidence) ?? `use <code>push: true</code> to publish to ${code(wouldBe)}`;
  return [
    ...(live.length > 0 ? [fenced(live.map(copied), 'text')] : []),
    ...gone.map(
      ({ reference, wouldBe = '' }) => `embedded: ${code(reference)} (${words}; ${way(wouldBe)})`,
    ),
    ...namesInEngine(image).map(
      ({ name, platform }) => `in the engine: ${code(name)} (${markdown(platform)})`,
    ),
  ];
}

function proofLine(image: JudgedImage): string {
  if (!image.proved) return '';
  const tags = count(tagsOf(image).length, 'tag');
  const platforms = image.trials.length;
  const registry = isEmbedded(image) ? 'the embedded registry served' : 'the registry serves';
  return `What was tested is what ${registry}: ${platforms} of ${count(platforms, 'platform')}, ${tags}.`;
}

/** Per image: what to copy, what it weighs against before, and what was proved. */
export function imageSections(evidence: Evidence, verdict: Verdict): readonly Section[] {
  return verdict.images.map((image) => {
    const outcome = markdown(outcomeOf(image, evidence.plan.partial));
    const several = verdict.images.length > 1;
    const parts = [
      several ? `**${markdown(image.id)}** ${outcome}` : '',
      ...referencesOf(evidence, image),
      [sizesLine(image), mainPackagesLine(image), proofLine(image)]
        .filter((part) => part !== '')
        .join('<br>'),
    ];
    return { text: parts.filter((part) => part !== '').join('\n\n'), rank: 1 };
  });
}

/** Whole digests per platform, to be copied. */
export function digestSection(verdict: Verdict): Section {
  const rows = verdict.trials.flatMap(({ image, platform, facts }) =>
    facts?.built === undefined
      ? []
      : [[markdown(image), markdown(platform), code(facts.built.manifest.digest)]],
  );
  if (rows.length === 0) return { text: '', rank: 3 };
  return { text: folded('Digests', tableOf(['image', 'platform', 'manifest'], rows)), rank: 3 };
}
