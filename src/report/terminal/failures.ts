import type { Finding } from '../../evidence/index.js';
import type { FailedTest, ReportedFinding } from '../model/index.js';
import { copied, lastLines, shown, tailOf } from '../untrusted.js';
import { columnsOf, padded, paragraph, pieces } from './layout.js';
import type { Page } from './page.js';

const LOG_LINES = 12;
const DETAIL_LINES = 24;

/** Columns of the names in front of facts: `found`, `expected`, `defined`. */
const NAME = 9;

/** `error  arch-mismatch  greeter, linux/arm64`. */
function headLines(
  { style, width }: Page,
  severity: Finding['severity'],
  code: string,
  where: readonly (string | undefined)[],
): readonly string[] {
  const colour = { error: style.bad, warning: style.doubtful, note: style.quiet }[severity];
  const subject = where.filter((part) => part !== undefined).join(', ');
  const [first = '', ...more] = paragraph(
    `${severity}  ${shown(code)}  ${shown(subject)}`.trimEnd(),
    0,
    width,
  );
  return [first.replace(severity, colour(severity)), ...more.map((line) => `  ${line}`)];
}

/** Lines of a program's output, each behind a bar; what is wider goes on below. */
function quoted(lines: readonly string[], indent: number, width: number): readonly string[] {
  const margin = ' '.repeat(indent);
  return lines.flatMap((line) => {
    const [first = '', ...more] = pieces(line, Math.max(width - indent - 2, 8));
    return [`${margin}| ${first}`.trimEnd(), ...more.map((piece) => `${margin}  ${piece}`)];
  });
}

function fact(name: string, value: string): string {
  return `    ${padded(name, NAME)} ${value}`;
}

/** One side of a check behind its name where it fits there, otherwise in lines of its own. */
function sideLines(name: string, value: string, width: number): readonly string[] {
  const { lines, whole } = tailOf(value, LOG_LINES);
  const line = fact(name, lines[0] ?? '');
  if (whole && lines.length < 2 && columnsOf(line) <= width) return [line];
  const label = lines.length > 1 && !whole ? `${name}, its last lines` : name;
  return [`    ${label}`, ...quoted(lines, 6, width)];
}

function outputLines({ outputs }: FailedTest, width: number): readonly string[] {
  return outputs.flatMap(({ name, text }) => {
    const { lines, whole } = tailOf(text, LOG_LINES);
    if (lines.length === 0) return [];
    return [`    ${name}${whole ? '' : ', its last lines'}`, ...quoted(lines, 6, width)];
  });
}

/** Where the rest of a test's output is, if there is any and it was kept. */
function restLines(test: FailedTest, { evidenceFile }: Page): readonly string[] {
  if (evidenceFile === undefined) return [];
  const texts = [...test.outputs.map(({ text }) => text), ...test.checks.map(({ found }) => found)];
  if (!test.truncated && texts.every((text) => tailOf(text, LOG_LINES).whole)) return [];
  const what = test.truncated ? 'more of the' : 'the whole';
  return [`    ${what} output is in ${copied(evidenceFile)}`];
}

function rerunLines({ report }: Page, rerun: string | undefined): readonly string[] {
  if (rerun === undefined) return [];
  const { fileFirst } = report;
  if (fileFirst === undefined) return [`  rerun: ${copied(rerun)}`];
  const { how, file } = fileFirst;
  return [
    `  rerun: ${how} ${shown(file, 200)} as the job's summary shows, then`,
    `         ${copied(rerun)}`,
  ];
}

/** One test that did not pass, in the form of a finding. */
export function testLines(page: Page, image: string, test: FailedTest): readonly string[] {
  const { width } = page;
  const where = test.platforms.map(({ platform, emulated }) =>
    emulated ? `${platform} (emulated)` : platform,
  );
  return [
    ...headLines(page, test.severity, test.code, [image, ...where]),
    ...paragraph(`test "${shown(test.name, 60)}": ${shown(test.words)}`, 2, width),
    ...(test.place === undefined ? [] : [fact('defined', shown(test.place))]),
    ...(test.executed === undefined ? [] : [fact('executed', shown(test.executed))]),
    ...test.checks.flatMap(({ what, found, expected }) => [
      ...sideLines(shown(what, 20), found, width),
      ...sideLines('expected', expected, width),
    ]),
    ...outputLines(test, width),
    ...restLines(test, page),
    ...(test.remedy === undefined ? [] : paragraph(shown(test.remedy, 600), 2, width)),
    ...rerunLines(page, test.rerun),
    '',
  ];
}

/** Both sides under each other, their origins aligned where they fit into the width. */
function comparedLines({ found, expected }: Finding, width: number): readonly string[] {
  const sides = [
    { name: 'found', side: found },
    { name: 'expected', side: expected },
  ].flatMap(({ name, side }) =>
    side === undefined ? [] : [{ name, value: shown(side.value), from: shown(side.from) }],
  );
  const widest = Math.min(Math.max(...sides.map(({ value }) => columnsOf(value))), 36);
  return sides.flatMap(({ name, value, from }) => {
    const line = fact(name, `${padded(value, widest)}   ${from}`).trimEnd();
    if (columnsOf(line) <= width) return [line];
    return [...paragraph(fact(name, value).trimStart(), 4, width), fact('', from)];
  });
}

/** One finding: what it is about, its message, both sides, details, its place and what to do. */
export function findingLines(page: Page, one: ReportedFinding): readonly string[] {
  const { width } = page;
  const { finding, platforms, place, executed, rerun } = one;
  const { severity, code, subject, message, detail = [], remedy } = finding;
  const todo = [place, severity === 'note' ? undefined : remedy]
    .filter((part) => part !== undefined)
    .join('  →  ');
  return [
    ...headLines(page, severity, code, [subject.image, ...platforms]),
    ...paragraph(shown(message, 1000), 2, width),
    ...(executed === undefined ? [] : [fact('executed', shown(executed))]),
    ...comparedLines(finding, width),
    ...quoted(lastLines(detail.join('\n'), DETAIL_LINES), 4, width),
    ...(todo === '' ? [] : paragraph(shown(todo, 600), 2, width)),
    ...rerunLines(page, rerun),
    '',
  ];
}
