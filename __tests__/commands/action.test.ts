import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { afterAction } from '../../src/commands/index.js';
import { connect } from '../../src/github/index.js';
import { realPorts } from '../../src/ports/index.js';

const real = realPorts();

let folder: string;
beforeAll(async () => {
  folder = await real.files.makeTemporary('sea-trial-post-');
});
afterAll(() => real.files.remove(folder));

test.each([
  ['the folder of a killed run', 'sea-trial-evidence-1', false],
  ['no folder that a damaged state names', 'precious', true],
  ['no evidence', 'sea-trial-evidence-2', true],
])('post removes %s', async (what, name, stays) => {
  const { files } = real;
  const place = `${folder}/${name}`;
  await files.makeDirectory(`${place}/deep`);
  if (what === 'no evidence') await files.write(`${place}/evidence.json`, '{}');
  const github = await connect({ ...real, env: { HOME: folder } });
  const state = (one: string) => (one === 'beside' ? place : undefined);
  const code = await afterAction({ ...github, runner: { ...github.runner, state } });
  expect([code, (await files.look(place)) !== undefined]).toEqual([0, stays]);
});
