import { expect, test } from '@jest/globals';
import { type Finding, finding } from '../../src/evidence/index.js';
import { withStagesMeant } from '../../src/pipeline/stages-meant.js';
import { run } from './run-rig.js';

const SAID = '"bsae" is no stage of Dockerfile; did you mean the stage "base"?';
const LINE = { file: 'Dockerfile', line: 4 };
const note = (more: Finding['subject'] = {}, location = LINE) =>
  finding('stage-misspelt', { image: 'greeter', ...more }, SAID, { location });
const failure = (subject: Finding['subject'], location: Finding['location'] = LINE) =>
  finding('not-pulled', subject, 'bsae cannot be pulled', { location });

const AMD = { image: 'greeter', platform: 'linux/amd64' };
const ARM = { ...AMD, platform: 'linux/arm64' };

test.each<[string, Finding, Finding]>([
  ['by the build', note(), failure(AMD)],
  ['by the build of the platform that it is about', note(ARM), failure(ARM)],
  ['before the build', note(), failure({ reference: 'docker.io/library/bsae:latest' })],
])('a stage that was meant is what to do where it is found %s', (_, noted, failed) => {
  const other = failure({ image: 'other', platform: 'linux/amd64' });
  expect(withStagesMeant([noted, failed, other])).toEqual([{ ...failed, remedy: SAID }, other]);
});

test('each platform says it, and the note is gone once', () => {
  const found = withStagesMeant([note(), failure(AMD), failure(ARM)]);
  expect(found.map(({ code, remedy }) => [code, remedy])).toEqual([
    ['not-pulled', SAID],
    ['not-pulled', SAID],
  ]);
});

test('the notes of all images of that Dockerfile are gone where it is found before the builds', () => {
  const failed = failure({ reference: 'docker.io/library/bsae:latest' });
  const found = withStagesMeant([note(), note({ image: 'other' }), failed]);
  expect(found).toEqual([{ ...failed, remedy: SAID }]);
});

test.each<[string, Finding]>([
  ['another line', failure(AMD, { ...LINE, line: 5 })],
  ['another Dockerfile', failure(AMD, { ...LINE, file: 'b/Dockerfile' })],
  ['no line', failure(AMD, { file: 'Dockerfile' })],
  ['another image', failure({ ...AMD, image: 'other' })],
  ['another platform than the note', failure(AMD)],
  ['another failure', finding('build-failed', AMD, 'It failed.', { location: LINE })],
])('a note stays where what fails is of %s', (words, failed) => {
  const noted = note(words.includes('platform') ? ARM : {});
  expect(withStagesMeant([noted, failed])).toEqual([noted, failed]);
});

test('a run whose build looks for an image of a stage’s name says which stage it is', async () => {
  const { evidence } = await run({
    planned: { findings: [note()] },
    progress: ['Dockerfile:4', '--------------------', '   4 | >>> COPY --from=bsae /a /a'],
    build() {
      throw new Error(
        'failed to solve: bsae: failed to resolve source metadata for docker.io/library/bsae:latest: pull access denied',
      );
    },
  });
  expect(evidence?.findings.map(({ code, remedy }) => [code, remedy])).toEqual([
    ['not-pulled', SAID],
    ['not-pulled', SAID],
  ]);
});
