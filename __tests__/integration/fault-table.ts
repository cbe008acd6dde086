import { readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from '@jest/globals';
import { afterwards, ROOT, type Run } from './rig.js';

/** What a fault comes to: a line of docs/faults.md. */
export interface FaultRow {
  readonly fault: string;
  readonly stage: 'environment' | 'build' | 'inspect' | 'test' | 'publish' | 'verify';
  readonly exit: number | null;
  readonly message: string;
  /** What is still there when all is over, tags in the registry included. */
  readonly left: readonly string[];
}

interface Line extends FaultRow {
  readonly suite: string;
}

const FILE = join(ROOT, 'docs', 'faults.json');
/** Where the lines are to be written, instead of compared: see scripts/docs/faults.ts. */
const target = process.env.SEA_TRIAL_FAULTS;
const lines: Line[] = [];

function suite(): string {
  return basename(expect.getState().testPath ?? '', '.test.ts');
}

async function merge(path: string): Promise<void> {
  const own = new Set(lines.map((line) => line.suite));
  const all: readonly Line[] = JSON.parse(await fs.readFile(path, 'utf8').catch(() => '[]'));
  const place = ({ suite, stage, fault }: Line) => [suite, stage, fault].join('\n');
  const merged = [...all.filter((line) => !own.has(line.suite)), ...lines].sort((a, b) =>
    place(a) < place(b) ? -1 : 1,
  );
  await fs.writeFile(path, `${JSON.stringify(merged, undefined, 2)}\n`);
}

if (target !== undefined) afterwards(() => merge(target));

/** Words without what is another each time: digests, ports, folders, runs, times. */
export function lasting(text: string): string {
  return (
    text
      .replace(/sha(256|512):[0-9a-f]{8,}…?/g, 'sha$1:…')
      .replace(/127\.0\.0\.1:\d{4,5}/g, '127.0.0.1:PORT')
      .replaceAll(new RegExp(`${tmpdir()}/[\\w./-]+`, 'g'), '$TMPDIR/…')
      .replace(/\blocal-[0-9a-f]{8}/g, 'RUN')
      .replace(/%2Fv1\.\d+%2F|\/v1\.\d+\//g, '/v1.…/')
      .replace(/\b(still running after|output for) [\dhms]+/g, '$1 …')
      // What a network or an engine's own registry says is another on each machine.
      .replace(/(: failed to do request|could not register one): .*$/s, '$1')
      .replace(/ref \w+::\w+/g, 'ref …')
      .replace(/ (\d+[hm] )?[\d.]+(ms|[ms])$/gm, '')
      .replace(/\s+/g, ' ')
      .trim()
  );
}

/** The first error's message; without any, the report's headline, or why there is none. */
export function messageOf({ evidence, stdout, stderr }: Run): string {
  const error = evidence?.findings.find(({ severity }) => severity === 'error');
  const headline = stdout.split('\n', 1)[0] ?? '';
  // Where there is no evidence, the sentence is the last thing that was said.
  const end = stderr.slice(stderr.lastIndexOf('✘ ')).split('\n\n')[1] ?? '';
  return lasting(error?.message ?? (headline === '' ? end : headline));
}

/** Compares what a fault came to with the line that is committed for it. */
export function noteFaults(rows: readonly FaultRow[]): void {
  const noted = rows.map((row) => ({ suite: suite(), ...row }));
  lines.push(...noted);
  if (target !== undefined) return;
  const all: readonly Line[] = JSON.parse(readFileSync(FILE, 'utf8'));
  const known = noted.map(({ suite, fault, stage }) =>
    all.find((one) => one.suite === suite && one.fault === fault && one.stage === stage),
  );
  expect(known).toEqual(noted);
}
