import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'valibot';
import type { Evidence } from '../../src/evidence/index.js';
import { evidence as schema } from '../../src/evidence/schema.js';
import { command, imagesHeld, leftovers, project, ROOT, runIn } from './rig.js';

const FLEET = join(ROOT, 'examples', 'fleet');

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
  test('three platforms are built, tried, published and proved in the embedded registry', async () => {
    const held = await imagesHeld();
    const run = await runIn(join(ROOT, 'examples', 'greeter'));
    expect(run.stderr).not.toMatch(/error/i);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('tried on 3 platforms');
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
      const served = evidence?.publications[0]?.served[0]?.platforms.find(
        ({ platform }) => platform === trial.platform,
      );
      expect(loaded?.id).toBe(
        loaded?.proves === 'config' ? built?.config.digest : built?.manifest.digest,
      );
      expect(served?.manifest.digest).toBe(built?.manifest.digest);
      expect(served?.config?.digest).toBe(built?.config.digest);
      expect(served?.layers.map(({ digest, intact }) => [digest, intact])).toEqual(
        built?.layers.map(({ digest }) => [digest, true]),
      );
    }
    expect(parse(schema, evidence)).toEqual(evidence);
    expect(await leftovers(evidence, held)).toEqual([]);
  });
});

describe('examples/fleet', () => {
  test('two programs of one repository on five platforms, in any order, at any parallelism', async () => {
    const folder = await project({});
    await fs.cp(FLEET, folder, { recursive: true });
    const same = new Date('2026-01-01T00:00:00Z');
    for (const name of ['captain.Dockerfile', 'steward.Dockerfile']) {
      await fs.utimes(join(folder, name), same, same);
    }
    const sizes = ['captain', 'steward'].map(
      async (name) => (await fs.stat(join(folder, `${name}.Dockerfile`))).size,
    );
    expect(new Set(await Promise.all(sizes)).size).toBe(1);

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
      ['captain', 'steward'].flatMap((image) =>
        platforms.map((platform) => `${image} ${platform} example.com/fleet/cmd/${image}`),
      ),
    );
    for (const image of ['captain', 'steward']) {
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
    const folder = await project({});
    await fs.cp(FLEET, folder, { recursive: true });
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
});

describe('two files that BuildKit may take for one another (moby/buildkit#4950)', () => {
  const same = new Date('2026-01-01T00:00:00Z');

  /** Programs one and two in two contexts of one name, and a second image of each. */
  async function twins(): Promise<string> {
    const files: Record<string, string> = {
      'sea-trial.yml': 'platforms: [linux/amd64]\nimages:\n',
    };
    for (const name of ['one', 'two']) {
      files[`${name}/app/who`] = `this is ${name}\n`;
      files[`${name}/app/Dockerfile`] = `FROM busybox:1.37\nCOPY who /who\nCMD ["cat", "/who"]\n`;
      files['sea-trial.yml'] += [
        `  - name: ghcr.io/acme/${name}`,
        '    tags: [dev]',
        `    build: { context: ${name}/app }`,
        `    tests: [{ run: [cat, /who], stdout: '^this is ${name}' }]`,
        `  - name: ghcr.io/acme/${name}-again`,
        '    tags: [dev]',
        `    build: { context: ${name}/app }`,
        `    tests: [{ run: [cat, /who], stdout: '^this is ${name}' }]`,
        '',
      ].join('\n');
    }
    const folder = await project(files);
    for (const name of ['one', 'two']) {
      for (const file of ['who', 'Dockerfile'])
        await fs.utimes(join(folder, name, 'app', file), same, same);
    }
    return folder;
  }

  test('are mixed up by the plain builder, which shows that the danger is real', async () => {
    const folder = await twins();
    const built = async (name: string) => {
      await command('docker', [
        'buildx',
        'build',
        '-q',
        '--output',
        `${folder}/out-${name}`,
        join(folder, name, 'app'),
      ]);
      return fs.readFile(join(folder, `out-${name}`, 'who'), 'utf8');
    };
    expect([await built('one'), await built('two')]).toEqual(['this is one\n', 'this is one\n']);
  });

  test('are kept apart, and no file is touched', async () => {
    const folder = await twins();
    const run = await runIn(folder);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('4 images');
    expect(run.evidence?.findings).toContainEqual(
      expect.objectContaining({ code: 'look-alike-files' }),
    );
    const stat = await fs.stat(join(folder, 'two', 'app', 'who'));
    expect(stat.mtimeMs).toBe(same.getTime());
  });

  test('are kept apart also where one run builds one, and the next the other', async () => {
    const folder = await twins();
    for (const id of ['one', 'two', 'one-again', 'two-again']) {
      const run = await runIn(folder, ['--only', id]);
      expect([id, run.code]).toEqual([id, 0]);
    }
  });
});
