import type { LimitFunction } from 'p-limit';
import type { Engine } from '../engine/index.js';
import type {
  ImageFacts,
  Listen,
  PlannedImage,
  PlannedTest,
  Redactor,
  TestProgram,
} from '../evidence/index.js';
import type { Ports } from '../ports/index.js';

/** The image that a trial's tests are run on. */
export interface ImageUnderTest {
  readonly platform: string;
  /** The engine's id of the image under test. */
  readonly imageId: string;
  readonly image: ImageFacts;
  /** Whether programs of the platform are, on the engine's machine. */
  readonly emulated: boolean;
  /** With what words GNU tar fails under the platform's emulator, where that refuses its calls. */
  readonly tarWords?: string;
  /** The file that the image's shell is, links followed; undefined where it has none. */
  readonly shellFile?: string;
  /** It was built with buildpacks: its launcher starts what tests run. */
  readonly hasLauncher?: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** One image on one platform, loaded and ready to be tested. */
export interface TestOrder extends ImageUnderTest {
  readonly planned: PlannedImage;
  /** What a test runs, as far as that is known. */
  readonly programOf: (test: PlannedTest) => TestProgram | undefined;
  /** The workspace; sources of mounts and the folder of host tests start there. */
  readonly root: string;
  /** Makes the folder of an OCI layout that holds the image and nothing else. */
  readonly layout: () => Promise<string>;
}

/** What tests need of the run around them. */
export interface TestTools {
  readonly engine: Engine;
  readonly ports: Pick<Ports, 'exec' | 'clock' | 'env' | 'files' | 'processes'>;
  /** Bounds how many tests run at once, over all trials. */
  readonly limit: LimitFunction;
  /** Takes the removal of each container whose test is over. */
  later(removal: () => Promise<void>): void;
  /** Outputs pass through it before they are shown; patterns match the raw output. */
  readonly redactor: Pick<Redactor, 'text'>;
  readonly listen: Listen;
  readonly signal?: AbortSignal | undefined;
}
