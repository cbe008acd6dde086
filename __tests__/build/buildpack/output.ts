import { createLifecycleProgress } from '../../../src/build/buildpack/progress.js';
import { createRedactor } from '../../../src/evidence/index.js';

export const SECRET = 'a-secret-word';

/** A build's output a line a second, from a fixed moment on. */
export function readOutput(...lines: readonly string[]) {
  const redactor = createRedactor();
  redactor.learn(SECRET);
  const progress = createLifecycleProgress(redactor);
  const from = Date.parse('2026-01-01T00:00:00Z');
  const news = lines.map((line, at) => progress.read(line, from + at * 1000));
  return { progress, news, shown: news.flatMap(({ output }) => output) };
}

/** As pack 0.40.9 with lifecycle 0.21.17 writes it. */
export const DETECTED = [
  '===> ANALYZING',
  'Image with name "172.18.0.1:5000/app:1" not found',
  '===> DETECTING',
  'heroku/python    0.25.0',
  'heroku/procfile  4.0.0',
  '===> RESTORING',
  '===> BUILDING',
];

/** The same with `--verbose`. */
export const DETECTED_VERBOSE = [
  "Running the 'creator' on OS 'linux' from image 'pack.local/builder/75637a:latest' with:",
  'Container Settings:',
  "  Args: '/cnb/lifecycle/creator -log-level debug -app /workspace'",
  'Starting creator...',
  'Parsing inputs...',
  '===> ANALYZING',
  'Timer: Analyzer started at 2026-11-30T01:21:00Z',
  '===> DETECTING',
  'No system buildpacks found at path "/cnb/system.toml"',
  'Checking for match against descriptor: {linux amd64  []}',
  '======== Results ========',
  'fail: heroku/go@0.4.1',
  '======== Results ========',
  'pass: heroku/python@0.25.0',
  'pass: heroku/procfile@4.0.0',
  'Resolving plan... (try #1)',
  'heroku/python    0.25.0',
  'heroku/procfile  4.0.0',
  'Timer: Detector ran for 4.39ms and ended at 2026-11-30T01:21:00Z',
  '===> RESTORING',
  'Restoring Layer Metadata',
  '===> BUILDING',
  'Timer: Builder started at 2026-11-30T01:21:00Z',
];

/** One buildpack at work, as the lifecycle tells of it at the level "debug". */
export function atWork(buildpack: string, ...output: readonly string[]): readonly string[] {
  return [
    `Running build for buildpack ${buildpack}`,
    'Looking up buildpack',
    'Finding plan',
    'Creating plan directory',
    'Preparing paths',
    'Running build command',
    ...output,
  ];
}

export function finished(buildpack: string): readonly string[] {
  return [
    'Processing layers',
    'Updating environment',
    'Reading output files',
    'Updating process list',
    `Finished running build for buildpack ${buildpack}`,
  ];
}

/** The end of a build with pack: the lifecycle's own words, and pack's about its exit code. */
export function ended(status: number, ...said: readonly string[]): readonly string[] {
  return [
    ...said.map((line) => `ERROR: ${line}`),
    `ERROR: failed to build: executing lifecycle: failed with status code: ${status}`,
  ];
}
