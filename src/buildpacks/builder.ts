/** A buildpack with its version, as an order names it. */
export interface BuildpackRef {
  readonly id: string;
  readonly version: string;
  readonly optional?: true;
}

/** A buildpack that is in a builder (label `io.buildpacks.buildpack.layers`). */
export interface BuilderBuildpack extends Omit<BuildpackRef, 'optional'> {
  /** Its Buildpack API, such as `0.10`. */
  readonly api: string;
  /** The layer that has its files, by DiffID. */
  readonly diffId?: string;
  /** Of a composite buildpack: its groups, first match first. */
  readonly order: readonly (readonly BuildpackRef[])[];
}

/** A lifecycle, and the APIs that it serves (label `io.buildpacks.builder.metadata`). */
export interface Lifecycle {
  readonly version: string;
  readonly buildpackApis: readonly string[];
  readonly platformApis: readonly string[];
}

/** A builder on one platform: what its labels say, and where its bytes are. */
export interface PlatformBuilder {
  /** Normalised. */
  readonly platform: string;
  /** The platform's manifest. */
  readonly digest: string;
  readonly lifecycle: Lifecycle;
  /** Run images, each with its mirrors behind it. */
  readonly runImages: readonly (readonly string[])[];
  readonly order: readonly (readonly BuildpackRef[])[];
  readonly buildpacks: readonly BuilderBuildpack[];
  /** Layers of the manifest, in its order, each with its DiffID. */
  readonly layers: readonly {
    readonly digest: string;
    readonly size: number;
    readonly mediaType: string;
    readonly diffId: string;
  }[];
  /** The user of the build (`CNB_USER_ID` and `CNB_GROUP_ID`). */
  readonly user: { readonly uid: number; readonly gid: number };
  /** `NAME VERSION` of the distribution, such as `ubuntu 24.04`. */
  readonly distribution?: string;
}

/** A builder, resolved once for all platforms of a run. */
export interface ResolvedBuilder {
  /** As it is written. */
  readonly reference: string;
  /** What the reference names: an index, or the manifest of one platform. */
  readonly digest: string;
  readonly platforms: readonly PlatformBuilder[];
}

/** A run image on one platform. */
export interface ResolvedRunImage {
  /** As it is written in the plan or in the builder's label: the first of the mirrors that has it. */
  readonly reference: string;
  /** What the reference names: an index, or the manifest of one platform. */
  readonly indexDigest: string;
  /** Normalised. */
  readonly platform: string;
  /** The platform's manifest. */
  readonly digest: string;
  /** DiffIDs of its layers, the lowest first. */
  readonly diffIds: readonly string[];
  /** `NAME VERSION` of the distribution. */
  readonly distribution?: string;
}

/** What the builds of one image are made with. */
export interface ResolvedBuild {
  readonly builder: ResolvedBuilder;
  /** One for each platform. */
  readonly runImages: readonly ResolvedRunImage[];
}
