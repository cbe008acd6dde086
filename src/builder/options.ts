import type { DriverOption } from '../reference/index.js';

/** BuildKit's ways to run, as `docker buildx create --driver` names them. */
type Driver = 'docker' | 'docker-container' | 'kubernetes' | 'remote';

/** A further machine of a builder. */
export interface NodeOptions {
  readonly name?: string;
  /** A docker context, an address of an engine, or of BuildKit with the driver remote. */
  readonly endpoint?: string;
  readonly driverOptions: readonly DriverOption[];
  readonly buildkitdFlags?: string;
  /** What it is used for, whatever it says itself; empty: what it runs natively. */
  readonly platforms: readonly string[];
}

/** How a builder is to be made. Each field says what `docker buildx create` does with it. */
export interface BuilderOptions {
  readonly driver?: Driver;
  readonly driverOptions: readonly DriverOption[];
  readonly buildkitdFlags?: string;
  /** buildkitd.toml: an absolute path, or its text. */
  readonly buildkitdConfig?: { readonly file: string } | { readonly text: string };
  readonly endpoint?: string;
  readonly nodes: readonly NodeOptions[];
  /** Keeps the builder's cache when it is removed (docker-container). */
  readonly keepState: boolean;
  /** Whether a builder that the run made is removed at its end. */
  readonly cleanup: boolean;
}

export const DEFAULT_BUILDER: BuilderOptions = {
  driverOptions: [],
  nodes: [],
  keepState: false,
  cleanup: true,
};

/** Whether it says anything about the builder itself, so that one of that kind has to be made. */
export function describesBuilder(options: BuilderOptions): boolean {
  const { driver, driverOptions, buildkitdFlags, buildkitdConfig, endpoint, nodes } = options;
  return (
    [driver, buildkitdFlags, buildkitdConfig, endpoint].some((one) => one !== undefined) ||
    driverOptions.length + nodes.length > 0
  );
}
