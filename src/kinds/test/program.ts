import {
  child,
  parseDuration,
  type SourceNode,
  shapes,
  table,
  text,
} from '../../document/index.js';
import type { PlannedTest } from '../../evidence/index.js';
import { defined } from '../../types/index.js';
import type { ReadContext } from '../read-context.js';
import { type TestKeys, type TestPart, TIMEOUT } from './kind.js';

/* What tests that run a program have in common, in the image or on the host. */

const { filled, pattern } = shapes;

/** What a test runs; a list without items has been refused by its shape. */
function program({ problems }: ReadContext, test: SourceNode): PlannedTest['run'] {
  const written = test.kind === 'map' ? child(test, 'run') : test;
  const first = written?.kind === 'list' ? written.items[0] : written;
  if (first === undefined) return undefined;
  if (first.kind === 'scalar' && first.text.trim() === '') {
    problems.push({ ...first.at, message: 'this test is empty; it needs a program to run' });
    return undefined;
  }
  if (written?.kind === 'scalar') return { shell: written.text };
  if (written?.kind !== 'list') return undefined;
  return { exec: written.items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : [])) };
}

function textsOf(run: NonNullable<PlannedTest['run']>): readonly string[] {
  return 'shell' in run ? [run.shell] : run.exec;
}

function readRun(test: SourceNode, context: ReadContext): TestPart {
  const run = program(context, test);
  if (run === undefined) return {};
  return { plan: { run }, texts: textsOf(run).map((text) => ({ what: '"run"', text })) };
}

/** The first line of what a test runs is its name where none is written. */
export function defaultName({ run, process }: Pick<PlannedTest, 'run' | 'process'>): string {
  if (run === undefined) return `process ${process}`;
  return textsOf(run).join(' ').trim().split('\n')[0]?.slice(0, 120) ?? '';
}

function readEnv(test: SourceNode): TestPart {
  const env = table(test, 'env');
  const texts = Object.entries(env).map(([name, value]) => ({
    what: `the variable "${name}"`,
    text: `${name}=${value}`,
  }));
  return { plan: { env }, texts };
}

/** Each kind reads it by its own rule. */
export const workdir = {
  shape: filled,
  description:
    'Working directory: in the image an absolute one (default: the image’s), on the host one that starts at the workspace.',
};

export const programKeys: TestKeys = {
  name: {
    shape: filled,
    description: 'Name, unique on each platform of the image (default: the command).',
    read: (test) => ({ plan: defined({ name: text(test, 'name') }) }),
  },
  run: {
    shape: { kind: 'list', of: shapes.text, single: true, filled: true },
    required: true,
    unless: 'process',
    description: 'A text for the image’s shell, or a list that is executed without a shell.',
    read: readRun,
  },
  stdout: {
    shape: pattern,
    description: 'Pattern (Go syntax) that standard output must match.',
    read: (test) => ({ plan: defined({ stdout: text(test, 'stdout') }) }),
  },
  stderr: {
    shape: pattern,
    description: 'Pattern (Go syntax) that standard error must match.',
    read: (test) => ({ plan: defined({ stderr: text(test, 'stderr') }) }),
  },
  'exit-code': {
    shape: { kind: 'integer', least: 0, most: 255 },
    description: 'Expected exit code (default: 0).',
    read: (test) => ({ plan: { exitCode: Number(text(test, 'exit-code') ?? 0) } }),
  },
  env: { shape: shapes.pairs, description: 'Environment variables.', read: readEnv },
  workdir,
  timeout: {
    shape: { kind: 'text', format: 'duration' },
    description: 'As 90s or 5m (default: 5m); four times that under emulation.',
    read: (test) => ({
      plan: { timeout: parseDuration(text(test, 'timeout') ?? '') ?? TIMEOUT },
    }),
  },
  platforms: { shape: shapes.platforms, description: 'Only on these platforms.' },
  cmd: { refused: 'write "run"' },
  command: { refused: 'write "run"' },
  script: { refused: 'write "run"' },
};
