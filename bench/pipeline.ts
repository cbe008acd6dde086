import { join } from 'node:path';
import { alternate, ratio, type Sample, timed } from './measure.js';
import { againstPeers } from './peers.js';
import { PLATFORMS, project, references } from './project.js';
import { builder, CLI, dockerIfPossible, environment, registry, store } from './rig.js';
import { atMost, type Findings, paired } from './table.js';

/*
 * (a) The whole way against the same work by docker's own commands, one after
 * another, as a person or a script calls them: build and load, a test on each
 * platform, build and push, look at the index.
 */

interface Road {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly containerd: boolean;
  readonly ours: string;
  readonly theirs: string;
}

async function seaTrial(road: Road, stamp: string, cli = CLI): Promise<Sample> {
  const args = [cli, 'run', '--push', '--set', `STAMP=${stamp}`];
  return timed({ file: process.execPath, args, cwd: road.folder, env: road.env });
}

/** The commands in their order; a classic store takes one platform at a time. */
function commands({ theirs, containerd }: Road, stamp: string): readonly (readonly string[])[] {
  const build = ['buildx', 'build', `--build-arg=STAMP=${stamp}`];
  const [tried = ''] = references(theirs);
  const name = (platform: string) =>
    containerd ? tried : `${theirs}:try-${platform.replaceAll('/', '-')}`;
  const load = containerd
    ? [[...build, `--platform=${PLATFORMS.join(',')}`, '--load', `--tag=${tried}`, '.']]
    : PLATFORMS.map((one) => [...build, `--platform=${one}`, '--load', `--tag=${name(one)}`, '.']);
  const tests = PLATFORMS.map((one) => ['run', '--rm', `--platform=${one}`, name(one)]);
  const tags = references(theirs).map((reference) => `--tag=${reference}`);
  const push = [...build, `--platform=${PLATFORMS.join(',')}`, '--push', ...tags, '.'];
  return [...load, ...tests, push, ['buildx', 'imagetools', 'inspect', tried]];
}

async function raw(road: Road, stamp: string): Promise<Sample> {
  let seconds = 0;
  const made = new Set<string>();
  for (const args of commands(road, stamp)) {
    const done = await timed({ file: 'docker', args, cwd: road.folder, env: road.env });
    seconds += done.seconds;
    if (args[0] === 'run') {
      if (!done.stdout.startsWith(`greeter ${stamp} `)) throw new Error(`It said ${done.stdout}`);
      made.add(args.at(-1) ?? '');
    }
  }
  // What a run leaves in the engine, its pushed tags too, would spare the next one its load.
  await dockerIfPossible('image', 'rm', '--force', ...made, ...references(road.theirs));
  return { seconds };
}

interface Rounds {
  readonly cold: number;
  readonly unchanged: number;
}

async function measure(road: Road, rounds: Rounds) {
  const mark = `${Date.now()}`;
  const cold = await alternate(
    rounds.cold,
    (round) => seaTrial(road, `${mark}-${round}-a`),
    (round) => raw(road, `${mark}-${round}-b`),
  );
  // One stamp for both: what one has built the other finds in the cache, so both are unchanged.
  await seaTrial(road, `${mark}-same`);
  await raw(road, `${mark}-same`);
  const unchanged = await alternate(
    rounds.unchanged,
    () => seaTrial(road, `${mark}-same`),
    () => raw(road, `${mark}-same`),
  );
  return { cold, unchanged };
}

/** The same by the bundle of before, pair by pair. */
async function againstBefore(road: Road, folder: string, rounds: Rounds) {
  const cli = join(folder, 'cli.js');
  const mark = `${Date.now()}-before`;
  const cold = await alternate(
    rounds.cold,
    (round) => seaTrial(road, `${mark}-${round}-a`),
    (round) => seaTrial(road, `${mark}-${round}-b`, cli),
  );
  await seaTrial(road, mark);
  const unchanged = await alternate(
    rounds.unchanged,
    () => seaTrial(road, mark),
    () => seaTrial(road, mark, cli),
  );
  return { cold, unchanged };
}

/** Ratios that are to be reached when nothing has changed since the run before. */
interface Limits {
  readonly docker: number;
  readonly glued: number;
}

export async function pipeline(
  asked: {
    readonly rounds?: number;
    readonly cold?: number;
    readonly peers?: string;
    readonly before?: string;
  },
  limits: Limits = { docker: 0.85, glued: 0.32 },
): Promise<Findings> {
  const host = await registry();
  const containerd = (await store()) === 'containerd';
  const env = containerd ? environment : { ...environment, BUILDX_BUILDER: await builder() };
  const [ours, theirs] = [`${host}/bench/ours`, `${host}/bench/theirs`];
  const road = { folder: await project(ours), env, containerd, ours, theirs };
  const rounds = { cold: asked.cold ?? asked.rounds ?? 3, unchanged: asked.rounds ?? 7 };
  const { cold, unchanged } = await measure(road, rounds);
  const peers =
    asked.peers === undefined
      ? undefined
      : await againstPeers(asked.peers, host, rounds, limits.glued);
  const before =
    asked.before === undefined ? undefined : await againstBefore(road, asked.before, rounds);
  // What had no round has no figures.
  const rows = [
    paired('cold, against docker’s commands', cold),
    paired('unchanged, against docker’s commands', unchanged),
    ...(peers?.rows ?? []),
    ...(before === undefined
      ? []
      : [
          paired('cold, against the bundle of before', before.cold),
          paired('unchanged, against the bundle of before', before.unchanged),
        ]),
  ].filter(([, rounds]) => rounds !== '0');
  const goals = [
    atMost('cold, of docker’s commands', 0.97, ratio(cold).median),
    atMost('unchanged, of docker’s commands', limits.docker, ratio(unchanged).median),
    ...(peers?.goals ?? []),
  ].filter(({ found }) => found !== 'NaN');
  return {
    head: ['work', 'rounds', 'Sea Trial, s', 'compared with, s', 'ratio pair by pair'],
    rows,
    goals,
    notes: [
      `A Go program cross-compiled for ${PLATFORMS.join(', ')}, one emulated RUN, one test per platform, three tags, pushed to a registry server on this machine; ${containerd ? 'containerd image store, the engine’s own builder' : 'classic image store, a docker-container builder that is kept'}.`,
      'Docker’s commands: build and load, `docker run` on each platform, build and push, `imagetools inspect`, one after another; the time of each is added up, what is between them is not. They neither look into the layers nor read the registry back.',
      'Cold: a build argument that no build has had; the base images are there. Unchanged: the same again.',
      ...(peers?.notes ?? [
        'Against the glued actions nothing was measured this time: `--peers FOLDER` was not given.',
      ]),
    ],
    samples: {
      cold,
      unchanged,
      ...(peers === undefined ? {} : { peers: peers.samples }),
      ...(before === undefined ? {} : { before }),
    },
  };
}
