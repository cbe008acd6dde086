import { posix } from 'node:path';
import {
  child,
  flag,
  type KeyTable,
  located,
  type Position,
  type Shape,
  type SourceNode,
  shapes,
  text,
} from '../../../document/index.js';
import type { BuildpackPlan } from '../../../evidence/index.js';
import { defined } from '../../../types/index.js';
import type { ReadContext } from '../../read-context.js';
import type { KeyInput } from '../key-input.js';
import { readBindings, readBuildpacks, readDescriptor, readEnv, readVolumes } from './entries.js';
import type { BuildpackEntry } from './entry.js';

/** A key of `build.buildpack`: what may be written, what is read of it, and how a plan says it. */
interface BuildpackKey {
  readonly shape: Shape;
  readonly description: string;
  readonly required?: true;
  readonly input?: KeyInput;
  /** `at` is where the whole is written. */
  readonly read: (
    buildpack: SourceNode,
    context: ReadContext,
    at: Position,
  ) => Partial<BuildpackEntry>;
  /** As a file says what the plan has; undefined: it need not be written. */
  readonly write: (plan: BuildpackPlan) => unknown;
}

const { boolean, words } = shapes;
const reference: Shape = { kind: 'text', format: 'reference' };

/** The keys of `build.buildpack`, in the order of the documentation. */
export const buildpackKeys = {
  builder: {
    shape: reference,
    required: true,
    description: 'The builder’s image, such as heroku/builder:24.',
    input: {
      name: 'builder-image',
      type: 'text',
      description: 'Builds with buildpacks instead of a Dockerfile: the image of the builder.',
    },
    read: (raw, _context, at) => ({ builder: located(raw, 'builder') ?? { value: '', at } }),
    write: ({ builder }) => builder,
  },
  flow: {
    shape: { kind: 'choice', of: ['pack', 'creator'] },
    description:
      'What builds: pack (default), or creator, the lifecycle’s own program in a container of the builder, as deployments with Tekton do; creator needs the grant trust-builder.',
    read: (raw, _context, at) => {
      const flow = located(raw, 'flow') ?? { value: 'pack', at };
      return { flow: { value: flow.value === 'creator' ? 'creator' : 'pack', at: flow.at } };
    },
    write: ({ flow }) => (flow === 'pack' ? undefined : flow),
  },
  'run-image': {
    shape: reference,
    description: 'The image under the application (default: the builder’s).',
    input: {
      name: 'run-image',
      type: 'text',
      description: "With builder-image: the image under the application (default: the builder's).",
    },
    read: (raw) => defined({ runImage: located(raw, 'run-image') }),
    write: ({ runImage }) => runImage,
  },
  buildpacks: {
    shape: words,
    description:
      'Buildpacks in place of the builder’s order: ID or ID@VERSION of the builder, docker://REFERENCE, ./PATH, https://ADDRESS, urn:cnb:registry:ID; from=builder is the builder’s order.',
    input: {
      name: 'buildpacks',
      type: 'list',
      description: "With builder-image: buildpacks in place of the builder's order.",
    },
    read: (raw, context) => ({ buildpacks: readBuildpacks(context, raw, 'buildpacks') }),
    write: ({ buildpacks }) => buildpacks,
  },
  'pre-buildpacks': {
    shape: words,
    description: 'Buildpacks before each group of the builder’s order, in this order.',
    read: (raw, context) => ({ preBuildpacks: readBuildpacks(context, raw, 'pre-buildpacks') }),
    write: ({ preBuildpacks }) => preBuildpacks,
  },
  'post-buildpacks': {
    shape: words,
    description: 'Buildpacks after each group of the builder’s order, in this order.',
    read: (raw, context) => ({ postBuildpacks: readBuildpacks(context, raw, 'post-buildpacks') }),
    write: ({ postBuildpacks }) => postBuildpacks,
  },
  env: {
    shape: shapes.pairs,
    description:
      'Variables of the build, which the image does not keep; one without a value takes that of the variable.',
    input: {
      name: 'buildpack-env',
      type: 'key-values',
      description: 'With builder-image: variables of the build.',
    },
    read: (raw, context) => ({ env: readEnv(context, raw) }),
    write: ({ env }) => env,
  },
  process: {
    shape: { kind: 'text', format: 'process' },
    description: 'The process type that the image starts (default: web, or what buildpacks say).',
    input: {
      name: 'process',
      type: 'text',
      description: 'With builder-image: the process type that the image starts.',
    },
    read: (raw) => defined({ process: located(raw, 'process') }),
    write: ({ process }) => process,
  },
  descriptor: {
    shape: shapes.filled,
    description: 'The project descriptor (default: project.toml in the context, if it exists).',
    read: (raw, context) => defined({ descriptor: readDescriptor(context, raw) }),
    // The one in the context is read without being named.
    write: ({ context, descriptor }) =>
      descriptor === posix.join(context, 'project.toml') ? undefined : descriptor,
  },
  'clear-cache': {
    shape: boolean,
    description: 'Builds without what an earlier build left (default: false).',
    read: (raw) => ({ clearCache: flag(raw, 'clear-cache') ?? false }),
    write: ({ clearCache }) => clearCache || undefined,
  },
  'creation-time': {
    shape: { kind: 'text', format: 'creation-time' },
    description:
      'The time that the image says it was created: seconds since 1970, or now (default: 1980, so that equal sources give equal images).',
    read: (raw) => defined({ creationTime: text(raw, 'creation-time') }),
    write: ({ creationTime }) => creationTime,
  },
  'trust-builder': {
    shape: boolean,
    description:
      'Runs all phases in one container of the builder, in which buildpacks can read the logins that pull its images (default: false); needs the grant trust-builder.',
    read: (raw, _context, at) => {
      const written = located(raw, 'trust-builder');
      const value = flag(raw, 'trust-builder') ?? false;
      return { trustBuilder: { value, at: written?.at ?? at } };
    },
    write: ({ trustBuilder }) => trustBuilder || undefined,
  },
  network: {
    // Without a network the lifecycle reaches neither the run image nor the registry of the build.
    shape: { kind: 'choice', of: ['default', 'host'] },
    description:
      'Network of the build: default is one of its own; host is this machine’s, and needs the grant network.host.',
    read: (raw) => defined({ network: located(raw, 'network') }),
    write: ({ network }) => network,
  },
  volumes: {
    shape: words,
    description:
      'Folders or volumes of the engine in the build, HOST:CONTAINER[:ro|rw]; each needs the grant volumes.',
    read: (raw, context) => ({ volumes: readVolumes(context, raw) }),
    write: ({ volumes }) => volumes,
  },
  bindings: {
    shape: { kind: 'table', of: { kind: 'table', of: shapes.filled } },
    description:
      'Service bindings by name: `type`, and the ID of a secret of the build for each further entry; needs the grant bindings.',
    read: (raw, context) => ({ bindings: readBindings(context, raw) }),
    write: ({ bindings }) =>
      Object.fromEntries(
        bindings.map(({ name, type, entries }) => [
          name,
          { type, ...Object.fromEntries(entries.map(({ key, secret }) => [key, secret])) },
        ]),
      ),
  },
} as const satisfies Readonly<Record<string, BuildpackKey>>;

