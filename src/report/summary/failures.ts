import type {
  Evidence,
  Finding,
  JudgedImage,
  JudgedTrial,
  TestResult,
  Verdict,
} from '../../evidence/index.js';
import { again, againFor, fileFirst } from '../repeat.js';
import { code, copied, fenced, lastLines, markdown } from '../untrusted.js';
import {
  executedWords,
  failureWords,
  type Grouped,
  grouped,
  isSaid,
  isShownAsTest,
  placeOf,
  testsToShow,
  unprovedWords,
  writtenTo,
} from '../words.js';
import { folded, REPEAT, type Section } from './sections.js';

const LOG_LINES = 30;

function logOf(name: string, text: string): readonly string[] {
  const lines = lastLines(text, LOG_LINES);
  return lines.length === 0 ? [] : [`Last lines of its ${name}:`, fenced(lines, 'text')];
}

/** Two lines that stand under each other: what was found and what was expected. */
function sides(pairs: readonly (readonly [string, string])[]): readonly string[] {
  if (pairs.length === 0) return [];
  return [pairs.map(([name, value]) => `- ${name} ${value}`).join('\n')];
}

function checksOf(test: TestResult) {
  return test.checks
    .filter(({ ok }) => !ok)
    .flatMap(({ what, found, expected }) => [
      [
        markdown(what, 40),
        found.includes('\n') ? 'has several lines; the last are below' : code(found),
      ] as const,
      ['expected', code(expected)] as const,
    ]);
}

function repeat(evidence: Evidence, command: string | undefined): readonly string[] {
  if (command === undefined) return [];
  const first = fileFirst(evidence);
  const words =
    first === undefined
      ? 'Repeat it:'
      : `Repeat it, with the ${code(first.file)} that is shown under “${REPEAT}”:`;
  return [words, fenced([copied(command)], 'sh')];
}

function testSection(evidence: Evidence, trial: JudgedTrial, test: TestResult): Section {
  const emulated = test.program?.emulated ? ' (emulated)' : '';
  const where = `<b>${markdown(trial.image)}, ${markdown(trial.platform)}</b>${emulated}`;
  const title = `✘ ${where}: test ${code(test.name, 80)}, ${markdown(failureWords(test))}`;
  const place =
    test.location === undefined ? [] : [`The test is written in ${code(placeOf(test) ?? '')}.`];
  const executed = executedWords(test);
  const text = [
    ...(executed === undefined ? [] : [`It executed ${code(executed)}.`]),
    ...sides(checksOf(test)),
    ...(isSaid(test) ? [] : logOf('stdout', writtenTo('stdout', test))),
    ...logOf('stderr', writtenTo('stderr', test)),
    ...repeat(evidence, again(evidence, trial.image, trial.platform)),
    ...place,
  ].join('\n\n');
  return { text: folded(title, text, true), rank: 1 };
}

function findingText({ finding }: Grouped): readonly string[] {
  const { message, found, expected, detail = [], remedy } = finding;
  const side = (name: string, one: Finding['found']) =>
    one === undefined ? [] : [[name, `${code(one.value)} ${markdown(one.from)}`] as const];
  const lines = lastLines(detail.join('\n'), LOG_LINES);
  const place = placeOf(finding);
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

function findingSection(evidence: Evidence, group: Grouped): Section {
  const { finding, platforms } = group;
  const { image } = finding.subject;
  const where = [image, ...platforms]
    .filter((part) => part !== undefined)
    .map((part) => markdown(part));
  const title = `✘ <b>${where.join(', ') || 'the run'}</b>: ${code(finding.code)}`;
  const more = repeat(evidence, againFor(evidence, finding, platforms[0]));
  return { text: folded(title, [...findingText(group), ...more].join('\n\n'), true), rank: 1 };
}

/** A trial that is not passed and of which nothing else speaks. */
function silent(verdict: Verdict, image: JudgedImage): readonly Section[] {
  return image.trials
    .filter(
      ({ state, platform, ...trial }) =>
        state !== 'passed' &&
        testsToShow({ state, platform, ...trial }).length === 0 &&
        !verdict.findings.some(
          ({ severity, subject }) =>
            severity === 'error' && subject.image === image.id && subject.platform === platform,
        ),
    )
    .map(({ platform, reason = '', state }) => {
      const words = state === 'not-run' ? 'not tried' : state;
      const where = `<b>${markdown(image.id)}, ${markdown(platform)}</b>`;
      return { text: `⚠ ${where} ${words}: ${markdown(reason, 600)}`, rank: 1 };
    });
}

function unproved(evidence: Evidence, verdict: Verdict, image: JudgedImage): readonly Section[] {
  const words = unprovedWords(evidence, verdict, image);
  if (words === undefined) return [];
  return [{ text: `✘ <b>${markdown(image.id)}</b> ${markdown(words, 600)}`, rank: 1 }];
}

/** Everything that is wrong, each folded out with its log's end. */
export function failureSections(evidence: Evidence, verdict: Verdict): readonly Section[] {
  const errors = verdict.findings.filter(
    (finding) =>
      finding.severity === 'error' &&
      !verdict.images.some((image) => isShownAsTest(image, finding)),
  );
  return [
    ...verdict.trials.flatMap((trial) =>
      testsToShow(trial).map((test) => testSection(evidence, trial, test)),
    ),
    ...grouped(errors).map((group) => findingSection(evidence, group)),
    ...verdict.images.flatMap((image) => [
      ...silent(verdict, image),
      ...unproved(evidence, verdict, image),
    ]),
  ];
}

/** Warnings, a line each and in sight; notes folded in. */
export function adviceSections(verdict: Verdict): readonly Section[] {
  const line = ({ finding, platforms }: Grouped) => {
    const where = [finding.subject.image, ...platforms].filter((part) => part !== undefined);
    const place = placeOf(finding);
    const at = place === undefined ? '' : ` ${code(place)}`;
    const todo =
      finding.severity === 'note' || finding.remedy === undefined
        ? ''
        : ` → ${markdown(finding.remedy, 600)}`;
    const words = `${markdown(where.join(', '))}: ${markdown(finding.message, 600)}`;
    return `- ${code(finding.code)} ${words}${at}${todo}`;
  };
  const of = (severity: Finding['severity']) =>
    grouped(verdict.findings.filter((finding) => finding.severity === severity)).map(line);
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
