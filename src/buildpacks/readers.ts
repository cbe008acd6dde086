import type { Runtime } from './pins/pin.js';
import { compareVersions, versionNumbers } from './versions.js';

/** How a buildpack that is known gets the version of its runtime. */
export interface RuntimeReader {
  readonly runtime: Runtime;
  /** Names of the files that it reads; the first that is there counts. */
  readonly files: readonly string[];
  /** Where its versions are listed; `nowhere`: only its program knows. */
  readonly inventory: 'layer' | 'table' | 'nowhere';
  /** A variable of the build that comes before every file. */
  readonly variable?: string;
  /** It takes no newer version than the one that is written. */
  readonly strict?: true;
  /** How the version is written for it, in a sentence about a file that it does not read. */
  readonly instead: string;
}

const NODE = 'in package.json: "engines": { "node": "…" }';

/** heroku/buildpacks-python: src/python_version.rs and runtime_txt.rs of its tags. */
function herokuPython(version: string): RuntimeReader {
  const numbers = versionNumbers(version) ?? [];
  const isBefore = (...other: readonly number[]) => compareVersions(numbers, other) < 0;
  const base = { runtime: 'python', inventory: 'table' } as const;
  if (isBefore(0, 18)) {
    return { ...base, files: ['runtime.txt'], instead: 'in runtime.txt: python-X.Y.Z' };
  }
  const instead = 'in .python-version: X.Y';
  if (isBefore(1)) return { ...base, files: ['runtime.txt', '.python-version'], instead };
  return { ...base, files: ['.python-version'], instead };
}

const herokuNode: RuntimeReader = {
  runtime: 'node',
  files: ['package.json'],
  inventory: 'nowhere',
  instead: NODE,
};

/** Buildpacks whose sources say what they read, by their ids. */
const READERS: Readonly<Record<string, RuntimeReader | ((version: string) => RuntimeReader)>> = {
  'heroku/python': herokuPython,
  'heroku/nodejs': herokuNode,
  'heroku/nodejs-engine': herokuNode,
  'heroku/go': {
    runtime: 'go',
    files: ['go.mod'],
    inventory: 'nowhere',
    // buildpacks/go/src/cfg.rs: `go 1.22` is the requirement `=1.22`.
    strict: true,
    instead: 'in go.mod: // +heroku goVersion X.Y',
  },
  'heroku/ruby': {
    runtime: 'ruby',
    files: ['Gemfile.lock'],
    inventory: 'nowhere',
    instead: 'in the Gemfile, and run bundle update --ruby',
  },
  'heroku/php': {
    runtime: 'php',
    files: ['composer.json'],
    inventory: 'nowhere',
    instead: 'in composer.json: "require": { "php": "…" }',
  },
  // node-engine: detect.go, build.go; cpython: detect.go.
  'paketo-buildpacks/node-engine': {
    runtime: 'node',
    files: ['package.json', '.nvmrc', '.node-version'],
    inventory: 'layer',
    variable: 'BP_NODE_VERSION',
    instead: NODE,
  },
  'paketo-buildpacks/cpython': {
    runtime: 'python',
    files: [],
    inventory: 'layer',
    variable: 'BP_CPYTHON_VERSION',
    instead: 'as a variable of the build ("env"): BP_CPYTHON_VERSION',
  },
};

/** How a buildpack gets the version of its runtime; undefined where that is not known. */
export function readerOf(id: string, version: string): RuntimeReader | undefined {
  const found = Object.hasOwn(READERS, id) ? READERS[id] : undefined;
  return typeof found === 'function' ? found(version) : found;
}

/** Buildpacks of these makers that the table lacks concern no runtime that is pinned, or list nothing. */
export function mayListRuntimes(id: string): boolean {
  return !/^(heroku|paketo-buildpacks|paketo-community)\//.test(id);
}
