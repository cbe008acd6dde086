import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'valibot';
import { cacheVolume } from '../../src/engine/index.js';
import type { Evidence } from '../../src/evidence/index.js';
import { evidence as schema } from '../../src/evidence/schema.js';
import { builderRegistry, buildNetwork } from './buildpacks.js';
import { afterwards, command, imagesHeld, leftovers, project, ROOT, runIn } from './rig.js';

const FLEET = join(ROOT, 'examples', 'fleet');
const IDS = ['captain', 'steward'];
const SAME = new Date('2026-01-01T00:00:00Z');

const orders = (id: string) => `orders/${id}/today.txt`;

const manifests = (evidence: Evidence | undefined) =>
  new Map(
    evidence?.trials.map(({ image, platform, built }) => [
      `${image} ${platform}`,
      built?.manifest.digest,
    ]),
  );

/** Go's main packages in an image, per platform. */
const mains = (evidence: Evidence | undefined) =>
  evidence?.trials.map(
    ({ image, platform, contents }) =>
      `${image} ${platform} ${contents?.programs.find(({ role }) => role === 'entrypoint')?.go?.path}`,
  );

describe('examples/greeter', () => {
  test('three platforms are built, tested, published and verified in the embedded registry', async () => {
    const held = await imagesHeld();
    const run = await runIn(join(ROOT, 'examples', 'greeter'));
    expect(run.stderr).not.toMatch(/error/i);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('tested on 3 platforms');
    expect(run.stdout).toContain('embedded: acme/greeter:dev');
    const { evidence } = run;
    expect(evidence?.trials.map(({ platform, emulated }) => [platform, emulated])).toEqual([
      ['linux/amd64', false],
      ['linux/arm64', true],
      ['linux/s390x', true],
    ]);
    for (const trial of evidence?.trials ?? []) {
      expect(trial.tests.map(({ name, outcome }) => [name, outcome])).toEqual([
        ['says its version', 'passed'],
        ['greets by name', 'passed'],
      ]);
      const { built, loaded } = trial;
      expect(evidence?.publications[0]?.served[0]?.faults).toEqual([]);
      const served = evidence?.publications[0]?.served[0]?.platforms.find(
        ({ platform }) => platform === trial.platform,
      );
      expect(loaded?.id).toBe(
        loaded?.digestOf === 'config' ? built?.config.digest : built?.manifest.digest,
      );
      expect(served?.manifest.digest).toBe(built?.manifest.digest);
      expect(served?.config?.digest).toBe(built?.config.digest);
      expect(served?.layers.map(({ digest }) => digest)).toEqual(
        built?.layers.map(({ digest }) => digest),
      );
    }
    expect(parse(schema, evidence)).toEqual(evidence);
    expect(await leftovers(evidence, held)).toEqual([]);
  });
});

describe('examples/webapp', () => {
  test('two platforms are built with buildpacks, tested through the launcher, published and verified', async () => {
    const registry = await builderRegistry();
    const { host } = await buildNetwork(registry.host);
    const runImage = registry.runImage.replace(registry.host, host);
    const folder = await project({});
    await fs.cp(join(ROOT, 'examples', 'webapp'), folder, { recursive: true });
    const set = ['--set', `BUILDER=${registry.builder}`, '--set', `RUN_IMAGE=${runImage}`];
    const platforms = ['linux/amd64', 'linux/arm64'];
    // Without a repository, the folder owns the caches.
    const cache = { owner: folder, image: 'webapp', untrusted: false };
    const caches = platforms.map((platform) => cacheVolume({ ...cache, platform }));
    afterwards(() => command('docker', ['volume', 'rm', '--force', ...caches]));
    const run = await runIn(folder, set, { env: { GITHUB_REPOSITORY: '' } });
    expect([run.code, run.stdout]).toEqual([0, expect.stringContaining('tested on 2 platforms')]);
    const { evidence } = run;
    const kept = await command('docker', ['volume', 'ls', '--quiet']);
    expect(kept.split('\n')).toEqual(expect.arrayContaining(caches));
    expect(evidence?.trials.map(({ platform, built }) => [platform, built?.platform])).toEqual([
      ['linux/amd64', 'linux/amd64'],
      ['linux/arm64', 'linux/arm64'],
    ]);
    const tests = evidence?.trials.flatMap((trial) => trial.tests) ?? [];
    expect(tests.map(({ outcome }) => outcome)).toEqual(Array(4).fill('passed'));
    expect(evidence?.publications[0]?.served[0]?.faults).toEqual([]);
    expect(parse(schema, evidence)).toEqual(evidence);
  }, 120_000);
});

