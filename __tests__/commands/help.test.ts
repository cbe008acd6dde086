import { describe, expect, test } from '@jest/globals';
import { renderHelp } from '../../src/commands/help.js';
import { commands, inputs } from '../../src/config/index.js';
import { INTERRUPTIONS } from '../../src/ports/index.js';

describe('help', () => {
  test.each([0, 1, 2, 3, ...Object.values(INTERRUPTIONS)])('names the exit code %d', (code) => {
    expect(renderHelp('all')).toMatch(new RegExp(`\\b${code}\\b`));
  });

  test.each(['all' as const, ...commands.keys()])('%s fits 80 columns', (command) => {
    const long = renderHelp(command)
      .split('\n')
      .filter((line) => line.length > 80);
    expect(long).toEqual([]);
  });

  test('says that --registry goes with --push', () => {
    expect(renderHelp('run').replace(/\s+/g, ' ')).toContain(
      '--registry HOST[/PREFIX] With --push:',
    );
  });

  test('it lists the commands, and each of them its options', () => {
    for (const [name] of commands) {
      expect(renderHelp('all')).toContain(`  ${name}`);
      for (const { flag } of inputs) {
        const listed = renderHelp(name).includes(`--${flag?.name}`);
        expect(listed).toBe(flag?.commands.includes(name) === true);
      }
    }
  });
});
