import {
  flag,
  type Key,
  located,
  locatedWords,
  type Position,
  type Shape,
  type SourceNode,
  shapes,
  table,
  writeDuration,
} from '../../../document/index.js';
import type { DockerfilePlan } from '../../../evidence/index.js';
import { csvField } from '../../../reference/index.js';
import { defined } from '../../../types/index.js';
import type { ReadContext } from '../../read-context.js';
import type { KeyInput } from '../key-input.js';
import {
  readAttestation,
  readCacheEntries,
  readKeys,
  readSecrets,
  readTimeout,
} from './entries.js';
import type { DockerfileEntry } from './entry.js';
import { readHosts, readShmSize, readUlimits } from './run-limits.js';
import {
  fromContext,
  limitsOf,
  readArgs,
  readContext,
  readContexts,
  readDockerfile,
} from './sources.js';

/** A key of `build`: what may be written, what is read of it, and what buildx is told. */
interface DockerfileKey {
  readonly shape: Shape;
  readonly description: string;
  readonly input?: KeyInput;
  /** `at` is where the build is written. */
  readonly read?: (
    build: SourceNode | undefined,
    context: ReadContext,
    at: Position,
  ) => Partial<DockerfileEntry>;
  /** Its texts may hold placeholders, and so be others on each platform. */
  readonly perPlatform?: true;
  /** Options of buildx, where the plan alone decides them. */
  readonly options?: (plan: DockerfilePlan) => readonly string[];
  /** As a file says what the plan has; undefined: it need not be written. */
  readonly write?: (plan: DockerfilePlan) => unknown;
}

const { boolean, filled, network, words } = shapes;

const secret: Shape = {
  kind: 'map',
  what: 'this secret',
  short: 'id',
  keys: {
    id: { shape: filled, description: 'The id that RUN --mount=type=secret names.' },
    target: { shape: filled, description: "Compose's name for id." },
    source: {
      shape: filled,
      description: "Compose's name of the secret, which is the id where there is no target.",
    },
    env: { shape: filled, description: 'The environment variable that holds the value.' },
    environment: { shape: filled, description: "Compose's name for env." },
    file: {
      shape: filled,
      description: 'The file that holds the value; ~/ is the folder of the user.',
    },
    uid: { refused: 'set it in the Dockerfile, with uid=' },
    gid: { refused: 'set it in the Dockerfile, with gid=' },
    mode: { refused: 'set it in the Dockerfile, with mode=' },
    external: {
      refused:
        'leave it out; "env" or "file" says where the value is, or with neither the workflow gives it by an input of the action: "secrets", "secret-envs" or "secret-files"',
    },
  },
};

const ulimit: Shape = {
  kind: 'map',
  what: 'this limit',
  short: 'soft',
  keys: {
    soft: { shape: filled, required: true, description: 'The soft limit.' },
    hard: { shape: filled, description: 'The hard limit (default: the soft one).' },
  },
};

function many(flag: string, values: readonly string[]): readonly string[] {
  return values.map((value) => `${flag}=${value}`);
}

function one(flag: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : many(flag, [value]);
}

function each(flag: string, values: DockerfilePlan['args']): readonly string[] {
  return many(
    flag,
    Object.entries(values).map(([name, value]) => `${name}=${value}`),
  );
}

/** A value that a file need not hold, being the default. */
function unless<T>(implied: T, value: T): T | undefined {
  return value === implied ? undefined : value;
}

