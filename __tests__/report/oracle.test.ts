import { beforeAll, expect, test } from '@jest/globals';
import { type Event, type Evidence, finding } from '../../src/evidence/index.js';
import {
  annotationsOf,
  createProgress,
  escapeCommands,
  escapeCommandsInJson,
  renderSummary,
  renderTerminal,
  withoutCommands,
} from '../../src/report/index.js';
import { type Command, commandsIn, listener } from '../e2e/commands.js';
import { archMismatch, evidenceOf, failedOnS390x, fleet } from '../evidence/sample.js';
import { captured } from '../github/captured.js';
import { seeded } from '../oci/raw-tar.js';

/*
 * Everything that reports write into a job's log, read as GitHub's runner reads
 * it, while builds and tests say what they like: no command but ours is found.
 */

const NAMES = [
  'error',
  'warning',
  'notice',
  'set-output name=digest',
  'set-env name=PATH',
  'add-path',
  'add-mask',
  'add-matcher',
  'save-state name=run',
  'stop-commands',
  'group',
  'endgroup',
  'echo',
  'debug',
  '00000000-0000-4000-8000-000000000000',
];
const BEFORE = [
  '',
  '',
  '',
  ' ',
  '\t',
  '\u0085',
  '\u00a0\u2003',
  '\ufeff',
  '\u001b[31m',
  '\u202e',
  'words ',
  '\u0000',
  '1%\r',
  '\u2028',
  '\u001b]0;t\u0007',
  '%0A',
  '\u200b',
];
const AFTER = [
  '',
  'x',
  '\r',
  '\r::error::x',
  '%0D%0A::error::x',
  '\u001b[0m',
  '##[group]',
  ']x',
  '\u2029',
  '\ud800',
  '`'.repeat(5),
  '</details>',
  '| a | b |',
  '@acme',
  '\u009b2J',
];

const below = seeded(4);
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;

function hostileLine(): string {
  const name = pick(NAMES);
  const command = below(2) === 0 ? `::${name}::` : `##[${name}]`;
  const broken =
    below(10) === 0 ? command.split('').join(pick(['\u00ad', '\r', ':', '#'])) : command;
  return `${pick(BEFORE)}${broken}${pick(AFTER)}`;
}

/** A runner that is told pieces as they are written, and what it obeyed. */
function runner() {
  const reads = listener();
  const obeyed: Command[] = [];
  let rest = '';
  let lines = 0;
  const write = (text: string) => {
    const parts = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = parts.pop() ?? '';
    lines += parts.length;
    for (const line of parts) {
      const command = reads.read(line);
      if (command !== undefined) obeyed.push(command);
    }
  };
  return { write, obeyed, lines: () => lines, rest: () => rest, stopped: reads.stopped };
}

const clock = { ticks: () => 0, sleep: () => Promise.resolve() };

function progressOf(kind: 'groups' | 'plain', write: (text: string) => void) {
  return createProgress({ kind, write, clock, columns: () => 80 });
}

/** The events of one trial that says so many lines, in pieces of any length. */
function* trialEvents(lines: number): Generator<Event> {
  const subject = { image: hostileLine(), platform: hostileLine() };
  for (let left = lines; left > 0; ) {
    const count = Math.min(left, 1 + below(40));
    const text = Array.from({ length: count }, hostileLine).join(pick(['\n', '\r\n', '\r']));
    yield { kind: 'trial', ...subject, phase: 'building', detail: hostileLine() };
    yield { kind: 'output', ...subject, source: pick(['build', hostileLine()]), text };
    left -= count;
  }
  yield { kind: 'stage', stage: hostileLine(), detail: hostileLine() };
  yield { kind: 'trial', ...subject, phase: 'done', ok: false, detail: hostileLine() };
}

test('such lines are obeyed where nothing is done about them', () => {
  const lines = Array.from({ length: 1_000 }, hostileLine);
  const obeyed = lines.filter((line) => commandsIn(line).length > 0);
  expect(obeyed.length).toBeGreaterThan(300);
});

