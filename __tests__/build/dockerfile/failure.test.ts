import { expect, test } from '@jest/globals';
import { damaged } from '../../../src/build/dockerfile/failure.js';
import { OciError } from '../../../src/oci/index.js';

const subject = { image: 'ship', platform: 'linux/amd64' };

test('a document that is larger than what is read is a fault of the image', () => {
  const error = new OciError('too-large', 'the blob x has 5000000 bytes; 4194304 are read');
  expect(damaged(subject, error)).toMatchObject({
    code: 'build-failed',
    subject,
    message: 'The built image cannot be read: the blob x has 5000000 bytes; 4194304 are read.',
    remedy: expect.stringContaining('labels'),
  });
});

test.each([
  ['digest-mismatch', 'digest-mismatch'],
  ['truncated', 'engine-failed'],
] as const)('a stream that is %s is %s', (kind, code) => {
  expect(damaged(subject, new OciError(kind, 'x'))).toMatchObject({
    code,
    message: "The builder's output is damaged: x",
  });
});