const keys: KeyTable = buildpackKeys;

/** What may stand under `build.buildpack`. */
export const buildpackShape: Shape = { kind: 'map', what: '"buildpack"', short: 'builder', keys };

const rows: readonly (readonly [string, BuildpackKey])[] = Object.entries(buildpackKeys);

/** A scalar is the builder. */
export function buildpackOf(build: SourceNode | undefined): SourceNode | undefined {
  const written = child(build, 'buildpack');
  if (written?.kind !== 'scalar') return written;
  const { at } = written;
  return { kind: 'map', at, entries: [{ key: 'builder', at, value: written }] };
}

/** Reads what stands under the validated `build.buildpack`. */
export function readBuildpackKeys(
  buildpack: SourceNode,
  context: ReadContext,
): Omit<BuildpackEntry, 'context' | 'secrets' | 'cacheFrom' | 'cacheTo'> {
  const parts = rows.map(([, { read }]) => read(buildpack, context, buildpack.at));
  return Object.assign({ kind: 'buildpack' }, ...parts);
}

/** What `build.buildpack` says of a plan. */
export function writeBuildpackKeys(plan: BuildpackPlan): Readonly<Record<string, unknown>> {
  const written = rows.map(([key, { write }]) => [key, write(plan)] as const);
  return Object.fromEntries(
    written.filter(
      ([, value]) =>
        value !== undefined && (typeof value !== 'object' || Object.keys(value ?? {}).length > 0),
    ),
  );
}

/** The action's inputs that describe a build with buildpacks, each with the key that it stands for. */
export const buildpackInputs = rows.flatMap(([key, { input, description }]) =>
  input === undefined ? [] : [{ path: ['buildpack', key], description, ...input }],
);
