import { type Evidence, joinWords } from '../../evidence/index.js';
import { bytes, duration, short } from '../format.js';
import {
  emulatedWords,
  type Mark,
  type PublishedTags,
  pullSize,
  type Report,
  type ReportedImage,
  type ReportedProblem,
  reportOf,
  testWords,
} from '../model/index.js';
import { copied, shown } from '../untrusted.js';
import { findingLines, testLines } from './failures.js';
import { alignedRows, paragraph, spread } from './layout.js';
import type { Page } from './page.js';
import { createStyle } from './style.js';

interface TerminalOptions {
  /** Colours repeat what the words say; the caller knows about NO_COLOR and pipes. */
  readonly colour: boolean;
  /** Columns of a line, 80 unless given; what is there to be copied may be longer. */
  readonly columns?: number;
  /** Where the evidence was written, as it is to be shown. */
  readonly evidenceFile?: string;
}

const STYLE = { '✔': 'good', '✘': 'bad', '⚠': 'doubtful' } as const;

function headLine(
  { style, width }: Page,
  mark: Mark,
  words: string,
  time: number,
): readonly string[] {
  return spread(`${style[STYLE[mark]](mark)} ${words}`, duration(time), width);
}

function platformRows({ trials }: ReportedImage): readonly string[] {
  const rows = trials.map(({ platform, facts }) => {
    const built = facts?.built;
    return [
      `  ${platform}`,
      built === undefined ? '' : bytes(pullSize(built)),
      testWords(facts?.tests ?? []),
      built === undefined ? '' : short(built.manifest.digest),
      emulatedWords(facts?.tests ?? []),
    ];
  });
  return alignedRows(rows, new Set([1]));
}

function mainPackageLines({ mainPackages }: ReportedImage): readonly string[] {
  return mainPackages.map(({ platform, path }) =>
    platform === undefined
      ? `  main package  ${shown(path)}`
      : `  main package of ${platform}  ${shown(path)}`,
  );
}

function lockedLines({ locked }: ReportedImage): readonly string[] {
  if (locked === undefined) return [];
  return [
    `  as ${shown(locked.lock, 200)} has it, with the builder`,
    `    ${copied(locked.builder)}`,
  ];
}

/** The first tag to copy, and the others of the same repository in a line. */
function tagLines({ width }: Page, one: PublishedTags, image: ReportedImage): readonly string[] {
  const { tags, reference, embedded, wouldBe } = one;
  const others = tags.slice(1).map((tag) => shown(tag, 128));
  const also = others.length === 0 ? [] : paragraph(`also tagged ${joinWords(others)}`, 4, width);
  if (!embedded) return [`  ${copied(reference)}`, ...also];
  const { kept, publishesNothing } = image.publication.embeddedWords ?? { kept: '' };
  const way =
    publishesNothing ?? `--push (push: true) publishes to ${joinWords(wouldBe.map(copied))}`;
  return [`  embedded: ${copied(reference)}`, ...also, `    ${kept}; ${way}`];
}

function publicationLines(page: Page, image: ReportedImage): readonly string[] {
  const { id, notVerified, publication } = image;
  const { tags, namesInEngine, verified } = publication;
  const sentence =
    verified ?? (notVerified === undefined ? undefined : shown(`${id} ${notVerified}`, 600));
  return [
    ...tags.flatMap((one) => tagLines(page, one, image)),
    ...namesInEngine.map(
      ({ name, platform, passed }) =>
        `  in the engine: ${copied(name)}   ${platform}${passed ? '' : ', not passed'}`,
    ),
    ...(sentence === undefined ? [] : paragraph(sentence, 2, page.width)),
  ];
}

function problemLines(page: Page, image: string, problem: ReportedProblem): readonly string[] {
  if ('test' in problem) return testLines(page, image, problem.test);
  if ('error' in problem) return findingLines(page, problem.error);
  const { platforms, words } = problem.unexplained;
  const sentence = `${joinWords(platforms)}  ${shown(words)}`;
  const [head = '', ...more] = paragraph(sentence, 2, page.width);
  return [head, ...more.map((line) => `    ${line}`), ''];
}

function imageLines(page: Page, image: ReportedImage): readonly string[] {
  const { id, mark, outcome, passedOn, trials } = image;
  const block = (lines: readonly string[]) => (lines.length === 0 ? [] : [...lines, '']);
  const platforms =
    passedOn.length === trials.length
      ? [
          ...block(platformRows(image)),
          ...block(mainPackageLines(image)),
          ...block(lockedLines(image)),
        ]
      : block(
          passedOn.length === 0 ? [] : paragraph(`${joinWords(passedOn)} passed.`, 2, page.width),
        );
  return [
    ...headLine(page, mark, `${id}  ${outcome}`, image.duration),
    '',
    ...image.problems.flatMap((one) => problemLines(page, id, one)),
    ...platforms,
    ...block(publicationLines(page, image)),
    ...image.advice.flatMap((one) => findingLines(page, one)),
  ];
}

const CHANGES = 10;

/** Changes that were allowed to be pushed, which no revision tells of. */
function uncommittedLines({ report, width }: Page): readonly string[] {
  const { plan, run } = report.evidence;
  const { dirty } = run.source;
  if (!plan.push || dirty.length === 0) return [];
  const left = dirty.length - CHANGES;
  const more = left > 0 ? ` and ${left} more` : '';
  const files = dirty.slice(0, CHANGES).map((path) => shown(path, 200));
  const sentence = `Built with changes that are not committed: ${files.join(', ')}${more}.`;
  return [...paragraph(sentence, 2, width), ''];
}

/** Errors that the configuration lowered, also where nothing was found. */
function loweredLines({ report, width }: Page): readonly string[] {
  if (report.lowered.length === 0) return [];
  const sentence = `Not counted as errors, since "checks" lowers them: ${report.lowered.join(', ')}.`;
  return [...paragraph(sentence, 2, width), ''];
}

function lastLine(page: Page): readonly string[] {
  const { images, verdict, mark, headline, evidence } = page.report;
  if (images.length === 1 && verdict !== 'interrupted') return [];
  return headLine(page, mark, headline, evidence.run.duration);
}

/** The report at the end of a run, as text with a newline at its end. */
export function renderTerminal(evidence: Evidence, options: TerminalOptions): string {
  const { colour, columns: width = 80, ...file } = options;
  const report: Report = reportOf(evidence);
  const page = { report, width, style: createStyle(colour), ...file };
  const lines = [
    // What kept the whole run from going on is why its trials are as they are.
    ...report.errors.flatMap((one) => findingLines(page, one)),
    ...report.images.flatMap((image) => imageLines(page, image)),
    ...report.advice.flatMap((one) => findingLines(page, one)),
    ...uncommittedLines(page),
    ...loweredLines(page),
    ...lastLine(page),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
