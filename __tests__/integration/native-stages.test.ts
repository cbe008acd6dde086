// biome-ignore-all lint/suspicious/noTemplateCurlyInString: arguments of Dockerfiles.
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { stagesOf } from '../../src/dockerfile/index.js';
import { programFor } from '../../src/emulation/proof-image.js';
import { busybox } from './image-project.js';
import {
  afterwards,
  command,
  distribution,
  freePort,
  project,
  type Run,
  rig,
  runIn,
} from './rig.js';

/*
 * Two Dockerfiles that take the architecture as an argument, compile in a stage of an image that
 * is an argument too, and start from another reference on each platform. What stands for the
 * compiler says which machine it has run on.
 */

const ARCHES = ['amd64', 'arm64'];
const PLATFORMS = ARCHES.map((arch) => `linux/${arch}`);

/** What uname(1) says of the machine by itself. */
let own = '';
let host = '';

const build = (folder: string) => [
  'ARG builder_image',
  '',
  '# Build architecture',
  'ARG ARCH',
  '',
  'FROM ${builder_image} as builder',
  `WORKDIR ${folder}`,
  'ARG package=.',
  'ARG ARCH',
  'COPY ./ ./',
  'RUN uname -m >machine && cp ${package}/${ARCH} manager',
  '',
];

const manager = () =>
  [
    ...build('/workspace'),
    `FROM ${host}/acme/static:nonroot-\${ARCH}`,
    'WORKDIR /',
    'COPY --from=builder /workspace/manager /workspace/machine ./',
    'USER 65532',
    'ENTRYPOINT ["/manager"]',
    '',
  ].join('\n');

const infrastructure = () =>
  [
    ...build('/workspace/infrastructure'),
    `FROM ${host}/acme/static:latest-\${ARCH}`,
    'COPY --from=builder /workspace/infrastructure/manager /workspace/infrastructure/machine /',
    'ENTRYPOINT ["/manager"]',
    '',
  ].join('\n');

const image = (name: string, dockerfile: string, native: string) => `  - name: acme/${name}
    tags: [dev]
    platforms: [${PLATFORMS.join(', ')}]
    build:
      dockerfile: ${dockerfile}
      args: { builder_image: 'busybox:1.37', package: programs, ARCH: '{arch}' }
${native === '' ? '' : `      native: ['${native}']\n`}    tests:
      - { name: 'is made for {arch}', run: [/manager], exit-code: 23 }
      - { name: where it was made, run: cat /machine }
`;

async function files(native: string) {
  const programs = PLATFORMS.map((platform, i): [string, Buffer] => {
    const program = programFor(platform);
    if (program === undefined) throw new Error(`there is no program for ${platform}`);
    return [`programs/${ARCHES[i]}`, Buffer.from(program)];
  });
  return project({
    Dockerfile: manager(),
    'infrastructure/Dockerfile': infrastructure(),
    'infrastructure/Dockerfile.dockerignore': 'infrastructure\n',
    ...Object.fromEntries(programs),
    'sea-trial.yml': `images:\n${image('manager', 'Dockerfile', native)}${image('infrastructure', 'infrastructure/Dockerfile', native)}`,
  });
}

/** What a run that was to pass has said instead. */
const failure = ({ code, stderr, stdout }: Run) =>
  code === 0 && !/error/i.test(stderr) ? undefined : `${code}\n${stdout}\n${stderr}`;

/** By image and platform, what the stage that compiles ran on. */
function machines({ evidence }: Run) {
  return evidence?.trials.map(({ image: id, platform, tests }) => [
    `${id} ${platform}`,
    tests.find(({ name }) => name === 'where it was made')?.stdout.text.trim(),
  ]);
}

const everywhere = (of: (arch: string) => string) =>
  ['manager', 'infrastructure'].flatMap((id) =>
    ARCHES.map((arch) => [`${id} linux/${arch}`, of(arch)]),
  );

