import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { renderHelp } from '../../src/commands/help.js';
import { run } from '../../src/commands/run.js';
import { commands } from '../../src/commands/table.js';
import { inputs, optionsOf } from '../../src/config/index.js';
import { INTERRUPTIONS } from '../../src/ports/index.js';

describe('help', () => {
  test.each([0, 1, 2, 3, ...Object.values(INTERRUPTIONS)])('names the exit code %d', (code) => {
    expect(renderHelp('all')).toMatch(new RegExp(`\\b${code}\\b`));
  });

  test.each([
    ['all', 'all' as const] as const,
    ...commands.map((command) => [command.name, command] as const),
  ])('%s fits 80 columns', (_, command) => {
    const long = renderHelp(command)
      .split('\n')
      .filter((line) => line.length > 80);
    expect(long).toEqual([]);
  });

  test('says that --registry goes with --push', () => {
    expect(renderHelp(run).replace(/\s+/g, ' ')).toContain('--registry HOST[/PREFIX] With --push:');
  });

  test('lists the commands, and each of them its options and its words', () => {
    for (const command of commands) {
      const { name, summary, options, arguments: words } = command;
      expect(renderHelp('all')).toContain(`  ${name}`);
      const help = renderHelp(command);
      expect(help.split('\n')[0]).toBe(summary);
      expect(help).toContain(`sea-trial ${name} ${words === undefined ? '' : `${words.usage} `}[`);
      for (const { flag } of inputs) {
        if (flag === undefined) continue;
        expect(help.includes(`--${flag.name}`)).toBe(options.includes(flag.name));
      }
    }
  });
});

describe('the table of commands', () => {
  test('names options of the table of inputs, each with some command', () => {
    for (const { options } of commands) expect(optionsOf(options)).toHaveLength(options.length);
    const used = commands.flatMap(({ options }) => options);
    const known = inputs.flatMap(({ flag }) => flag?.name ?? []);
    expect(known.filter((name) => !used.includes(name))).toEqual([]);
  });

  test('has one row for a file that declares a command', () => {
    const folder = join(import.meta.dirname, '../../src/commands');
    const declared = readdirSync(folder).filter((file) =>
      /^export const \w+: CliCommand</m.test(readFileSync(join(folder, file), 'utf8')),
    );
    expect(declared.sort()).toEqual(commands.map(({ name }) => `${name}.ts`).sort());
  });
});
