import {
  type Evidence,
  type Finding,
  type JudgedImage,
  type JudgedTrial,
  judge,
  type TestResult,
  type Verdict,
} from '../evidence/index.js';
import { bytes, count, duration, list, short } from './format.js';
import { columnsOf, paragraph, pieces, spread, table } from './layout.js';
import { colours, type Paint } from './paint.js';
import { again, againFor, fileFirst } from './repeat.js';
import { copied, lastLines, shown, tailOf } from './untrusted.js';
import {
  emulatedWords,
  executedWords,
  failureWords,
  type Grouped,
  grouped,
  headline,
  isMismatched,
  isShownAsTest,
  keptWords,
  loweredChecks,
  mainPackages,
  namesInEngine,
  outcomeOf,
  placeOf,
  platformsIn,
  publishesNothing,
  pullSize,
  tagsOf,
  testsToShow,
  timeOf,
  triedWords,
  unprovedWords,
  writtenTo,
} from './words.js';

interface TerminalOptions {
  /** Colours repeat what the words say; the caller knows about NO_COLOR and pipes. */
  readonly colour: boolean;
  /** Characters in a line, 80 unless said; what is there to be copied may be longer. */
  readonly columns?: number;
  /** Where the evidence was written, as it is to be shown. */
  readonly evidenceFile?: string;
}

const LOG_LINES = 12;

interface Page {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly width: number;
  readonly paint: Paint;
  readonly evidenceFile?: string;
}

function markOf({ paint }: Page, state: JudgedImage['state']): string {
  if (state === 'passed') return paint.good('✔');
  return state === 'failed' ? paint.bad('✘') : paint.doubtful('⚠');
}

function platformRows({ trials }: JudgedImage): readonly string[] {
  const rows = trials.map(({ platform, facts }) => {
    const built = facts?.built;
    return [
      `  ${platform}`,
      built === undefined ? '' : bytes(pullSize(built)),
      triedWords(facts?.tests ?? []),
      built === undefined ? '' : short(built.manifest.digest),
      emulatedWords(facts?.tests ?? []),
    ];
  });
  return table(rows, new Set([1]));
}

function mainPackageLines(image: JudgedImage): readonly string[] {
  return mainPackages(image).map(({ platform, path }) =>
    platform === undefined
      ? `  main package  ${shown(path)}`
      : `  main package of ${platform}  ${shown(path)}`,
  );
}

function tagLines(page: Page, image: JudgedImage): readonly string[] {
  const kept = keptWords(image);
  const nothing = publishesNothing(page.evidence);
  return tagsOf(image).flatMap(({ reference, embedded, wouldBe }) =>
    embedded
      ? [
          `  embedded: ${copied(reference)}`,
          nothing !== undefined
            ? `    ${kept}; ${nothing}`
            : `    ${kept}; --push (push: true) publishes to ${copied(wouldBe ?? '')}`,
        ]
      : [`  ${copied(reference)}`],
  );
}

/** What `load` has left in the engine, for later steps to copy. */
function engineLines(image: JudgedImage): readonly string[] {
  return namesInEngine(image).map(
    ({ name, platform }) => `  in the engine: ${copied(name)}   ${platform}`,
  );
}

/** Why an image that passed is under no tag at all, where no error of its own says it. */
function unpublishedLines({ evidence, verdict, width }: Page, image: JudgedImage) {
  const said = verdict.findings.some(
    ({ severity, subject }) => severity === 'error' && subject.image === image.id,
  );
  const words = unprovedWords(evidence, verdict, image);
  if (said || words === undefined || image.publication?.notPublished === undefined) return [];
  return paragraph(shown(`${image.id} ${words}`, 600), 2, width);
}

