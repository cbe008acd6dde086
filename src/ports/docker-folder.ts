import { join } from 'node:path';

/**
 * The folder of docker's client, with its config.json, contexts, plugins and
 * certificates (docs.docker.com, "Docker CLI", DOCKER_CONFIG); undefined where the
 * environment names none.
 */
export function dockerFolder({
  DOCKER_CONFIG,
  HOME,
}: Readonly<Record<string, string | undefined>>): string | undefined {
  return DOCKER_CONFIG || (HOME ? join(HOME, '.docker') : undefined);
}

/** Where buildx keeps its builders and its configuration; undefined where the environment names no place. */
export function buildxFolder(
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const docker = dockerFolder(env);
  return env.BUILDX_CONFIG || (docker && join(docker, 'buildx'));
}
