import { type Code, type DockerfilePlan, type Finding, finding } from '../../evidence/index.js';
import type { OciError } from '../../oci/index.js';
import { emulatorFault } from '../../platform/index.js';
import { defined } from '../../types/index.js';
import { emulatorRemedy } from '../emulator-remedy.js';
import type { DockerfileOrder } from './command.js';
import type { BuildProgress } from './progress.js';

type FailedBuild = Pick<DockerfileOrder, 'image' | 'platform' | 'builder' | 'nodes'>;

/** `named` is what the pattern took out of the words. */
type Remedy = (named: string) => string;

const grantIt: Remedy = (name) =>
  `Ask for it in the image's build section, entitlements: [${name}], and grant it: --grant ${name}, or the action's input "grants"; for an image that the inputs describe, the input "allow" does both.`;

const allowIt: Remedy = (name) =>
  `Use a builder whose BuildKit was started with --allow-insecure-entitlement=${name}, or name none and let the run make one (driver: docker-container).`;

interface Reason {
  readonly code: Code;
  readonly words: string;
  /** Where it is another than the catalogue's. */
  readonly remedy?: string | Remedy;
}

const CACHE: Reason = {
  code: 'registry-failed',
  words: 'the build cache could not be read or written',
  remedy:
    'Check that its registry can be reached and that the login may write to it, or make the cache optional (ignore-error=true in cache_to).',
};

const DISK: readonly [RegExp, Reason] = [
  /no space left on device/i,
  {
    code: 'engine-failed',
    words: "the builder's disk is full",
    remedy: "Free space on the builder's disk, then run again.",
  },
];

/** What an image that cannot be pulled is called, unless its step says more. */
const BASE = 'a base image';

/** What BuildKit's own error is known by, most telling first. */
const REASONS: readonly (readonly [RegExp, Reason])[] = [
  [
    /granting entitlement (\S+) is not allowed by build daemon/,
    {
      code: 'build-failed',
      words: 'the builder does not allow what this build asks for',
      remedy: allowIt,
    },
  ],
  [
    /^(?:failed to load LLB: )?(network\.host|security\.insecure|device) is not allowed$/m,
    {
      code: 'build-failed',
      words: 'a step needs an entitlement that was not granted',
      remedy: grantIt,
    },
  ],
  [
    /\b429 Too Many Requests\b|: toomanyrequests: /i,
    {
      code: 'not-pulled',
      words: 'a registry limits how often images may be pulled',
      remedy:
        'Log in to the registry, which raises the limit, let the builder use a mirror, or run again later.',
    },
  ],
  DISK,
  [
    /error getting credentials|failed to authorize|failed to fetch (anonymous|oauth) token|authorization failed|pull access denied/i,
    { code: 'not-pulled', words: `${BASE} cannot be pulled with the credentials there are` },
  ],
  [
    /failed to resolve source metadata.*: not found$/s,
    {
      code: 'not-pulled',
      words: `${BASE} cannot be pulled`,
      remedy: 'Fix the reference: the registry has no such image or tag.',
    },
  ],
  [
    /failed to resolve source metadata|failed to do request|no match for platform/i,
    { code: 'not-pulled', words: `${BASE} cannot be pulled` },
  ],
  [
    /rpc error: code = Unavailable|cannot connect to the docker daemon|error reading from server: EOF|connection refused|closing transport|no builder "" found|failed to find (the )?instance/i,
    { code: 'engine-failed', words: 'the connection to the builder was lost' },
  ],
  [/failed to configure .* cache (im|ex)porter|failed to (push|copy)/i, CACHE],
];

/** A cache is written when all is built: whatever its registry says then is no word about a base. */
const CACHE_EXPORT = /^exporting cache to /;
const CACHE_UNWRITTEN =
  /^error writing (?:\S+ )?(?:manifest|layer|config) blob|failed to push cache/i;

/** A step that was executed, and failed: whatever it wrote, the surroundings did their part. */
const STEP_ENDED = /^process "" did not complete successfully: exit code: \d+/;

/** The command in front of how it ended, which the step's own name says already. */
const COMMAND = /^process "(?:[^"\\]|\\.)*" did not complete successfully: /s;

/** A step of the Dockerfile as BuildKit names it: `[build 7/11] RUN make`. */
const STEP = /^\[(?:\S+ )*\d+\/\d+\] (.*)$/s;

/** A line of the excerpt that is marked as the one that failed. */
const MARKED = /^ *\d+ \| >>> (.*)$/;

/** What the builder writes in the step's name, and nothing else is written then. */
const NOT_EXECUTED = /^exec \S+: exec format error$/;

