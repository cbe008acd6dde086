import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from './shell.js';

function listed(path: string): readonly string[] {
  const args = ['run', '--silent', 'test:unit', '--', path, '--listTests'];
  const text = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' });
  return text.split('\n').filter((line) => line.endsWith('.test.ts'));
}

test('test:unit takes a path, of unit tests alone', () => {
  const here = join(ROOT, '__tests__/scripts/unit-tests.test.ts');
  expect(listed('__tests__/scripts/unit-tests')).toEqual([here]);
  expect(listed('__tests__/e2e')).toEqual([]);
});
