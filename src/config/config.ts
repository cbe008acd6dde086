import type { Located, Position, TextTable } from '../document/index.js';
import type { Existing, Problem } from '../evidence/index.js';
import type { BuildEntry, BuildpackEntry, DockerfileEntry, TestEntry } from '../kinds/index.js';

/** Files of an image that may be for another platform, and why. */
export interface ForeignEntry {
  readonly at: Position;
  readonly path: string;
  readonly reason: string;
}

export interface TargetEntry {
  readonly at: Position;
  readonly repository: string;
  readonly tags: readonly string[];
  /** Platforms that these tags may lose, as written. */
  readonly replaces: readonly Located<string>[];
  readonly existing?: Existing;
}

interface ImageParts<Build extends BuildEntry> {
  readonly at: Position;
  readonly id: Located<string>;
  /** What `{version}` stood for, where a pattern makes this image or would have made it. */
  readonly version?: string;
  readonly targets: readonly TargetEntry[];
  /** As written; empty: the machine's own platform. */
  readonly platforms: readonly Located<string>[];
  /** Where `perPlatform` has others, placeholders stand in it as they are written. */
  readonly build: Build;
  /** By platform, normalised, where placeholders make a build another one on each. */
  readonly perPlatform?: ReadonlyMap<string, BuildEntry>;
  readonly annotations: TextTable;
  readonly goMain?: string;
  readonly foreign: readonly ForeignEntry[];
  readonly tests: readonly TestEntry[];
  /** The workflow's own inputs describe it: what it asks for is granted. */
  readonly fromInputs: boolean;
}

export type DockerfileImageEntry = ImageParts<DockerfileEntry>;
export type BuildpackImageEntry = ImageParts<BuildpackEntry>;

/** An image as the configuration asks for it; the plan judges its platforms, names and files. */
export type ImageEntry = DockerfileImageEntry | BuildpackImageEntry;

/** What sea-trial.yml or the inputs say, with the place of each thing for what is found about it. */
export interface Config {
  /** The file, relative to the root; undefined where the inputs describe the image. */
  readonly file?: string;
  readonly publish: 'together' | 'per-image';
  readonly severities: Readonly<Record<string, 'error' | 'warning' | 'note' | 'off'>>;
  /** What could be understood; with problems it is not whole, and nothing may start. */
  readonly images: readonly ImageEntry[];
  /** Whether the inputs gave their image no tag, and it is called after the repository. */
  readonly isUnnamed: boolean;
  /** Sentences about what of it does not count, or may be meant otherwise. */
  readonly notes: readonly string[];
  /** Variables that the configuration uses and the environment gave, with their values. */
  readonly fromEnvironment: ReadonlyMap<string, string>;
  /** Names that look like secrets, perhaps, and whose values are public. */
  readonly publicArgs: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  /** Where a text is not known, for want of a variable: there is nothing more to say of it. */
  readonly unknown: readonly Position[];
}
