import { expect, test } from '@jest/globals';
import { foreignUnused } from '../../src/checks/foreign-unused.js';
import { finding } from '../../src/evidence/index.js';
import { trialOf } from '../evidence/sample.js';
import { plannedImage, planOf } from '../plans.js';

const foreign = [
  { path: 'opt/**', reason: 'a' },
  { path: 'srv/**', reason: 'b', location: { file: 'sea-trial.yml', line: 9 } },
];
const plan = planOf({ images: [plannedImage({ foreign })] });
const contents = { files: 1, programs: [] };
const looked = (platform: string) => trialOf('greeter', platform, { contents });
const used = finding(
  'foreign-files',
  { image: 'greeter', platform: 'linux/arm64', path: 'opt/**' },
  'foreign: opt/**, 1 file for amd64: a',
);
const both = [looked('linux/amd64'), looked('linux/arm64')];

test('an entry of foreign that permits nothing on any platform is a note with its place', () => {
  expect(foreignUnused({ plan, trials: both, findings: [used] })).toStrictEqual([
    {
      code: 'foreign-unused',
      severity: 'note',
      subject: { image: 'greeter', path: 'srv/**' },
      message:
        'foreign: srv/** has no effect: no file that it matches is for another platform, or the image needs that file to run.',
      location: { file: 'sea-trial.yml', line: 9 },
      remedy: expect.any(String),
    },
  ]);
});

test('what permits something in another image, or another finding, permits nothing here', () => {
  const elsewhere = { ...used, subject: { ...used.subject, image: 'other' } };
  const another = finding('arch-mismatch', used.subject, 'x');
  const found = foreignUnused({ plan, trials: both, findings: [elsewhere, another] });
  expect(found.map(({ subject }) => subject.path)).toEqual(['opt/**', 'srv/**']);
});

test('nothing is said of an image without such entries, nor by the trials of another one', () => {
  const none = planOf({ images: [plannedImage()] });
  expect(foreignUnused({ plan: none, trials: both, findings: [] })).toEqual([]);
  const others = both.map((trial) => ({ ...trial, image: 'other' }));
  expect(foreignUnused({ plan, trials: others, findings: [] })).toEqual([]);
});

test('nothing is said where a platform was not looked into', () => {
  const trials = [looked('linux/amd64'), trialOf('greeter', 'linux/arm64')];
  expect(foreignUnused({ plan, trials, findings: [] })).toEqual([]);
  const partial = { ...plan, partial: true };
  expect(foreignUnused({ plan: partial, trials: both, findings: [] })).toEqual([]);
});
