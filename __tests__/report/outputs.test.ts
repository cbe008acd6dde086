import { expect, test } from '@jest/globals';
import { finding } from '../../src/evidence/index.js';
import { outputsOf } from '../../src/report/index.js';
import {
  digestOf,
  evidenceOf,
  failedOnS390x,
  fleet,
  INDEX_TYPE,
  plannedImage,
  trialOf,
} from '../evidence/sample.js';

const manifest = (platform: string) => digestOf(`greeter ${platform} manifest`);
const digests = {
  'linux/amd64': manifest('linux/amd64'),
  'linux/arm64': manifest('linux/arm64'),
  'linux/s390x': manifest('linux/s390x'),
};
const index = { mediaType: INDEX_TYPE, digest: digestOf('greeter index'), size: 1_400 };

test('one image on several platforms', () => {
  const { digests: each, metadata, ...rest } = outputsOf(evidenceOf());
  expect(rest).toEqual({
    digest: index.digest,
    'embedded-digest': '',
    imageid: index.digest,
    verdict: 'passed',
  });
  expect(JSON.parse(each)).toEqual({ greeter: digests });
  expect(JSON.parse(metadata)).toEqual({
    'containerimage.descriptor': index,
    'containerimage.digest': index.digest,
    'image.name': 'ghcr.io/acme/greeter:1.2.3,ghcr.io/acme/greeter:latest',
  });
});

test('one image on one platform has the configuration as its id', () => {
  const outputs = outputsOf(evidenceOf({ images: [plannedImage({ platforms: ['linux/amd64'] })] }));
  const config = digestOf('greeter linux/amd64 config');
  expect(outputs).toMatchObject({ digest: index.digest, imageid: config });
  expect(JSON.parse(outputs.metadata)).toMatchObject({ 'containerimage.config.digest': config });
});

test('several images are keyed by id, and no digest is that of all', () => {
  const outputs = outputsOf(fleet());
  expect(outputs).toMatchObject({ digest: '', imageid: '', verdict: 'passed' });
  const each = JSON.parse(outputs.digests);
  expect(Object.keys(each)).toEqual(['controller', 'bootstrap', 'infrastructure']);
  expect(each.bootstrap['linux/arm/v7']).toBe(digestOf('bootstrap linux/arm/v7 manifest'));
  expect(JSON.parse(outputs.metadata).controller['containerimage.digest']).toBe(
    digestOf('controller index'),
  );
});

test('what failed on its one platform has no digest to deploy either', () => {
  const images = [plannedImage({ platforms: ['linux/amd64'] })];
  const findings = [
    finding('test-failed', { image: 'greeter', platform: 'linux/amd64', test: 'a' }, 'no'),
  ];
  const outputs = outputsOf(evidenceOf({ images, findings, publications: [] }));
  expect(outputs).toMatchObject({ digest: '', imageid: '', verdict: 'failed', metadata: '{}' });
});

test('what was not built has no digest', () => {
  const trial = (platform: string) => trialOf('greeter', platform);
  const { built: _built, loaded: _loaded, ...bare } = trial('linux/arm64');
  const images = [plannedImage({ platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'] })];
  const trials = [trial('linux/amd64'), bare];
  const outputs = outputsOf(evidenceOf({ images, trials, publications: [] }));
  expect(JSON.parse(outputs.digests)).toStrictEqual({
    greeter: { 'linux/amd64': manifest('linux/amd64') },
  });
});

test('what failed has no digest to deploy', () => {
  expect(outputsOf(failedOnS390x())).toMatchObject({
    digest: '',
    'embedded-digest': '',
    imageid: '',
    verdict: 'failed',
    metadata: '{}',
  });
});

test.each([
  ['several platforms', undefined],
  ['one platform', [plannedImage({ platforms: ['linux/amd64'] })]],
])(
  'what is embedded, of %s, has no digest and no name that a later step could pull',
  (_, images) => {
    const outputs = outputsOf(evidenceOf({ embedded: true, ...(images && { images }) }));
    expect(outputs).toMatchObject({
      digest: '',
      'embedded-digest': index.digest,
      imageid: '',
      verdict: 'passed',
      metadata: '{}',
    });
  },
);

test('what is embedded, of several images, stands in the digests of their platforms alone', () => {
  const outputs = outputsOf(
    evidenceOf({
      embedded: true,
      images: [plannedImage(), plannedImage({ id: 'captain' })],
    }),
  );
  expect(outputs).toMatchObject({ digest: '', 'embedded-digest': '', imageid: '' });
  expect(JSON.parse(outputs.metadata)).toEqual({ greeter: {}, captain: {} });
  expect(Object.keys(JSON.parse(outputs.digests))).toEqual(['greeter', 'captain']);
});
