import { isAbsolute, normalize, posix } from 'node:path';
import {
  fromRoot,
  holdsCredentials,
  isAddress,
  type Located,
  type LocatedPath,
  located,
  type Position,
  pairs,
  type SourceNode,
  tableOf,
  writtenPath,
} from '../../../document/index.js';
import { type DockerfilePlan, isFolder } from '../../../evidence/index.js';
import { readLayout } from '../../../reference/index.js';
import { type ReadContext, readPath } from '../../read-context.js';
import type { DockerfileEntry } from './entry.js';

/** Addresses stand in the builder's arguments and in the evidence. */
function refuseCredentials(reading: ReadContext, { value, at }: Located<string>): void {
  if (!holdsCredentials(value)) return;
  const message = 'the address holds credentials, which would be recorded; pass them as a secret';
  reading.problems.push({ ...at, message });
}

/** Where the build context is; `at` is where the build is written. */
function contextOf(reading: ReadContext, build: SourceNode | undefined, at: Position): LocatedPath {
  const written = located(build, 'context') ?? { value: '.', at };
  if (isAddress(written.value)) return written;
  const path = readPath(reading, written.value);
  return { value: path, at: written.at, ...writtenPath(written.value) };
}

export function readContext(
  reading: ReadContext,
  build: SourceNode | undefined,
  at: Position,
): LocatedPath {
  const context = contextOf(reading, build, at);
  if (isAddress(context.value)) refuseCredentials(reading, context);
  return context;
}

export function readDockerfile(
  reading: ReadContext,
  build: SourceNode | undefined,
  at: Position,
): Located<string> {
  const context = contextOf(reading, build, at);
  const written = located(build, 'dockerfile');
  if (isAddress(context.value)) {
    const { value, at } = written ?? { value: 'Dockerfile', at: context.at };
    // A path of this machine, as it is judged: `link/..` is where the link is.
    return { value: isAbsolute(value) ? normalize(value) : value, at };
  }
  const byFolder = written !== undefined && reading.dockerfileFrom === 'folder';
  const folder = byFolder ? reading.folder : context.value;
  const path = fromRoot(reading.root, folder, written?.value ?? 'Dockerfile');
  return { value: path, at: written?.at ?? context.at };
}

/** Why a text cannot be the name of a build argument; of no name, one with "=", a NUL and a placeholder that is left there is a problem already. */
function argumentFault(name: string): string | undefined {
  if (name === '' || /[=\ufffd]/.test(name) || /^[\w{][\w.{}-]*$/.test(name)) return undefined;
  const rest = name.trim().startsWith('--build-arg')
    ? 'leave "--build-arg" out: a list has items NAME=VALUE'
    : 'it has letters, digits and "_ . -", and begins with a letter, a digit or "_"';
  return `"${name}" is not the name of a build argument; ${rest}`;
}

/** A build argument without a value takes the variable's of that name, or is not given at all. */
export function readArgs(
  reading: ReadContext,
  build: SourceNode | undefined,
): Pick<DockerfileEntry, 'args' | 'argPlaces'> {
  const places = new Map<string, Position>();
  const given = pairs(build, 'args').flatMap(({ name, value, at }) => {
    const fault = argumentFault(name);
    if (fault !== undefined) {
      reading.problems.push({ ...at, message: fault });
      return [];
    }
    const found = value ?? reading.find(name);
    if (typeof found === 'object' && found.refused !== undefined) {
      reading.problems.push({ ...at, message: found.refused });
    }
    if (typeof found !== 'string') return [];
    places.set(name, at);
    return [[name, found] as const];
  });
  return { args: tableOf(given), argPlaces: places };
}

export function readContexts(
  reading: ReadContext,
  build: SourceNode | undefined,
): DockerfileEntry['contexts'] {
  return pairs(build, 'additional_contexts').flatMap(({ name, value, at }) => {
    if (value === undefined || value === '') {
      reading.problems.push({ ...at, message: `context "${name}" has no value` });
      return [];
    }
    refuseCredentials(reading, { value, at });
    const layout = readLayout(value);
    if (layout !== undefined && 'fault' in layout) {
      const message = `context "${name}" cannot be read: ${layout.fault}`;
      reading.problems.push({ ...at, message });
    }
    const outside = isAddress(value) || /^[a-z-]+:/.test(value);
    if (outside) return [{ name, at, value }];
    const path = readPath(reading, value);
    return [{ name, at, value: path, ...writtenPath(value) }];
  });
}

/** Limits of the plan as a file says them: the opposite of `readUlimits`. */
export function limitsOf(ulimits: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    ulimits.map((limit) => {
      const [name = '', both = ''] = limit.split('=');
      const [soft = '', hard] = both.split(':');
      return [name, hard === undefined ? soft : { soft, hard }];
    }),
  );
}

/** The Dockerfile's path in the context, as a file says it. */
export function fromContext({ context, file }: DockerfilePlan): string {
  return isFolder(context) ? posix.relative(context, file) : file;
}
