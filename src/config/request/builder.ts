import { readDocument, type SourceNode, text, words } from '../../document/index.js';
import type { Problem } from '../../evidence/index.js';
import {
  type DriverOption,
  isOlder,
  OLDEST_BUILDX,
  OLDEST_PACK,
  readOption,
} from '../../reference/index.js';
import { defined } from '../../types/index.js';
import { itemsOf } from './inline.js';
import type { BuilderRequest, BuildxRequest, NodeRequest, PackRequest } from './request.js';

/*
 * The builder that the action's inputs describe, under the names and with the
 * meaning of docker/setup-buildx-action.
 */

const DRIVERS = ['docker', 'docker-container', 'kubernetes', 'remote'] as const;

const NODE = ['name', 'endpoint', 'driver-opts', 'buildkitd-flags', 'platforms'] as const;

/** The inputs, read: an empty text is an input that is not set. */
export interface BuilderInputs {
  readonly text: (name: string) => string | undefined;
  readonly list: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
  readonly path: (path: string) => string;
  readonly refuse: (name: string, message: string) => void;
}

/** An argument that buildx would take for an option. */
function isOption(word: string): boolean {
  return word.startsWith('-');
}

function readDriver({ text: of, refuse }: BuilderInputs): BuilderRequest['driver'] {
  const value = of('driver');
  const driver = DRIVERS.find((one) => one === value);
  if (value === undefined || driver !== undefined) return driver;
  const why = value === 'cloud' ? ' here, for it needs a buildx of its own' : '';
  refuse('driver', `"${value}" is not known${why}; there are: ${DRIVERS.join(', ')}`);
  return undefined;
}

function readEndpoint({ text: of, refuse }: BuilderInputs): string | undefined {
  const endpoint = of('endpoint');
  if (endpoint === undefined || !isOption(endpoint)) return endpoint;
  refuse('endpoint', `"${endpoint}" is neither an address nor a docker context`);
  return undefined;
}

/** A list, or a text with its items, as setup-buildx-action has it. */
function nodeItems(raw: SourceNode, key: string): readonly string[] {
  return words(raw, key).flatMap((item) => itemsOf(item, 'list'));
}

/** Options of a driver; problems do not name the text itself, which may hold a login. */
function readOptions(items: readonly string[], problems: string[]): readonly DriverOption[] {
  const options = new Map<string, DriverOption>();
  for (const [index, item] of items.entries()) {
    const read = readOption(item);
    if ('fault' in read) {
      problems.push(
        `option ${index + 1} of the driver is not NAME=VALUE; one whose value holds a comma must be in quotes: "env.NO_PROXY=a,b"`,
      );
    } else if (options.has(read.value.name)) {
      problems.push(`option "${read.value.name}" is given twice; keep one of them`);
    } else options.set(read.value.name, read.value);
  }
  return [...options.values()];
}

function readNode(raw: SourceNode, index: number, problems: string[]): NodeRequest {
  const which = `node ${index + 1}`;
  if (raw.kind !== 'map') problems.push(`${which} is not a map of ${NODE.join(', ')}`);
  for (const { key } of raw.kind === 'map' ? raw.entries : []) {
    if (NODE.some((known) => known === key)) continue;
    problems.push(`${which} has the unknown key "${key}"; there are: ${NODE.join(', ')}`);
  }
  const [name, endpoint, flags] = ['name', 'endpoint', 'buildkitd-flags'].map((key) =>
    text(raw, key),
  );
  for (const value of [name, endpoint]) {
    if (value !== undefined && isOption(value)) problems.push(`${which}: "${value}" is not a name`);
  }
  const wrong: string[] = [];
  const driverOptions = readOptions(nodeItems(raw, 'driver-opts'), wrong);
  problems.push(...wrong.map((problem) => `${which}: ${problem}`));
  return {
    ...defined({ name, endpoint }),
    driverOptions,
    ...defined({ buildkitdFlags: flags }),
    platforms: nodeItems(raw, 'platforms'),
  };
}

function readAppend({ text: of, refuse }: BuilderInputs): readonly NodeRequest[] {
  const value = of('append');
  if (value === undefined) return [];
  const { root, problems } = readDocument(value, 'input "append"');
  const messages = problems.map(({ line, message }: Problem) =>
    line === undefined ? message : `line ${line}: ${message}`,
  );
  if (root !== undefined && root.kind !== 'list') {
    messages.push('it is not a list of nodes in YAML');
  }
  // What was not understood would only be told a second time, as another thing.
  const nodes = root?.kind === 'list' && problems.length === 0 ? root.items : [];
  const read = nodes.map((node, index) => readNode(node, index, messages));
  for (const message of messages) refuse('append', message);
  return read;
}

function readConfig({ text: of, path, refuse }: BuilderInputs): BuilderRequest['buildkitdConfig'] {
  const [file, inline] = [of('buildkitd-config'), of('buildkitd-config-inline')];
  if (file !== undefined && inline !== undefined) {
    refuse('buildkitd-config', 'is set, and input "buildkitd-config-inline" too; keep one of them');
  }
  if (file !== undefined) return { file: path(file) };
  return inline === undefined ? undefined : { text: inline };
}