/** The keys of the Compose specification's build section, all of them, in the order of the documentation. */
export const dockerfileKeys = {
  context: {
    shape: filled,
    description: 'Folder or Git address of the build context (default: the file’s folder).',
    input: {
      name: 'context',
      type: 'text',
      description: 'Build context: a folder or a Git address (default: the checkout).',
    },
    perPlatform: true,
    read: (build, context, at) => ({ context: readContext(context, build, at) }),
    write: ({ context }) => unless('.', context),
  },
  dockerfile: {
    shape: filled,
    description:
      'Dockerfile, relative to the context (default: Dockerfile). With {version} in its name, every file that matches makes an image; an entry with the same id, or with that Dockerfile and the same target, takes precedence.',
    input: {
      name: 'file',
      type: 'text',
      description:
        'Dockerfile, relative to the checkout, or with a Git context to its folder (default: Dockerfile in the context).',
    },
    perPlatform: true,
    read: (build, context, at) => ({ dockerfile: readDockerfile(context, build, at) }),
    write: (plan) => unless('Dockerfile', fromContext(plan)),
  },
  args: {
    shape: shapes.pairs,
    description: 'Build arguments; one without a value takes that of the variable.',
    input: { name: 'build-args', type: 'key-values', description: 'Build arguments.' },
    perPlatform: true,
    read: (build, context) => readArgs(context, build),
    options: ({ args }) => each('--build-arg', args),
    write: ({ args }) => args,
  },
  target: {
    shape: filled,
    description: 'The stage to build (default: the last).',
    input: { name: 'target', type: 'text' },
    perPlatform: true,
    read: (build) => {
      const { value: target, at: targetAt } = located(build, 'target') ?? {};
      return defined({ target, targetAt });
    },
    options: ({ target }) => one('--target', target),
    write: ({ target }) => target,
  },
  additional_contexts: {
    shape: shapes.pairs,
    description: 'Named contexts: folders, addresses, images.',
    input: { name: 'build-contexts', type: 'key-values' },
    perPlatform: true,
    read: (build, context) => ({ contexts: readContexts(context, build) }),
    write: ({ contexts }) => contexts,
  },
  native: {
    shape: words,
    description:
      'Images that stages start from, as the Dockerfile writes them: these stages run on the build machine’s own platform, as with FROM --platform=$BUILDPLATFORM. For compilers that make programs for another platform.',
    perPlatform: true,
    read: (build) => ({ native: locatedWords(build, 'native') }),
    write: ({ native }) => native,
  },
  cache_from: {
    shape: words,
    description: 'Caches to read.',
    input: { name: 'cache-from', type: 'lines' },
    read: (build, context) => ({ cacheFrom: readCacheEntries(context, build, 'cache_from') }),
    write: ({ cacheFrom }) => cacheFrom,
  },
  cache_to: {
    shape: words,
    description: 'Caches to write, with a scope per image and platform.',
    input: { name: 'cache-to', type: 'lines' },
    read: (build, context) => ({ cacheTo: readCacheEntries(context, build, 'cache_to') }),
    write: ({ cacheTo }) => cacheTo,
  },
  no_cache: {
    shape: boolean,
    description: 'Builds without the cache (default: false).',
    input: { name: 'no-cache', type: 'boolean', description: 'Builds without the cache.' },
    read: (build) => ({ noCache: flag(build, 'no_cache') ?? false }),
    options: ({ noCache }) => (noCache ? ['--no-cache'] : []),
    write: ({ noCache }) => noCache,
  },
  timeout: {
    shape: { kind: 'text', format: 'duration' },
    description:
      'Limit for the build of each platform, such as 90s or 1h30m, emulated or not (default: none).',
    read: readTimeout,
    write: ({ timeout }) => timeout && writeDuration(timeout),
  },
  pull: {
    shape: boolean,
    description: 'Looks for newer base images (default: false).',
    input: { name: 'pull', type: 'boolean', description: 'Looks for newer base images.' },
    read: (build) => ({ pull: flag(build, 'pull') ?? false }),
    options: ({ pull }) => (pull ? ['--pull'] : []),
    write: ({ pull }) => pull,
  },
  secrets: {
    shape: { kind: 'list', of: secret, single: true },
    description: 'Secrets of the build, by id; one from the environment or a file needs a grant.',
    read: (build, context) => ({ secrets: readSecrets(context, build) }),
    write: ({ secrets }) => secrets.filter(({ id }) => !id.startsWith('GIT_AUTH_TOKEN.')),
  },
  ssh: {
    // Each agent or key is judged with its id.
    shape: { ...shapes.pairs, repeats: true },
    description: 'SSH agents or keys for the build; needs the grant ssh.',
    input: { name: 'ssh', type: 'list', description: 'SSH agents or keys for the build.' },
    read: (build, context) => ({ ssh: readKeys(context, build) }),
    options: ({ ssh }) => many('--ssh', ssh),
    write: ({ ssh }) => ssh,
  },
  labels: {
    shape: shapes.pairs,
    description: 'Labels of the image; false turns an automatic one off.',
    input: {
      name: 'labels',
      type: 'key-values',
      description: 'Labels of the image; an empty value turns an automatic one off.',
    },
    perPlatform: true,
    read: (build) => ({ labels: table(build, 'labels') }),
    options: ({ labels }) => each('--label', labels),
  },
  network: {
    shape: network,
    description: 'Network of RUN steps; host needs a grant.',
    input: {
      name: 'network',
      type: 'text',
      description: 'Network of RUN steps: default, none or host.',
    },
    read: (build) => defined({ network: located(build, 'network') }),
    options: ({ network }) => one('--network', network),
    write: ({ network }) => network,
  },
  shm_size: {
    shape: filled,
    description: 'Size of /dev/shm in RUN steps, such as 64m.',
    input: { name: 'shm-size', type: 'text' },
    read: (build, context) => defined({ shmSize: readShmSize(context, build) }),
    options: ({ shmSize }) => one('--shm-size', shmSize),
    write: ({ shmSize }) => shmSize,
  },
  extra_hosts: {
    shape: { ...shapes.pairs, repeats: true },
    description: 'Host names for RUN steps, NAME=ADDRESS.',
    input: {
      name: 'add-hosts',
      type: 'list',
      description: 'Host names for RUN steps, NAME:ADDRESS.',
    },
    read: (build, context) => ({ addHosts: readHosts(context, build) }),
    // The one option of these that buildx divides at commas.
    options: ({ addHosts }) => many('--add-host', addHosts.map(csvField)),
    write: ({ addHosts }) => addHosts.map((host) => host.replace(':', '=')),
  },
  ulimits: {
    shape: { kind: 'table', of: ulimit },
    description: 'Limits of RUN steps.',
    input: {
      name: 'ulimit',
      type: 'lines',
      description: 'Limits of RUN steps, NAME=SOFT[:HARD].',
    },
    read: (build, context) => ({ ulimits: readUlimits(context, build) }),
    options: ({ ulimits }) => many('--ulimit', ulimits),
    write: ({ ulimits }) => limitsOf(ulimits),
  },
  provenance: {
    shape: filled,
    description: 'Provenance attestation (default: mode=min).',
    input: { name: 'provenance', type: 'text' },
    read: (build, context) => ({ provenance: readAttestation(context, build, 'provenance') }),
    options: ({ provenance }) => one('--provenance', provenance),
    write: ({ provenance }) => unless('mode=min', provenance),
  },
  sbom: {
    shape: filled,
    description: 'SBOM attestation (default: false).',
    input: { name: 'sbom', type: 'text' },
    read: (build, context) => ({ sbom: readAttestation(context, build, 'sbom') }),
    options: ({ sbom }) => one('--sbom', sbom),
    write: ({ sbom }) => unless('false', sbom),
  },
  cgroup_parent: {
    shape: filled,
    description: 'Parent cgroup of RUN steps; needs the grant cgroup-parent.',
    input: { name: 'cgroup-parent', type: 'text', description: 'Parent cgroup of RUN steps.' },
    read: (build) => defined({ cgroupParent: located(build, 'cgroup_parent') }),
    options: ({ cgroupParent }) => one('--cgroup-parent', cgroupParent),
    write: ({ cgroupParent }) => cgroupParent,
  },
  entitlements: {
    shape: words,
    description: 'BuildKit entitlements; each needs its grant.',
    read: (build) => ({ allow: locatedWords(build, 'entitlements') }),
    options: ({ allow }) => many('--allow', allow),
    write: ({ allow }) => allow,
  },
} as const satisfies Readonly<Record<string, DockerfileKey>>;

