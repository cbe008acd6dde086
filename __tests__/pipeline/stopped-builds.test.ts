import { expect, test } from '@jest/globals';
import { finding } from '../../src/evidence/index.js';
import { stoppedBuilds } from '../../src/pipeline/stopped-builds.js';
import { planOf } from '../plans.js';

const findings = [
  finding('source-missing', { image: 'one', path: 'x' }, 'No x.'),
  finding('base-unset', { image: 'two' }, 'No base.'),
  finding('arg-with-default', { image: 'three' }, 'Hidden.'),
];

test('an image whose build surely fails is not begun, and no other one', () => {
  expect([...stoppedBuilds({ plan: planOf({}), findings })]).toEqual([
    ['one', 'its Dockerfile copies a file that the build context does not have'],
    ['two', 'its Dockerfile names a base by an argument without a value'],
  ]);
});

test('what is an error by its severity alone stops no build, and what is none does not either', () => {
  const severities = { 'arg-with-default': 'error', 'source-missing': 'warning' } as const;
  const plan = planOf({ severities });
  expect([...stoppedBuilds({ plan, findings })].map(([id]) => id)).toEqual(['two']);
});
