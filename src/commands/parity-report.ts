import { aboutOf, applySeverities, type Finding } from '../evidence/index.js';
import { LOCK_NAME, lockPath, shortReference } from '../parity/index.js';
import { type Ports, replaceFile } from '../ports/index.js';
import { escapeCommandsInJson, printable } from '../report/index.js';
import type { CommandResult, Console } from './command.js';
import { findingLines } from './finding-lines.js';
import { checkParity } from './parity-check.js';
import { probeParity } from './parity-probe.js';
import { type ParityReaders, parityReaders } from './parity-readers.js';
import type { ParityOutcome, ParityReport, ParityRequest } from './parity-request.js';
import { type ParityWork, parityWork } from './parity-targets.js';
import { writeParity } from './parity-write.js';
import { sayProblems } from './problems.js';

const WORDS: Readonly<Record<ParityOutcome['state'], readonly [mark: string, words: string]>> = {
  locked: ['✔', 'is locked'],
  updated: ['✔', 'is updated in the lock'],
  same: ['✔', 'is locked, and nothing has moved'],
  behind: ['⚠', 'has a pin that was changed; "sea-trial parity update" writes what follows'],
  disagrees: ['✘', 'has facts in the lock that are not those of its pins'],
  moved: ['✘', 'is locked to what the deployment no longer builds with'],
  probed: ['✔', 'is locked, and its builder was asked what it offers'],
  known: ['✔', 'is locked, and its builder was not asked'],
  unlocked: ['⚠', 'is not in the lock; "sea-trial parity lock" adds it'],
  unused: ['⚠', 'is in the lock, and no image from buildpacks is called that'],
  unwritten: [
    '⚠',
    'is as it was in the lock: nothing is written while another image cannot be read',
  ],
  failed: ['✘', 'could not be compared'],
};

type Asked = Pick<ParityRequest, 'action' | 'live'>;

/** What an image's state means for who asked: without `--live` no source was asked, and nothing was compared where a lock is written. */
function wordsFor(state: ParityOutcome['state'], { action, live }: Asked): string {
  if (state === 'same' && action === 'check' && !live)
    return 'is locked, and its facts are those of its pins';
  if (state === 'failed' && action === 'probe') return 'could not be asked';
  if (state === 'failed' && action !== 'check') return 'could not be read; nothing is written';
  return WORDS[state][1];
}

/** An image with an error is not marked as right, and one whose findings are no errors not as wrong. */
function markOf({ image, state }: ParityOutcome, findings: readonly Finding[]): string {
  const [mark] = WORDS[state];
  const own = findings.filter(({ subject }) => subject.image === image);
  if (own.some(({ severity }) => severity === 'error')) return '✘';
  return mark === '✘' && own.length > 0 && state !== 'failed' ? '⚠' : mark;
}

function outcomeLines(
  outcome: ParityOutcome,
  findings: readonly Finding[],
  asked: Asked,
): readonly string[] {
  const { image, state, builder, runImage, changes } = outcome;
  const mark = markOf(outcome, findings);
  const isRefused = mark === '✘' && ['locked', 'updated'].includes(state);
  const words = `${wordsFor(state, asked)}${isRefused ? ', and a run refuses it' : ''}`;
  const pins = builder === undefined || runImage === undefined ? [] : [builder, runImage];
  return [
    `${mark} ${image} ${words}`,
    ...pins.map((pin) => `    ${shortReference(pin)}`),
    ...changes.map((one) => `    ${one}`),
  ];
}

function exitCodeOf({ findings, outages }: ParityReport): number {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const isOutage = errors.some(({ code }) => aboutOf(code) === 'environment');
  if (isOutage || outages.length > 0) return 3;
  return errors.length > 0 ? 1 : 0;
}

function act(
  request: ParityRequest,
  work: ParityWork,
  readers: ParityReaders,
  machine: { readonly ports: Ports; readonly console: Console },
): Promise<ParityReport> {
  if (request.action === 'probe') return probeParity(request, work, readers, machine);
  const does = request.action === 'check' ? checkParity : writeParity;
  return does(request, work, readers, machine.ports.clock);
}

/** Does what is asked of the lock, and prints what came of it. Rejects with the signal's reason. */
export async function reportParity(
  request: ParityRequest,
  ports: Ports,
  console: Console,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { screen } = console;
  const { json } = request.asked;
  const refuse = (problems: ParityReport['problems']): CommandResult => {
    sayProblems(problems, json, screen);
    return { exitCode: 2, problems };
  };
  const work = await parityWork(request, ports);
  if ('problems' in work) return refuse(work.problems);
  if (work.before === undefined && request.action !== 'lock') {
    const message = `there is no ${LOCK_NAME}; "sea-trial parity lock" writes one`;
    return refuse([{ message }]);
  }
  const readers = await parityReaders(work, ports, signal);
  const done = await act(request, work, readers, { ports, console });
  if (done.problems.length > 0) return refuse(done.problems);
  const report = { ...done, findings: applySeverities(work, done.findings) };
  const path = lockPath(work.place);
  if (report.text !== undefined && report.text !== work.before?.text) {
    await replaceFile({ path, text: report.text, beside: `${path}.part` }, ports.files);
  }
  const { outcomes, findings, outages } = report;
  const exitCode = exitCodeOf(report);
  if (json) {
    const said = JSON.stringify({ outcomes, findings, outages }, undefined, 2);
    screen.out(`${escapeCommandsInJson(said)}\n`);
  } else {
    const lines = [
      ...outcomes.flatMap((one) => outcomeLines(one, findings, request)),
      ...findings.flatMap(findingLines),
      ...outages.map(({ message }) => `✘ ${message}`),
    ];
    screen.out(`${lines.map(printable).join('\n')}\n`);
  }
  return { exitCode };
}
