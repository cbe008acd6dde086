import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type FaultRow, messageOf, noteFaults } from './fault-table.js';
import { slowTo } from './faulty.js';
import { type Home, homeOn } from './home.js';
import { type PrivateEngine, privateEngine } from './private-engine.js';
import { afterwards, CLI, command, distribution, project, sail, tagsAt } from './rig.js';
import { sentences, unique } from './shipyard.js';

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

/** A file system in memory of so many megabytes; it fails where we are not root. */
async function smallDisk(megabytes: number): Promise<string> {
  const folder = await project({});
  await command('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  afterwards(() => command('umount', ['-l', folder]));
  return folder;
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

const GONE = /engine does not answer|builder went away/i;
const STEP = 'RUN echo begun-here && sleep 30';

const LOSSES: Readonly<Record<string, Loss>> = {
  'the builder is killed while a step is built': {
    ...{ stage: 'build', step: STEP, says: /sleep 30/, lost: 'builder', exit: 3 },
    words: /the builder went away/,
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
    return sail(folder, ['--push', '--registry', `${host}/${prefix}`], { env: home.env });
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
      const sailing = await begin(prefix, loss, told?.host);
      let gone: Promise<void> | undefined;
      const lose = () => {
        gone ??= loss.lost === 'engine' ? engine.crash() : killBuilder();
      };
      void told?.when().then(lose);
      sailing.child.stderr?.on('data', (text: string) => {
        if (loss.says?.test(text)) lose();
      });
      const ended = await sailing.ended;
      await gone;
      const said = sentences(`${ended.stdout}${ended.stderr}`);
      expect([ended.code, said]).toEqual([loss.exit, expect.stringMatching(loss.words)]);
      if (loss.exit !== 0) expect(said).not.toMatch(/passed|proved/);
      const tags = await tagsAt(registry, `${prefix}/acme/ship`);
      expect(tags).toEqual(loss.tags ?? []);
      if (loss.lost === 'engine') {
        await engine.revive();
        await command(process.execPath, [CLI, 'clean'], home.env);
      }
      expect(await home.survey()).toEqual(before);
      const message =
        loss.words === GONE
          ? 'The engine does not answer, or: the builder went away'
          : loss.words.source;
      const left = tags.map((tag) => `the tag ${tag}`);
      noteFaults([{ fault, stage: loss.stage, exit: ended.code, message, left }]);
    },
    180_000,
  );
});

const BIG = 'FROM busybox:1.37\nRUN head -c 60000000 /dev/urandom > /big\n';

describe('a disk that is full', () => {
  test('where the layout is, is told with what to do', async () => {
    const small = await smallDisk(16);
    const folder = await project({ 'sea-trial.yml': configuration('true'), Dockerfile: BIG });
    const ended = await sail(folder, [], { env: { TMPDIR: small } }).ended;
    const said = `${ended.stdout}${ended.stderr}`;
    expect([ended.code, said]).toEqual([3, expect.stringMatching(/disk is full/)]);
    expect(said).not.toMatch(/proved/);
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
    const { code, stdout, stderr } = await sail(folder, ['--push', '--registry', registry], {
      evidence,
    }).ended;
    const [, problem = ''] = stderr.split('✘');
    expect([code, problem.replace(/\s+/g, ' ')]).toEqual([
      3,
      expect.stringContaining(`evidence could not be written to ${evidence} (ENOSPC: `),
    ]);
    expect(stdout).toMatch(/ship +tried on 1 platform, published and proved/);
    expect(`${stdout}${stderr}`).not.toContain('nothing was published');
    expect(await tagsAt(registry, 'acme/ship')).toEqual(['dev']);
    expect(await fs.readdir(small)).toEqual(['filler']);
  }, 120_000);

  test('an image that fits once is published to the embedded registry', async () => {
    const small = await smallDisk(100);
    const folder = await project({ 'sea-trial.yml': configuration('true'), Dockerfile: BIG });
    const ended = await sail(folder, [], { env: { TMPDIR: small } }).ended;
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
    const ended = await sail(folder, [], { env: { TMPDIR: small } }).ended;
    const said = `${ended.stdout}${ended.stderr}`;
    expect([ended.code, said]).toEqual([3, expect.stringMatching(/the disk is full; free some/)]);
    expect(said).not.toMatch(/proved|127\.0\.0\.1|again later/);
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
    const ended = await sail(folder, [], { env: home.env }).ended;
    const said = `${ended.stdout}${ended.stderr}`;
    expect([ended.code, said]).toEqual([3, expect.stringMatching(/disk.* is full/)]);
    expect(said).not.toMatch(/proved/);
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
});