/** What a driver cannot be given, and why. */
function judgeDriver(builder: BuilderRequest, { text: of, refuse }: BuilderInputs): void {
  const { driver = 'docker-container', endpoint } = builder;
  const given = (names: readonly string[]) => names.filter((name) => of(name) !== undefined);
  const daemon = ['buildkitd-flags', 'buildkitd-config', 'buildkitd-config-inline'];
  if (driver === 'docker') {
    for (const name of given(['driver-opts', 'endpoint', 'append', ...daemon])) {
      refuse(name, "the driver docker is the engine's own BuildKit, which does not take this");
    }
  }
  if (driver === 'remote') {
    for (const name of given(daemon)) {
      refuse(name, 'with the driver remote, BuildKit is started elsewhere; set it there');
    }
    if (endpoint === undefined) {
      refuse('endpoint', 'is empty; with the driver remote it is the address of BuildKit');
    }
  }
  if (builder.keepState && driver !== 'docker-container') {
    refuse('keep-state', `the driver ${driver} has none to keep; only docker-container has`);
  } else if (builder.keepState && of('builder') === undefined) {
    refuse(
      'keep-state',
      'a cache that is kept is found again by its builder\'s name; set the input "builder" too',
    );
  }
}

/** What is asked of the builder; undefined where nothing is. */
export function readBuilder(inputs: BuilderInputs): BuilderRequest | undefined {
  const { text: of, list, flag, refuse } = inputs;
  const driver = readDriver(inputs);
  const config = readConfig(inputs);
  const endpoint = readEndpoint(inputs);
  const flags = of('buildkitd-flags');
  const problems: string[] = [];
  const options = readOptions(list('driver-opts'), problems);
  for (const problem of problems) refuse('driver-opts', problem);
  const builder: BuilderRequest = {
    ...defined({ driver }),
    driverOptions: options,
    ...defined({ buildkitdFlags: flags, buildkitdConfig: config, endpoint }),
    nodes: readAppend(inputs),
    keepState: flag('keep-state'),
    cleanup: flag('cleanup'),
  };
  judgeDriver(builder, inputs);
  const { driverOptions, nodes, keepState, cleanup } = builder;
  const said = driverOptions.length + nodes.length > 0 || keepState || !cleanup;
  const described = [driver, config, endpoint, flags].some((one) => one !== undefined);
  return said || described ? builder : undefined;
}

/** A user and a password in it have to be escaped as in any address. */
function isMirror(text: string): boolean {
  return /^https?:\/\/[^/?#]+[^?#]*$/.test(text) && passwordsOf(text) !== undefined;
}

/**
 * The password in an address as it is written and as it is sent, none where there
 * is none; undefined where that is no address.
 */
export function passwordsOf(address: string): readonly string[] | undefined {
  try {
    const { username, password } = new URL(address);
    decodeURIComponent(username);
    return password === '' ? [] : [...new Set([password, decodeURIComponent(password)])];
  } catch {
    return undefined;
  }
}

function isOld(version: string, oldest: string): boolean {
  return version !== 'latest' && isOlder(version.replace(/^v/, ''), oldest);
}

/** Which pack is asked for; undefined where none is. */
export function readPack({ text: of, refuse }: BuilderInputs): PackRequest | undefined {
  const [version, mirror] = [of('pack-version'), of('pack-mirror')];
  if (version !== undefined && !/^v?\d+\.\d+\.\d+$/.test(version)) {
    refuse('pack-version', `"${version}" is not a release of pack, such as v0.40.8`);
  } else if (version !== undefined && isOld(version, OLDEST_PACK)) {
    refuse(
      'pack-version',
      `pack ${version} is too old; leave it out (pack on PATH, or a known release), or name ${OLDEST_PACK} or a later one`,
    );
  }
  if (mirror !== undefined && !isMirror(mirror)) {
    // Not the address itself: it may hold a password.
    refuse('pack-mirror', 'it is not an address such as https://mirror.example.org/pack');
  }
  if (version === undefined && mirror === undefined) return undefined;
  return { ...defined({ version, mirror }) };
}

/** Which buildx is asked for; undefined where none is. */
export function readBuildx({ text: of, refuse }: BuilderInputs): BuildxRequest | undefined {
  const [version, mirror] = [of('version'), of('buildx-mirror')];
  if (version !== undefined && !/^(latest|v?\d+\.\d+\.\d+)$/.test(version)) {
    refuse('version', `"${version}" is neither a release of buildx, such as v0.36.1, nor latest`);
  } else if (version !== undefined && isOld(version, OLDEST_BUILDX)) {
    refuse(
      'version',
      `buildx ${version} is too old; leave it out (the docker client's buildx, or a known release), or name ${OLDEST_BUILDX} or a later one`,
    );
  }
  if (mirror !== undefined && !isMirror(mirror)) {
    // Not the address itself: it may hold a password.
    refuse('buildx-mirror', 'it is not an address such as https://mirror.example.org/buildx');
  }
  if (version === undefined && mirror === undefined) return undefined;
  return {
    ...defined({ version, mirror }),
  };
}
