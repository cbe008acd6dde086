import type { LayerFacts } from '../contents/index.js';
import type { BuildFacts, Finding, Listen, PlannedImage, Redactor } from '../evidence/index.js';
import type { Ingested, Layout } from '../oci/index.js';
import type { Ports } from '../ports/index.js';

/** A built image with what is known of its layers. */
export type BuiltImage = Ingested<LayerFacts>;

/** What builds need of the run around them. */
export interface BuildTools {
  readonly ports: Pick<Ports, 'exec' | 'clock' | 'env' | 'files'>;
  /** Where the bytes go: one layout for all builds of a run. */
  readonly layout: Layout;
  /** What is known of layers by digest; a layer that two images share is read once. */
  readonly scans: Map<string, LayerFacts>;
  /** Secrets given by value: environment variable → value. In no argument, log or evidence. */
  readonly secretEnvironment: Readonly<Record<string, string>>;
  readonly redactor: Pick<Redactor, 'pieces'>;
  readonly listen: Listen;
  readonly signal?: AbortSignal;
}

/** One platform's build: facts in any case, the image only where it succeeded. */
export interface BuildResult {
  readonly build: BuildFacts;
  readonly image?: BuiltImage;
  /** Of a locked image from buildpacks: the digest of the launcher that its builder has. */
  readonly launcher?: string;
  readonly findings: readonly Finding[];
}

/** One image's build for one platform: what every kind of build needs. */
export interface PlatformOrder {
  readonly image: PlannedImage;
  readonly platform: string;
  /** The workspace; relative paths of the plan start there. */
  readonly root: string;
  /** The programs of its steps are run by an emulator. */
  readonly emulated?: boolean;
  /** With what words GNU tar fails under that emulator, where it refuses tar's calls. */
  readonly tarWords?: string;
  /** References of the plan's caches of which it is said already that they cannot be read. */
  readonly refusedCaches?: ReadonlySet<string>;
  /** Environment variables that hold secrets given by value: secret id → variable. */
  readonly secretVariables: ReadonlyMap<string, string>;
}
