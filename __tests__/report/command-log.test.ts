import { expect, test } from '@jest/globals';
import type { CommandObservation } from '../../src/ports/index.js';
import { renderExecuted } from '../../src/report/index.js';

const EXIT = { code: 0, signal: null };
const killed = { code: null, signal: 'SIGKILL' };
const missing = { code: null, signal: null, notStarted: 'ENOENT' };

function lineOf(
  executed: Omit<CommandObservation, 'command'> = { duration: 41, exit: EXIT },
  command: Partial<CommandObservation['command']> = {},
): string {
  return renderExecuted(
    { command: { file: 'docker', args: ['version'], ...command }, ...executed },
    (word) => word.replaceAll('secret', '***'),
  );
}

test.each<[string, Omit<CommandObservation, 'command'>]>([
  ['exit code 0, 41 ms', { duration: 41, exit: EXIT }],
  ['exit code 0, 3 ms', { duration: 2.6, exit: EXIT }],
  ['exit code 0, 999 ms', { duration: 999.4, exit: EXIT }],
  ['exit code 0, 1.0s', { duration: 1_000, exit: EXIT }],
  ['exit code 3, 41 ms', { duration: 41, exit: { ...EXIT, code: 3 } }],
  ['ended by SIGKILL, 41 ms', { duration: 41, exit: killed }],
  ['could not be started (ENOENT)', { duration: 41, exit: missing }],
  ['still running after 10s', { duration: 10_000 }],
])('a command has its end behind it: %s', (words, executed) => {
  expect(lineOf(executed)).toBe(`docker version # ${words}`);
});

test('a command is a line for a shell, in its folder, and without secrets', () => {
  expect(lineOf(undefined, { args: ['run', 'my secret', 'a\nb'], cwd: '/a b' })).toBe(
    "(cd '/a b' && docker run 'my ***' $'a\\nb') # exit code 0, 41 ms",
  );
});

test('of a long command it shows the beginning', () => {
  const args = (count: number) => Array.from({ length: count }, () => 'x');
  expect(lineOf(undefined, { args: args(200) })).toBe(
    `docker ${args(200).join(' ')} # exit code 0, 41 ms`,
  );
  expect(lineOf(undefined, { args: args(203) })).toBe(
    `docker ${args(200).join(' ')} # exit code 0, 41 ms; 3 more arguments`,
  );
  expect(lineOf(undefined, { args: ['x'.repeat(600)] })).toContain(` '${'x'.repeat(499)}…' #`);
});

test('nothing in it moves the cursor', () => {
  expect(lineOf({ duration: 1, exit: { ...missing, notStarted: 'a\u001b[2J' } })).toBe(
    'docker version # could not be started (a)',
  );
});