/** A copy of the fleet in which both Dockerfiles, and both files that are copied, are equal in size and time. */
async function fleet(): Promise<string> {
  const folder = await project({});
  await fs.cp(FLEET, folder, { recursive: true });
  for (const file of [(name: string) => `${name}.Dockerfile`, orders]) {
    const sizes = IDS.map(async (id) => {
      await fs.utimes(join(folder, file(id)), SAME, SAME);
      return (await fs.stat(join(folder, file(id)))).size;
    });
    expect(new Set(await Promise.all(sizes)).size).toBe(1);
  }
  return folder;
}

describe('examples/fleet', () => {
  test('two programs of one repository on five platforms, in any order, at any parallelism', async () => {
    const folder = await fleet();
    const first = await runIn(folder, ['--parallel', '8']);
    expect(first.code).toBe(0);
    const platforms = [
      'linux/amd64',
      'linux/arm/v7',
      'linux/arm64',
      'linux/ppc64le',
      'linux/s390x',
    ];
    expect(mains(first.evidence)).toEqual(
      IDS.flatMap((image) =>
        platforms.map((platform) => `${image} ${platform} example.com/fleet/cmd/${image}`),
      ),
    );
    for (const image of IDS) {
      expect(first.stdout).toContain(`example.com/fleet/cmd/${image}`);
    }

    const written = await fs.readFile(join(folder, 'sea-trial.yml'), 'utf8');
    const [head = '', captain = '', steward = ''] = written.split(/(?=^ {2}- name)/m);
    await fs.writeFile(join(folder, 'sea-trial.yml'), `${head}${steward}\n${captain}`);
    const second = await runIn(folder, ['--parallel', '1']);
    expect(second.code).toBe(0);
    expect(manifests(second.evidence)).toEqual(manifests(first.evidence));
  });

  test('another main package than expected is found, with both sides named', async () => {
    const folder = await fleet();
    const captain = await fs.readFile(join(folder, 'captain.Dockerfile'), 'utf8');
    await fs.writeFile(
      join(folder, 'captain.Dockerfile'),
      captain.replace('./cmd/captain', './cmd/steward'),
    );
    const run = await runIn(folder, ['--only', 'captain@linux/amd64']);
    expect(run.code).toBe(1);
    expect(run.evidence?.findings).toContainEqual(
      expect.objectContaining({
        code: 'go-main',
        subject: expect.objectContaining({ image: 'captain', platform: 'linux/amd64' }),
        found: expect.objectContaining({ value: 'example.com/fleet/cmd/steward' }),
      }),
    );
  });

  test('a plain builder gives one program the orders of the other (moby/buildkit#4950)', async () => {
    const folder = await fleet();
    const built = async (id: string) => {
      await command('docker', [
        'buildx',
        'build',
        '--quiet',
        `--file=${folder}/${id}.Dockerfile`,
        `--build-context=orders=${folder}/orders/${id}`,
        `--output=${folder}/out-${id}`,
        folder,
      ]);
      return fs.readFile(join(folder, `out-${id}`, 'orders.txt'), 'utf8');
    };
    const captains = await fs.readFile(join(folder, orders('captain')), 'utf8');
    expect([await built('captain'), await built('steward')]).toEqual([captains, captains]);
  });

  test('each has its own orders, also where one run builds one, and the next the other', async () => {
    const folder = await fleet();
    const both = await runIn(
      folder,
      IDS.flatMap((id) => ['--only', `${id}@linux/amd64`]),
    );
    expect(both.code).toBe(0);
    expect(both.evidence?.findings).toContainEqual(
      expect.objectContaining({
        code: 'look-alike-files',
        message: expect.stringContaining(orders('steward')),
      }),
    );
    for (const id of IDS) expect((await fs.stat(join(folder, orders(id)))).mtime).toEqual(SAME);

    const apart = await fleet();
    for (const id of [...IDS, ...IDS]) {
      const run = await runIn(apart, ['--only', `${id}@linux/amd64`]);
      expect([id, run.code]).toEqual([id, 0]);
    }
  });
});