function proofLines(page: Page, image: JudgedImage): readonly string[] {
  const tags = tagsOf(image);
  const loaded = engineLines(image);
  if (tags.length === 0) return [...unpublishedLines(page, image), ...loaded];
  const platforms = image.trials.length;
  const which = tags.some(({ embedded }) => embedded)
    ? 'embedded registry served'
    : 'registry serves';
  const sentence = image.proved
    ? `What was tested is what the ${which}: ${platforms} of ${count(platforms, 'platform')}, ${count(tags.length, 'tag')}.`
    : `Not proved: ${shown(image.reason ?? 'nothing was read back')}.`;
  return [...tagLines(page, image), ...loaded, ...paragraph(sentence, 2, page.width)];
}

/** Lines that a program wrote, each behind a bar; what goes over the width goes on below it. */
function written(lines: readonly string[], indent: number, width: number): readonly string[] {
  const margin = ' '.repeat(indent);
  return lines.flatMap((line) => {
    const [first = '', ...more] = pieces(line, Math.max(width - indent - 2, 8));
    return [`${margin}| ${first}`.trimEnd(), ...more.map((piece) => `${margin}  ${piece}`)];
  });
}

/** One side of a check behind its name where it fits there, otherwise in lines of its own. */
function sideLines(name: string, value: string, width: number): readonly string[] {
  const { lines, whole } = tailOf(value, LOG_LINES);
  const line = `      ${name.padEnd(8)} ${lines[0] ?? ''}`;
  if (whole && lines.length < 2 && columnsOf(line) <= width) return [line];
  const label = lines.length > 1 && !whole ? `${name}, its last lines` : name;
  return [`      ${label}`, ...written(lines, 8, width)];
}

/** What a check of one of the streams held its pattern against: `found` is only the end of it. */
function foundIn({ what, found }: TestResult['checks'][number], test: TestResult): string {
  if (what !== 'stdout' && what !== 'stderr') return found;
  return writtenTo(what, test) || found;
}

function checkLines(test: TestResult, width: number): readonly string[] {
  return test.checks
    .filter(({ ok, what }) => !ok && !/^exit/.test(what))
    .flatMap((check) => [
      ...sideLines(shown(check.what, 20), foundIn(check, test), width),
      ...sideLines('expected', check.expected, width),
    ]);
}

/** Where a test is written; one that nobody wrote has no place. */
function placeLines(test: TestResult): readonly string[] {
  const place = placeOf(test);
  return place === undefined ? [] : [`      written  ${shown(place)}`];
}

function executedLines(test: TestResult): readonly string[] {
  const line = executedWords(test);
  return line === undefined ? [] : [`      executed ${shown(line)}`];
}

function logLines(test: TestResult, name: 'stdout' | 'stderr', width: number) {
  const lines = isMismatched(name, test) ? [] : lastLines(test[name].text, LOG_LINES);
  if (lines.length === 0) return [];
  return [`      last lines of its ${name}:`, ...written(lines, 8, width)];
}

/** Where the rest of a test's output is, if there is any and it was kept. */
function restLines({ stdout, stderr }: TestResult, { evidenceFile }: Page): readonly string[] {
  const outputs = [stdout, stderr];
  if (evidenceFile === undefined) return [];
  if (outputs.every(({ text }) => tailOf(text, LOG_LINES).whole)) return [];
  const what = outputs.some(({ truncated }) => truncated) ? 'more of the' : 'the whole';
  return [`      ${what} output is in ${copied(evidenceFile)}`];
}

function testLines(page: Page, trial: JudgedTrial, test: TestResult): readonly string[] {
  const { width, paint } = page;
  const words = shown(failureWords(test));
  const name = shown(test.name, 60);
  const head = `  ${trial.platform}  test "${name}"  ${words}`;
  const [first = '', ...rest] = spread(head, test.program?.emulated ? '(emulated)' : '', width);
  return [
    first.replace(trial.platform, paint.strong(trial.platform)),
    ...rest.map((line) => `    ${line}`),
    ...placeLines(test),
    ...executedLines(test),
    ...checkLines(test, width),
    ...logLines(test, 'stdout', width),
    ...logLines(test, 'stderr', width),
    ...restLines(test, page),
  ];
}

