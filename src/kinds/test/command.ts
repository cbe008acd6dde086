import {
  child,
  items,
  located,
  type Shape,
  type SourceNode,
  shapes,
  text,
  writtenPath,
} from '../../document/index.js';
import { defined } from '../../types/index.js';
import { type ReadContext, readPath } from '../read-context.js';
import type { MountSource, TestKind, TestPart } from './kind.js';
import { programKeys, workdir } from './program.js';

const { filled, network } = shapes;

const mount: Shape = {
  kind: 'map',
  what: 'this mount',
  short: 'source',
  keys: {
    source: { shape: filled, required: true, description: 'Path, relative to the configuration.' },
    target: { shape: filled, description: 'Absolute path in the container.' },
  },
};

type Mount = MountSource & { readonly target: string };

function readMount(context: ReadContext, raw: SourceNode): readonly Mount[] {
  const [first, second, mode, ...rest] = raw.kind === 'scalar' ? raw.text.split(':') : [];
  const source = text(raw, 'source') ?? first;
  const target = text(raw, 'target') ?? second;
  if (mode === 'rw') {
    context.problems.push({
      ...raw.at,
      message: `"${first}" cannot be written to: a test gets its own copy; leave out ":rw"`,
    });
    return [];
  }
  const known = mode === undefined || mode === 'ro';
  if (!source || !target?.startsWith('/') || !known || rest.length > 0) {
    const message = 'a mount is SOURCE:TARGET, with an absolute target';
    context.problems.push({ ...raw.at, message });
    return [];
  }
  const path = readPath(context, source);
  return [{ source: path, ...writtenPath(source), target, at: raw.at }];
}

function readMounts(test: SourceNode, context: ReadContext): TestPart {
  const mounts = items(test, 'mounts').flatMap((item) => readMount(context, item));
  return { plan: { mounts: mounts.map(({ source, target }) => ({ source, target })) }, mounts };
}

function readNetwork(test: SourceNode): TestPart {
  const found = located(test, 'network');
  if (found === undefined) return {};
  const { value, at } = found;
  const host = { grant: 'network.host', what: 'the host network in a test', at };
  return { plan: { network: value }, grants: value === 'host' ? [host] : [] };
}

function readWorkdir(test: SourceNode, { problems }: ReadContext): TestPart {
  const found = located(test, 'workdir');
  if (found === undefined) return {};
  if (!found.value.startsWith('/')) {
    const message = `"${found.value}" is not absolute, as the "workdir" of a test in the image is`;
    problems.push({ ...found.at, message });
  }
  return { plan: { workdir: found.value } };
}

/** Letters of a process type (buildpacks/spec buildpack.md, launch.toml). */
const PROCESS = /^[\w.-]+$/;

function readProcess(test: SourceNode, { problems }: ReadContext): TestPart {
  const found = located(test, 'process');
  if (found === undefined) return {};
  const { value, at } = found;
  if (!PROCESS.test(value)) {
    const message = `"${value}" is not a process type, which has letters, digits, ".", "_" and "-"`;
    problems.push({ ...at, message });
  }
  if (child(test, 'run') !== undefined) {
    const message = '"process" starts a program by itself; write it or "run"';
    problems.push({ ...at, message });
  }
  return { plan: { process: value }, processes: [found] };
}

/** A command in a container of the image: what an entry of `tests` is unless it says otherwise. */
export const command: TestKind = {
  kind: 'command',
  inContainer: true,
  matches: () => true,
  keys: {
    ...programKeys,
    process: {
      shape: filled,
      description:
        'In place of `run`: the process type to start, such as `worker`. For images from buildpacks.',
      read: readProcess,
    },
    user: {
      shape: filled,
      description: 'User (default: the image’s).',
      read: (test) => ({ plan: defined({ user: text(test, 'user') }) }),
    },
    workdir: { ...workdir, read: readWorkdir },
    mounts: {
      shape: { kind: 'list', of: mount, single: true },
      description:
        'SOURCE:TARGET, a copy for this test alone; from outside the workspace with a grant.',
      read: readMounts,
    },
    network: {
      shape: network,
      description: 'Network; host needs a grant.',
      read: readNetwork,
    },
  },
};
