import { LAUNCHER, processPath } from '../buildpacks/index.js';
import { ESCAPES, type PlannedTest } from '../evidence/index.js';
import type { CapturedOutput } from '../ports/index.js';
import type { CommandLine } from './command-line.js';

/*
 * Tests of an image from buildpacks run in the environment that its launcher makes
 * (buildpacks/lifecycle launch/launcher.go): of one word it makes a text for bash, what stands
 * behind `--` it executes, and called as `/cnb/process/web` it starts that process type.
 */

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The launcher goes to the application's folder, and its bash goes on behind a line that fails. */
function textOf(text: string, workdir: string | undefined): string {
  const isOne = !text.trim().includes('\n');
  const lines = [
    ...(isOne ? [] : ['set -e']),
    ...(workdir === undefined ? [] : [`cd ${quoted(workdir)} || exit`]),
    text,
  ];
  return lines.join('\n');
}

/** What a text writes to stderr before anything else. */
const BEGINNING = '\u001esea-trial: the test begins\u001e';

/**
 * A text as it is executed: bash runs scripts of the image first (.profile, profile.d,
 * BASH_ENV), and one of them that ends bash would end the test with an exit code of its own.
 */
export function announced(text: string): string {
  return `printf '%s\\n' '${BEGINNING}' >&2\n${text}`;
}

/** Whether a text has begun, and its stderr without the words that say so. */
export function withoutBeginning(stderr: CapturedOutput): {
  readonly begun: boolean;
  readonly stderr: CapturedOutput;
} {
  const line = `${BEGINNING}\n`;
  // Of a long output the end is kept.
  if (!stderr.text.includes(line)) return { begun: stderr.truncated, stderr };
  const text = stderr.text.replace(line, '');
  return { begun: true, stderr: { ...stderr, text, bytes: stderr.bytes - line.length } };
}

/** What is executed for a test through the image's launcher. */
export function launcherLine({
  run,
  process,
  workdir,
}: Pick<PlannedTest, 'run' | 'process' | 'workdir'>): CommandLine {
  if (process !== undefined) return { words: [processPath(process)], goesOn: false };
  if (run === undefined) return { words: [], goesOn: false };
  if ('exec' in run) return { words: [LAUNCHER, '--', ...run.exec], goesOn: false };
  return { words: [LAUNCHER, textOf(run.shell, workdir)], goesOn: false };
}

/** A list starts in the folder that the launcher takes for the application's; it passes this on to nothing. */
export function launcherEnv({
  run,
  workdir,
}: Pick<PlannedTest, 'run' | 'workdir'>): Readonly<Record<string, string>> {
  const isText = run !== undefined && 'shell' in run;
  return workdir === undefined || isText ? {} : { CNB_APP_DIR: workdir };
}

/** Its last word, on standard output, by its exit code (platform/exit.go, cmd/exit.go). */
const REFUSALS: ReadonlyMap<number, RegExp> = new Map([
  [1, /^ERROR: failed to (read metadata: .+)$/],
  [11, /^ERROR: failed to ((?:set|get|parse) platform API.+)$/],
  [12, /^ERROR: failed to ((?:set API for|parse buildpack API) .+)$/],
  [82, /^ERROR: failed to launch: (.+)$/],
]);

/**
 * What the launcher says where it could not start what it was asked for; undefined where it
 * did. A test's program that writes the same as its last line and ends so fails as well.
 */
export function launcherRefusal(exitCode: number, stdout: string): string | undefined {
  const last = stdout.replace(ESCAPES, '').trimEnd().split('\n').at(-1) ?? '';
  const said = REFUSALS.get(exitCode)?.exec(last)?.[1];
  return said
    ?.replace(/^path lookup: /, '')
    .replace(/^bash exec: /, 'exec /bin/bash: ')
    .replace(/^direct exec: /, 'exec: ');
}
