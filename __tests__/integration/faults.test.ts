import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { homeOn } from './home.js';
import { privateEngine } from './private-engine.js';
import { afterwards, command, distribution, project, sail, tagsAt } from './rig.js';
import { unique } from './shipyard.js';

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

describe('an engine that is lost', () => {
  test.each([
    ['while a step is built', 'RUN echo begun-here && sleep 30', 'true', /begun-here|sleep 30/],
    ['while a test runs', 'RUN true', 'echo started; sleep 30', /testing|one/],
  ])(
    '%s is told as that',
    async (_, step, run, moment) => {
      const [engine, registry] = await Promise.all([privateEngine(), distribution()]);
      const home = await homeOn(engine.host);
      const folder = await project({
        'sea-trial.yml': configuration(run),
        Dockerfile: `FROM busybox:1.37\n${step}\n`,
      });
      const sailing = sail(folder, ['--push', '--registry', registry], { env: home.env });
      let crashed: Promise<void> | undefined;
      sailing.child.stderr?.on('data', (text: string) => {
        if (moment.test(text)) {
          crashed ??= new Promise((resolve) => setTimeout(resolve, 1_000)).then(engine.crash);
        }
      });
      const ended = await sailing.ended;
      await crashed;
      const said = `${ended.stdout}${ended.stderr}`;
      expect([ended.code, said]).toEqual([
        3,
        expect.stringMatching(/engine does not answer|builder went away/i),
      ]);
      expect(said).not.toMatch(/passed|proved/);
      expect(await tagsAt(registry, 'acme/ship')).toEqual([]);
    },
    120_000,
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
  }, 120_000);
});
