import { spawn } from 'node:child_process';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Home, homeOn } from './home.js';
import { type PrivateEngine, privateEngine } from './private-engine.js';
import { CLI, command, distribution, environment, project, sail } from './rig.js';

/*
 * Runs that are ended at any moment, on an engine with the classic store and a
 * builder made for the run, which is where most can be left behind. Each time
 * everything that a run might change is the same as before.
 */

/** More of them by hand: SEA_TRIAL_KILLS=50. */
const KILLS = Number(process.env.SEA_TRIAL_KILLS ?? 8);

let engine: PrivateEngine;
let home: Home;
let registry: string;
let folder: string;

beforeAll(async () => {
  [engine, registry] = await Promise.all([privateEngine(), distribution()]);
  home = await homeOn(engine.host, 'users-own');
  await command('docker', ['pull', 'moby/buildkit:buildx-stable-1'], home.env);
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
    ].join('\n'),
    Dockerfile: 'FROM busybox:1.37\nRUN head -c16 /dev/urandom | md5sum > /id && sleep 0.3\n',
  });
  // What buildx and node keep for themselves from their first use on is there before.
  await begin().ended;
}, 120_000);

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

const begin = () => sail(folder, ['--push', '--registry', registry], { env: home.env });

/** What progress says first in a stage. */
const STAGES = { environment: /./, build: /build/, test: /test/ };

/** Numbers that are the same each time: a linear congruence, as in Numerical Recipes. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe('a run that is ended', () => {
  test('by itself leaves everything as it was', async () => {
    const before = await home.survey();
    expect((await begin().ended).code).toBe(0);
    expect(await home.survey()).toEqual(before);
  }, 120_000);

  test('by SIGKILL at any moment leaves everything as it was, once that is cleaned', async () => {
    const before = await home.survey();
    const from = Date.now();
    await begin().ended;
    const whole = Date.now() - from;
    const moments = numbers(20261121);
    for (let kill = 0; kill < KILLS; kill++) {
      const moment = Math.round((moments.next().value ?? 0) * whole);
      const sailing = begin();
      const timer = setTimeout(() => sailing.child.kill('SIGKILL'), moment);
      await sailing.ended;
      clearTimeout(timer);
      const cleaned = await clean();
      const after = await home.survey();
      const seen = { moment, cleaned, left: after.filter((one) => !before.includes(one)) };
      expect(seen).toEqual({ moment, cleaned: { ...cleaned, code: 0 }, left: [] });
      expect(after).toEqual(before);
    }
    expect((await begin().ended).code).toBe(0);
    expect(await home.survey()).toEqual(before);
  }, 1_200_000);

  test.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'by %s in each of its stages takes everything away itself',
    async (signal, code) => {
      const before = await home.survey();
      for (const stage of ['environment', 'build', 'test'] as const) {
        const sailing = begin();
        const words = STAGES[stage];
        let sent = false;
        sailing.child.stderr?.on('data', (text: string) => {
          if (!sent && words.test(text)) sent = sailing.child.kill(signal);
        });
        const run = await sailing.ended;
        expect([stage, run.code]).toEqual([stage, code]);
        expect(run.stdout + run.stderr).not.toMatch(/engine-failed|passed its tests|published and/);
        expect(await home.survey()).toEqual(before);
      }
    },
    300_000,
  );
});