function repeatLine(page: Page, repeating: string | undefined): readonly string[] {
  if (repeating === undefined) return [];
  const command = copied(repeating);
  const first = fileFirst(page.evidence);
  if (first === undefined) return [`  again: ${command}`];
  const words = `again: ${first.how} ${shown(first.file, 200)} as the job's summary shows, then`;
  return [`  ${words}`, `         ${command}`];
}

function speaksOf(finding: Finding, trial: JudgedTrial): boolean {
  const { severity, subject } = finding;
  return (
    severity === 'error' && subject.image === trial.image && subject.platform === trial.platform
  );
}

/** Trials that are not passed and of which no test and no finding speaks, a line for each reason. */
function silentLines(page: Page, trials: readonly JudgedTrial[]): readonly string[] {
  const words = { passed: '', failed: 'failed', errored: 'errored', 'not-run': 'not tried' };
  const told = new Map<string, string[]>();
  for (const trial of trials) {
    if (testsToShow(trial).length > 0) continue;
    if (page.verdict.findings.some((finding) => speaksOf(finding, trial))) continue;
    const why = `${words[trial.state]}: ${shown(trial.reason ?? '')}`;
    told.set(why, [...(told.get(why) ?? []), trial.platform]);
  }
  return [...told].flatMap(([why, platforms]) => {
    const [head = '', ...more] = paragraph(`${list(platforms)}  ${why}`, 2, page.width);
    return [head, ...more.map((line) => `    ${line}`), ''];
  });
}

function failedTestLines(page: Page, trial: JudgedTrial): readonly string[] {
  const tests = testsToShow(trial);
  if (tests.length === 0) return [];
  return [
    ...tests.flatMap((test) => testLines(page, trial, test)),
    ...repeatLine(page, again(page.evidence, trial.image, trial.platform)).map(
      (line) => `    ${line}`,
    ),
    '',
  ];
}

function sides({ found, expected }: Finding, width: number): readonly string[] {
  const value = Math.max(found?.value.length ?? 0, expected?.value.length ?? 0);
  const line = (name: string, side: Finding['found']) => {
    if (side === undefined) return [];
    const text = shown(side.value).padEnd(Math.min(value, 36));
    return paragraph(`${name.padEnd(9)} ${text}   ${shown(side.from)}`, 4, width).length > 1
      ? [`    ${name.padEnd(9)} ${text.trimEnd()}`, `              ${shown(side.from)}`]
      : [`    ${name.padEnd(9)} ${text}   ${shown(side.from)}`.trimEnd()];
  };
  return [...line('found', found), ...line('expected', expected)];
}

/** One finding as looks.md has it: head, both sides, details, place and what to do. */
function findingLines(page: Page, { finding, platforms }: Grouped): readonly string[] {
  const { paint, width } = page;
  const { severity, code, subject, message, detail = [], remedy } = finding;
  const colour = { error: paint.bad, warning: paint.doubtful, note: paint.quiet }[severity];
  const where = [subject.image, ...platforms].filter((part) => part !== undefined).join(', ');
  const place = placeOf(finding);
  const todo = [place, remedy].filter((part) => part !== undefined).join('  →  ');
  return [
    `${colour(severity)}  ${shown(code)}  ${shown(where)}`.trimEnd(),
    ...paragraph(shown(message, 1000), 2, width),
    ...sides(finding, width),
    ...written(lastLines(detail.join('\n'), 24), 4, width),
    ...(todo === '' || severity === 'note' ? [] : paragraph(shown(todo, 600), 2, width)),
    ...(severity === 'note' && place !== undefined ? [`  ${shown(place)}`] : []),
    ...(severity === 'error'
      ? repeatLine(page, againFor(page.evidence, finding, platforms[0]))
      : []),
    '',
  ];
}