beforeAll(async () => {
  own = (await command('uname', ['-m'])).trim();
  host = await distribution();
  const bases = ARCHES.map(
    (arch) =>
      `  - { id: ${arch}, name: acme/static, tags: [nonroot-${arch}, latest-${arch}], platforms: [linux/${arch}] }`,
  );
  const folder = await project({
    Dockerfile: busybox(),
    'sea-trial.yml': `images:\n${bases.join('\n')}\n`,
  });
  const made = await runIn(folder, ['--push', '--registry', host]);
  if (made.code !== 0) throw new Error(made.stderr + made.stdout);
}, 120_000);

test('stages of a native image run on the machine by itself, whatever the platform is', async () => {
  const run = await runIn(await files('$${builder_image}'));
  expect(failure(run)).toBeUndefined();
  expect(machines(run)).toEqual(everywhere(() => own));
  const names = run.evidence?.trials.map(({ tests }) =>
    tests.map(({ name, outcome }) => [name, outcome]),
  );
  expect(names?.slice(0, 2)).toEqual(
    ARCHES.map((arch) => [
      [`is made for ${arch}`, 'passed'],
      ['where it was made', 'passed'],
    ]),
  );
  // The base of each platform is another reference, pinned like every other.
  const bases = run.evidence?.trials.map(({ build: facts }) =>
    facts?.bases.map(({ reference }) => reference).filter((one) => one.includes('static')),
  );
  expect(bases?.slice(0, 2)).toEqual(ARCHES.map((arch) => [`${host}/acme/static:nonroot-${arch}`]));
});

test('without it they run under emulation', async () => {
  const run = await runIn(await files(''));
  expect(failure(run)).toBeUndefined();
  const names: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };
  expect(machines(run)).toEqual(everywhere((arch) => names[arch] ?? ''));
});

/**
 * BuildKit in a user namespace with an empty binfmt_misc: no program of another platform runs
 * there but by BuildKit's own emulators, as with a builder on a machine that has no handlers.
 * Answers the name of a builder that is there.
 */
async function builderWithEmulators(): Promise<string> {
  const name = `own-${randomBytes(3).toString('hex')}`;
  const port = await freePort();
  const inside = [
    'until [ -e /mapped ]; do sleep 0.1; done',
    'mount -t binfmt_misc none /proc/sys/fs/binfmt_misc',
    `exec buildkitd --rootless --addr tcp://127.0.0.1:${port} --root /state --oci-worker-no-process-sandbox --oci-worker-snapshotter native $CONFIG`,
  ].join('; ');
  const outside = [
    `unshare --user --mount --pid --fork --mount-proc sh -c '${inside}' &`,
    'sleep 1; echo "0 0 65536" >/proc/$!/gid_map; echo "0 0 65536" >/proc/$!/uid_map; touch /mapped; wait',
  ].join('\n');
  const config = rig.get('SEA_TRIAL_BUILDKITD_CONFIG');
  const create = ['create', '--name', name, '--privileged', '--network=host', '--entrypoint=sh'];
  const env = [`--env=CONFIG=${config === undefined ? '' : '--config /buildkitd.toml'}`];
  await command('docker', [...create, ...env, 'moby/buildkit:buildx-stable-1', '-c', outside]);
  afterwards(() => command('docker', ['rm', '--force', '--volumes', name]));
  if (config !== undefined) await command('docker', ['cp', config, `${name}:/buildkitd.toml`]);
  // BuildKit's image has them; the rig's stand-in has none.
  const emulator = '/usr/bin/qemu-aarch64';
  const has = await fs.stat(emulator).then(
    () => config !== undefined,
    () => false,
  );
  if (has) await command('docker', ['cp', emulator, `${name}:/usr/bin/buildkit-qemu-aarch64`]);
  await command('docker', ['start', name]);
  const platforms = `--platform=${PLATFORMS.join(',')}`;
  const made = ['buildx', 'create', '--name', name, '--driver=remote', platforms, '--bootstrap'];
  afterwards(() => command('docker', ['buildx', 'rm', '--force', name]));
  await command('docker', [...made, `tcp://127.0.0.1:${port}`]);
  return name;
}