/** Commands and file names are quoted, and the Dockerfile's author chooses them. */
function withoutQuoted(error: string): string {
  return error.replace(/"(?:[^"\\]|\\.)*"/gs, '""');
}

/** How BuildKit names the step that looks for an image which the build itself is done with. */
const TOOL = /^resolve image config for (?:docker-image:\/\/)?(\S+)/;

/** `generator=IMAGE` of the plan's `sbom`. */
const GENERATOR = /(?:^|,)generator=([^,]+)/;

const SCANNER = 'buildkit-syft-scanner';

/** What an image that cannot be pulled is for, where it is no base. */
function toolOf(
  step: string | undefined,
  { sbom }: DockerfilePlan,
): (Pick<Reason, 'words'> & { readonly remedy: string }) | undefined {
  const [, reference] = TOOL.exec(step ?? '') ?? [];
  if (reference === undefined) return undefined;
  if (sbom !== 'false' && reference.includes(GENERATOR.exec(sbom)?.[1] ?? SCANNER)) {
    return {
      words: 'the image that scans for the SBOM',
      remedy: 'Name one that can be pulled (sbom: generator=REFERENCE), or leave "sbom" out.',
    };
  }
  return {
    words: 'the image that reads the Dockerfile',
    remedy: 'Fix the line "# syntax=" or BUILDKIT_SYNTAX, or leave it out.',
  };
}

type FailureReason = Omit<Reason, 'remedy'> & {
  readonly remedy?: string;
  /** The words hold the command of the step. */
  readonly namesStep?: boolean;
};

/** The instruction of the Dockerfile that the error's excerpt marks, in one line. */
function markedIn(text: readonly string[]): string | undefined {
  const marked = text.flatMap((line) => MARKED.exec(line)?.[1] ?? []);
  const words = oneLine(marked.map((line) => line.replace(/\\\s*$/, '')).join(' '));
  return words === '' ? undefined : words;
}

function oneLine(words: string): string {
  return words.replace(/\s+/g, ' ').trim();
}

function instructionOf(step: string): string | undefined {
  const found = STEP.exec(step)?.[1];
  return found === undefined ? undefined : oneLine(found);
}

const verb = (instruction: string) => instruction.split(' ', 1)[0]?.toUpperCase();

/**
 * The step that failed, by the excerpt: BuildKit reports what it finds while it
 * computes a cache key at whatever it computes the key from. Where variables stand
 * in the instruction its step reads otherwise, so that the verb has to do.
 */
function stepOf(progress: BuildProgress): string | undefined {
  const blamed = progress.failed()?.step;
  const marked = markedIn(progress.text());
  if (marked === undefined) return blamed;
  const written = progress.steps().find(({ name }) => instructionOf(name) === marked)?.name;
  const own = blamed === undefined ? undefined : instructionOf(blamed);
  if (own !== undefined && written === undefined && verb(own) === verb(marked)) return blamed;
  return own === marked ? blamed : (written ?? marked);
}

/** The pattern is what the remedy's word is taken from. */
function known(own: string, step: string | undefined): readonly [RegExp, Reason] | undefined {
  if (STEP_ENDED.test(own)) return undefined;
  const isCache = CACHE_EXPORT.test(step ?? '') || CACHE_UNWRITTEN.test(own);
  if (isCache) return DISK[0].test(own) ? DISK : [CACHE_UNWRITTEN, CACHE];
  return REASONS.find(([pattern]) => pattern.test(own));
}

/** What emulates the steps of a build, as far as it matters to why one failed. */
type Emulation = Pick<DockerfileOrder, 'platform' | 'emulated' | 'tarWords'>;

