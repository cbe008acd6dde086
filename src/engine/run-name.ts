import { randomBytes } from 'node:crypto';
import { RUN_ID } from './run-id.js';

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

/** What matches all of a run's names, or those of every run, for docker's filter `reference`. */
export function runNames(run = '*'): string {
  return `${HOST}/*:${run}`;
}

const NAME = new RegExp(`^${HOST}/[0-9a-f]{12}:(${RUN_ID})$`);

/** The run that gave an image that name; undefined where none did. */
export function imageRun(name: string): string | undefined {
  return NAME.exec(name)?.[1];
}

/** Whether the name is some run's, and no user's. */
export function isRunName(name: string): boolean {
  return name.startsWith(`${HOST}/`);
}

/*
 * Containers have the labels of their image, whoever wrote those, but no image
 * names its containers: whose one is, its name says.
 */

/** The label with a run's id, of all that a run makes in an engine. */
export const RUN_LABEL = 'sea-trial.run';

const NUMBER = '[0-9a-f]{8}';

/** Options of a new container with a run's labels, by which it is known as that run's. */
export function containerOptions(labels: Readonly<Record<string, string>>): readonly string[] {
  const { [RUN_LABEL]: run } = labels;
  const name = `sea-trial-${run}-${randomBytes(4).toString('hex')}`;
  return [
    ...(run === undefined ? [] : [`--name=${name}`]),
    ...Object.entries(labels).map(([label, value]) => `--label=${label}=${value}`),
  ];
}

/** What matches the names of a run's containers, or of every run's, for docker's filter `name`. */
export function containerNames(run = RUN_ID): string {
  return `^/?sea-trial-${run}-${NUMBER}$`;
}

const CONTAINER = new RegExp(`^sea-trial-(${RUN_ID})-${NUMBER}$`);

/** The run that made a container of that name; undefined where none did. */
export function containerRun(name: string): string | undefined {
  return CONTAINER.exec(name)?.[1];
}
