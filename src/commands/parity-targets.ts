import { dirname } from 'node:path';
import { foreignBuildpacks } from '../buildpacks/index.js';
import type { Config, Request } from '../config/index.js';
import type { Located } from '../document/index.js';
import { builtBy, type Problem } from '../evidence/index.js';
import type { Lock } from '../parity/index.js';
import { type LockPlace, loadLock } from '../parity/index.js';
import { describedImages } from '../plan/index.js';
import { architectureOfNode, nearest, normalisePlatform } from '../platform/index.js';
import type { Ports } from '../ports/index.js';
import { defined } from '../types/index.js';
import type { ParityRequest } from './parity-request.js';
import { trustedRequest } from './trusted-request.js';

/** An image from buildpacks, as the configuration has it. */
export interface ParityTarget {
  readonly id: string;
  readonly builder: Located<string>;
  readonly runImage?: Located<string>;
  readonly platforms: readonly string[];
  /** Names of the variables of the build, those of a project.toml among them. */
  readonly env: readonly string[];
  /** Buildpacks of the build that are not the builder's. */
  readonly foreign: readonly string[];
  readonly process?: string;
}

/** What an action works on. */
export interface ParityWork {
  readonly request: Request;
  readonly targets: readonly ParityTarget[];
  /** Ids of the lock that are none of the configuration's. */
  readonly unused: readonly string[];
  readonly severities: Config['severities'];
  readonly place: LockPlace;
  /** What there is of a lock already. */
  readonly before?: { readonly text: string; readonly lock: Lock };
}

function targetsOf(images: Config['images'], { machine }: Ports): readonly ParityTarget[] {
  const own = normalisePlatform(architectureOfNode(machine.architecture)) ?? 'linux/amd64';
  return builtBy(images, 'buildpack').map(({ id, platforms, build }) => {
    const named = platforms.map(({ value }) => normalisePlatform(value) ?? value);
    const words = (list: readonly Located<string>[]) => list.map(({ value }) => value);
    const { buildpacks, preBuildpacks, postBuildpacks } = build;
    return {
      id: id.value,
      builder: build.builder,
      platforms: named.length === 0 ? [own] : [...new Set(named)],
      env: Object.keys(build.env),
      foreign: foreignBuildpacks({
        buildpacks: words(buildpacks),
        preBuildpacks: words(preBuildpacks),
        postBuildpacks: words(postBuildpacks),
      }),
      ...defined({ runImage: build.runImage, process: build.process?.value }),
    };
  });
}

function onlyProblems(only: readonly string[], targets: readonly ParityTarget[]) {
  const ids = targets.map(({ id }) => id);
  return only
    .filter((id) => !ids.includes(id))
    .map((id) => {
      const near = nearest(id, ids);
      const hint = near === undefined ? `there are: ${ids.join(', ')}` : `did you mean "${near}"?`;
      return { message: `--only: no image from buildpacks is called "${id}"; ${hint}` };
    });
}

/** Reads the configuration and the lock beside it, or everything that is wrong with them. */
export async function parityWork(
  { action, asked }: ParityRequest,
  ports: Ports,
): Promise<ParityWork | { readonly problems: readonly Problem[] }> {
  const { request, config: loading } = await trustedRequest(asked, ports);
  const config = await loading;
  if (config.problems.length > 0) return { problems: config.problems };
  const { root } = request;
  const scope = { root, workspace: root, files: ports.files };
  const described = await describedImages(config.images, request, scope);
  if (described.problems.length > 0) return { problems: described.problems };
  const targets = targetsOf(described.images, ports);
  if (targets.length === 0) {
    const file = config.file ?? 'the configuration';
    return { problems: [{ message: `no image of ${file} is built with buildpacks` }] };
  }
  const wrong = onlyProblems(asked.only, targets);
  if (wrong.length > 0) return { problems: wrong };
  const place: LockPlace = {
    root: request.root,
    folder: dirname(config.file ?? '.'),
    untrusted: request.trust.untrusted,
    files: ports.files,
  };
  const before = await loadLock(place);
  if (before !== undefined && 'problems' in before) return before;
  // Those that write it correct what disagrees.
  if (before !== undefined && action === 'check' && before.faults.length > 0) {
    return { problems: before.faults };
  }
  const chosen = targets.filter(({ id }) => asked.only.length === 0 || asked.only.includes(id));
  const { severities } = config;
  const ids = new Set(targets.map(({ id }) => id));
  const unused = [...(before?.lock.images.keys() ?? [])].filter((id) => !ids.has(id));
  return { request, unused, targets: chosen, severities, place, ...defined({ before }) };
}
