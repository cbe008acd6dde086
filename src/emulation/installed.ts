import { join } from 'node:path';
import { engineVariables, stateFolder } from '../cleanup/index.js';
import { isObject } from '../oci/index.js';
import type { Ports } from '../ports/index.js';
import { BINFMT_IMAGE } from './handlers.js';

/*
 * What `install` has added stays until `remove`, over runs and restarts; so that
 * nothing else is ever removed, it is remembered by engine.
 */

/** Handlers that `emulation install` has added, and the image that registered them. */
interface InstalledHandlers {
  readonly handlers: readonly string[];
  /** The image that registered them, which also takes them away again. */
  readonly installer: string;
}

type StatePorts = Pick<Ports, 'files' | 'env'>;

const memoryFile = (env: Ports['env']) => join(stateFolder(env), 'emulators.json');

const engineKey = (env: Ports['env']) => JSON.stringify(engineVariables(env));

async function readAll({
  files,
  env,
}: StatePorts): Promise<Readonly<Record<string, InstalledHandlers>>> {
  try {
    const value: unknown = JSON.parse((await files.read(memoryFile(env))).toString('utf8'));
    return isObject(value) ? (value as Readonly<Record<string, InstalledHandlers>>) : {};
  } catch {
    return {};
  }
}

/** What `install` added to the engine that is in use and `remove` has not taken away. */
export async function recall(ports: StatePorts): Promise<InstalledHandlers> {
  const nothing: InstalledHandlers = { handlers: [], installer: BINFMT_IMAGE };
  return (await readAll(ports))[engineKey(ports.env)] ?? nothing;
}

/** What `install` added to any engine: variables of a client may name one engine in several ways. */
export async function everInstalled(ports: StatePorts): Promise<readonly string[]> {
  return Object.values(await readAll(ports)).flatMap(({ handlers }) => handlers);
}

/** Puts that in the place of what was remembered for the engine in use. */
export async function remember(memory: InstalledHandlers, ports: StatePorts): Promise<void> {
  const { files, env } = ports;
  const { [engineKey(env)]: _, ...others } = await readAll(ports);
  const all = memory.handlers.length === 0 ? others : { ...others, [engineKey(env)]: memory };
  if (Object.keys(all).length === 0) return files.remove(memoryFile(env));
  await files.makeDirectory(stateFolder(env));
  await files.write(memoryFile(env), `${JSON.stringify(all)}\n`);
}
