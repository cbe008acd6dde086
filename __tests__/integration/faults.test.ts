import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { runAction } from '../e2e/harness.js';
import { listening } from '../listening.js';
import { type FaultRow, messageOf, noteFaults } from './fault-table.js';
import { asks, pass, slowTo } from './faulty.js';
import { type Home, homeOn } from './home.js';
import { sentences, unique, withTmp } from './image-project.js';
import { type PrivateEngine, privateEngine, smallDisk } from './private-engine.js';
import {
  afterwards,
  CLI,
  command,
  distribution,
  environment,
  leftovers,
  mortalDistribution,
  project,
  type StartedRun,
  startRun,
  tagsAt,
} from './rig.js';

/*
 * Surroundings that fail in the middle of a run: the engine, the disk. Each time
 * the run says so, ends with 3, and nothing is published.
 */

function configuration(run: string, more = ''): string {
  return [
    'images:',
    '  - name: ghcr.io/acme/ship',
    '    tags: [dev]',
    '    platforms: [linux/amd64]',
    '    tests:',
    `      - { name: one, run: "${run}" }`,
    ...(more === '' ? [] : [`      - ${more}`]),
  ].join('\n');
}

interface Loss {
  readonly stage: FaultRow['stage'];
  readonly step?: string;
  readonly run?: string;
  /** When it is lost: as soon as progress says so, or the registry is asked so. */
  readonly says?: RegExp;
  readonly asks?: RegExp;
  /** The builder alone, or the engine with everything in it. */
  readonly lost: 'builder' | 'engine';
  readonly exit: number;
  readonly words: RegExp;
  readonly tags?: readonly string[];
}

/** What is asked is answered half a second later. */
const soon = (forward: () => void) => void setTimeout(forward, 500);

const GONE = /engine does not answer|connection to the builder was lost/i;
const STEP = 'RUN echo begun-here && sleep 30';