test('a million lines in groups: the runner obeys the groups and nothing else', () => {
  const read = runner();
  const progress = progressOf('groups', read.write);
  for (let trial = 0; trial < 150; trial++) {
    for (const event of trialEvents(7_000)) progress(event);
  }
  progress.stop();
  expect(read.lines()).toBeGreaterThan(1_000_000);
  expect([read.rest(), read.stopped()]).toEqual(['', undefined]);
  expect(read.obeyed).toHaveLength(4 * 150);
  for (let at = 0; at < read.obeyed.length; at += 4) {
    const [group, stop, resume, end] = read.obeyed.slice(at, at + 4);
    expect([group?.name, stop?.name, end?.name]).toEqual(['group', 'stop-commands', 'endgroup']);
    expect(group?.data).toMatch(/^Output of /);
    expect(resume?.name).toBe(stop?.data);
  }
});

test('a line per change: the runner obeys nothing', () => {
  const read = runner();
  const progress = progressOf('plain', read.write);
  for (const event of trialEvents(50_000)) progress(event);
  progress.stop();
  expect(read.lines()).toBeGreaterThan(2_000);
  expect(read.obeyed).toEqual([]);
});

/** Keys whose values the program itself gives, and which the verdict is computed from. */
const OURS = new Set([
  'schema',
  'kind',
  'severity',
  'outcome',
  'code',
  'cause',
  'digest',
  'started',
  'time',
  'role',
  'digestOf',
  'publish',
  'id',
  'mediaType',
  'store',
  'what',
]);

/** The same document with hostile words wherever somebody else's can stand; equal words stay equal. */
function hostileEvidence(evidence: Evidence): Evidence {
  const words = new Map<string, string>();
  const said = (text: string) => {
    const known = words.get(text) ?? Array.from({ length: 3 }, hostileLine).join('\n');
    words.set(text, known);
    return known;
  };
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return OURS.has(key) ? value : said(value);
    if (Array.isArray(value)) return value.map((one) => walk(one, key));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one, name)]));
  };
  return walk(evidence, '') as Evidence;
}

const unsaid = finding('engine-failed', {}, 'no word', { detail: ['one', 'two'] });
let documents: readonly Evidence[];
beforeAll(() => {
  const samples = [
    evidenceOf({ findings: [archMismatch, unsaid] }),
    evidenceOf({ embedded: true, run: { interrupted: 'SIGTERM' } }),
    failedOnS390x(),
    fleet(),
  ];
  documents = Array.from({ length: 200 }, (_, at) => hostileEvidence(samples[at % 4] as Evidence));
});

test('the report, as the action and as the command line print it', () => {
  const [bare, escaped, quoted] = [runner(), runner(), runner()];
  for (const evidence of documents) {
    const text = renderTerminal(evidence, { colour: true, columns: 100 });
    bare.write(text);
    escaped.write(escapeCommands(text));
    escaped.write(
      escapeCommands(escapeCommandsInJson(`${JSON.stringify(evidence, undefined, 1)}\n`)),
    );
    quoted.write(withoutCommands(text));
  }
  expect(bare.obeyed.length).toBeGreaterThan(0);
  expect(escaped.obeyed).toEqual([]);
  expect(escaped.lines()).toBeGreaterThan(50_000);
  expect(quoted.obeyed).toHaveLength(2 * documents.length);
});

test('annotations are ours, and as many as the runner shows', async () => {
  for (const evidence of documents) {
    const read = runner();
    const annotations = annotationsOf(evidence);
    read.write(await captured(({ annotate }) => annotations.forEach(annotate)));
    expect(read.obeyed).toHaveLength(annotations.length);
    for (const { name } of read.obeyed) expect(name).toMatch(/^(error|warning|notice)$/);
  }
});

test('the summary holds no markup but ours', () => {
  for (const evidence of documents) {
    const text = renderSummary(evidence);
    expect(text).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}]/u);
    const outside = text.replace(/^(`{3,})[a-z]*\n[\s\S]*?\n\1$/gm, '');
    const bare = outside.replace(/<\/?(?:details|summary|b|code|sub|br)(?: open)?>/g, '');
    expect(bare).not.toMatch(/[<>`]|@\w|:\/\/|\]\(/);
  }
});
