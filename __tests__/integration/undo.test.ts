/**
 * Runs that are interrupted have six seconds to take everything away.
 * @engine own
 */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type FaultRow, messageOf, noteFaults } from './fault-table.js';
import { slowTo } from './faulty.js';
import { alone, type Home, homeOn } from './home.js';
import { type PrivateEngine, privateEngine } from './private-engine.js';
import {
  CLI,
  command,
  distribution,
  environment,
  give,
  project,
  ROOT,
  type Run,
  startRun,
  tagsAt,
  writeProof,
} from './rig.js';

/*
 * Runs that are ended at any moment, on an engine with the classic store and a
 * builder made for the run, which is where most can be left behind. Each time
 * everything that a run might change is the same as before.
 */

/** Fifty of them in `npm run test:deep`: there each kind of thing had to be taken away. */
const KILLS = Number(process.env.SEA_TRIAL_KILLS ?? 2);

const FAR = 'linux/loong64';
const HANDLER = 'qemu-loongarch64';

let engine: PrivateEngine;
let image: string;
let home: Home;
let registry: string;
let folder: string;

beforeAll(async () => {
  // Its engine and its runs have a time to keep, while other suites need processors, too.
  setPriority(-10);
  const [own, host, binfmt] = await Promise.all([
    privateEngine(),
    distribution(),
    command(join(ROOT, 'scripts', 'rig', 'binfmt-image.sh'), []),
  ]);
  [engine, registry] = [own, host];
  home = await homeOn(engine.host, 'users-own');
  image = binfmt.trim();
  await command('docker', ['pull', 'moby/buildkit:buildx-stable-1'], home.env);
  await give(image, home.env);
  await alone(HANDLER);
  folder = await project({
    'sea-trial.yml': [
      'images:',
      '  - name: ghcr.io/acme/ship',
      '    tags: [dev]',
      '    platforms: [linux/amd64, linux/arm64]',
      '    tests:',
      '      - { name: reads its id, run: cat /id }',
      '      - { name: sleeps, run: sleep 0.5 }',
      '      - { name: on the host, on: host, run: "sleep 0.5 & wait" }',
      // Nobody runs its programs here: the run registers an emulator, and takes it away.
      '  - name: ghcr.io/acme/far',
      `    platforms: [${FAR}]`,
      '    build: { dockerfile: far.Dockerfile }',
      '    tests: [{ name: proof, run: [/proof], exit-code: 23 }]',
    ].join('\n'),
    'far.Dockerfile': 'FROM scratch\nCOPY proof /\n',
    Dockerfile: 'FROM busybox:1.37\nRUN head -c16 /dev/urandom | md5sum > /id && sleep 0.3\n',
  });
  await writeProof(folder, FAR);
  // What buildx and node keep for themselves from their first use on is there before.
  await begin().ended;
}, 1_800_000);

