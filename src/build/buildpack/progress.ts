import { type BuildFacts, ESCAPES, type Redactor } from '../../evidence/index.js';
import { defined } from '../../types/index.js';
import type { RunningStep } from '../time-limit.js';
import { type Detection, detectionOf } from './detection.js';
import { BUILDPACK_BEGINS, BUILDPACK_ENDED, NOISE } from './noise.js';

/*
 * What pack and the lifecycle write, a line at a time: `===> BUILDING` begins a phase. For a
 * builder that is not trusted, pack writes `[builder] ` in front of what a phase's container
 * says. At the log level "debug" (pack --verbose, creator -log-level debug) the lifecycle also
 * names the buildpack that it starts; its other words of that level are left out here.
 * Source: buildpacks/lifecycle log/default_logger.go, phase/builder.go, buildpack/build.go.
 */

/** The phases by their names in the Platform API. */
const PHASES = {
  ANALYZING: 'analyze',
  DETECTING: 'detect',
  RESTORING: 'restore',
  BUILDING: 'build',
  EXPORTING: 'export',
  'EXTENDING (BUILD)': 'extend the build image',
  'EXTENDING (RUN)': 'extend the run image',
} as const;

export type LifecyclePhase = (typeof PHASES)[keyof typeof PHASES];

function isPhase(word: string): word is keyof typeof PHASES {
  return Object.hasOwn(PHASES, word);
}

/** What one line adds to the display. */
interface LifecycleNews {
  /** The step that has just begun, e.g. `build heroku/python 0.25.0`. */
  readonly step?: string;
  /** Lines for the reader: untrusted, without escape sequences and secrets. */
  readonly output: readonly string[];
}

/** A step as it is at the end of what was written. */
interface LifecycleStep {
  readonly name: string;
  readonly phase?: LifecyclePhase;
  /** `ID VERSION` */
  readonly buildpack?: string;
  /** Milliseconds since 1970. */
  readonly started: number;
  ended?: number;
  /** The last lines that are for the reader. */
  readonly log: string[];
  readonly errors: string[];
}

export interface LifecycleProgress {
  /** Takes a line of standard output or standard error, and when it came (milliseconds since 1970). */
  read(line: string, at: number): LifecycleNews;
  steps(): BuildFacts['steps'];
  /** The step under way, where one is, as it is at that time. */
  running(at: number): readonly RunningStep[];
  /** The step under way at the end; undefined where none had begun. */
  last(): Omit<LifecycleStep, 'ended'> | undefined;
  /** The last lines that begin with `ERROR: `, which is left out; a buildpack may write some as well. */
  errors(): readonly string[];
  /** The last lines for the reader, of whichever step. */
  text(): readonly string[];
  /** What pack and the lifecycle have warned of, each once. */
  warnings(): readonly string[];
  /** The exit code of the lifecycle's container, as pack tells it. */
  status(): number | undefined;
  /** Buildpacks that take part in the build, `ID VERSION` each, in their order. */
  buildpacks(): readonly string[];
  /** What buildpacks said of the application, where no group of them took it. */
  detections(): readonly Detection[];
}

const WARNING = /^Warning: (.+)$/;
const WARNINGS = 100;
/** From here on, the phase "detect" tells what buildpacks wrote. */
const OUTPUTS = /^======== /;
const LOG_LINES = 40;
const TEXT_LINES = 200;
const DETECT_LINES = 2000;
/** More than any order of buildpacks has; what a buildpack writes can look like the beginning of one. */
const STEPS = 500;

const PHASE = /^===> ([A-Z]+(?: \([A-Z]+\))?)$/;
const PREFIX = /^\[(?:analyzer|detector|restorer|builder|exporter|extender(?: \([a-z]+\))?)\] ?/;
const ERROR = /^ERROR: (.+)$/;
const STATUS = /\bfailed with status code: (\d+)$/;
const PULLED = /^(\S+): Pulling from \S+$/;
const STARTED = /^Running build for buildpack (\S+)@(\S+)$/;
const PARTICIPANT = /^([a-z0-9][\w./-]*) +(v?\d\S*)$/i;

