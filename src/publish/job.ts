import type { Readable } from 'node:stream';
import type { LimitFunction } from 'p-limit';
import type { Existing, Finding, ImageFacts, Plan, Publication } from '../evidence/index.js';
import type { ComposedIndex } from '../oci/index.js';
import type { Clock } from '../ports/index.js';
import {
  openRequestGroup,
  type RegistryClient,
  type RegistryTarget,
  type RequestGroup,
} from '../registry/index.js';
import type { UploadBlob } from './shared-uploads.js';

/** One repository and the tags it gets. */
export interface PublishTarget extends RegistryTarget {
  /** Platforms that the tags may lose. */
  readonly replaces?: readonly string[] | undefined;
  /** What may become of a tag that is there already; without it, `replace`. */
  readonly existing?: Existing | undefined;
}

/** An image all of whose trials passed. */
export interface ImageToPublish {
  readonly image: string;
  readonly index: ComposedIndex;
  readonly platforms: readonly Pick<ImageFacts, 'platform' | 'manifest' | 'attestations'>[];
  readonly targets: readonly PublishTarget[];
  /** The bases that a platform was built on, by the digest of its manifest. */
  readonly bases?: ReadonlyMap<string, readonly string[]>;
}

/** What is to be published, and through what. */
export interface PublishJob {
  readonly images: readonly ImageToPublish[];
  /** Bytes of a blob in the layout, by digest. */
  open(digest: string): Readable;
  readonly client: RegistryClient;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Bounds requests with a body and uploads. */
  readonly limit: LimitFunction;
  /** `together`: no tag moves before every image's content is everywhere. */
  readonly publish: 'together' | 'per-image';
  readonly embedded: boolean;
  /** As configured; without them, findings are what they are. */
  readonly severities?: Plan['severities'];
  /**
   * By reference, the digests that tags served before the build, undefined where they could
   * not be read; what would be lost then was judged.
   */
  readonly servedThen?: ReadonlyMap<string, string | undefined>;
  readonly signal?: AbortSignal;
}

export interface Published {
  /** One per image, in the order given; `served` is empty. */
  readonly publications: readonly Publication[];
  readonly findings: readonly Finding[];
}

/** What a part of a job shares: the first failure stops the rest of it. */
export interface PublishCourse extends RequestGroup {
  readonly job: PublishJob;
  readonly uploadBlob: UploadBlob;
  readonly findings: Finding[];
  /** By reference, the digest that a tag was last seen to serve, undefined where it could not be read. */
  readonly seen: Map<string, string | undefined>;
}

export function openPublishCourse(
  job: PublishJob,
  uploadBlob: UploadBlob,
  findings: Finding[],
): PublishCourse {
  return {
    ...openRequestGroup(job.signal),
    job,
    uploadBlob,
    findings,
    seen: new Map(job.servedThen),
  };
}
