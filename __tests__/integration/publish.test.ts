import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Evidence } from '../../src/evidence/index.js';
import { listening } from '../listening.js';
import { asks, pass } from './faulty.js';
import {
  afterwards,
  command,
  distribution,
  leftovers,
  project,
  rig,
  runIn,
  startRun,
  tagsAt,
} from './rig.js';

const PLATFORMS = ['linux/amd64', 'linux/arm64'];

function configuration(more = ''): string {
  return [
    'images:',
    '  - name: ghcr.io/acme/ship',
    '    tags: [dev, "1.10"]',
    `    platforms: [${PLATFORMS.join(', ')}]`,
    '    tests:',
    '      - { name: reads its id, run: cat /id }',
    more,
  ].join('\n');
}

// Its own in each run of the tests: an image that is in the engine already is not ours to remove.
const DOCKERFILE = `FROM busybox:1.37\nRUN echo ${randomUUID()} && head -c16 /dev/urandom | md5sum > /id\n`;

const indexOf = (evidence: Evidence | undefined) => evidence?.publications[0]?.index?.digest;

/** What one platform of a published image holds under a path. */
async function published(reference: string, platform: string, path: string): Promise<string> {
  const crane = `crane export --insecure --platform ${platform} ${reference} - | tar -xOf - ${path}`;
  return command('sh', ['-c', crane]);
}