function imageLines(page: Page, image: JudgedImage): readonly string[] {
  const { evidence, verdict, width } = page;
  const time = duration(timeOf(image.trials, evidence));
  const words = `${image.id}  ${outcomeOf(image, evidence.plan.partial)}`;
  const [first = '', ...more] = spread(`* ${words}`, time, width);
  const passed = platformsIn(image, 'passed');
  const bad = image.trials.filter(({ state }) => state !== 'passed');
  const whole = passed.length === image.trials.length;
  const findings = grouped(
    verdict.findings.filter(
      (finding) => finding.subject.image === image.id && !isShownAsTest(image, finding),
    ),
  );
  const errors = findings.filter(({ finding }) => finding.severity === 'error');
  const advice = findings.filter(({ finding }) => finding.severity !== 'error');
  const block = (lines: readonly string[]) => (lines.length === 0 ? [] : [...lines, '']);
  const rest = whole
    ? [...block(platformRows(image)), ...block(mainPackageLines(image))]
    : block(passed.length === 0 ? [] : paragraph(`${list(passed)} passed.`, 2, width));
  return [
    first.replace('*', markOf(page, image.state)),
    ...more,
    '',
    ...bad.flatMap((trial) => failedTestLines(page, trial)),
    ...silentLines(page, bad),
    ...errors.flatMap((group) => findingLines(page, group)),
    ...rest,
    ...block(proofLines(page, image)),
    ...advice.flatMap((group) => findingLines(page, group)),
  ];
}

const CHANGES = 10;

/** Changes that were allowed to be pushed, which no revision tells of. */
function dirtyLines({ evidence, width }: Page): readonly string[] {
  const { dirty } = evidence.run.source;
  if (!evidence.plan.push || dirty.length === 0) return [];
  const left = dirty.length - CHANGES;
  const more = left > 0 ? ` and ${left} more` : '';
  const files = dirty.slice(0, CHANGES).map((path) => shown(path, 200));
  const sentence = `Built with changes that are not committed: ${files.join(', ')}${more}.`;
  return [...paragraph(sentence, 2, width), ''];
}

/** Errors that the configuration does not count as such, of which no finding may tell. */
function loweredLines({ evidence, width }: Page): readonly string[] {
  const lowered = loweredChecks(evidence);
  if (lowered.length === 0) return [];
  const sentence = `Not errors, as "checks" has it: ${lowered.join(', ')}.`;
  return [...paragraph(sentence, 2, width), ''];
}

function lastLine(page: Page): readonly string[] {
  const { evidence, verdict, width } = page;
  if (verdict.images.length === 1 && verdict.verdict !== 'interrupted') return [];
  const state = verdict.verdict === 'interrupted' ? 'errored' : verdict.verdict;
  const time = duration(evidence.run.duration);
  const [first = '', ...more] = spread(`* ${headline(evidence, verdict)}`, time, width);
  return [first.replace('*', markOf(page, state)), ...more];
}

/** The report at the end of a run, as text with a newline at its end. */
export function renderTerminal(evidence: Evidence, options: TerminalOptions): string {
  const verdict = judge(evidence);
  const { colour, columns: width = 80, ...file } = options;
  const page = { evidence, verdict, width, paint: colours(colour), ...file };
  const known = new Set(verdict.images.map(({ id }) => id));
  const others = verdict.findings.filter(({ subject }) => !known.has(subject.image ?? ''));
  const groups = grouped(others);
  const errors = groups.filter(({ finding }) => finding.severity === 'error');
  const lines = [
    // What kept the whole run from going on is why its trials are as they are.
    ...errors.flatMap((group) => findingLines(page, group)),
    ...verdict.images.flatMap((image) => imageLines(page, image)),
    ...groups
      .filter((group) => !errors.includes(group))
      .flatMap((group) => findingLines(page, group)),
    ...dirtyLines(page),
    ...loweredLines(page),
    ...lastLine(page),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
