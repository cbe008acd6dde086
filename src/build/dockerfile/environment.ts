import type { DockerfilePlan } from '../../evidence/index.js';
import { builderEnvironment, isJobVariable, type Ports } from '../../ports/index.js';
import { plannedCache } from '../../reference/index.js';
import type { DockerfileOrder } from './command.js';

/** Where the job's own cache service is, and the token for it (buildx, cache type `gha`). */
const OF_THE_JOB = [
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_RESULTS_URL',
  'ACTIONS_CACHE_URL',
  'ACTIONS_CACHE_SERVICE_V2',
];

function asksForTheJobsCache({ cacheFrom, cacheTo }: DockerfilePlan): boolean {
  return [...cacheFrom, ...cacheTo].some((entry) => plannedCache(entry).type === 'gha');
}

/** Variables that hold the build's own secrets: given by value, or named by the configuration. */
function secretNames({ image, secretVariables }: DockerfileOrder): readonly string[] {
  return image.build.secrets.flatMap(({ id, env }) => {
    const name = secretVariables.get(id) ?? env;
    // The job's own tokens are never a build's secrets.
    return name === undefined || isJobVariable(name) ? [] : [name];
  });
}

/**
 * What the builder's client sees of the environment: what every child does, its
 * build's own secrets, and the job's runtime token only for a cache that needs it.
 */
export function buildEnvironment(
  order: DockerfileOrder,
  env: Ports['env'],
  secrets: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = [
    ...(asksForTheJobsCache(order.image.build) ? OF_THE_JOB : []),
    ...secretNames(order),
  ];
  const more = names.flatMap((name) => {
    const value = secrets[name] ?? env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return builderEnvironment(env, order.driver, Object.fromEntries(more));
}
