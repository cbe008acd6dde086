import type { Finding } from '../../evidence/index.js';
import type {
  FailedTest,
  FileFirst,
  Report,
  ReportedFinding,
  ReportedImage,
  ReportedProblem,
} from '../model/index.js';
import { code, copied, fenced, lastLines, markdown } from '../untrusted.js';
import { folded, RERUN, type Section } from './sections.js';

const LOG_LINES = 30;

function outputOf(name: string, text: string): readonly string[] {
  const lines = lastLines(text, LOG_LINES);
  return lines.length === 0 ? [] : [`Last lines of its ${name}:`, fenced(lines, 'text')];
}

/** Two lines that stand under each other: what was found and what was expected. */
function sides(pairs: readonly (readonly [string, string])[]): readonly string[] {
  if (pairs.length === 0) return [];
  return [pairs.map(([name, value]) => `- ${name} ${value}`).join('\n')];
}

function checksOf({ checks }: FailedTest): readonly string[] {
  const several = checks.filter(({ found }) => found.includes('\n'));
  const pairs = checks.flatMap((check) => [
    [
      markdown(check.what, 40),
      several.includes(check) ? 'has several lines; the last are below' : code(check.found, 400),
    ] as const,
    ['expected', code(check.expected)] as const,
  ]);
  return [
    ...sides(pairs),
    ...several.flatMap(({ what, found }) => outputOf(markdown(what, 40), found)),
  ];
}

function rerunOf(command: string | undefined, file: FileFirst | undefined): readonly string[] {
  if (command === undefined) return [];
  const words =
    file === undefined
      ? 'Run it again:'
      : `Run it again, with the ${code(file.file)} that is shown under “${RERUN}”:`;
  return [words, fenced([copied(command)], 'sh')];
}

function testSection({ fileFirst }: Report, image: string, test: FailedTest): Section {
  const platforms = test.platforms.map(({ platform, emulated }) =>
    emulated ? `${markdown(platform)} (emulated)` : markdown(platform),
  );
  const where = `<b>${[markdown(image), ...platforms].join(', ')}</b>`;
  const mark = test.severity === 'error' ? '✘' : '⚠';
  const title = `${mark} ${where}: ${code(test.code)} in test ${code(test.name, 80)}, ${markdown(test.words)}`;
  const text = [
    ...(test.place === undefined ? [] : [`The test is defined in ${code(test.place)}.`]),
    ...(test.executed === undefined ? [] : [`It executed ${code(test.executed)}.`]),
    ...checksOf(test),
    ...test.outputs.flatMap(({ name, text }) => outputOf(name, text)),
    ...(test.remedy === undefined ? [] : [markdown(test.remedy, 600)]),
    ...rerunOf(test.rerun, fileFirst),
  ].join('\n\n');
  return { text: folded(title, text, true), rank: 1 };
}

function findingText({ finding, place }: ReportedFinding): readonly string[] {
  const { message, found, expected, detail = [], remedy } = finding;
  const side = (name: string, one: Finding['found']) =>
    one === undefined ? [] : [[name, `${code(one.value)} ${markdown(one.from)}`] as const];
  const lines = lastLines(detail.join('\n'), LOG_LINES);
  const todo = [
    place === undefined ? '' : code(place),
    remedy === undefined ? '' : markdown(remedy, 600),
  ]
    .filter((part) => part !== '')
    .join(' → ');
  return [
    markdown(message, 2000),
    ...sides([...side('found', found), ...side('expected', expected)]),
    ...(lines.length === 0 ? [] : [fenced(lines, 'text')]),
    ...(todo === '' ? [] : [todo]),
  ];
}

function findingSection({ fileFirst }: Report, one: ReportedFinding): Section {
  const { finding, platforms, rerun } = one;
  const where = [finding.subject.image, ...platforms]
    .filter((part) => part !== undefined)
    .map((part) => markdown(part));
  const title = `✘ <b>${where.join(', ') || 'the run'}</b>: ${code(finding.code)}`;
  const text = [...findingText(one), ...rerunOf(rerun, fileFirst)].join('\n\n');
  return { text: folded(title, text, true), rank: 1 };
}

function problemSection(report: Report, image: string, problem: ReportedProblem): Section {
  if ('test' in problem) return testSection(report, image, problem.test);
  if ('error' in problem) return findingSection(report, problem.error);
  const { platforms, words } = problem.unexplained;
  const where = [image, ...platforms].map((part) => markdown(part)).join(', ');
  return { text: `⚠ <b>${where}</b> ${markdown(words, 600)}`, rank: 1 };
}

function imageSections(report: Report, image: ReportedImage): readonly Section[] {
  const { id, problems, notVerified } = image;
  return [
    ...problems.map((one) => problemSection(report, id, one)),
    ...(notVerified === undefined
      ? []
      : [{ text: `✘ <b>${markdown(id)}</b> ${markdown(notVerified, 600)}`, rank: 1 }]),
  ];
}

/** Everything that is wrong, each folded out with its log's end. */
export function problemSections(report: Report): readonly Section[] {
  return [
    ...report.errors.map((one) => findingSection(report, one)),
    ...report.images.flatMap((image) => imageSections(report, image)),
  ];
}

function adviceLine({ finding, platforms, place, executed }: ReportedFinding): string {
  const { code: name, message, remedy, severity, subject } = finding;
  const where = [subject.image, ...platforms].filter((part) => part !== undefined);
  const todo = severity === 'note' || remedy === undefined ? '' : ` → ${markdown(remedy, 600)}`;
  const words = `${where.length === 0 ? '' : `${markdown(where.join(', '))}: `}${markdown(message, 600)}${executed === undefined ? '' : ` (executed ${code(executed)})`}`;
  return `- ${code(name)} ${words}${place === undefined ? '' : ` ${code(place)}`}${todo}`;
}

/** Warnings, a line each and in sight; notes folded in. */
export function adviceSections({ advice, images }: Report): readonly Section[] {
  const all = [...images.flatMap((image) => image.advice), ...advice];
  const of = (severity: Finding['severity']) =>
    all.filter(({ finding }) => finding.severity === severity).map(adviceLine);
  const warnings = of('warning');
  const notes = of('note');
  return [
    { text: warnings.length === 0 ? '' : `**⚠ Worth a look**\n\n${warnings.join('\n')}`, rank: 2 },
    {
      text: notes.length === 0 ? '' : folded(`Notes (${notes.length})`, notes.join('\n')),
      rank: 4,
    },
  ];
}
