import { type Finding, INTERRUPTED } from '../evidence/index.js';
import {
  answerDetails,
  RegistryError,
  type RegistryErrorCode,
  reasonOf,
  registryFailed,
} from '../registry/index.js';
import type { ImageToPublish, PublishCourse } from './job.js';
import type { Destination } from './prepare-image.js';
import { GRACE } from './put-tag.js';

/** What a tag serves that its registry did not let be replaced, and why that is not published. */
export interface Kept {
  readonly digest: string;
  readonly why: string;
}

/** A tag of an image at one of its targets. */
export interface TagOfImage {
  readonly image: ImageToPublish;
  readonly destination: Destination;
  readonly tag: string;
}

/** Failures that do not say whether the registry did what it was asked. */
const OPEN: ReadonlySet<RegistryErrorCode> = new Set([
  'timed-out',
  'cut-off',
  'server',
  'protocol',
]);

/** How registries say that a tag stays what it is: ECR, Harbor, Quay, GitLab, Docker Hub, ACR. */
const IMMUTABLE = /immutab|already exist|overwrit|protected|TAG_INVALID|TagAlreadyExists/i;

const OTHER_TAG =
  'Use another tag, or set "existing: fail" to be told before the build; a tag that already serves the tested platforms is kept as it is.';

function isAboutImmutable({ oci, body = '' }: RegistryError): boolean {
  const words = oci.map(({ code, message }) => `${code} ${message}`).join(' ');
  return IMMUTABLE.test(words === '' ? body : words);
}

/** That a registry did not let what a tag serves be replaced. */
function keptWords(error: RegistryError, { destination }: TagOfImage, name: string, kept: Kept) {
  const serves = `${name} serves ${kept.digest} already`;
  const why = `which cannot be published in its place: ${kept.why}`;
  if (!isAboutImmutable(error)) return `${reasonOf(error)}; ${serves}, ${why}`;
  const { registry } = destination.repository;
  return `${registry} keeps tags immutable: ${serves}, ${why}${answerDetails(error)}`;
}

/** Why a tag is not known to have moved: for the facts, and as a finding. */
export function notMoved(
  { job }: PublishCourse,
  tagged: TagOfImage,
  error: unknown,
  kept?: Kept,
): { readonly reason: string; readonly finding: Finding } {
  const { image, destination, tag } = tagged;
  const { repository: reference } = destination.target;
  const name = `${reference}:${tag}`;
  const finding = registryFailed({ image: image.image, reference, tag }, error);
  if (job.signal?.aborted && !(error instanceof RegistryError)) {
    const message = `${name} may have moved to ${image.index.descriptor.digest}: ${INTERRUPTED} while the tag was written, and the registry did not answer within ${GRACE / 1000} s after that.`;
    return {
      reason: `${INTERRUPTED} while ${name} was written; the tag may have moved`,
      finding: { ...finding, message, remedy: 'Look at what the tag serves, or run again.' },
    };
  }
  if (kept !== undefined && error instanceof RegistryError) {
    const words = keptWords(error, tagged, name, kept);
    return { reason: words, finding: { ...finding, message: `${words}.`, remedy: OTHER_TAG } };
  }
  const open = error instanceof RegistryError && OPEN.has(error.code);
  const reason = `${name}: ${reasonOf(error)}`;
  if (!open) return { reason, finding };
  return {
    reason: `${reason}; the tag may have moved nevertheless`,
    finding: { ...finding, message: `${finding.message} The tag may have moved nevertheless.` },
  };
}
