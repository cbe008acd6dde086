import { buildpacksIn } from './apis.js';
import type { PlatformBuilder } from './builder.js';
import type { Offers } from './offers/read-offers.js';
import type { Runtime } from './pins/pin.js';
import { readerOf } from './readers.js';

/** A small application, whose build makes a buildpack name one end of what it offers. */
export interface ProbeQuestion {
  readonly end: 'newest' | 'oldest';
  /** The application's files, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** What the buildpack writes about it; the group is a version. */
  readonly answer: RegExp;
}

/** A buildpack that can be asked. */
export interface Probe {
  readonly runtime: Runtime;
  readonly id: string;
  readonly version: string;
  readonly questions: readonly ProbeQuestion[];
}

const NODE: readonly ProbeQuestion[] = [
  {
    end: 'newest',
    files: {
      'package.json': '{ "name": "probe", "version": "1.0.0", "engines": { "node": ">=0" } }\n',
      'index.js': '',
    },
    answer: /\bResolved Node\.js version: `?v?(\d+\.\d+\.\d+)/,
  },
];

/**
 * Buildpacks that name a version before they install anything: some when they refuse a pin,
 * others when they take the newest of a range. Sources: heroku/buildpacks-python
 * src/errors.rs; heroku/buildpacks-nodejs src/runtime.rs; heroku/buildpacks-go
 * buildpacks/go/src/main.rs. heroku/ruby and heroku/php name none.
 */
const QUESTIONS: Readonly<Record<string, readonly ProbeQuestion[]>> = {
  'heroku/python': [
    {
      end: 'newest',
      files: { '.python-version': '3.99\n', 'requirements.txt': '' },
      answer: /\(such as Python (\d+\.\d+)\)/,
    },
    {
      end: 'oldest',
      files: { '.python-version': '3.1\n', 'requirements.txt': '' },
      answer: /\bupgrade to at least Python (\d+\.\d+)/,
    },
  ],
  'heroku/nodejs': NODE,
  'heroku/nodejs-engine': NODE,
  'heroku/go': [
    {
      end: 'newest',
      files: {
        'go.mod': 'module probe\n\n// +heroku goVersion >=1.0\n',
        'main.go': 'package main\n\nfunc main() {}\n',
      },
      answer: /\bResolved Go version: (?:go)?(\d+\.\d+(?:\.\d+)?)/,
    },
  ],
};

/**
 * The buildpacks of a builder of which it is not known what they offer of some runtimes: those
 * that can be asked by a build, and those that name no versions.
 */
export function probesOf(
  on: PlatformBuilder,
  { offers }: Offers,
  runtimes: ReadonlySet<Runtime>,
): { readonly probes: readonly Probe[]; readonly silent: readonly Omit<Probe, 'questions'>[] } {
  const unknown = buildpacksIn(on).flatMap(({ id, version, order }) => {
    const runtime = readerOf(id, version)?.runtime;
    const isKnown = offers.some(
      ({ platform, buildpack, partial }) =>
        platform === on.platform &&
        buildpack.id === id &&
        buildpack.version === version &&
        !partial,
    );
    if (runtime === undefined || !runtimes.has(runtime) || isKnown || order.length > 0) return [];
    return [{ runtime, id, version }];
  });
  const questionsOf = (id: string) => (Object.hasOwn(QUESTIONS, id) ? QUESTIONS[id] : undefined);
  return {
    probes: unknown.flatMap((one) => {
      const questions = questionsOf(one.id);
      return questions === undefined ? [] : [{ ...one, questions }];
    }),
    silent: unknown.filter(({ id }) => questionsOf(id) === undefined),
  };
}

/** The version that a buildpack names in the lines of a build. */
export function probeAnswer(
  { answer }: ProbeQuestion,
  lines: readonly string[],
): string | undefined {
  // A sentence may be wrapped.
  return answer.exec(lines.map((line) => line.trim()).join(' '))?.[1];
}
