import { type CommandArguments, divideList, type Reading } from '../config/index.js';
import {
  describeHandler,
  type EmulationTools,
  type Inventory,
  installEmulators,
  type PlatformCheck,
  provablePlatforms,
  provePlatforms,
  removeEmulators,
  takeInventory,
} from '../emulation/index.js';
import { createRunId, dockerEngine } from '../engine/index.js';
import type { Problem } from '../evidence/index.js';
import { formatPlatform, parsePlatform } from '../platform/index.js';
import type { Ports } from '../ports/index.js';
import { printable } from '../report/index.js';
import type { CliCommand, CommandResult, Console } from './command.js';
import { interruptible } from './interruptible.js';
import { withRecord } from './with-record.js';

const ACTIONS = ['list', 'prove', 'install', 'remove'] as const;

/** What is asked of `sea-trial emulation`. */
interface EmulationRequest {
  readonly action: (typeof ACTIONS)[number];
  /** Normalised; empty: all that can be proved. */
  readonly platforms: readonly string[];
  readonly binfmtImage?: string;
  readonly json: boolean;
}

function readPlatform(word: string, problems: Problem[]): readonly string[] {
  const platform = parsePlatform(word);
  if (platform !== undefined) return [formatPlatform(platform)];
  problems.push({ message: `"${word}" is not a platform, as linux/arm64 is` });
  return [];
}

function readRequest({ options, words }: CommandArguments): Reading<EmulationRequest> {
  const problems: Problem[] = [];
  const [word = '', ...rest] = words;
  const action = ACTIONS.find((one) => one === word);
  if (action === undefined) {
    const known = ACTIONS.join(', ');
    problems.push({
      message:
        word === ''
          ? `emulation needs to know what to do: ${known}`
          : `emulation cannot "${word}"; there are: ${known}`,
    });
  }
  const platforms = divideList(rest).flatMap((one) => readPlatform(one, problems));
  if (action === 'list' && rest.length > 0) {
    problems.push({ message: 'emulation list shows everything; it takes no platforms' });
  }
  if (action === undefined || problems.length > 0) return { problems };
  const image = options.get('binfmt-image')?.[0];
  return {
    request: {
      action,
      platforms: [...new Set(platforms)],
      ...(image === undefined ? {} : { binfmtImage: image }),
      json: options.has('json'),
    },
  };
}

/** What an action reports: as lines, as JSON, and by its exit code. */
interface EmulationReport {
  readonly lines: readonly string[];
  readonly json: unknown;
  readonly ok: boolean;
}

function inventoryLines({ engine, native, handlers }: Inventory): readonly string[] {
  return [
    `Docker ${engine.version} on ${engine.platform}`,
    '',
    `  native           ${native.join(', ')}`,
    '',
    handlers.length === 0
      ? '  no emulator is registered on this machine'
      : '  emulators that are registered on this machine',
    ...handlers.flatMap((handler) => [
      `    ${describeHandler(handler)}${handler.installed ? ', installed by sea-trial' : ''}`,
      ...weaknesses(handler.flags).map((text) => `      ⚠ ${text}`),
    ]),
  ];
}

function weaknesses(flags: string): readonly string[] {
  return [
    ...(flags.includes('F') ? [] : ['without the flag F, containers do not see it']),
    ...(flags.includes('P')
      ? []
      : ['without the flag P, links to busybox may run another command']),
  ];
}

function platformLines(check: PlatformCheck): readonly string[] {
  const { platform, proved, emulated, handler, missing, problem, remedy } = check;
  const name = platform.padEnd(16);
  if (proved) {
    return [`${name} ✔ ${emulated ? `emulated by ${handler ?? 'a hidden emulator'}` : 'native'}`];
  }
  if (missing && problem === undefined) return [`${name} · no emulator`];
  const indent = ' '.repeat(name.length + 3);
  return [
    // The name stands before it already.
    `${name} ✘ ${(problem ?? '').replace(`${platform} `, '')}`,
    ...(remedy === undefined ? [] : [`${indent}${remedy}`]),
  ];
}

