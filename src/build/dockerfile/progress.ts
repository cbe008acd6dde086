import type { BuildFacts, Pieces, Redactor } from '../../evidence/index.js';
import { defined } from '../../types/index.js';
import type { RunningStep } from '../time-limit.js';

/*
 * BuildKit's `--progress=rawjson`: a JSON object per line with any of vertexes,
 * statuses, logs and warnings. A vertex comes again with every change. After a
 * failure plain text follows.
 */

interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly started?: string;
  readonly completed?: string;
  readonly cached?: boolean;
  readonly error?: string;
}

interface Warning {
  readonly short?: string;
  readonly url?: string;
  readonly sourceInfo?: { readonly filename?: string };
  readonly range?: readonly { readonly start?: { readonly line?: number } }[];
}

interface Line {
  readonly vertexes?: readonly Vertex[];
  readonly logs?: readonly {
    readonly vertex: string;
    /** 1 is stdout, 2 stderr. */
    readonly stream?: number;
    readonly data?: string;
  }[];
  readonly warnings?: readonly Warning[];
}

/** What one line of progress adds to the display. */
interface ProgressNews {
  /** The step that has just begun, e.g. `[build 7/11] RUN make -j4`. */
  readonly step?: string;
  /** The step that is under way, and for how many milliseconds, where one has ended that was shown. */
  readonly remaining?: Pick<RunningStep, 'name' | 'age'>;
  /** Lines that a step wrote: untrusted. */
  readonly output: readonly string[];
}

export interface BuildProgress {
  /** Takes a line, and when it came (milliseconds on a clock that never goes back). */
  read(line: string, at: number): ProgressNews;
  /** Steps that have begun and not ended at that time; the builder's own only where none of the Dockerfile's is. */
  running(at: number): readonly RunningStep[];
  steps(): BuildFacts['steps'];
  warnings(): BuildFacts['warnings'];
  /** Text behind the JSON lines, the error's own words last. */
  text(): readonly string[];
  /** The step that the build failed by, and the last lines it wrote. */
  failed():
    | { readonly step: string; readonly error: string; readonly log: readonly string[] }
    | undefined;
  /** Caches that could not be read, each with the reason; a build goes on without them. */
  unreadCaches(): readonly { readonly cache: string; readonly error: string }[];
}

const LOG_LINES = 40;
const TEXT_LINES = 200;
const SILENT = /^\[(internal|auth|context [^\]]*)\]|^exporting |^resolving |^sending |^importing /;

const CACHE_IMPORT = /^importing cache manifest from /;

/** What BuildKit says of steps that it ended because another one had failed. */
const CANCELED = /context canceled$/;

function decode(base64: string | undefined): string {
  return base64 === undefined ? '' : Buffer.from(base64, 'base64').toString('utf8');
}

function parse(line: string): Line | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}

/**
 * Collects a build's progress; the Dockerfile's name is `file` in warnings. What
 * steps write comes in pieces that may end anywhere, also within a secret.
 */
