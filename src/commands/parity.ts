import {
  type CommandArguments,
  type Reading,
  requestFromArguments,
  type StartContext,
} from '../config/index.js';
import type { Problem } from '../evidence/index.js';
import { CHANNELS } from '../reference/index.js';
import { defined } from '../types/index.js';
import type { CliCommand } from './command.js';
import { interruptible } from './interruptible.js';
import type { ParityRequest } from './parity-request.js';

const ACTIONS: readonly ParityRequest['action'][] = ['lock', 'check', 'update', 'probe'];

/** Options that only some of the actions take. */
const OPTIONS: Readonly<Record<string, readonly ParityRequest['action'][]>> = {
  from: ['lock'],
  channel: ['lock'],
  inject: ['lock'],
  live: ['check'],
  grant: ['probe'],
};

function misplaced(
  action: ParityRequest['action'],
  { options }: CommandArguments,
): readonly Problem[] {
  return Object.entries(OPTIONS)
    .filter(([name, takers]) => options.has(name) && !takers.includes(action))
    .map(([name, takers]) => ({ message: `--${name} is for parity ${takers.join(', ')}` }));
}

function optionProblems({ options }: CommandArguments): readonly Problem[] {
  const [channel] = options.get('channel') ?? [];
  const wrong =
    channel !== undefined && !CHANNELS.some((one) => one === channel)
      ? [{ message: `--channel: "${channel}" is not known; there are: ${CHANNELS.join(', ')}` }]
      : [];
  const injected = (options.get('inject') ?? [])
    .filter((one) => !/^[^@\s]+@[^@\s]+$/.test(one))
    .map((one) => ({
      message: `--inject: "${one}" is not a buildpack with its version; expected the form heroku/deb-packages@0.2.0`,
    }));
  const platforms = (options.get('only') ?? [])
    .filter((one) => one.includes('@'))
    .map((one) => ({
      message: `--only: "${one}" names a platform; a lock is for all of an image`,
    }));
  return [...wrong, ...injected, ...platforms];
}

function readRequest(given: CommandArguments, start: StartContext): Reading<ParityRequest> {
  const [word = '', ...rest] = given.words;
  const action = ACTIONS.find((one) => one === word);
  const problems: Problem[] = [];
  if (action === undefined) {
    const known = ACTIONS.join(', ');
    const message =
      word === ''
        ? `parity needs an action: ${known}`
        : `parity has no action "${word}"; there are: ${known}`;
    problems.push({ message });
  }
  for (const one of rest) problems.push({ message: `"${one}" is not expected behind the action` });
  if (action !== undefined) problems.push(...misplaced(action, given));
  problems.push(...optionProblems(given));
  const parsed = requestFromArguments('parity', given, start);
  if ('problems' in parsed) problems.push(...parsed.problems);
  if (action === undefined || 'problems' in parsed || problems.length > 0) return { problems };
  const { options } = given;
  const channel = CHANNELS.find((one) => one === options.get('channel')?.[0]);
  return {
    request: {
      action,
      asked: parsed.request,
      injected: options.get('inject') ?? [],
      live: options.has('live'),
      ...defined({ from: options.get('from')?.[0], channel }),
    },
  };
}

/** `sea-trial parity`: holds images from buildpacks to what a deployment builds with. */
export const parity: CliCommand<ParityRequest> = {
  name: 'parity',
  summary: 'Locks what a deployment builds with, and compares the lock with it.',
  arguments: {
    usage: 'lock|check|update|probe',
    takers: OPTIONS,
    details: [
      '  lock    writes sea-trial.lock: the builder and the run image of each image',
      '          from buildpacks by digest, and what is in them',
      '  check   compares the lock with what it pins; with --live with its source too',
      '  update  shows what has moved, and writes that into the lock',
      '  probe   builds small applications, so that buildpacks that list no versions',
      '          name their newest, and writes that into the lock',
    ],
  },
  options: [
    'config',
    'only',
    'set',
    'untrusted',
    'from',
    'channel',
    'inject',
    'live',
    'grant',
    'json',
    'verbose',
  ],
  read: readRequest,
  run: (request, ports, console) =>
    interruptible(ports, async (own, signal) => {
      const { reportParity } = await import('./with-engine.js');
      return reportParity(request, own, console, signal);
    }),
};