describe('publishing to a real registry', () => {
  test('what was tested is what it serves, in the words of crane and skopeo too', async () => {
    const host = await distribution();
    const folder = await project({ 'sea-trial.yml': configuration(), Dockerfile: DOCKERFILE });
    const run = await runIn(folder, ['--push', '--registry', `${host}/mirror`]);
    expect(run.stdout).toContain(`${host}/mirror/acme/ship:dev@sha256:`);
    expect(run.code).toBe(0);
    const digest = indexOf(run.evidence);
    expect(await tagsAt(host, 'mirror/acme/ship')).toEqual(['1.10', 'dev']);
    const reference = `${host}/mirror/acme/ship`;
    for (const tag of ['dev', '1.10']) {
      const seen = await command('crane', ['digest', '--insecure', `${reference}:${tag}`]);
      expect(seen.trim()).toBe(digest);
    }
    const raw = await command('skopeo', [
      'inspect',
      '--raw',
      '--tls-verify=false',
      `docker://${reference}:dev`,
    ]);
    const listed = (
      JSON.parse(raw) as { manifests: { digest: string; platform: { architecture: string } }[] }
    ).manifests;
    const images = listed.filter(({ platform }) => platform.architecture !== 'unknown');
    expect(images.map(({ digest: one }) => one)).toEqual(
      run.evidence?.trials.map(({ built }) => built?.manifest.digest),
    );
    expect(listed).toHaveLength(2 * PLATFORMS.length);
    expect(await leftovers(run.evidence)).toEqual([]);

    const again = await runIn(folder, ['--push', '--registry', `${host}/mirror`]);
    expect(again.evidence?.publications[0]?.targets[0]?.before?.digest).toBe(digest);
  });

  test('nothing is built twice: the cache is emptied between test and publish, the bytes stay', async () => {
    const host = await distribution();
    const builder = `once-${process.pid}`;
    const config = rig.get('SEA_TRIAL_BUILDKITD_CONFIG');
    const create = ['buildx', 'create', '--name', builder, '--driver', 'docker-container'];
    const mirrored = config === undefined ? [] : ['--buildkitd-config', config];
    await command('docker', [
      ...create,
      '--driver-opt',
      'network=host',
      ...mirrored,
      '--bootstrap',
    ]);
    afterwards(() => command('docker', ['buildx', 'rm', '--force', builder]));
    const empties = `      - { name: empties the cache, on: host, run: docker buildx prune --builder ${builder} --all --force }`;
    const folder = await project({
      'sea-trial.yml': configuration(empties),
      Dockerfile: DOCKERFILE,
    });
    const run = await runIn(folder, ['--push', '--registry', host, '--builder', builder]);
    expect(run.stdout).toContain('What was tested is what the registry serves');
    expect(run.code).toBe(0);
    for (const { platform, tests } of run.evidence?.trials ?? []) {
      const seen = tests.find(({ name }) => name === 'reads its id')?.stdout.text;
      expect(seen).toMatch(/^[0-9a-f]{32}/);
      expect(await published(`${host}/acme/ship:dev`, platform, 'id')).toBe(seen);
    }
    const records = await command('docker', ['buildx', 'du', '--builder', builder]);
    expect(records).toMatch(/Total:\s+0B/);
  });

  test('a platform that fails leaves the registry without any tag', async () => {
    const host = await distribution();
    const failing = '      - { name: not on arm64, run: test $(uname -m) != aarch64 }';
    const folder = await project({
      'sea-trial.yml': configuration(failing),
      Dockerfile: DOCKERFILE,
    });
    const run = await runIn(folder, ['--push', '--registry', host]);
    expect(run.code).toBe(1);
    expect(run.stdout).toContain('failed on linux/arm64; nothing was published');
    expect(run.stdout).toContain('sea-trial run --only ship@linux/arm64');
    expect(await tagsAt(host, 'acme/ship')).toEqual([]);
  });

  test('a dirty checkout is not pushed unless that is allowed, and the report names the files', async () => {
    const host = await distribution();
    const folder = await project({ 'sea-trial.yml': configuration(), Dockerfile: DOCKERFILE });
    const git = (...args: string[]) =>
      command('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args]);
    await git('init', '-q');
    await git('add', '.');
    await git('commit', '-qm', 'one');
    await fs.appendFile(join(folder, 'Dockerfile'), '# changed\n');
    const refused = await runIn(folder, ['--push', '--registry', host]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('Dockerfile');
    expect(await tagsAt(host, 'acme/ship')).toEqual([]);
    const allowed = await runIn(folder, ['--push', '--registry', host, '--allow-dirty']);
    expect(allowed.code).toBe(0);
    expect(allowed.evidence?.run.source.dirty).toEqual(['Dockerfile']);
    expect(allowed.stdout).toContain('changes that are not committed: Dockerfile.');
  });
});

/** A registry behind a counter: after `allowed` answered requests it calls `reached`, and answers no more. */
async function countingProxy(upstream: string, allowed: number, reached: () => void) {
  const counted: string[] = [];
  const server = createServer((incoming, outgoing) => {
    if (counted.length >= allowed) return;
    pass(upstream, incoming, outgoing).once('response', (answer) => {
      answer.once('end', () => {
        counted.push(asks(incoming));
        if (counted.length === allowed) reached();
      });
    });
  });
  const { host, close } = await listening(server);
  afterwards(close);
  return { host, counted, close };
}

interface Listed {
  readonly manifests?: readonly {
    digest: string;
    platform: { os: string; architecture: string };
  }[];
  readonly config?: { digest: string };
}

/** Every platform that a tag serves, with the digests by which an engine may go: manifest and configuration. */
async function servedBy(reference: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const manifest = async (name: string) =>
    JSON.parse(await command('crane', ['manifest', '--insecure', name])) as Listed;
  const { manifests = [] } = await manifest(reference);
  const served = manifests.map(async ({ digest, platform }) => {
    const { config } = await manifest(`${reference.replace(/:[^:/]+$/, '')}@${digest}`);
    return [`${platform.os}/${platform.architecture}`, [digest, config?.digest ?? '']] as const;
  });
  return new Map(await Promise.all(served));
}

describe('killed after each single request to the registry in turn', () => {
  const images: Readonly<
    Record<string, { platforms: readonly string[]; tags: readonly string[] }>
  > = {
    struck: { platforms: ['linux/amd64', 'linux/386'], tags: ['1.0', 'dev'] },
    second: { platforms: ['linux/amd64'], tags: ['dev'] },
  };
  /** The last test of each platform, which is long over before anything may be tagged. */
  const journals = [
    '    tests:',
    '      - name: is written down',
    '        on: host',
    `        run: sleep 0.3; echo "$SEA_TRIAL_PLATFORM $SEA_TRIAL_IMAGE" >> "\${JOURNAL}"`,
  ];
  const configured = Object.entries(images).flatMap(([name, { platforms, tags }]) => [
    `  - name: ghcr.io/acme/${name}`,
    `    tags: [${tags.map((tag) => `"${tag}"`).join(', ')}]`,
    `    platforms: [${platforms.join(', ')}]`,
    `    build: { provenance: "false", args: { NAME: ${name} } }`,
    ...journals,
  ]);

  /** Every tag there is points at all platforms of its image, each of which the journal has. */
  async function taggedAndTested(place: string, journal: string): Promise<readonly string[]> {
    const written = await fs.readFile(journal, 'utf8').catch(() => '');
    const tested = new Set(written.split('\n'));
    const [host = '', ...path] = place.split('/');
    const found: string[] = [];
    for (const [name, { platforms, tags }] of Object.entries(images)) {
      const repository = `${path.join('/')}/acme/${name}`;
      for (const tag of await tagsAt(host, repository)) {
        expect(tags).toContain(tag);
        const served = await servedBy(`${host}/${repository}:${tag}`);
        expect([...served.keys()]).toEqual(platforms);
        for (const [platform, digests] of served) {
          const isTested = digests.some((digest) => tested.has(`${platform} ${digest}`));
          expect([place, tag, platform, isTested]).toEqual([place, tag, platform, true]);
        }
        found.push(`${name}:${tag}`);
      }
    }
    return found;
  }

  test('no tag ever points at anything untested, and a rerun finishes', async () => {
    const upstream = await distribution();
    const folder = await project({
      'sea-trial.yml': ['images:', ...configured].join('\n'),
      // As few blobs as can be, since each makes requests: one layer for all.
      Dockerfile: 'FROM scratch\nARG NAME\nLABEL name=$NAME\nCOPY id /\n',
      id: randomUUID(),
    });
    const all = Object.entries(images).flatMap(([name, { tags }]) =>
      tags.map((tag) => `${name}:${tag}`),
    );
    const killedWith: number[] = [];
    let stride = 3;
    for (let after = 1; killedWith.at(-1) !== all.length; after += stride) {
      // A repository of its own each time: what an earlier run has uploaded would spare requests.
      const name = `${after}-${stride}`;
      const place = `${upstream}/struck-${name}`;
      const journal = join(folder, '..', `${basename(folder)}-${name}`);
      afterwards(() => fs.rm(journal, { force: true }));
      let child: ReturnType<typeof startRun>['child'] | undefined;
      const proxy = await countingProxy(upstream, after, () => child?.kill('SIGKILL'));
      const set = ['--set', `JOURNAL=${journal}`];
      // Loopback hosts differ in port only; the proxy is spoken to over plain HTTP like them.
      const at = place.replace(upstream, proxy.host);
      const started = startRun(folder, ['--push', '--registry', at, ...set]);
      child = started.child;
      const run = await started.ended;
      await proxy.close();
      expect([run.code, run.evidence]).toEqual([null, undefined]);
      const tagged = await taggedAndTested(place, journal);
      // Every third request until one has tagged something, and from the third before that each.
      if (stride > 1 && tagged.length > 0) {
        after -= stride;
        stride = 1;
        continue;
      }
      killedWith.push(tagged.length);
      // Those in the middle of the tags, and a few before.
      if (tagged.length === 0 && after % 7 !== 0) continue;
      const rerun = await runIn(folder, ['--push', '--registry', place, ...set]);
      expect([place, rerun.code]).toEqual([place, 0]);
      expect(await taggedAndTested(place, journal)).toEqual(all);
    }
    // It was killed with nothing uploaded, in the middle of uploads, and between the tags.
    expect(killedWith.filter((tags) => tags === 0).length).toBeGreaterThan(6);
    expect(new Set(killedWith)).toEqual(new Set([0, 1, 2, 3]));
  }, 900_000);
});
