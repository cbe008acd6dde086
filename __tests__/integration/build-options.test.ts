import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readRules } from '../../src/dockerfile/index.js';
import { faulty } from './faulty.js';
import { afterwards, command, distribution, leftovers, project, runIn } from './rig.js';

/** Builds an image of a test's own and pushes it; the engine keeps it until the test is over. */
async function pushed(name: string, context: string, ...more: readonly string[]): Promise<void> {
  afterwards(() => command('docker', ['image', 'rm', name]));
  const output = `type=registry,name=${name},oci-mediatypes=true`;
  await command('docker', ['buildx', 'build', '-q', ...more, '-o', output, context]);
}

/** No two runs of the tests may share an image or a step. */
const unique = () => `RUN echo ${randomBytes(8).toString('hex')} > /unique`;

const said = (run: Awaited<ReturnType<typeof runIn>>) =>
  Object.fromEntries(
    run.evidence?.trials.map(({ image, tests }) => [image, tests[0]?.stdout.text]) ?? [],
  );

test('what a build can be asked for arrives in it', async () => {
  const host = await distribution();
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const folder = await project({
    'sea-trial.yml': `
platforms: [linux/amd64]
images:
  - name: acme.test/asked
    tags: [dev]
    build:
      shm_size: 96m
      ulimits: { nofile: { soft: 1234, hard: 2345 } }
      extra_hosts: ["somewhere.test=192.0.2.7"]
      ssh: ["default=key.pem"]
      sbom: generator=${host}/scanner:1
      pull: true
    tests: [{ run: cat /seen }]
  - name: acme.test/alone
    build: { dockerfile: alone.Dockerfile, network: none }
    tests: [{ run: cat /seen }]
`,
    'key.pem': privateKey,
    Dockerfile: [
      'FROM busybox:1.37',
      unique(),
      "RUN df -k /dev/shm | awk 'END { print $2 }' >> /seen",
      'RUN echo $(ulimit -Sn) $(ulimit -Hn) >> /seen',
      'RUN grep somewhere.test /etc/hosts | tr "\\t" " " >> /seen',
      'RUN --mount=type=ssh test -S "$SSH_AUTH_SOCK" && echo agent >> /seen',
    ].join('\n'),
    'alone.Dockerfile': `FROM busybox:1.37\n${unique()}\nRUN ls /sys/class/net > /seen\n`,
    // BuildKit's protocol of SBOM scanners: docs/attestations/sbom-protocol.md there.
    'scanner/Dockerfile': [
      'FROM busybox:1.37',
      'COPY statement.json /',
      'ENTRYPOINT ["sh", "-c", "cp /statement.json $BUILDKIT_SCAN_DESTINATION/scan.spdx.json"]',
    ].join('\n'),
    'scanner/statement.json': JSON.stringify({
      _type: 'https://in-toto.io/Statement/v0.1',
      predicateType: 'https://spdx.dev/Document',
      predicate: { spdxVersion: 'SPDX-2.3', name: 'scanned' },
    }),
  });
  await pushed(`${host}/scanner:1`, `${folder}/scanner`);
  const run = await runIn(folder, ['--grant', 'ssh', '--push', '--registry', host]);
  expect([run.code, run.stdout]).toEqual([
    0,
    expect.stringContaining('is what the registry serves'),
  ]);
  expect(said(run)).toEqual({
    asked: '98304\n1234 2345\n192.0.2.7 somewhere.test\nagent\n',
    alone: 'lo\n',
  });
  const predicates = run.evidence?.trials.find(({ image }) => image === 'asked')?.built
    ?.attestations.length;
  expect(predicates).toBe(1);
  const sbom = ['buildx', 'imagetools', 'inspect', `${host}/asked:dev`];
  const found = await command('docker', [...sbom, '--format', '{{ json .SBOM.SPDX }}']);
  expect(JSON.parse(found)).toMatchObject({ name: 'scanned' });
  expect(await leftovers(run.evidence)).toEqual([]);
});

test('no_cache builds every step again', async () => {
  const folder = await project({
    'sea-trial.yml': `
platforms: [linux/amd64]
images:
  - { name: acme.test/kept, tests: [{ run: cat /id }] }
  - { name: acme.test/again, build: { no_cache: true, args: { X: again } }, tests: [{ run: cat /id }] }
`,
    Dockerfile: `FROM busybox:1.37\nARG X=kept\n${unique()}\nRUN echo $X; head -c16 /dev/urandom | md5sum > /id\n`,
  });
  const [first, second] = [said(await runIn(folder)), said(await runIn(folder))];
  expect(second.kept).toBe(first.kept);
  expect(second.again).toMatch(/^[0-9a-f]{32}/);
  expect(second.again).not.toBe(first.again);
});