/** Collects what pack or the lifecycle's creator writes in one platform's build. */
export function createLifecycleProgress(redactor: Pick<Redactor, 'pieces'>): LifecycleProgress {
  const done: LifecycleStep[] = [];
  const text: string[] = [];
  const errors: string[] = [];
  const detected: string[] = [];
  let current: LifecycleStep | undefined;
  let inBuildpack = false;
  let inOutputs = false;
  const warnings = new Set<string>();
  /** The lifecycle's level is "debug". */
  let tellsAll = false;
  let status: number | undefined;
  let seen = 0;

  function clean(line: string): string {
    const pieces = redactor.pieces();
    const plain = line.replace(ESCAPES, '').replace(/\r$/, '');
    return (pieces.push(plain) + pieces.end()).replace(PREFIX, '');
  }

  function begin(
    step: Pick<LifecycleStep, 'name' | 'phase' | 'buildpack'>,
    at: number,
  ): LifecycleNews {
    if (current !== undefined && done.length < STEPS) done.push({ ...current, ended: at });
    current = { ...step, started: at, log: [], errors: [] };
    inBuildpack = false;
    inOutputs = false;
    // The first buildpack's name follows at once.
    const isNamed = step.phase === 'build' && step.buildpack === undefined && tellsAll;
    return { ...(isNamed ? {} : { step: step.name }), output: [] };
  }

  function beginBuildpack(id: string, version: string, at: number): LifecycleNews {
    const buildpack = `${id} ${version}`;
    const step = { name: `build ${buildpack}`, phase: 'build', buildpack } as const;
    const since = current?.phase === 'build' && current.buildpack === undefined;
    if (!since) return begin(step, at);
    // The phase has begun for this buildpack; it is no step beside it.
    const { started } = current ?? { started: at };
    current = { ...step, started, log: [], errors: [] };
    return { step: step.name, output: [] };
  }

  function keep(line: string): LifecycleNews {
    for (const [lines, most] of [
      [text, TEXT_LINES],
      [current?.log ?? [], LOG_LINES],
    ] as const) {
      lines.push(line);
      if (lines.length > most) lines.shift();
    }
    return { output: [line] };
  }

  function readError(line: string): void {
    const said = ERROR.exec(line)?.[1];
    if (said === undefined) return;
    const code = STATUS.exec(said)?.[1];
    if (code !== undefined) status = Number(code);
    for (const list of [errors, current?.errors ?? []]) {
      list.push(said);
      if (list.length > LOG_LINES) list.shift();
    }
  }

  /** What a buildpack writes looks the same, and is none. */
  function readWarning(line: string): void {
    if (OUTPUTS.test(line)) inOutputs = true;
    const said = WARNING.exec(line)?.[1];
    const isOwn = !inBuildpack && !inOutputs && (tellsAll || current?.phase !== 'build');
    if (said !== undefined && isOwn && warnings.size < WARNINGS) warnings.add(said);
  }

  /** Whether the line is the lifecycle's own, and not for the reader. */
  function isNoise(line: string): boolean {
    if (line === BUILDPACK_BEGINS && current?.buildpack !== undefined) {
      inBuildpack = true;
      return true;
    }
    if (inBuildpack && !BUILDPACK_ENDED.test(line)) return false;
    const ended = inBuildpack;
    inBuildpack = false;
    if (ended || BUILDPACK_ENDED.test(line)) return true;
    if (line === 'Parsing inputs...') tellsAll = true;
    // At the usual level, whatever comes in this phase is what a buildpack writes.
    return (tellsAll || current?.phase !== 'build') && NOISE.test(line);
  }

  return {
    read(raw, at) {
      seen = at;
      const line = clean(raw);
      const word = PHASE.exec(line)?.[1];
      if (word !== undefined && isPhase(word)) {
        return begin({ name: PHASES[word], phase: PHASES[word] }, at);
      }
      const [, id = '', version = ''] = STARTED.exec(line) ?? [];
      if (current?.phase === 'build' && id !== '') return beginBuildpack(id, version, at);
      const pulled = current?.phase === undefined ? PULLED.exec(line)?.[1] : undefined;
      if (pulled !== undefined) return begin({ name: `pull ${pulled.replace(/@.*$/, '')}` }, at);
      readError(line);
      if (isNoise(line)) return { output: [] };
      readWarning(line);
      if (current?.phase === 'detect' && detected.length < DETECT_LINES) detected.push(line);
      return keep(line);
    },
    steps() {
      const all = current === undefined ? done : [...done, { ...current, ended: seen }];
      return all.map(({ name, started, ended = seen, errors: said }, at) => ({
        name,
        started: new Date(started).toISOString(),
        duration: Math.max(0, ended - started),
        cached: false,
        ...(at === all.length - 1 ? defined({ error: said.at(-1) }) : {}),
      }));
    },
    running(at) {
      if (current === undefined) return [];
      const { name, started, log } = current;
      return [{ name, age: at - started, silence: at - Math.max(started, seen), log }];
    },
    last: () => current,
    errors: () => errors,
    text: () => text,
    warnings: () => [...warnings],
    status: () => status,
    buildpacks: () =>
      detected
        .slice(detected.findLastIndex((line) => line.startsWith('======== ')) + 1)
        .flatMap((line) => PARTICIPANT.exec(line)?.slice(1).join(' ') ?? []),
    detections: () => detectionOf(detected),
  };
}
