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