/** A registry whose `base:1` is another image once somebody has asked for it. */
function moving(upstream: string): Promise<string> {
  let asked = 0;
  return faulty(upstream, (request, _, forward) => {
    request.url = (request.url ?? '').replace(/\/manifests\/1$/, () => {
      asked += 1;
      return `/manifests/${asked === 1 ? 'before' : 'after'}`;
    });
    forward();
  });
}

test('a base whose tag moves between two builds is one and the same for both', async () => {
  const upstream = await distribution();
  const folder = await project({
    'base/Dockerfile': `FROM busybox:1.37\nARG WHICH\nRUN echo $WHICH > /which\n${unique()}\n`,
  });
  for (const which of ['before', 'after']) {
    await pushed(
      `${upstream}/base:${which}`,
      `${folder}/base`,
      '--provenance=false',
      '--platform=linux/amd64,linux/386',
      `--build-arg=WHICH=${which}`,
    );
  }
  const host = await moving(upstream);
  const built = await project({
    'sea-trial.yml': `
platforms: [linux/amd64, linux/386]
images: [{ name: acme.test/moved, tests: [{ run: [cat, /seen] }] }]
`,
    Dockerfile: `FROM ${host}/base:1\n${unique()}\nRUN cp /which /seen\n`,
  });
  const run = await runIn(built, ['--parallel', '1']);
  expect(run.code).toBe(0);
  const seen = run.evidence?.trials.map(({ tests }) => tests[0]?.stdout.text);
  expect(seen).toEqual(['before\n', 'before\n']);
  expect(run.evidence?.findings.map(({ code }) => code)).not.toContain('base-moved');
});

/** Paths of a context in which each list leaves out others. */
const PATHS = [
  ...['f', 'a.c', 'x.cc', 'aab', 'a b', '#a', '!a', 'a1', 'd', ']', 'ad/f', 'axb/f', 'a.b/f'],
  ...['a/f', 'a/b/c', 'a/b/f', 'a/x/f', 'b/a/f', 'b/f', 'sub/a/x.c', 'sub/deep/x.c', 'sub/f'],
];

const LISTS: readonly string[] = [
  ...[
    'a',
    '/a/',
    './a//b',
    '../sub',
    'x/../sub',
    '.',
    '*',
    '**',
    'a/**',
    '**/f',
    '**.c',
    '**/a/**',
  ],
  ...[
    '*/*/f',
    '?',
    '[a-c]*',
    '[^a]*',
    'a.b*',
    'a|b*',
    'a{2}*',
    'a\\d',
    '\\#a',
    '#a',
    '\\!a',
    '!!a',
  ],
  ...['*\n!a', '*\n!a/b', 'a\n!a/b\na', 'a\n!a/b\na/b/c', '**/f\n!**/a/f', '*\n!**.c', '!f\nf'],
  ...['a/x\n!a/*/**', '**\n!sub/*\nsub/a', '\uFEFF# x\r\n a \r\n\r\nb\r\n', '[*]', 'a]\n]'],
  ...['a/b\n!a/*', ' #a', '**/**/c', '*.c\n!*.c', 'a\nb\n!*/f', 'sub/**/x.c'],
];

const REFUSED = ['a[', '[]a]', 'a\\', '!', 'f\n[z-a]'];

const AT_ONCE = 6;

test('what a list leaves out of a context is what the builder leaves out', async () => {
  const lists = [...LISTS, ...REFUSED];
  const folder = await project({
    ...Object.fromEntries(PATHS.map((path) => [`context/${path}`, ''])),
    ...Object.fromEntries(
      lists.flatMap((list, i) => [
        [`${i}.Dockerfile`, 'FROM scratch\nCOPY . /\n'],
        [`${i}.Dockerfile.dockerignore`, list],
      ]),
    ),
  });
  const sent = async (i: number) => {
    const [file, out] = [`--file=${folder}/${i}.Dockerfile`, join(folder, 'out', `${i}`)];
    const asked = ['buildx', 'build', '-q', file, `--output=type=local,dest=${out}`];
    await command('docker', [...asked, join(folder, 'context')]);
    const found = await readdir(out, { withFileTypes: true, recursive: true });
    const files = found.filter((one) => one.isFile());
    return files.map(({ parentPath, name }) => join(parentPath, name).slice(out.length + 1)).sort();
  };
  const built: unknown[] = [];
  for (let at = 0; at < lists.length; at += AT_ONCE) {
    const some = lists.slice(at, at + AT_ONCE).map(async (list, i) => {
      return [list, await sent(at + i).catch(() => 'refused')];
    });
    built.push(...(await Promise.all(some)));
  }
  const expected = lists.map((list) => {
    const { isCertain, ignoredBy } = readRules(list);
    const sees = () => PATHS.filter((path) => ignoredBy(path) === undefined).sort();
    return [list, isCertain() ? sees() : 'refused'];
  });
  expect(built).toEqual(expected);
}, 180_000);
