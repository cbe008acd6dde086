import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { alternate, ratio, type Sample, timed } from './measure.js';
import { push, refused } from './refused-pin.js';
import { afterwards, CLI, docker, dockerIfPossible, environment, folder, registry } from './rig.js';
import { atMost, type Findings, paired } from './table.js';

/*
 * Images from buildpacks, on two platforms, against pack by hand: a build for each platform, the
 * same test in each image, one after another. And two applications in one run against two runs.
 */

const ARCHITECTURES = ['amd64', 'arm64'];
const PYTHON = '3.12';

interface Place {
  /** A registry on this machine's loopback, as the engine and its clients reach it. */
  readonly host: string;
  /** `GATEWAY:PORT`: the same registry, as containers of builds reach it. */
  readonly inside: string;
  readonly builder: string;
  readonly runImage: string;
  readonly folder: string;
}

/** Passes on what comes for a port of a network's gateway to a registry on the loopback. */
async function onGateway(to: string): Promise<string> {
  const name = `sea-trial-bench-${process.pid}`;
  await docker('network', 'create', name);
  afterwards(() => dockerIfPossible('network', 'rm', name));
  const gateway = await docker(
    ...['network', 'inspect', '--format', '{{(index .IPAM.Config 0).Gateway}}', name],
  );
  const [host, port] = to.split(':');
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    client.on('error', () => upstream.destroy()).pipe(upstream);
    upstream.on('error', () => client.destroy()).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, gateway, resolve));
  afterwards(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('There is no port.');
  return `${gateway}:${address.port}`;
}

function writeApplication(place: string, stamp: string): void {
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, '.python-version'), `${PYTHON}\n`);
  writeFileSync(join(place, 'Procfile'), 'web: python --version\n');
  writeFileSync(join(place, 'app.py'), `STAMP = "${stamp}"\n`);
}

const image = (
  repository: string,
  context: string,
  { builder, runImage }: Place,
  platforms = ARCHITECTURES,
) => `
  - name: ${repository}
    tags: [dev]
    platforms: [${platforms.map((one) => `linux/${one}`).join(', ')}]
    build: { context: ${context}, buildpack: { builder: '${builder}', run-image: '${runImage}' } }
    tests:
      - { name: has its Python, run: python --version, stdout: '^Python 3\\.12\\.' }
`;

async function prepare(): Promise<Place> {
  const host = await registry();
  const inside = await onGateway(host);
  const [builder, run] = await Promise.all([push('builder', host), push('run', host)]);
  const place = { host, inside, builder, runImage: run.replace(host, inside), folder: folder() };
  const file = (name: string, images: readonly string[]) =>
    writeFileSync(join(place.folder, name), `images:${images.join('')}`);
  file('sea-trial.yml', [image(`${host}/bench/ours`, 'app', place)]);
  const [one, two] = ['one', 'two'].map((name) =>
    image(`${host}/bench/${name}`, name, place, ['amd64']),
  );
  file('both.yml', [one ?? '', two ?? '']);
  file('one.yml', [one ?? '']);
  file('two.yml', [two ?? '']);
  return place;
}

async function seaTrial({ folder: cwd }: Place, config: string): Promise<Sample> {
  const args = [CLI, 'run', '--push', '--config', config];
  return timed({ file: process.execPath, args, cwd, env: environment });
}