test("a builder's own emulators run no part of such a stage", async () => {
  const builder = await builderWithEmulators();
  const run = await runIn(await files('busybox:1.37'), ['--builder', builder]);
  expect(failure(run)).toBeUndefined();
  expect(machines(run)).toEqual(everywhere(() => own));
  // They do run what is not native: this is a builder that would have emulated it.
  const folder = join(await project({ Dockerfile: 'FROM busybox:1.37\nRUN uname -m\n' }));
  const said = ['buildx', 'build', `--builder=${builder}`, '--platform=linux/arm64'];
  const log = await command('sh', [
    '-c',
    `docker ${said.join(' ')} --progress=plain ${folder} 2>&1`,
  ]);
  expect(log).toMatch(/ aarch64$/m);
}, 180_000);

/** Lines behind which BuildKit reads the next FROM, or takes it for text until EOF. */
const BEFORE_FROM = [
  'RUN <<EOF',
  'RUN 3<<EOF',
  'RUN cat << EOF',
  'RUN cat <<-"EOF"',
  'RUN <<EOF <<-',
  'RUN <<- EOF',
  'COPY <<EOF /x',
  'ADD <<EOF /x',
  'ONBUILD RUN <<EOF',
  'RUN a ${b:-<<c} <<EOF',
  'RUN --mount=type=cache,target=/c <<EOF',
  'RUN echo "see <<EOF"',
  'RUN echo "\\"<<EOF"',
  'RUN echo \\<<EOF',
  'RUN a<<EOF',
  'RUN cat <<<EOF',
  'RUN echo $((1<<EOF))',
  'RUN ["cat", "<<EOF"]',
  'COPY ["<<EOF", "/x"]',
  'RUN echo "a <<EOF',
  'RUN echo ${a[0]} <<EOF',
  'RUN <<${a:-EOF}',
  'ENV A=1 B="<<EOF"',
  'RUN echo a \\\\',
  'RUN echo a \\',
  'RUN echo a \\ \t\n# and\n',
  '# a \\',
  '\\',
];

test.each(['', '# escape=`\n', '\uFEFF'])(
  'the stages of %j with all that can hide one are those that BuildKit lists',
  async (head) => {
    const folder = await project({});
    const differences: unknown[] = [];
    const read = async (lines: readonly string[], name: string) => {
      const text = `${head}FROM first\n${lines.join('\n')}\n`;
      const file = join(folder, name);
      await fs.writeFile(file, text);
      const asked = ['buildx', 'build', '--call=targets,format=json', `--file=${file}`, folder];
      // A file that BuildKit refuses says nothing about stages.
      const listed = await command('docker', asked).catch(() => undefined);
      const ours = stagesOf(text, { args: {}, contexts: [] }).map((stage) => [
        ...[stage.line, stage.from, stage.name, stage.platform],
      ]);
      if (listed === undefined) return false;
      const { targets } = JSON.parse(listed.slice(listed.indexOf('{')));
      const theirs = targets.map(
        // biome-ignore lint/suspicious/noExplicitAny: what buildx says, as it is.
        ({ name: stage, base, platform, location }: any) => [
          ...[location.ranges[0].start.line, base, stage, platform],
        ],
      );
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) differences.push({ text, ours, theirs });
      return true;
    };
    const tried = await Promise.all(
      BEFORE_FROM.flatMap((line, i) => [
        read([line, 'FROM --platform=$BUILDPLATFORM b AS two', 'EOF', 'FROM c'], `a${i}`),
        read([line, 'FROM b AS Two', 'FROM c'], `b${i}`),
      ]),
    );
    expect(differences).toEqual([]);
    expect(tried.filter(Boolean).length).toBeGreaterThan(BEFORE_FROM.length / 2);
  },
  120_000,
);
