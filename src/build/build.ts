import type { BuildPlan } from '../evidence/index.js';
import { buildDockerfile } from './dockerfile/build-dockerfile.js';
import type { Build } from './kind.js';

const kinds: Readonly<Record<BuildPlan['kind'], Build>> = { dockerfile: buildDockerfile };

/** Builds one image for one platform, by the kind of its build. */
export const build: Build = (order, tools) => kinds[order.image.build.kind](order, tools);
