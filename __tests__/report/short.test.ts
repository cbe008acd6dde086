import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  renderBrokenOff,
  renderPlanSummary,
  renderProblemSummary,
} from '../../src/report/index.js';
import { hostile } from './hostile.js';

describe('a summary without evidence', () => {
  test('has each problem with its place', () => {
    const text = renderProblemSummary('There are 3 problems; nothing was started.', [
      { file: 'sea-trial.yml', line: 4, column: 5, message: 'unknown key "platfroms"' },
      { file: 'input "set"', message: 'A: nothing uses this variable' },
      { message: 'there is none; write one:\n\nimages:\n  - name: a/b' },
    ]);
    expect(text.replaceAll('&#34;', '"')).toBe(
      [
        '## ✘ There are 3 problems; nothing was started.',
        '',
        '- <code>sea-trial.yml:4:5</code> unknown key "platfroms"',
        '- <code>input "set"</code> A: nothing uses this variable',
        '- there is none; write one:',
        '',
        '```text',
        'images:',
        '  - name: a/b',
        '```',
        '',
      ].join('\n'),
    );
  });

  test('says how many problems are left to the log', () => {
    const problems = Array.from({ length: 60 }, (_, at) => ({ message: `number ${at}` }));
    const lines = renderProblemSummary('x', problems).split('\n');
    expect(lines).toHaveLength(53);
    expect(lines.at(-1)).toBe('- 10 more are in the log.');
  });

  test('says why a run could not go on', () => {
    expect(renderBrokenOff('It stopped.', 'no engine\n  | said so')).toBe(
      '## ✘ It stopped.\n\n```text\nno engine\n  | said so\n```',
    );
    expect(renderBrokenOff('It stopped.')).toBe('## ✘ It stopped.');
  });

  test('shows a plan as it is printed', () => {
    expect(renderPlanSummary('A plan.', ['greeter', '  linux/amd64', ''])).toBe(
      '## A plan.\n\n```text\ngreeter\n  linux/amd64\n```',
    );
  });

  test('takes any text for what it is', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const text = renderProblemSummary(one, [
          { file: other, message: one.replaceAll('\n', '') },
        ]);
        const [heading = '', blank, item = '', ...more] = text.split('\n');
        expect(heading).toMatch(/^## ✘ [^<|`[]*$/);
        expect(blank).toBe('');
        expect(item).toMatch(/^- <code>[^<>|`]*<\/code> [^<>|`[]*$/);
        // A carriage return ends a line of a message.
        if (!one.includes('\r')) expect(more).toEqual([]);
        const fence = renderBrokenOff('x', one).split('\n');
        expect(fence.filter((line) => line === fence.at(-1))).toHaveLength(1);
      }),
    );
  });
});
