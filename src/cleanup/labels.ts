import { isRunId, RUN_LABEL } from '../engine/index.js';
import { isObject, jsonIn } from '../oci/index.js';
import type { ProcessIdentity } from '../ports/index.js';
import { defined } from '../types/index.js';

/*
 * The run that made a thing is written on the thing, so that it is known without
 * the run's record, which may be lost with a job's home or belong to another user.
 */

/** When the run started, in ISO 8601. */
export const START_LABEL = 'sea-trial.started';

/** The run's process on its host, as JSON of `ProcessIdentity`. */
export const PROCESS_LABEL = 'sea-trial.process';

/** Which run made a thing, from when on, and by which process; no part of it is a secret. */
export interface Origin {
  readonly run: string;
  readonly started: string;
  readonly process: ProcessIdentity;
}

/** The labels of what a run makes; a container's say nothing unless its name does, too. */
export function labelsOf({ run, started, process }: Origin): Readonly<Record<string, string>> {
  return {
    [RUN_LABEL]: run,
    [START_LABEL]: started,
    [PROCESS_LABEL]: JSON.stringify(process),
  };
}

function readProcess(value: unknown): ProcessIdentity | undefined {
  if (!isObject(value)) return undefined;
  const { host, boot, space, pid, started } = value;
  const texts = [host, boot, space, started];
  if (typeof pid !== 'number' || texts.some((text) => typeof text !== 'string')) return undefined;
  return { host, boot, space, pid, started } as ProcessIdentity;
}

/** What is known of a run from the outside; without a process it is not known whether it still runs. */
export interface KnownOrigin {
  readonly run: string;
  readonly started?: string;
  readonly process?: ProcessIdentity;
}

function sighting(run: string, started: unknown, process: unknown): KnownOrigin {
  const read = readProcess(process);
  const when = typeof started === 'string' && !Number.isNaN(Date.parse(started));
  return {
    run,
    ...(when ? { started: started as string } : {}),
    ...defined({ process: read }),
  };
}

/** Reads the values of the three labels; undefined where there is no run's id. */
export function readLabels(run: string, started: string, process: string): KnownOrigin | undefined {
  return isRunId(run) ? sighting(run, started, jsonIn(process)) : undefined;
}

/** A run's own file in a folder that it made. */
export const ORIGIN_FILE = '.sea-trial.json';

function sightingIn(value: unknown): KnownOrigin | undefined {
  if (!isObject(value) || !isRunId(value.run)) return undefined;
  return sighting(value.run, value.started, value.process);
}

/** Reads what `JSON.stringify` made of an `Origin`, and no more; undefined where it is none. */
export function readOrigin(text: string): KnownOrigin | undefined {
  return sightingIn(jsonIn(text));
}

/** The variable in a builder's container that says which run it is for; containers of buildx have no labels. */
export const OWNER_VARIABLE = 'SEA_TRIAL_OWNER';

/** A run's builder, for as long as that is not to outlive it. */
export interface Owner extends Origin {
  readonly builder: string;
  readonly keepState: boolean;
}

/** The variable's value: JSON that passes through buildx's options and a shell unharmed. */
export function ownerText(owner: Owner): string {
  return Buffer.from(JSON.stringify(owner)).toString('base64url');
}

/** Reads that; undefined where it is none. */
export function readOwner(
  text: string,
): (KnownOrigin & Pick<Owner, 'builder' | 'keepState'>) | undefined {
  const value = jsonIn(Buffer.from(text, 'base64url').toString('utf8'));
  const seen = sightingIn(value);
  if (seen === undefined || !isObject(value) || typeof value.builder !== 'string') return undefined;
  return { ...seen, builder: value.builder, keepState: value.keepState === true };
}