/** A stage for another platform than the build's is named with its own, and not emulated. */
const OTHER_PLATFORM = /^\[(\w+\/\w+(?:\/\w+)?) /;

function faultOf(
  failed: ReturnType<BuildProgress['failed']>,
  { platform, emulated = false, tarWords }: Emulation,
): string | undefined {
  const own = OTHER_PLATFORM.exec(failed?.step ?? '')?.[1] ?? platform;
  if (!emulated || own !== platform) return undefined;
  return emulatorFault(failed?.log.join('\n') ?? '', tarWords);
}

function reasonOf(
  error: string,
  progress: BuildProgress,
  { image: { build }, ...emulation }: Pick<DockerfileOrder, 'image'> & Emulation,
): FailureReason {
  const failed = progress.failed();
  const [only = '', ...more] = failed?.log ?? [];
  if (more.length === 0 && NOT_EXECUTED.test(only)) {
    return {
      code: 'platform-not-runnable',
      words: 'a step could not be executed: programs of this platform do not run here',
    };
  }
  const fault = faultOf(failed, emulation);
  if (fault !== undefined) {
    return {
      code: 'platform-not-runnable',
      words: `the emulator failed in a step; the image is not at fault: ${fault}`,
      remedy: emulatorRemedy(emulation),
    };
  }
  const own = withoutQuoted(error);
  const step = stepOf(progress);
  const found = known(own, failed?.step);
  if (found === undefined) {
    return {
      code: 'build-failed',
      words: step === undefined ? 'the build failed' : `step ${step} failed`,
      namesStep: step !== undefined,
    };
  }
  const [pattern, { remedy, ...reason }] = found;
  const tool = reason.words.startsWith(BASE) ? toolOf(failed?.step, build) : undefined;
  if (tool !== undefined) {
    return { ...reason, words: reason.words.replace(BASE, tool.words), remedy: tool.remedy };
  }
  if (remedy === undefined) return reason;
  const named = pattern.exec(own)?.[1] ?? '';
  return { ...reason, remedy: typeof remedy === 'string' ? remedy : remedy(named) };
}

/** The line that the error's excerpt starts with: `Dockerfile:7`. */
function lineOf(text: readonly string[]): number | undefined {
  for (const line of text) {
    const match = /^\S.*:(\d+)$/.exec(line.trim());
    if (match !== null) return Number(match[1]);
  }
  return undefined;
}

function errorOf(text: readonly string[], stepError: string | undefined): string {
  const said = text.findLast((line) => line.startsWith('ERROR: '))?.slice('ERROR: '.length);
  return (said ?? stepError ?? text.at(-1) ?? 'the build ended without an error message')
    .replace(/^failed to build: /, '')
    .replace(/^failed to solve: /, '')
    .replace(/^failed to run Build function: /, '')
    .replace(/^(failed to compute cache key: )?failed to calculate checksum of ref \S+: /, '');
}

/** Why what a builder sent cannot be taken in; a builder sends what the image's build describes. */
export function damaged(subject: Finding['subject'], error: OciError): Finding {
  if (error.code === 'too-large') {
    return finding('build-failed', subject, `The built image cannot be read: ${error.message}.`, {
      remedy: 'Use fewer or shorter labels, variables and annotations.',
    });
  }
  const code = error.code === 'digest-mismatch' ? 'digest-mismatch' : 'engine-failed';
  return finding(code, subject, `The builder's output is damaged: ${error.message}`);
}

/** What buildx does before BuildKit hears of a build, as its steps are named. */
const UNREACHED: ReadonlyMap<string, string> = new Map([
  ['[internal] waiting for connection', 'cannot be reached'],
  ['[internal] booting buildkit', 'could not be started'],
]);

/** Says that a build never came to its builder; undefined where it did. */
export function builderFailure(
  { image, platform, builder, nodes = [] }: FailedBuild,
  progress: BuildProgress,
): Finding | undefined {
  const failed = progress.failed();
  const what = failed && UNREACHED.get(failed.step);
  if (failed === undefined || what === undefined) return undefined;
  const places = [...new Set(nodes.flatMap(({ endpoint }) => endpoint ?? []))];
  const at = places.length === 0 ? '' : ` (${places.join(', ')})`;
  const error = errorOf(progress.text(), failed.error);
  const message = `The builder "${builder}"${at} ${what}: ${error}`;
  const remedy =
    'Check that BuildKit is running there and can be reached from this machine, or name another builder.';
  const subject = { image: image.id, platform };
  return finding('engine-failed', subject, message, { remedy, detail: failed.log.slice(-20) });
}

/** Says that what a build went on in is not there any more. */
export function nodeLost({ image, platform, builder }: FailedBuild, node: string): Finding {
  const message = `The pod of the builder "${builder}" (node "${node}") was lost during the build.`;
  const remedy =
    'Run again; "kubectl get events" in the builder\'s namespace shows the reason for about an hour.';
  return finding('engine-failed', { image: image.id, platform }, message, { remedy });
}

/** Says why a build failed, and whether the image or the surroundings are to blame. */
export function buildFailure(
  order: Pick<DockerfileOrder, 'image'> & Emulation,
  progress: BuildProgress,
): Finding {
  const { image, platform } = order;
  const subject = { image: image.id, platform };
  const { file } = image.build;
  const failed = progress.failed();
  const error = errorOf(progress.text(), failed?.error);
  const { code, words, remedy, namesStep } = reasonOf(error, progress, order);
  const why = namesStep ? error.replace(COMMAND, '').replace(/^exit code: /, 'exit code ') : error;
  const line = lineOf(progress.text());
  return finding(code, subject, `${words}: ${why}`, {
    ...defined({ remedy }),
    detail: failed?.log.slice(-20) ?? progress.text().slice(-10),
    location: { file, ...defined({ line }) },
  });
}
