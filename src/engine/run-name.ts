import { randomBytes } from 'node:crypto';
import { RUN_ID } from './run-id.js';

/*
 * Concurrent runs on one engine may load the same image. Each gives it a name of its
 * own and removes only that name: the image goes with its last name. No host ends
 * with `.invalid` (RFC 2606).
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
 * Containers inherit the labels of their image, which anyone may have written. Their
 * names come from the run alone, so the name decides whose a container is.
 */

/** The label with a run's id, of all that a run makes in an engine. */
export const RUN_LABEL = 'sea-trial.run';

const NUMBER = '[0-9a-f]{8}';

const labelOptions = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).map(([label, value]) => `--label=${label}=${value}`);

const newName = (run: string | undefined) => `sea-trial-${run}-${randomBytes(4).toString('hex')}`;

/** Options of a new container: its name, which shows its run, and its labels. */
export function containerOptions(labels: Readonly<Record<string, string>>): readonly string[] {
  const { [RUN_LABEL]: run } = labels;
  return [...(run === undefined ? [] : [`--name=${newName(run)}`]), ...labelOptions(labels)];
}

/** The name of a new network of a run, which shows the run as a container's does, and its options. */
export function networkOptions(labels: Readonly<Record<string, string>>) {
  return { name: newName(labels[RUN_LABEL]), options: labelOptions(labels) };
}

/** What matches the names of a run's containers and networks, or of every run's, for docker's filter `name`. */
export function containerNames(run = RUN_ID): string {
  return `^/?sea-trial-${run}-${NUMBER}$`;
}

const CONTAINER = new RegExp(`^sea-trial-(${RUN_ID})-${NUMBER}$`);

/** The run that made a container or a network of that name; undefined where none did. */
export function containerRun(name: string): string | undefined {
  return CONTAINER.exec(name)?.[1];
}
