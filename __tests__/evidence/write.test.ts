import { afterEach, expect, test } from '@jest/globals';
import { formatEvidence, writeEvidence } from '../../src/evidence/index.js';
import { realPorts } from '../../src/ports/index.js';
import { evidenceOf } from './sample.js';

const { files } = realPorts();
const folders: string[] = [];

async function folder(): Promise<string> {
  const made = await files.makeTemporary('sea-trial-write-');
  folders.push(made);
  return made;
}

afterEach(async () => {
  for (const one of folders.splice(0)) await files.remove(one);
});

test('evidence is written whole', async () => {
  const place = await folder();
  const evidence = evidenceOf();
  await writeEvidence(files, `${place}/e.json`, evidence);
  expect(await files.list(place)).toEqual(['e.json']);
  expect((await files.read(`${place}/e.json`)).toString()).toBe(formatEvidence(evidence));
});

test('or not at all, with nothing left of it', async () => {
  const place = await folder();
  await files.makeDirectory(`${place}/e.json`);
  const writing = writeEvidence(files, `${place}/e.json`, evidenceOf());
  await expect(writing).rejects.toMatchObject({ code: 'EISDIR' });
  expect(await files.list(place)).toEqual(['e.json']);
});
