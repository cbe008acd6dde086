import * as v from 'valibot';
import { DIGEST } from '../reference/index.js';
import { EXISTING } from './existing.js';
import { EVIDENCE_SCHEMA } from './version.js';

/*
 * The evidence document. Every stage adds facts to it, nothing else is read by
 * the verdict and the reports. Digests are whole (`sha256:` and 64 hex digits),
 * sizes are bytes, times are UTC in ISO 8601, durations are milliseconds, paths
 * are relative to the repository's root and use `/`.
 */

const digest = v.pipe(v.string(), v.regex(DIGEST));
const time = v.pipe(v.string(), v.isoTimestamp());
const size = v.pipe(v.number(), v.integer(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const text = v.string();
const words = v.array(text);
const table = v.record(text, text);

export const location = v.object({
  file: text,
  line: v.optional(size),
  column: v.optional(size),
});

export const descriptor = v.object({ mediaType: text, digest, size });

export const severity = v.picklist(['error', 'warning', 'note']);

const side = v.object({ value: text, from: text });

export const finding = v.object({
  code: text,
  severity,
  subject: v.object({
    image: v.optional(text),
    platform: v.optional(text),
    reference: v.optional(text),
    tag: v.optional(text),
    test: v.optional(text),
    path: v.optional(text),
    digest: v.optional(text),
  }),
  message: text,
  found: v.optional(side),
  expected: v.optional(side),
  detail: v.optional(words),
  location: v.optional(location),
  remedy: v.optional(text),
});

const secret = v.object({ id: text, env: v.optional(text), file: v.optional(text) });

const dockerfilePlan = v.object({
  kind: v.literal('dockerfile'),
  context: text,
  file: text,
  target: v.optional(text),
  args: table,
  contexts: table,
  /** Images, as the Dockerfile writes them: stages that start from one are for the build machine's platform. */
  native: v.optional(words),
  secrets: v.array(secret),
  ssh: words,
  labels: table,
  cacheFrom: words,
  cacheTo: words,
  noCache: v.boolean(),
  /** Milliseconds for the build of one platform; undefined where nothing limits it. */
  timeout: v.optional(v.number()),
  pull: v.boolean(),
  network: v.optional(text),
  shmSize: v.optional(text),
  addHosts: words,
  ulimits: words,
  cgroupParent: v.optional(text),
  allow: words,
  provenance: text,
  sbom: text,
});

const buildpackPlan = v.object({
  kind: v.literal('buildpack'),
  context: text,
  /** The builder's reference, as it is written. */
  builder: text,
  /** What builds: pack, or the lifecycle's creator in a container of the builder. */
  flow: v.picklist(['pack', 'creator']),
  runImage: v.optional(text),
  /** Where the parity lock has the image: builder and run image are what it pins. */
  lock: v.optional(location),
  /** Buildpacks in place of the builder's order; none: that order. Relative paths begin with `.`, at the root. */
  buildpacks: words,
  preBuildpacks: words,
  postBuildpacks: words,
  env: table,
  /** The process type that the image starts. */
  process: v.optional(text),
  /** The project descriptor that was read; what it says is in the other fields. */
  descriptor: v.optional(text),
  /** Which files of the context are built, or which are not, where a descriptor says it. */
  include: v.optional(words),
  exclude: v.optional(words),
  clearCache: v.boolean(),
  /** As for a Dockerfile. */
  timeout: v.optional(v.number()),
  /** `now`, or seconds since 1970; without it, the image is as old as pack makes it. */
  creationTime: v.optional(text),
  trustBuilder: v.boolean(),
  network: v.optional(text),
  volumes: words,
  /** Service bindings: which secrets of the build are the entries of which binding. */
  bindings: v.array(
    v.object({ name: text, type: text, entries: v.array(v.object({ key: text, secret: text })) }),
  ),
  secrets: v.array(secret),
  cacheFrom: words,
  cacheTo: words,
});

const buildPlan = v.variant('kind', [dockerfilePlan, buildpackPlan]);

/** What is other than in the image's `build`. */
const platformBuild = v.object({
  context: v.optional(text),
  file: v.optional(text),
  target: v.optional(text),
  args: v.optional(table),
  contexts: v.optional(table),
  labels: v.optional(table),
  /** Of a build with buildpacks. */
  env: v.optional(table),
});

const program = v.union([
  v.object({ shell: text }),
  v.object({ exec: v.pipe(v.array(text), v.minLength(1)) }),
]);

const plannedTest = v.object({
  name: text,
  kind: v.picklist(['command', 'host', 'start']),
  run: v.optional(program),
  /** The process type that is started in place of `run`, of an image with a launcher. */
  process: v.optional(text),
  stdout: v.optional(text),
  stderr: v.optional(text),
  exitCode: v.number(),
  env: table,
  user: v.optional(text),
  workdir: v.optional(text),
  mounts: v.array(v.object({ source: text, target: text })),
  network: v.optional(text),
  timeout: milliseconds,
  platforms: v.optional(words),
  location: v.optional(location),
});

const plannedImage = v.object({
  id: text,
  targets: v.array(
    v.object({
      repository: text,
      tags: words,
      /** Platforms that the tags may lose. */
      replaces: v.optional(words),
      /** What may become of tags that are there; without it, they are replaced. */
      existing: v.optional(v.picklist(EXISTING)),
    }),
  ),
  platforms: v.pipe(words, v.minLength(1)),
  build: buildPlan,
  /** By platform, what placeholders make of `build`, in which they are as written. */
  perPlatform: v.optional(v.record(text, platformBuild)),
  annotations: table,
  tests: v.array(plannedTest),
  expect: v.object({ goMain: v.optional(text) }),
  /** Files that may be for another platform, and why. */
  foreign: v.optional(
    v.array(v.object({ path: text, reason: text, location: v.optional(location) })),
  ),
  location: v.optional(location),
});

export const plan = v.object({
  configuration: v.optional(text),
  publish: v.picklist(['together', 'per-image']),
  push: v.boolean(),
  partial: v.boolean(),
  grants: words,
  severities: v.record(text, v.picklist(['error', 'warning', 'note', 'off'])),
  images: v.array(plannedImage),
});

/** What was asked before anything was built; `unknown` where nobody could or would say. */
const known = v.picklist(['yes', 'no', 'unknown']);

const environment = v.object({
  engine: v.object({
    name: text,
    version: text,
    store: v.picklist(['containerd', 'classic']),
    platform: text,
    rootless: v.boolean(),
    sharesLoopback: v.optional(known),
    sharesFiles: v.optional(known),
  }),
  builder: v.object({
    name: text,
    driver: text,
    buildx: text,
    nodes: v.array(v.object({ name: text, buildkit: v.optional(text), platforms: words })),
  }),
  platforms: v.array(
    v.object({
      platform: text,
      emulated: v.boolean(),
      handler: v.optional(text),
      proof: v.optional(text),
    }),
  ),
  targets: v.optional(v.array(v.object({ repository: text, push: known, exists: known }))),
  /** What the tags that are to be written served before the build. */
  tags: v.optional(
    v.array(
      v.object({
        repository: text,
        tag: text,
        exists: known,
        digest: v.optional(digest),
        platforms: v.optional(words),
      }),
    ),
  ),
});

const build = v.object({
  started: time,
  duration: milliseconds,
  node: v.optional(text),
  emulated: v.optional(v.boolean()),
  steps: v.array(
    v.object({
      name: text,
      started: v.optional(time),
      duration: v.optional(milliseconds),
      cached: v.boolean(),
      error: v.optional(text),
    }),
  ),
  warnings: v.array(
    v.object({ message: text, url: v.optional(text), location: v.optional(location) }),
  ),
  bases: v.array(v.object({ reference: text, digest, platform: v.optional(text) })),
  base: v.optional(v.object({ name: text, digest })),
});

const image = v.object({
  manifest: descriptor,
  config: descriptor,
  layers: v.array(v.object({ ...descriptor.entries, diffId: digest, uncompressedSize: size })),
  attestations: v.array(v.object({ ...descriptor.entries, predicateTypes: words })),
  platform: text,
  entrypoint: words,
  command: words,
  shell: words,
  user: v.optional(text),
  workdir: v.optional(text),
  labels: table,
  created: v.optional(text),
  /** Where its bytes are. */
  storedIn: v.object({ kind: v.picklist(['layout', 'engine', 'registry']), name: text }),
});

const elf = v.object({
  architecture: text,
  machine: size,
  class: v.picklist([32, 64]),
  data: v.picklist(['little', 'big']),
  interpreter: v.optional(text),
});

const go = v.object({
  toolchain: text,
  path: v.optional(text),
  module: v.optional(text),
  version: v.optional(text),
  settings: table,
});

const programFacts = v.object({
  path: text,
  role: v.picklist(['entrypoint', 'command', 'interpreter', 'other']),
  layer: size,
  size,
  digest: v.optional(digest),
  elf: v.optional(elf),
  go: v.optional(go),
  script: v.optional(text),
  unknown: v.optional(text),
});

const contents = v.object({
  /** The image that the last stage starts from, by way of others, as its FROM has it. */
  base: v.optional(text),
  files: size,
  programs: v.array(programFacts),
});

const output = v.object({ text, bytes: size, truncated: v.boolean() });

/** What a test ran, by the image's layers; what these do not tell is left out. */
const testProgram = v.object({
  path: text,
  /** Of a script, its interpreter's. */
  architecture: v.optional(text),
  /** Whether that is not what the engine's machine runs by itself. */
  emulated: v.optional(v.boolean()),
});

const testResult = v.object({
  name: text,
  kind: v.picklist(['command', 'host', 'start']),
  location: v.optional(location),
  program: v.optional(testProgram),
  /** The command line that was executed; none where it was the image's own program. */
  executed: v.optional(words),
  outcome: v.picklist(['passed', 'failed', 'errored', 'not-run']),
  cause: v.optional(
    v.picklist([
      'not-executable',
      'time-limit',
      'memory',
      'signal',
      'exit-code',
      'output',
      'environment',
    ]),
  ),
  reason: v.optional(text),
  started: v.optional(time),
  duration: milliseconds,
  exitCode: v.optional(v.number()),
  /** What ended its program, by its exit code or by the words of an emulator. */
  signal: v.optional(text),
  expectedExitCode: v.optional(v.number()),
  checks: v.array(v.object({ what: text, expected: text, found: text, ok: v.boolean() })),
  stdout: output,
  stderr: output,
});

const trial = v.object({
  image: text,
  platform: text,
  /** Whether programs of the platform are; what a test ran is told by the test. */
  emulated: v.boolean(),
  notRun: v.optional(text),
  build: v.optional(build),
  built: v.optional(image),
  contents: v.optional(contents),
  loaded: v.optional(
    v.object({
      id: digest,
      /** Which digest of the image that is: the containerd store gives the manifest's, the classic store the config's. */
      digestOf: v.picklist(['manifest', 'config']),
      /** Under which it stays in the engine. */
      names: v.optional(words),
    }),
  ),
  tests: v.array(testResult),
  duration: milliseconds,
});

/** What a registry served under a reference. */
const served = v.object({
  reference: text,
  tag: v.optional(text),
  /** Absent where the reference serves nothing, or nothing is known of it. */
  index: v.optional(descriptor),
  platforms: v.array(
    v.object({
      platform: text,
      /** As the index lists it. */
      manifest: descriptor,
      /** Absent where the manifest could not be read. */
      config: v.optional(descriptor),
      layers: v.array(descriptor),
    }),
  ),
  /** `subject`: the manifest that one is about. */
  attestations: v.array(v.object({ ...descriptor.entries, subject: v.optional(text) })),
  /** What is not as its descriptor says. Every byte below the index was read. */
  faults: v.array(
    v.object({
      /**
       * `corrupt`: other bytes than digest or size say; `wrongClaim`: the registry names another
       * digest in its header; `missing`: 404; `malformed`: not what its type says.
       */
      kind: v.picklist(['corrupt', 'wrongClaim', 'missing', 'malformed']),
      /** `layer 2 of linux/arm64` */
      part: text,
      platform: v.optional(text),
      digest,
      detail: text,
    }),
  ),
});

const publication = v.object({
  image: text,
  index: v.optional(descriptor),
  notPublished: v.optional(text),
  /** A tag that cannot be replaced kept this index, which `index` is in place of `composed`. */
  takenOver: v.optional(
    v.object({
      reference: text,
      composed: digest,
      attestations: v.array(
        v.object({ ...descriptor.entries, subject: digest, predicateTypes: words }),
      ),
    }),
  ),
  targets: v.array(
    v.object({
      repository: text,
      embedded: v.boolean(),
      tag: text,
      digest,
      /** It served that digest before, and was not written. */
      kept: v.optional(v.boolean()),
      before: v.optional(
        v.object({ digest, platforms: v.array(v.object({ platform: text, size })) }),
      ),
      time,
    }),
  ),
  served: v.array(served),
});

export const evidence = v.object({
  schema: v.literal(EVIDENCE_SCHEMA),
  tool: v.object({ name: text, version: text }),
  run: v.object({
    id: text,
    attempt: size,
    started: time,
    duration: milliseconds,
    interrupted: v.optional(v.picklist(['SIGHUP', 'SIGINT', 'SIGTERM'])),
    pullRequest: v.boolean(),
    /** Whether the configuration and the sources were trusted, whether a push was possible, and why. */
    trust: v.optional(v.object({ untrusted: v.boolean(), pushes: v.boolean(), reason: text })),
    options: v.optional(v.array(v.object({ name: text, value: text }))),
    source: v.object({
      repository: v.optional(text),
      revision: v.optional(text),
      ref: v.optional(text),
      dirty: words,
    }),
  }),
  plan,
  environment: v.optional(environment),
  trials: v.array(trial),
  publications: v.array(publication),
  /** References that were read and that this run has not published. */
  references: v.optional(v.array(served)),
  findings: v.array(finding),
});