/** pack for each platform, then the test in each image that it has published. */
async function byHand(place: Place): Promise<Sample> {
  const { host, inside, builder, runImage } = place;
  let seconds = 0;
  const step = async (file: string, args: readonly string[]) => {
    const done = await timed({ file, args, cwd: place.folder, env: environment });
    seconds += done.seconds;
    return done.stdout;
  };
  const names = ARCHITECTURES.map((one) => [one, `${host}/bench/theirs:${one}`] as const);
  for (const [architecture, name] of names) {
    await step('pack', [
      ...[
        'build',
        name.replace(host, inside),
        '--path',
        'app',
        '--builder',
        builder,
        '--run-image',
        runImage,
      ],
      ...['--platform', `linux/${architecture}`, '--publish', '--trust-builder'],
      ...['--pull-policy', 'if-not-present'],
      ...[
        '--cache',
        `type=build;format=volume;name=sea-trial-bench-${process.pid}-${architecture}`,
      ],
    ]);
  }
  for (const [architecture, name] of names) {
    const said = await step('docker', [
      ...['run', '--rm', '--platform', `linux/${architecture}`, '--pull', 'always', '--quiet'],
      ...['--entrypoint', 'launcher', name, 'python --version'],
    ]);
    if (!said.startsWith(`Python ${PYTHON}.`)) throw new Error(`It said ${said}`);
  }
  await dockerIfPossible('image', 'rm', '--force', ...names.map(([, name]) => name));
  return { seconds };
}

/** Two runs, one after the other. */
async function oneByOne(place: Place): Promise<Sample> {
  const runs = [await seaTrial(place, 'one.yml'), await seaTrial(place, 'two.yml')];
  return { seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0) };
}

export async function buildpacks(asked: {
  readonly rounds?: number;
  readonly cold?: number;
}): Promise<Findings> {
  const rounds = { cold: asked.cold ?? 3, unchanged: asked.rounds ?? 5 };
  const place = await prepare();
  afterwards(() =>
    dockerIfPossible(
      ...['volume', 'rm', '--force'],
      ...ARCHITECTURES.map((one) => `sea-trial-bench-${process.pid}-${one}`),
    ),
  );
  const stamped = (stamp: string) => {
    for (const name of ['app', 'one', 'two'])
      writeApplication(join(place.folder, name), `${name} ${stamp}`);
  };
  stamped('first');
  // The builder and the caches are there for both.
  await seaTrial(place, 'sea-trial.yml');
  await byHand(place);
  const cold = await alternate(
    rounds.cold,
    (round) => {
      stamped(`ours ${round}`);
      return seaTrial(place, 'sea-trial.yml');
    },
    (round) => {
      stamped(`theirs ${round}`);
      return byHand(place);
    },
  );
  stamped('same');
  await seaTrial(place, 'sea-trial.yml');
  await byHand(place);
  const unchanged = await alternate(
    rounds.unchanged,
    () => seaTrial(place, 'sea-trial.yml'),
    () => byHand(place),
  );
  await oneByOne(place);
  const two = await alternate(
    rounds.unchanged,
    () => seaTrial(place, 'both.yml'),
    () => oneByOne(place),
  );
  const pins: Sample[] = [];
  for (let round = 0; round < rounds.unchanged; round += 1) {
    pins.push(await refused(place, { platforms: ARCHITECTURES }));
  }
  const slowest = Math.max(...pins.map(({ seconds }) => seconds));
  return {
    head: ['work', 'rounds', 'Sea Trial, s', 'compared with, s', 'ratio pair by pair'],
    rows: [
      paired('another application, against pack by hand', cold),
      paired('unchanged, against pack by hand', unchanged),
      paired('two applications in one run, against two runs', two),
    ],
    goals: [
      atMost('another application, of pack by hand', 1, ratio(cold).median),
      atMost('unchanged, of pack by hand', 0.9, ratio(unchanged).median),
      atMost('two applications, of two runs', 0.7, ratio(two).median),
      atMost('a pin that the builder does not offer, the slowest', 5, slowest, ' s'),
    ],
    notes: [
      `An application with a pin of Python ${PYTHON} and a Procfile, a small builder, a buildpack that installs nothing; linux/amd64 and linux/arm64, which is emulated; one test per platform through the launcher; a registry server on this machine.`,
      'By hand: `pack build --publish` and `docker run` for each platform, one after another; the time of each is added up. No index is made, nothing is inspected, and nothing is read back.',
      'Two applications are built for linux/amd64 alone.',
    ],
    samples: { cold, unchanged, two, pins },
  };
}
