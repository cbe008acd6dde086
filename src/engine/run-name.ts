/*
 * Runs beside each other on one engine may load the same image. Each gives it a
 * name of its own and takes away nothing but that: the image goes with its last
 * name, whoever's it is. `.invalid` is nobody's host (RFC 2606).
 */

const HOST = 'sea-trial.invalid';

/** The name under which a run has an image in the engine; `digest` is any of the image's. */
export function runName(run: string, digest: string): string {
  return `${HOST}/${digest.replace(/^.*:/, '').slice(0, 12)}:${run}`;
}

/** What matches all of a run's names, for docker's filter `reference`. */
export function runNames(run: string): string {
  return `${HOST}/*:${run}`;
}

/** Whether the name is some run's, and no user's. */
export function isRunName(name: string): boolean {
  return name.startsWith(`${HOST}/`);
}
