import * as core from '@actions/core';
import type { Ports } from '../ports/index.js';
import { type Annotation, withoutCommands } from '../report/index.js';
import { defined } from '../types/index.js';

const INPUT = 'INPUT_';

const ANNOTATE = { error: core.error, warning: core.warning, notice: core.notice };

/** A job's output that holds a masked value is dropped, so short values are not masked. */
const SHORTEST_MASK = 8;

/** What GitHub's runner gives the action and takes from it. */
export interface Runner {
  /** Every input that the workflow or action.yml gave, by its own name. */
  inputs(): ReadonlyMap<string, string>;
  /** A value that `main` saved for `post`; undefined where there is none. */
  state(name: string): string | undefined;
  saveState(name: string, value: string): Promise<void>;
  setOutputs(outputs: Readonly<Record<string, string>>): Promise<void>;
  /** Appends Markdown to the job summary. */
  addSummary(markdown: string): Promise<void>;
  /** Hides secrets in the log, each of their lines, since the runner compares line by line. */
  mask(secrets: Iterable<string>): void;
  annotate(annotation: Annotation): void;
  /** Prints lines that are folded under a title; the runner obeys no command in them. */
  group(title: string, text: string): void;
  /** Prints one line in the debug log. */
  debug(line: string): void;
}

function readInputs(env: Ports['env']): ReadonlyMap<string, string> {
  const names = Object.keys(env).filter((name) => name.startsWith(INPUT));
  return new Map(
    names.map((variable) => {
      const name = variable.slice(INPUT.length).toLowerCase();
      return [name, core.getInput(name, { trimWhitespace: false })];
    }),
  );
}

/** Lines of secrets that are long enough to be hidden, each once. */
function masksOf(secrets: Iterable<string>): readonly string[] {
  const lines = [...secrets].flatMap((secret) => secret.split(/\r\n|\n|\r/));
  return [...new Set(lines)].filter((line) => line.trim().length >= SHORTEST_MASK);
}

/**
 * The runner through @actions/core, which reads the environment of this process. Where
 * the runner names no file, @actions/core prints the value as a command, for runners
 * before 2022; here nothing is written then.
 */
export function createRunner({ env, files }: Pick<Ports, 'env' | 'files'>): Runner {
  /** Makes the file that @actions/core wants to exist; false where the runner names none. */
  const hasFile = async (name: 'OUTPUT' | 'STATE' | 'STEP_SUMMARY') => {
    const path = env[`GITHUB_${name}`] ?? '';
    if (path === '') return false;
    await files.append(path, '');
    return true;
  };
  return {
    inputs: () => readInputs(env),
    state: (name) => core.getState(name) || undefined,
    async saveState(name, value) {
      if (await hasFile('STATE')) core.saveState(name, value);
    },
    async setOutputs(outputs) {
      if (!(await hasFile('OUTPUT'))) return;
      for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
    },
    async addSummary(markdown) {
      if (await hasFile('STEP_SUMMARY'))
        await core.summary.addRaw(markdown.trimEnd(), true).write();
    },
    mask(secrets) {
      for (const line of masksOf(secrets)) core.setSecret(line);
    },
    annotate({ level, message, title, file, line, column }) {
      // A property without a value is left out.
      ANNOTATE[level](message, {
        title: title ?? '',
        file: file ?? '',
        ...defined({ startLine: line, startColumn: column }),
      });
    },
    group(title, text) {
      core.startGroup(title);
      core.info(withoutCommands(text).trimEnd());
      core.endGroup();
    },
    debug: (line) => core.debug(line),
  };
}
