import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { alternate, type Pair, ratio, type Sample, timed } from './measure.js';
import { PLATFORMS, project, references } from './project.js';
import {
  builderOptions,
  DIST,
  docker,
  dockerIfPossible,
  environment,
  folder,
  ROOT,
} from './rig.js';
import { atMost, type Findings, paired } from './table.js';

/*
 * Today's composition of docker's actions against this action, both through act.
 * The checkouts of the actions are given by a folder; nothing of them is kept.
 */

const ACTIONS = {
  qemu: 'docker/setup-qemu-action',
  buildx: 'docker/setup-buildx-action',
  build: 'docker/build-push-action',
};
const VERSION = 'bench';
const BINFMT = 'tonistiigi/binfmt';

/** Folders of the checkouts, as act takes them in place of GitHub's repositories. */
function replacements(peers: string): readonly string[] {
  return Object.values(ACTIONS).map((action) => {
    const path = resolve(peers, action.replace('docker/', ''));
    if (!existsSync(join(path, 'action.yml'))) throw new Error(`${path} has no action.yml.`);
    return `--local-repository=${action}@${VERSION}=${path}`;
  });
}

const job = (steps: string) => `on: push
jobs:
  images:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
${steps}`;

/** The step that sets the emulators up, with the image that it runs. */
const qemu = (image: string) => `      - uses: ${ACTIONS.qemu}@${VERSION}
        with: { image: ${image}, platforms: '${PLATFORMS.slice(1).join(',')}' }
`;

/** Driver options as the action's input takes them: without the flag. */
function builderInputs(): string {
  const value = (flag: string) =>
    builderOptions.find((option) => option.startsWith(flag))?.slice(flag.length);
  const config = value('--buildkitd-config=');
  return `driver-opts: ${value('--driver-opt=')}${config === undefined ? '' : `, buildkitd-config: ${config}`}`;
}

function composition(repository: string, builder: string, emulators: string): string {
  const [tried] = references(`${repository}-try`);
  const build = (more: string) => `      - uses: ${ACTIONS.build}@${VERSION}
        with:
          context: .
          platforms: ${PLATFORMS.join(',')}
          build-args: STAMP=\${{ env.STAMP }}
${more}`;
  const tests = PLATFORMS.map(
    (platform) =>
      `          docker run --rm --platform ${platform} ${tried} | grep "^greeter $STAMP "\n`,
  );
  return job(
    `${qemu(emulators)}      - uses: ${ACTIONS.buildx}@${VERSION}
        with: { name: ${builder}, cleanup: false, ${builderInputs()} }
${build(`          load: true\n          tags: ${tried}\n`)}      - run: |
${tests.join('')}${build(
  `          push: true\n          tags: |\n${references(repository)
    .map((reference) => `            ${reference}\n`)
    .join('')}`,
)}      - run: docker buildx imagetools inspect ${references(repository)[0]}
`,
  );
}

const ours = () => job('      - uses: ./.sea-trial\n        with: { push: true }\n');

/** A repository with one workflow in it, since act needs one. */
async function workspace(repository: string, workflow: string): Promise<string> {
  const place = await project(repository);
  const file = join(place, '.github', 'workflows', 'images.yml');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, workflow);
  for (const [from, name] of [
    [join(ROOT, 'action.yml'), 'action.yml'],
    [DIST, 'dist'],
  ] as const) {
    cpSync(from, join(place, '.sea-trial', name), { recursive: true });
  }
  const git = (...args: string[]) =>
    timed({ file: 'git', args: ['-C', place, ...args], env: environment });
  await git('init', '--quiet');
  await git('remote', 'add', 'origin', 'https://github.com/example/greeter.git');
  await git('add', '--all');
  const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com'];
  await git(...who, 'commit', '--quiet', '--message=Begin');
  return place;
}

/**
 * The image of setup-qemu-action, or where it is not available the one that stands in for it in our
 * tests, served by the registry of the measurement as the real one would be by its own.
 */
