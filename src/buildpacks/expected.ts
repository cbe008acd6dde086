import type { Location } from '../evidence/index.js';
import { defined } from '../types/index.js';
import type { PlatformBuilder, ResolvedRunImage } from './builder.js';

/** What the labels of an image have to say, so that it is what the deployment builds. */
export interface ExpectedBuild {
  /** Where that is written. */
  readonly location?: Location;
  /** `ID@VERSION` of what may take part. */
  readonly buildpacks: readonly string[];
  readonly lifecycle: string;
  /** The digest of that lifecycle's launcher, where it is known. */
  readonly launcher?: string;
  readonly runImage: {
    readonly reference: string;
    /** Of the platform's manifest, and of the index that lists it. */
    readonly digests: readonly string[];
    /** DiffIDs of the layers under all others. */
    readonly diffIds: readonly string[];
  };
  readonly distribution?: string;
  /** The process type that the image starts. */
  readonly process?: string;
}

/** What a build with a builder and a run image has to say, and what its lock adds. */
export function expectedBuild(
  builder: PlatformBuilder,
  runImage: ResolvedRunImage,
  lock: {
    readonly injected: readonly string[];
    readonly process?: string | undefined;
    readonly location?: Location | undefined;
  },
): ExpectedBuild {
  const { distribution, lifecycle, buildpacks } = builder;
  const own = buildpacks.map(({ id, version }) => `${id}@${version}`);
  return {
    buildpacks: [...own, ...lock.injected],
    lifecycle: lifecycle.version,
    runImage: {
      reference: runImage.reference,
      digests: [runImage.digest, runImage.indexDigest],
      diffIds: runImage.diffIds,
    },
    ...defined({ distribution, process: lock.process, location: lock.location }),
  };
}
