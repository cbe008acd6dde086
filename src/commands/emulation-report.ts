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
import type { Ports } from '../ports/index.js';
import { printable } from '../report/index.js';
import { defined } from '../types/index.js';
import type { CommandResult, Console } from './command.js';
import { withRecord } from './with-record.js';

/** What is asked of `sea-trial emulation`. */
export interface EmulationRequest {
  readonly action: 'list' | 'prove' | 'install' | 'remove';
  /** Normalised; empty: all that can be proved. */
  readonly platforms: readonly string[];
  readonly binfmtImage?: string;
  readonly json: boolean;
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
  const { platform, proved, emulated, handler, missing, problem, warning, remedy } = check;
  const name = platform.padEnd(16);
  const indent = ' '.repeat(name.length + 3);
  if (proved) {
    const more = [warning === undefined ? undefined : `⚠ ${warning}`, remedy];
    return [
      `${name} ✔ ${emulated ? `emulated by ${handler ?? 'a hidden emulator'}` : 'native'}`,
      ...more.filter((one) => one !== undefined).map((one) => `${indent}${one}`),
    ];
  }
  if (missing && problem === undefined) return [`${name} · no emulator`];
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

/** Does what is asked of the emulators, and prints what came of it. Rejects with `EngineError`. */
export async function reportEmulation(
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
        ...defined({ installer: asked.binfmtImage }),
      };
      return { value: await perform(asked, tools), tidy: true };
    },
  );
  if (asked.json) screen.out(`${JSON.stringify(json, undefined, 2)}\n`);
  else screen.out(`${lines.map((line) => printable(line)).join('\n')}\n`);
  return { exitCode: ok ? 0 : 3 };
}
