import { type Config, loadConfig, type Request } from '../../src/config/index.js';
import type { FileFacts, Files } from '../../src/ports/index.js';

/** Values of the action's input `mode`. */
export const MODES = ['run', 'plan'];

const ROOT = '/work';

/** A machine of the platform linux/amd64. */
export const MACHINE = { system: 'linux', architecture: 'x64', processors: 2 };

function missing(): Error {
  return Object.assign(new Error('there is no such file'), { code: 'ENOENT' });
}

/** Files under /work that exist only here; what tests do not need is not there. */
export function memoryFiles(content: Readonly<Record<string, string>>): Files {
  const at = new Map(Object.entries(content).map(([path, text]) => [`${ROOT}/${path}`, text]));
  const look = (path: string): FileFacts | undefined => {
    const text = at.get(path);
    if (text !== undefined)
      return { kind: 'file', size: Buffer.byteLength(text), modified: 0n, mode: 0o644 };
    const folder = `${path.replace(/\/\.?$/, '')}/`;
    const isFolder = [...at.keys()].some((one) => one.startsWith(folder));
    return isFolder ? { kind: 'directory', size: 0, modified: 0n, mode: 0o755 } : undefined;
  };
  const files: Partial<Files> = {
    look: async (path) => look(path),
    list: async (path) => {
      const inside = [...at.keys()].filter((one) => one.startsWith(`${path}/`));
      return [
        ...new Set(inside.map((one) => one.slice(path.length + 1).split('/')[0] ?? '')),
      ].sort();
    },
    read: async (path) => {
      const text = at.get(path);
      if (text === undefined) throw missing();
      return Buffer.from(text);
    },
  };
  return files as Files;
}

export function request(more: Partial<Request> = {}): Request {
  return {
    command: 'run',
    from: 'arguments',
    root: ROOT,
    only: [],
    platforms: [],
    set: new Map(),
    push: false,
    json: false,
    allowDirty: false,
    grants: [],
    replaces: [],
    load: false,
    pullRequest: false,
    untrusted: 'auto',
    trust: { untrusted: false, pushes: true, reason: 'this is not a CI job' },
    secretSources: [],
    secretValues: new Map(),
    ...more,
  };
}

/** Loads a configuration from texts by path; a text alone is sea-trial.yml. */
export function load(
  content: string | Readonly<Record<string, string>>,
  more: Partial<Request> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Config> {
  const files = typeof content === 'string' ? { 'sea-trial.yml': content } : content;
  return loadConfig(request(more), { files: memoryFiles(files), env, machine: MACHINE });
}

/** Problems as `place message`, for tables. */
export function lines(config: Pick<Config, 'problems'>): readonly string[] {
  return config.problems.map(({ file, line, column, message }) =>
    [[file, line, column].filter((part) => part !== undefined).join(':'), message].join(' ').trim(),
  );
}

/** A run as in a pull request. */
export const UNTRUSTED = {
  trust: { untrusted: true, pushes: false, reason: 'the event is pull_request' },
} as const;