export function createProgress(file: string, redactor: Pick<Redactor, 'pieces'>): BuildProgress {
  const vertexes = new Map<string, Vertex>();
  const logs = new Map<string, string[]>();
  const streams = new Map<string, Map<number, Pieces>>();
  const warnings: BuildFacts['warnings'][number][] = [];
  const text: string[] = [];
  /** By digest, in the order in which they began. */
  const under = new Map<string, { readonly name: string; readonly began: number; heard: number }>();
  let shown: string | undefined;

  /** A vertex that has ended can begin again: its result is computed when another one needs it. */
  function readState({ digest, name, started, completed, cached, error }: Vertex, at: number) {
    if (completed !== undefined || cached || error) under.delete(digest);
    else if (started !== undefined && !under.has(digest)) {
      under.set(digest, { name, began: at, heard: at });
    }
  }

  function running(at: number): readonly RunningStep[] {
    const all = Array.from(under, ([digest, { name, began, heard }]) => {
      return { name, age: at - began, silence: at - heard, log: logs.get(digest) ?? [] };
    });
    const own = all.filter(({ name }) => !SILENT.test(name));
    return own.length > 0 ? own : all;
  }

  /** What is under way where that is not what was shown last. */
  function remainingBehind(step: string | undefined, at: number): ProgressNews['remaining'] {
    shown = step ?? shown;
    const last = running(at).at(-1);
    if (last === undefined || last.name === shown) return undefined;
    shown = last.name;
    return last;
  }

  function readVertex(vertex: Vertex, at: number): string | undefined {
    const before = vertexes.get(vertex.digest);
    vertexes.set(vertex.digest, { ...before, ...vertex });
    readState(vertex, at);
    const begins = vertex.started !== undefined && before?.started === undefined;
    return begins && !SILENT.test(vertex.name) ? vertex.name : undefined;
  }

  function streamOf(vertex: string, number = 1): Pieces {
    const ofVertex = streams.get(vertex) ?? new Map<number, Pieces>();
    const stream = ofVertex.get(number) ?? redactor.pieces();
    streams.set(vertex, ofVertex.set(number, stream));
    return stream;
  }

  function hear(vertex: string, stream: number | undefined, data: string, at: number) {
    const step = under.get(vertex);
    if (step !== undefined) step.heard = at;
    return keep(vertex, streamOf(vertex, stream).push(data));
  }

  function keep(vertex: string, text: string): readonly string[] {
    const lines = text.split('\n').filter((line) => line !== '');
    const kept = [...(logs.get(vertex) ?? []), ...lines].slice(-LOG_LINES);
    logs.set(vertex, kept);
    return lines;
  }

  /** What a step had begun to write when it ended. */
  function finish(vertex: string): readonly string[] {
    const rests = [...(streams.get(vertex)?.values() ?? [])].map((stream) => stream.end());
    return rests.flatMap((rest) => keep(vertex, rest));
  }

  function readWarning(warning: Warning): void {
    const line = warning.range?.[0]?.start?.line;
    warnings.push({
      message: decode(warning.short),
      ...(warning.url ? { url: warning.url } : {}),
      location: { file, ...defined({ line }) },
    });
  }

  function withErrors() {
    return [...vertexes.values()].flatMap(({ error, ...rest }) =>
      error ? [{ ...rest, error }] : [],
    );
  }

  return {
    read(line, at) {
      const parsed = parse(line);
      if (parsed === undefined) {
        if (text.length < TEXT_LINES) text.push(line);
        return { output: [] };
      }
      const steps = (parsed.vertexes ?? []).flatMap((vertex) => readVertex(vertex, at) ?? []);
      const output = (parsed.logs ?? []).flatMap(({ vertex, stream, data }) =>
        hear(vertex, stream, decode(data), at),
      );
      const over = (parsed.vertexes ?? []).filter(({ completed, error }) => completed || error);
      const last = over.flatMap(({ digest }) => finish(digest));
      (parsed.warnings ?? []).forEach(readWarning);
      const step = steps.at(-1);
      const remaining = remainingBehind(step, at);
      return { output: [...output, ...last], ...defined({ step, remaining }) };
    },
    running,
    steps: () =>
      [...vertexes.values()]
        .filter((vertex) => !SILENT.test(vertex.name))
        .map(({ name, started, completed, cached, error }) => ({
          name,
          cached: cached ?? false,
          ...defined({ started }),
          ...(started === undefined || completed === undefined
            ? {}
            : { duration: Math.max(0, Date.parse(completed) - Date.parse(started)) }),
          ...(error ? { error } : {}),
        })),
    warnings: () => warnings,
    text: () => text,
    failed() {
      const wrong = withErrors();
      // The build's own last words end with the error of the step that it failed by.
      const said = text.slice(text.findLastIndex((line) => line.startsWith('ERROR: '))).join('\n');
      const vertex =
        wrong.findLast(({ error }) => said.includes(error)) ??
        wrong.findLast(({ name, error }) => !CACHE_IMPORT.test(name) && !CANCELED.test(error));
      if (vertex === undefined) return undefined;
      return { step: vertex.name, error: vertex.error, log: logs.get(vertex.digest) ?? [] };
    },
    unreadCaches: () =>
      withErrors()
        .filter(({ name }) => CACHE_IMPORT.test(name))
        .map(({ name, error }) => ({ cache: name.replace(CACHE_IMPORT, ''), error })),
  };
}
