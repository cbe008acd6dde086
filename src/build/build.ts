import { isBuiltBy } from '../evidence/index.js';
import { buildBuildpack } from './buildpack/build-buildpack.js';
import type { BuildpackOrder } from './buildpack/order.js';
import { buildDockerfile } from './dockerfile/build-dockerfile.js';
import type { DockerfileOrder } from './dockerfile/command.js';
import type { BuildResult, BuildTools } from './kind.js';

/** One image's build for one platform, with what its kind of build needs. */
export type BuildOrder = DockerfileOrder | BuildpackOrder;

export function isDockerfileOrder<O extends BuildOrder>(
  order: O,
): order is Extract<O, DockerfileOrder> {
  return isBuiltBy(order.image, 'dockerfile');
}

/** Builds one image for one platform, by the kind of its build. */
export function build(order: BuildOrder, tools: BuildTools): Promise<BuildResult> {
  return isDockerfileOrder(order) ? buildDockerfile(order, tools) : buildBuildpack(order, tools);
}