/** Keys that other tools have here, and the sentence that answers each. */
export const refusedKeys: Readonly<Record<string, Extract<Key, { readonly refused: string }>>> = {
  dockerfile_inline: { refused: 'put it into a file; findings name its lines' },
  isolation: { refused: 'it is for Windows containers, which are not built' },
  no_cache_filter: { refused: 'single stages cannot be rebuilt alone; use no_cache' },
  privileged: { refused: 'use "entitlements: [security.insecure]", and grant it' },
};

const rows: readonly (readonly [string, DockerfileKey])[] = Object.entries(dockerfileKeys);

/** The keys whose texts may hold placeholders. */
export const dockerfilePerPlatform = rows.flatMap(([key, row]) => (row.perPlatform ? [key] : []));

/** Reads the validated `build` of a Dockerfile; undefined where none is written. */
export function readDockerfileBuild(
  build: SourceNode | undefined,
  context: ReadContext,
  at: Position,
): DockerfileEntry {
  const parts = rows.map(([, { read }]) => read?.(build, context, at));
  return Object.assign({ kind: 'dockerfile' }, ...parts);
}

/** The options of buildx that the plan alone decides. */
export function buildOptions(plan: DockerfilePlan): readonly string[] {
  return rows.flatMap(([, { options }]) => options?.(plan) ?? []);
}

/** A build from a Dockerfile as sea-trial.yml says it. */
export function writeDockerfileBuild(plan: DockerfilePlan): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    rows.flatMap(([key, { write }]) => (write ? [[key, write(plan)]] : [])),
  );
}

/** The action's inputs that describe a build from a Dockerfile, each with the key that it stands for. */
export const dockerfileInputs = rows.flatMap(([key, { input, description }]) =>
  input === undefined ? [] : [{ path: [key], description, ...input }],
);