const LOSSES: Readonly<Record<string, Loss>> = {
  'the builder is killed while a step is built': {
    ...{ stage: 'build', step: STEP, says: /sleep 30/, lost: 'builder', exit: 3 },
    words: /the connection to the builder was lost/,
  },
  'the engine is lost while a step is built': {
    ...{ stage: 'build', step: STEP, says: /sleep 30/, lost: 'engine', exit: 3, words: GONE },
  },
  'the engine is lost while an image is loaded': {
    ...{ stage: 'test', step: 'RUN head -c 60000000 /dev/urandom > /big', says: /loading/ },
    ...{ lost: 'engine', exit: 3, words: GONE },
  },
  'the engine is lost while a test runs': {
    ...{ stage: 'test', run: 'echo started; sleep 30', says: /testing/, lost: 'engine', exit: 3 },
    words: GONE,
  },
  'the engine is lost while blobs are uploaded': {
    ...{ stage: 'publish', asks: /^(PUT|PATCH) .*\/uploads\//, lost: 'engine', exit: 0 },
    words: /What was tested is what the registry serves/,
    tags: ['dev'],
  },
};

describe('what is lost in the middle of a run', () => {
  let engine: PrivateEngine;
  let home: Home;
  let registry: string;
  const begin = async (prefix: string, loss: Partial<Loss>, host = registry) => {
    const { step = 'RUN true', run = 'true' } = loss;
    const folder = await project({
      'sea-trial.yml': configuration(run),
      Dockerfile: `FROM busybox:1.37\n${unique()}\n${step}\n`,
    });
    return startRun(folder, ['--push', '--registry', `${host}/${prefix}`], { env: home.env });
  };

  beforeAll(async () => {
    [engine, registry] = await Promise.all([privateEngine(), distribution()]);
    home = await homeOn(engine.host);
    await command('docker', ['pull', 'moby/buildkit:buildx-stable-1'], home.env);
    // What buildx keeps for itself from its first use on is there before.
    expect((await (await begin('first', {})).ended).code).toBe(0);
  }, 120_000);

  const killBuilder = async () => {
    const names = await command(
      'docker',
      ['ps', '--format', '{{.Names}}', '--filter', 'name=buildx_buildkit_sea-trial'],
      home.env,
    );
    await command('docker', ['kill', ...names.trim().split('\n')], home.env);
  };

  test.each(Object.entries(LOSSES))(
    '%s',
    async (fault, loss) => {
      const before = await home.survey();
      const prefix = fault.replaceAll(' ', '-');
      const told = loss.asks === undefined ? undefined : await slowTo(loss.asks, registry, soon);
      const started = await begin(prefix, loss, told?.host);
      let gone: Promise<void> | undefined;
      const lose = () => {
        gone ??= loss.lost === 'engine' ? engine.crash() : killBuilder();
      };
      void told?.when().then(lose);
      started.child.stderr?.on('data', (text: string) => {
        if (loss.says?.test(text)) lose();
      });
      const ended = await started.ended;
      await gone;
      const said = sentences(`${ended.stdout}${ended.stderr}`);
      expect([ended.code, said]).toEqual([loss.exit, expect.stringMatching(loss.words)]);
      if (loss.exit !== 0) expect(said).not.toMatch(/passed|verified/);
      const tags = await tagsAt(registry, `${prefix}/acme/ship`);
      expect(tags).toEqual(loss.tags ?? []);
      if (loss.lost === 'engine') {
        await engine.revive();
        await command(process.execPath, [CLI, 'clean'], home.env);
      }
      expect(await home.survey()).toEqual(before);
      const message =
        loss.words === GONE
          ? 'The engine does not answer, or: the connection to the builder was lost'
          : loss.words.source;
      const left = tags.map((tag) => `the tag ${tag}`);
      noteFaults([{ fault, stage: loss.stage, exit: ended.code, message, left }]);
    },
    180_000,
  );

  test.each([
    ['a step is built', 'build', { step: STEP }, /sleep 30/],
    ['a test runs', 'test', { run: 'echo started; sleep 30' }, /testing/],
  ] as const)(
    'an engine that does not answer while %s holds up no run that is to end',
    async (what, stage, loss, says) => {
      const before = await home.survey();
      const started = await begin(`frozen-${stage}`, loss);
      await new Promise<void>((resolve) => {
        started.child.stderr?.on('data', (text: string) => {
          if (says.test(text)) resolve();
        });
      });
      engine.freeze();
      started.child.kill('SIGTERM');
      const late = setTimeout(() => started.child.kill('SIGKILL'), 6_000);
      const ended = await started.ended;
      clearTimeout(late);
      engine.thaw();
      const said = sentences(`${ended.stdout}${ended.stderr}`);
      expect([ended.code, said]).toEqual([
        143,
        expect.stringContaining('Run sea-trial clean once'),
      ]);
      expect(ended.evidence?.run.interrupted).toBe('SIGTERM');
      expect(said).not.toMatch(/passed its tests|verified|no output/);
      expect(await tagsAt(registry, `frozen-${stage}/acme/ship`)).toEqual([]);
      await command(process.execPath, [CLI, 'clean'], home.env);
      expect(await home.survey()).toEqual(before);
      const fault = `the engine does not answer while ${what}, and then SIGTERM`;
      const message = `${messageOf(ended)}; sea-trial clean removes what is left`;
      noteFaults([{ fault, stage, exit: ended.code, message, left: [] }]);
    },
    120_000,
  );

  test('what the action could not take away, its post step does when the engine answers again', async () => {
    const before = await home.survey();
    const workspace = await project({
      'sea-trial.yml': configuration('sleep 600'),
      Dockerfile: `FROM busybox:1.37\n${unique()}\n`,
    });
    const isRunning = () =>
      execFileSync('docker', ['ps', '--no-trunc', '--format', '{{.Command}}'], {
        env: { ...process.env, ...home.env },
        encoding: 'utf8',
      }).includes('sleep 600');
    const when = () => {
      if (!isRunning()) return false;
      engine.freeze();
      setTimeout(() => engine.thaw(), 8_000);
      return true;
    };
    const env = { PATH: environment.PATH ?? '', ...home.env };
    const result = await runAction({ workspace, env, end: { when, by: 'SIGINT' } });
    afterwards(result.clean);
    expect(result.exitCode).toBe(130);
    expect(result.log).toContain('may be left');
    expect(result.post).toEqual({ exitCode: 0, log: expect.stringMatching(/1 container/) });
    expect(await home.survey()).toEqual(before);
  }, 60_000);
});

/** A way to a registry on which each upload stops after its beginning. */
async function stoppingUploads(upstream: string) {
  let stopped = () => {};
  const inUpload = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const server = createServer((request, response) => {
    const onward = pass(upstream, request, response);
    if (!/^(PUT|PATCH) .*\/uploads\//.test(asks(request))) return;
    request.once('data', () => {
      request.unpipe(onward).pause();
      stopped();
    });
  });
  return { ...(await listening(server)), inUpload };
}

/** Until a registry has a part of a blob, or the run is over. */
async function halfUploaded(folder: string, { child }: StartedRun): Promise<void> {
  const sizes = async () => {
    const names = await fs.readdir(folder, { recursive: true }).catch(() => []);
    const parts = names.filter((name) => /_uploads\/[^/]+\/data$/.test(name));
    return Promise.all(parts.map((name) => fs.stat(join(folder, name)).catch(() => ({ size: 0 }))));
  };
  while (child.exitCode === null && !(await sizes()).some(({ size }) => size > 0)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a registry that is lost in the middle of an upload gets no tag, and all when it is back', async () => {
  const registry = await mortalDistribution();
  const way = await stoppingUploads(registry.host);
  afterwards(way.close);
  const folder = await project({
    'sea-trial.yml': configuration('true'),
    Dockerfile: `FROM busybox:1.37\n${unique()}\nRUN head -c 5000000 /dev/urandom > /big\n`,
  });
  const { env, left } = await withTmp();
  const started = startRun(folder, ['--push', '--registry', way.host], { env });
  await Promise.race([
    way.inUpload.then(() => halfUploaded(registry.folder, started)),
    started.ended,
  ]);
  expect(started.child.exitCode).toBe(null);
  registry.kill();
  await way.close();
  const ended = await started.ended;
  expect([ended.code, sentences(ended.stdout)]).toEqual([
    3,
    expect.stringContaining('nothing was published'),
  ]);
  expect(ended.evidence?.findings).toMatchObject([
    { code: 'registry-failed', message: expect.stringContaining('nothing listens there') },
  ]);
  await registry.revive();
  expect(await tagsAt(registry.host, 'acme/ship')).toEqual([]);
  expect([await left(), await leftovers(ended.evidence)]).toEqual([[], []]);
  noteFaults([
    {
      fault: 'the registry is killed while a blob is uploaded',
      stage: 'publish',
      exit: ended.code,
      message: messageOf(ended),
      left: [],
    },
  ]);
  const again = await startRun(folder, ['--push', '--registry', registry.host]).ended;
  expect([again.code, again.stdout]).toEqual([
    0,
    expect.stringContaining('What was tested is what the registry serves'),
  ]);
}, 180_000);

const BIG = 'FROM busybox:1.37\nRUN head -c 60000000 /dev/urandom > /big\n';

describe('a disk that is full', () => {
  test('where the layout is, is told with what to do', async () => {
    const small = await smallDisk(16);
    const folder = await project({ 'sea-trial.yml': configuration('true'), Dockerfile: BIG });
    const ended = await startRun(folder, [], { env: { TMPDIR: small } }).ended;
    const said = `${ended.stdout}${ended.stderr}`;
    expect([ended.code, said]).toEqual([3, expect.stringMatching(/disk is full/)]);
    expect(said).not.toMatch(/verified/);
    expect(await fs.readdir(small)).toEqual([]);
    noteFaults([
      {
        fault: 'the disk is full where the layout is',
        stage: 'build',
        exit: ended.code,
        message: messageOf(ended),
        left: [],
      },
    ]);
  }, 120_000);

  test('where the evidence goes, is told after what came of the run', async () => {
    const [small, registry] = await Promise.all([smallDisk(1), distribution()]);
    await fs.writeFile(join(small, 'filler'), Buffer.alloc(1024 * 1024));
    const folder = await project({
      'sea-trial.yml': configuration('true'),
      Dockerfile: 'FROM busybox:1.37\n',
    });
    const evidence = join(small, 'e.json');
    const { code, stdout, stderr } = await startRun(folder, ['--push', '--registry', registry], {
      evidence,
    }).ended;
    const [, problem = ''] = stderr.split('✘');
    expect([code, problem.replace(/\s+/g, ' ')]).toEqual([
      3,
      expect.stringContaining(`evidence could not be written to ${evidence} (ENOSPC: `),
    ]);
    expect(stdout).toMatch(/ship +tested on 1 platform, published and verified/);
    expect(`${stdout}${stderr}`).not.toContain('nothing was published');
    expect(await tagsAt(registry, 'acme/ship')).toEqual(['dev']);
    expect(await fs.readdir(small)).toEqual(['filler']);
  }, 120_000);

  test('an image that fits once is published to the embedded registry', async () => {
    const small = await smallDisk(100);
    const folder = await project({ 'sea-trial.yml': configuration('true'), Dockerfile: BIG });
    const ended = await startRun(folder, [], { env: { TMPDIR: small } }).ended;
    const said = `${ended.stdout}${ended.stderr}`;
    expect([ended.code, said]).toEqual([
      0,
      expect.stringContaining('What was tested is what the embedded registry served'),
    ]);
  }, 120_000);

  test('once everything is tested, is told as the disk, not as the embedded registry', async () => {
    const small = await smallDisk(16);
    const fills = '{ name: fills the disk, on: host, run: "cat /dev/zero > $TMPDIR/fill; true" }';
    const folder = await project({
      'sea-trial.yml': configuration('true', fills),
      Dockerfile: `FROM busybox:1.37\n${unique()}\n`,
    });
    const ended = await startRun(folder, [], { env: { TMPDIR: small } }).ended;
    const said = `${ended.stdout}${ended.stderr}`;
    expect([ended.code, said]).toEqual([3, expect.stringMatching(/the disk is full; free some/)]);
    expect(said).not.toMatch(/verified|127\.0\.0\.1|again later/);
    noteFaults([
      {
        fault: 'the disk is full once everything is tested',
        stage: 'publish',
        exit: ended.code,
        message: messageOf(ended),
        left: [],
      },
    ]);
  }, 120_000);

  test("where the engine keeps its images, is told as the engine's", async () => {
    const root = await smallDisk(250);
    const engine = await privateEngine({ dataRoot: join(root, 'data') });
    const home = await homeOn(engine.host);
    const folder = await project({ 'sea-trial.yml': configuration('true'), Dockerfile: BIG });
    const ended = await startRun(folder, [], { env: home.env }).ended;
    const said = `${ended.stdout}${ended.stderr}`;
    expect([ended.code, said]).toEqual([3, expect.stringMatching(/disk.* is full/)]);
    expect(said).not.toMatch(/verified/);
    noteFaults([
      {
        fault: 'the disk is full where the engine keeps its images',
        stage: 'environment',
        exit: ended.code,
        message: messageOf(ended),
        left: [],
      },
    ]);
  }, 120_000);

  // The containerd store builds and keeps in one place: an image of 50 MB takes 100 to be built,
  // and 50 more while it is loaded.
  test.each([
    ['while it builds', 'build', 60, /the builder's disk is full/],
    ['while an image is loaded', 'test', 130, /The disk of the Docker engine is full/],
  ] as const)(
    "where the engine keeps its images, %s, is told as the engine's",
    async (when, stage, size, words) => {
      const root = await smallDisk(size);
      const config = { features: { 'containerd-snapshotter': true } };
      const engine = await privateEngine({ dataRoot: join(root, 'data'), config });
      const home = await homeOn(engine.host);
      const folder = await project({
        'sea-trial.yml': configuration('true'),
        Dockerfile: 'FROM busybox:1.37\nRUN head -c 50000000 /dev/urandom > /big\n',
      });
      const engineOf = async () =>
        (await home.survey()).filter((line) => !line.startsWith('docker folder'));
      const before = await engineOf();
      const ended = await startRun(folder, [], { env: home.env }).ended;
      expect([ended.code, ended.evidence?.findings[0]?.message]).toEqual([
        3,
        expect.stringMatching(words),
      ]);
      expect(ended.evidence?.findings).toHaveLength(1);
      expect(await engineOf()).toEqual(before);
      const fault = `the disk is full where the engine keeps its images, ${when}`;
      const message = messageOf(ended).replace(/(disk is full): .*/, '$1');
      noteFaults([{ fault, stage, exit: ended.code, message, left: [] }]);
    },
    120_000,
  );
});