async function clean(): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(process.execPath, [CLI, 'clean'], { env: { ...environment, ...home.env } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece) => {
      text += piece;
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
}

/** Starts a run that publishes there. */
const startRunTo = (place: string) =>
  startRun(folder, ['--push', '--registry', place, '--binfmt-image', image], { env: home.env });

const begin = () => startRunTo(registry);

type Stage = FaultRow['stage'];

/** What progress says first in a stage, or what the registry is asked first. */
const STAGES: readonly (readonly [string, Stage, { says: RegExp } | { asks: RegExp }])[] = [
  ['the surroundings are looked at', 'environment', { says: /./ }],
  ['an image is built', 'build', { says: /building +\[/ }],
  ['an image is loaded', 'test', { says: /loading/ }],
  ['a test runs', 'test', { says: /testing +sleeps/ }],
  ['a test runs on the host', 'test', { says: /testing +on the host/ }],
  ['a blob is uploaded', 'publish', { asks: /^(PUT|PATCH) .*\/uploads\// }],
  ['a manifest is written', 'publish', { asks: /^PUT .*\/manifests\/sha256:/ }],
  ['a tag is written', 'publish', { asks: /^PUT .*\/manifests\/dev$/ }],
  ['what was published is read back', 'verify', { asks: /^GET .*\/blobs\/sha256:/ }],
];

const SIGNALS = [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;

/** What is asked is answered half a second later. */
const soon = (forward: () => void) => void setTimeout(forward, 500);

let runs = 0;

/** Starts a run that has all to do, and ends it by a signal as soon as it is there. */
async function endedAt(
  moment: (typeof STAGES)[number][2],
  signal: NodeJS.Signals,
): Promise<{ readonly run: Run; readonly place: string }> {
  runs += 1;
  const prefix = `run${process.pid}-${runs}`;
  const told = 'asks' in moment ? await slowTo(moment.asks, registry, soon) : undefined;
  const host = told?.host ?? registry;
  const Dockerfile = `FROM busybox:1.37\nRUN head -c16 /dev/urandom | md5sum > /id && sleep 0.3 && echo ${prefix}\n`;
  await fs.writeFile(join(folder, 'Dockerfile'), Dockerfile);
  const started = startRunTo(`${host}/${prefix}`);
  let sent = false;
  const end = () => {
    if (sent) return;
    sent = started.child.kill(signal);
    // What is asked to end has six seconds.
    const late = setTimeout(() => started.child.kill('SIGKILL'), 6_000);
    void started.ended.then(() => clearTimeout(late));
  };
  void told?.when().then(end);
  started.child.stderr?.on('data', (text: string) => {
    if ('says' in moment && moment.says.test(text)) end();
  });
  const run = await started.ended;
  expect(sent).toBe(true);
  return { run, place: `${registry}/${prefix}` };
}

/** Tags that are in the registry, which must be on what was tested. */
async function tagsOf(place: string): Promise<readonly string[]> {
  const [host = '', prefix = ''] = place.split('/');
  return (await tagsAt(host, `${prefix}/acme/ship`)).map((tag) => `the tag ${tag}`);
}

/** Numbers that are the same each time: a linear congruence, as in Numerical Recipes. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe('a run that is ended', () => {
  let whole: Promise<{ readonly code: number | null; readonly took: number }> | undefined;
  /** A run that is not ended by others, once, and the milliseconds that it takes. */
  const wholeRun = () => {
    const from = Date.now();
    whole ??= begin().ended.then(({ code }) => ({ code, took: Date.now() - from }));
    return whole;
  };

  test('by itself leaves everything as it was', async () => {
    const before = await home.survey(HANDLER);
    expect((await wholeRun()).code).toBe(0);
    expect(await home.survey(HANDLER)).toEqual(before);
  }, 120_000);

  test(
    'by SIGKILL at any moment leaves everything as it was, once that is cleaned',
    async () => {
      const { took } = await wholeRun();
      const before = await home.survey(HANDLER);
      const moments = numbers(20261121);
      const kinds = new Set<string>();
      for (let kill = 0; kill < KILLS; kill++) {
        const moment = Math.round((moments.next().value ?? 0) * took);
        const started = begin();
        const timer = setTimeout(() => started.child.kill('SIGKILL'), moment);
        await started.ended;
        clearTimeout(timer);
        const cleaned = await clean();
        for (const [, kind = ''] of cleaned.text.matchAll(/\d+ ([a-z]+)(?=,| removed)/g)) {
          kinds.add(kind.replace(/(?<=process)es$|(?<=[^s])s$/, ''));
        }
        const after = await home.survey(HANDLER);
        const seen = { moment, cleaned, left: after.filter((one) => !before.includes(one)) };
        expect(seen).toEqual({ moment, cleaned: { ...cleaned, code: 0 }, left: [] });
        expect(after).toEqual(before);
      }
      const all = ['builder', 'container', 'emulator', 'folder', 'image', 'process'];
      if (KILLS >= 50) expect([...kinds].sort()).toEqual(all);
    },
    KILLS * 60_000 + 600_000,
  );

  test('by SIGKILL in each of its stages: a rerun succeeds, and all is as before once that is cleaned', async () => {
    const before = await home.survey(HANDLER);
    const rows: FaultRow[] = [];
    for (const [what, stage, moment] of STAGES) {
      const { run, place } = await endedAt(moment, 'SIGKILL');
      const tags = await tagsOf(place);
      const again = await startRunTo(place).ended;
      expect([what, run.code, again.code, again.stdout]).toEqual([
        what,
        null,
        0,
        expect.stringContaining('What was tested is what the registry serves'),
      ]);
      const cleaned = await clean();
      expect([what, cleaned.code]).toEqual([what, 0]);
      expect(await home.survey(HANDLER)).toEqual(before);
      const message = 'Nothing; a rerun succeeds, and sea-trial clean removes what is left.';
      rows.push({ fault: `SIGKILL while ${what}`, stage, exit: null, message, left: tags });
    }
    noteFaults(rows);
  }, 600_000);

  test('by SIGHUP, SIGINT or SIGTERM, in turn, in each of its stages takes everything away itself, within 6 s', async () => {
    const before = await home.survey(HANDLER);
    const rows: FaultRow[] = [];
    for (const [index, [what, stage, moment]] of STAGES.entries()) {
      const [signal, code] = SIGNALS[index % SIGNALS.length] ?? ['SIGTERM', 143];
      const { run, place } = await endedAt(moment, signal);
      expect([what, run.code]).toEqual([what, code]);
      expect(run.stdout + run.stderr).not.toMatch(/engine-failed|passed its tests|published and/);
      expect(await home.survey(HANDLER)).toEqual(before);
      const left = await tagsOf(place);
      const fault = `${signal} while ${what}`;
      rows.push({ fault, stage, exit: run.code, message: messageOf(run) || 'nothing', left });
    }
    noteFaults(rows);
  }, 300_000);
});