async function emulatorsImage(host: string): Promise<string> {
  const real = await docker('pull', '--quiet', BINFMT).catch(() => undefined);
  if (real !== undefined) return BINFMT;
  const script = join(ROOT, 'scripts', 'rig', 'binfmt-image.sh');
  const { stdout } = await timed({ file: script, args: [], env: environment });
  const image = `${host}/binfmt`;
  await docker('tag', stdout.trim(), image);
  await docker('push', '--quiet', image);
  return image;
}

export async function againstPeers(
  peers: string,
  host: string,
  rounds: { readonly cold: number; readonly unchanged: number },
  limit: number,
): Promise<Pick<Findings, 'rows' | 'goals' | 'notes' | 'samples'>> {
  const builder = `sea-trial-bench-peers-${process.pid}`;
  await dockerIfPossible('buildx', 'rm', '--force', builder);
  const emulators = await emulatorsImage(host);
  const replaced = replacements(peers);
  const cache = folder();
  const [own, glued] = [`${host}/bench/action`, `${host}/bench/glued`];
  const places = {
    ours: await workspace(own, ours()),
    theirs: await workspace(glued, composition(glued, builder, emulators)),
  };
  // act runs the first node on PATH, whatever an action's `using` says.
  const path = `${dirname(process.execPath)}:${environment.PATH}`;
  const act = (side: keyof typeof places, stamp: string): Promise<Sample> =>
    timed({
      file: 'act',
      args: [
        'push',
        '--platform=ubuntu-latest=-self-hosted',
        `--env=STAMP=${stamp}`,
        '--env=DOCKER_BUILD_SUMMARY=false',
        ...replaced,
      ],
      cwd: places[side],
      env: { ...environment, PATH: path, XDG_CACHE_HOME: cache },
    });
  const tidy = async (sample: Sample) => {
    await dockerIfPossible('image', 'rm', '--force', references(`${glued}-try`)[0] ?? '');
    return sample;
  };
  const mark = `${Date.now()}`;
  try {
    // The first of each starts what the others find: the builder, its bases, act's own folders.
    await act('ours', `${mark}-same`);
    await tidy(await act('theirs', `${mark}-same`));
    const cold = await alternate(
      rounds.cold,
      (round) => act('ours', `${mark}-${round}-a`),
      async (round) => tidy(await act('theirs', `${mark}-${round}-b`)),
    );
    await act('ours', `${mark}-same`);
    const unchanged = await alternate(
      rounds.unchanged,
      () => act('ours', `${mark}-same`),
      async () => tidy(await act('theirs', `${mark}-same`)),
    );
    return told(cold, unchanged, emulators, limit);
  } finally {
    await dockerIfPossible('buildx', 'rm', '--force', builder);
    await dockerIfPossible('image', 'rm', '--force', references(`${glued}-try`)[0] ?? '');
    if (emulators !== BINFMT) await dockerIfPossible('image', 'rm', emulators);
  }
}

function told(
  cold: readonly Pair<Sample>[],
  unchanged: readonly Pair<Sample>[],
  emulators: string,
  limit: number,
): Pick<Findings, 'rows' | 'goals' | 'notes' | 'samples'> {
  return {
    rows: [
      paired('cold, against the glued actions', cold),
      paired('unchanged, against the glued actions', unchanged),
    ],
    goals: [
      atMost('cold, of the glued actions', 0.78, ratio(cold).median),
      atMost('unchanged, of the glued actions', limit, ratio(unchanged).median),
    ],
    notes: [
      'The glued actions: setup-qemu (the handlers are there), setup-buildx (its builder is kept from run to run), build-push with load for all platforms, `docker run` on each, build-push with push, imagetools inspect; both sides with checkout, through act.',
      ...(emulators === BINFMT
        ? []
        : [
            `setup-qemu-action runs an image that stands in for ${BINFMT}, which is not available here, pulled from the registry on this machine.`,
          ]),
    ],
    samples: { cold, unchanged, emulators },
  };
}
