import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { command, distribution, freshBuilder, leftovers, project, type Run, runIn } from './rig.js';

const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const SUFFIXES = ['linux-amd64', 'linux-arm64'];

const VALUE = `by-env-${randomBytes(8).toString('hex')}`;
const CONTENT = `by-file-${randomBytes(8).toString('hex')}`;

const DOCKERFILE = [
  'FROM busybox:1.37 AS base',
  // The cache does not look at secrets: a step that uses them must not have been there before.
  `RUN echo ${randomBytes(8).toString('hex')} > /unique`,
  'ARG VERSION=none',
  'RUN echo "$VERSION" > /version',
  'FROM base AS release',
  'COPY --from=beside word /word',
  'RUN --mount=type=secret,id=token md5sum < /run/secrets/token > /token',
  'RUN --mount=type=secret,id=key md5sum < /run/secrets/key > /key',
  'maintainer nobody',
  'FROM release AS later',
  'RUN echo later > /stage',
].join('\n');

const CONFIG = `
platforms: [${PLATFORMS}]
images:
  - name: acme.test/one
    tags: [dev]
    annotations: { org.example.note: hello }
    build: &build
      target: release
      args: { VERSION: 1.10 }
      additional_contexts: { beside: ./beside }
      secrets: [{ id: token, env: SHIP_WORD }, { id: key, file: key.txt }]
      labels: { org.example.kind: test }
      cache_to: ["type=local,dest=cache,mode=max"]
      cache_from: ["type=local,src=cache"]
    tests: &tests
      - { run: [cat, /version], stdout: '\\A1\\.10\\n\\z' }
      - { run: [cat, /word], stdout: '\\Abeside\\n\\z' }
      - { run: [test, '!', -e, /stage] }
      - { run: [cat, /token, /key], stdout: '^TOKEN  -\\nKEY  -\\n' }
  - name: acme.test/two
    tags: [dev]
    build: *build
    tests: *tests
`;

const md5 = async (text: string) =>
  (await command('sh', ['-c', 'printf %s "$TEXT" | md5sum'], { TEXT: text })).split(' ')[0] ?? '';

/** Commands that a run has really executed; what two builds share is told by one of them. */
const executed = ({ evidence }: Run) =>
  evidence?.trials.flatMap(({ image, platform, build }) =>
    (build?.steps ?? [])
      .filter(({ name, cached, started }) => / RUN /.test(name) && !cached && started !== undefined)
      .map(({ name }) => `${image} ${platform} ${name}`),
  );

interface Index {
  readonly manifests: readonly {
    readonly digest: string;
    readonly platform: { readonly architecture: string };
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
  readonly annotations?: Readonly<Record<string, string>>;
}

test('everything that a build is given arrives, is recorded, and no secret is', async () => {
  const config = CONFIG.replaceAll('TOKEN  -', `${await md5(VALUE)}  -`).replaceAll(
    'KEY  -',
    `${await md5(CONTENT)}  -`,
  );
  const folder = await project({
    'sea-trial.yml': config,
    Dockerfile: DOCKERFILE,
    '.dockerignore': 'cache\nkey.txt\n',
    'beside/word': 'beside\n',
    'key.txt': CONTENT,
  });
  const host = await distribution();
  const env = { SHIP_WORD: VALUE, SHIP_OTHER: 'other' };
  const grants = ['--grant', 'secrets'];
  const run = await runIn(folder, [...grants, '--push', '--registry', host], { env });
  expect(run.stdout).toContain('2 images');
  expect(run.code === 0 ? '' : run.stdout).toBe('');

  // Nowhere in what is told, kept or published.
  const said = run.stdout + run.stderr + JSON.stringify(run.evidence);
  expect([said.includes(VALUE), said.includes(CONTENT)]).toEqual([false, false]);

  // Each image and platform has a cache of its own, whole.
  const places = ['one', 'two'].flatMap((image) => SUFFIXES.map((one) => `${image}-${one}`));
  expect((await fs.readdir(join(folder, 'cache'))).sort()).toEqual(places);
  for (const place of places) {
    const index = JSON.parse(
      await fs.readFile(join(folder, 'cache', place, 'index.json'), 'utf8'),
    ) as Index;
    expect(index.manifests).toHaveLength(1);
  }

  // One and the same base for all.
  const bases = run.evidence?.trials.map(({ build }) => build?.bases);
  expect(bases?.map((one) => one?.map(({ reference }) => reference))).toEqual(
    Array(4).fill([expect.stringContaining('busybox')]),
  );
  expect(new Set(bases?.flatMap((one) => one?.map(({ digest }) => digest))).size).toBe(1);
  expect(run.evidence?.findings.map(({ code }) => code)).not.toContain('base-moved');

  // BuildKit's warnings, with their line.
  expect(run.evidence?.findings).toContainEqual(
    expect.objectContaining({
      code: 'build-warning',
      severity: 'note',
      message: expect.stringContaining('MaintainerDeprecated'),
      location: { file: 'Dockerfile', line: 9 },
    }),
  );

  // Labels and annotations where they belong, and an attestation beside each platform.
  const crane = (what: string, reference: string) =>
    command('crane', [what, '--insecure', `${host}/acme.test/${reference}`]).catch(() =>
      command('crane', [what, '--insecure', `${host}/${reference}`]),
    );
  const index = JSON.parse(await crane('manifest', 'one:dev')) as Index;
  expect(index.annotations).toMatchObject({ 'org.example.note': 'hello' });
  const [platforms, attestations] = [
    index.manifests.filter(({ platform }) => platform.architecture !== 'unknown'),
    index.manifests.filter(({ platform }) => platform.architecture === 'unknown'),
  ];
  expect(attestations.map(({ annotations }) => annotations)).toEqual(
    platforms.map(({ digest }) => ({
      'vnd.docker.reference.digest': digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    })),
  );
  const image = JSON.parse(await crane('config', 'one:dev')) as {
    config: { Labels: Record<string, string> };
  };
  expect(image.config.Labels).toMatchObject({ 'org.example.kind': 'test' });

  // What was written is read again, by a builder that has nothing else.
  const builder = `cache-${process.pid}-${randomBytes(2).toString('hex')}`;
  await freshBuilder(builder);
  const again = await runIn(folder, [...grants, '--builder', builder], { env });
  expect(again.code).toBe(0);
  expect(executed(again)).toEqual([]);
  expect(again.evidence?.trials.map(({ built }) => built?.layers)).toEqual(
    run.evidence?.trials.map(({ built }) => built?.layers),
  );
  expect([await leftovers(run.evidence), await leftovers(again.evidence)]).toEqual([[], []]);
}, 180_000);
