import { expect, test } from '@jest/globals';
import type { PublishCourse } from '../../src/publish/job.js';
import { type Kept, notMoved, type TagOfImage } from '../../src/publish/tag-failure.js';
import { RegistryError, type RegistryErrorCode } from '../../src/registry/index.js';

const NAME = 'reg.io/acme/a:dev';
const OURS = `sha256:${'1'.repeat(64)}`;
const THEIRS = `sha256:${'2'.repeat(64)}`;
const KEPT = { digest: THEIRS, why: 'its annotations differ' };
const request = `PUT https://reg.io/v2/acme/a/manifests/dev`;

const tagged = {
  image: { image: 'a', index: { descriptor: { digest: OURS } } },
  destination: { target: { repository: 'reg.io/acme/a' }, repository: { registry: 'reg.io' } },
  tag: 'dev',
} as unknown as TagOfImage;

function told(error: unknown, kept?: Kept, signal?: AbortSignal) {
  return notMoved({ job: { signal } } as unknown as PublishCourse, tagged, error, kept);
}

const refusal = (message: string, code = 'DENIED', body?: string) =>
  new RegistryError({
    code: 'refused',
    request,
    status: 400,
    oci: code === '' ? [] : [{ code, message }],
    ...(body === undefined ? {} : { body }),
  });

test.each<[RegistryErrorCode, boolean]>([
  ['timed-out', true],
  ['cut-off', true],
  ['server', true],
  ['refused', false],
  ['denied', false],
  ['unreachable', false],
])('behind %s a tag may have moved: %s', (code, isOpen) => {
  const { reason, finding } = told(new RegistryError({ code, request }));
  expect(reason.startsWith(`${NAME}: `)).toBe(true);
  expect(reason.endsWith('; the tag may have moved nevertheless')).toBe(isOpen);
  expect(finding.message.endsWith(' The tag may have moved nevertheless.')).toBe(isOpen);
  expect(finding.subject).toEqual({ image: 'a', reference: 'reg.io/acme/a', tag: 'dev' });
});

test('interrupted while it was written, it may have moved; not where its registry has answered', () => {
  const stopped = AbortSignal.abort();
  const cut = told(new Error('it was cut'), undefined, stopped);
  expect(cut).toMatchObject({
    reason: `the run was interrupted while ${NAME} was written; the tag may have moved`,
    finding: {
      message: `${NAME} may have moved to ${OURS}: the run was interrupted while the tag was written, and the registry did not answer within 2.5 s after that.`,
      remedy: 'Look at what the tag serves, or run again.',
    },
  });
  const answered = told(new RegistryError({ code: 'denied', request }), undefined, stopped);
  expect(answered.reason).not.toContain('may have moved');
  expect(told(new Error('it was cut')).reason).not.toContain('interrupted');
});

test.each<[string, RegistryError]>([
  ['ECR', refusal('The image tag already exists and is immutable.', 'TAG_INVALID')],
  ['Harbor', refusal('configured as immutable')],
  ['Quay', refusal('cannot overwrite', 'TAG_IMMUTABLE')],
  ['GitLab', refusal('the tag is protected')],
  ['ACR', refusal('', 'TagAlreadyExists')],
  ['one that answers in its own way', refusal('', '', 'this tag is immutable')],
])('a tag that %s keeps immutable is told with what it serves', (_, error) => {
  const { reason, finding } = told(error, KEPT);
  expect(reason).toContain(
    `reg.io keeps tags immutable: ${NAME} serves ${THEIRS} already, which cannot be published in its place: its annotations differ`,
  );
  expect(finding.message).toBe(`${reason}.`);
  expect(finding.remedy).toMatch(/^Use another tag, or set "existing: fail"/);
});

test('a refusal for another reason is told as it is, and what the tag serves behind it', () => {
  for (const error of [refusal('no', 'DENIED', 'immutable'), refusal('', '', '')]) {
    const { reason } = told(error, KEPT);
    expect(reason).not.toContain('keeps tags immutable');
    expect(reason).toContain(
      `; ${NAME} serves ${THEIRS} already, which cannot be published in its place: its annotations differ`,
    );
  }
  // What is no answer of the registry says nothing of what it keeps.
  expect(told(new Error('a fault of ours'), KEPT).reason).not.toContain(THEIRS);
});
