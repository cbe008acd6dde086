import type { PlatformBuilder, ResolvedBuilder, ResolvedRunImage } from '../../buildpacks/index.js';
import type { BuildpackImage } from '../../evidence/index.js';
import type { BuildResult, BuildTools, PlatformOrder } from '../kind.js';

/** One platform's build with buildpacks, with everything that the machine adds to the plan. */
export interface BuildpackOrder extends PlatformOrder {
  readonly image: BuildpackImage;
  readonly builder: ResolvedBuilder;
  /** The builder on this platform. */
  readonly platformBuilder: PlatformBuilder;
  readonly runImage: ResolvedRunImage;
}

export async function buildBuildpack(
  _order: BuildpackOrder,
  _tools: BuildTools,
): Promise<BuildResult> {
  throw new Error('images from buildpacks are not built by this version');
}