/** If no platform was named, one without an emulator is no error. */
function platformsReport(all: readonly PlatformCheck[], named: boolean): EmulationReport {
  const shown = all.map((one): PlatformCheck => {
    if (named || !one.missing) return one;
    const { problem: _, remedy: __, ...bare } = one;
    return bare;
  });
  return {
    lines: shown.flatMap(platformLines),
    json: { platforms: shown },
    ok: shown.every(({ proved, problem }) => proved || problem === undefined),
  };
}

function installedLines(
  all: readonly PlatformCheck[],
  added: readonly string[],
): readonly string[] {
  if (added.length > 0) {
    return [`Installed: ${added.join(', ')}.`, 'sea-trial emulation remove removes them again.'];
  }
  const broken = all.some(({ proved, missing }) => !proved && !missing);
  return [
    broken
      ? 'Nothing was installed; handlers that are registered already stay as they are, working or not.'
      : 'Nothing was installed.',
  ];
}

async function perform(asked: EmulationRequest, tools: EmulationTools): Promise<EmulationReport> {
  const named = asked.platforms.length > 0;
  const platforms = named ? asked.platforms : provablePlatforms;
  switch (asked.action) {
    case 'list': {
      const inventory = await takeInventory(tools);
      return { lines: inventoryLines(inventory), json: inventory, ok: true };
    }
    case 'prove':
      return platformsReport(await provePlatforms(platforms, tools), named);
    case 'install': {
      const { platforms: all, added } = await installEmulators(platforms, tools);
      const { lines, ok } = platformsReport(all, named);
      const what = installedLines(all, added);
      return { lines: [...lines, '', ...what], json: { platforms: all, added }, ok };
    }
    case 'remove': {
      const { removed, kept } = await removeEmulators(asked.platforms, tools);
      const lines = [
        removed.length === 0 ? 'Nothing was removed.' : `Removed: ${removed.join(', ')}.`,
        ...kept.map((name) => `${name} was not installed by sea-trial and stays as it is.`),
      ];
      return { lines, json: { removed, kept }, ok: true };
    }
  }
}

async function report(
  asked: EmulationRequest,
  ports: Ports,
  { screen }: Console,
  signal: AbortSignal,
): Promise<CommandResult> {
  const run = createRunId('emulation');
  const { lines, json, ok } = await withRecord(
    { run, ports, screen, signal },
    async (record, own) => {
      const tools: EmulationTools = {
        // What makes or removes something is finished; what only asks ends with the signal.
        engine: { ...dockerEngine(own), facts: dockerEngine(own, signal).facts },
        ports: own,
        record,
        signal,
        ...(asked.binfmtImage === undefined ? {} : { installer: asked.binfmtImage }),
      };
      return { value: await perform(asked, tools), tidy: true };
    },
  );
  if (asked.json) screen.out(`${JSON.stringify(json, undefined, 2)}\n`);
  else screen.out(`${lines.map((line) => printable(line)).join('\n')}\n`);
  return { exitCode: ok ? 0 : 3 };
}

/** `sea-trial emulation`: emulators of this machine. Rejects with `EngineError`. */
export const emulation: CliCommand<EmulationRequest> = {
  name: 'emulation',
  summary: 'Lists, proves, installs and removes emulators of other platforms.',
  arguments: {
    usage: 'list|prove|install|remove [PLATFORM…]',
    details: [
      '  list     what runs natively, and which emulators are registered',
      '  prove    runs a small program of each platform in a container',
      '  install  registers emulators where one is missing, then proves; they stay',
      '           until they are removed or the machine restarts',
      '  remove   takes away what install has added, and nothing else',
      '',
      'Without platforms: all that can be proved.',
    ],
  },
  options: ['binfmt-image', 'json', 'verbose'],
  read: readRequest,
  run: (asked, ports, console) =>
    interruptible(ports, (own, signal) => report(asked, own, console, signal)),
};
