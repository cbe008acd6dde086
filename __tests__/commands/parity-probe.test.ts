import { describe, expect, test } from '@jest/globals';
import { type Contents, METADATA, type Served, served } from '../buildpacks/builders.js';
import { exportFor } from '../pipeline/trial-rig.js';
import { onMachine } from './machine-rig.js';

const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;
const PYTHON = ['heroku/python', '99.0.0'] as const;
const ANSWERS = ['it is not available (such as Python 3.15)', 'upgrade to at least Python 3.9'];

type Named = readonly [id: string, version: string];

function put(store: Contents, buildpacks: readonly Named[]): void {
  const metadata = { ...METADATA, images: [{ image: 'REGISTRY/run:1', mirrors: [] }] };
  const order = [{ group: buildpacks.map(([id, version]) => ({ id, version, optional: true })) }];
  const layersLabel = Object.fromEntries(
    buildpacks.map(([id, version]) => [id, { [version]: { api: '0.10' } }]),
  );
  const both = <Image>(image: (platform: string) => Image) =>
    PLATFORMS.map((platform) => [platform, image(platform)] as const);
  const builders = both((platform) => store.builder({ platform, metadata, order, layersLabel }));
  store.tag('acme/builder:24', store.index(builders));
  store.tag('run:1', store.index(both((platform) => store.image({ platform }))));
}

const image = ({ host }: Served, name = 'web') => `  - name: ghcr.io/acme/${name}
    platforms: [linux/amd64, linux/arm64]
    build:
      buildpack:
        builder: ${host}/acme/builder:24
`;

type Described = NonNullable<Parameters<typeof onMachine>[1]>;

/** A project that is locked, whose application pins a version of Python unless `files` say otherwise. */
async function locked(buildpacks: readonly Named[], files: Described['files'] = {}) {
  const server = await served((store) => put(store, buildpacks));
  const own: Record<string, string> = {
    'sea-trial.yml': `images:\n${image(server)}`,
    '.python-version': '3.14\n',
    ...files,
  };
  const done = await onMachine(['parity', 'lock'], { files: own });
  expect(done.code).toBe(0);
  own['sea-trial.lock'] = done.files.get('sea-trial.lock') ?? '';
  return { server, own };
}

/** Runs the probes of a project; what a build writes depends on its platform and its probe. */
function probe(
  files: Readonly<Record<string, string>>,
  writes: (platform: string, probe: string) => readonly string[] = () => ANSWERS,
  more: Described & { readonly options?: readonly string[] } = {},
) {
  const { options = [], ...described } = more;
  const progress: string[] = [];
  return onMachine(['parity', 'probe', ...options], {
    files,
    progress,
    build() {
      throw new Error('the build refuses it');
    },
    heed(command) {
      const [, platform = ''] = /^pack build .* --platform (\S+)/.exec(command) ?? [];
      const [, name = ''] = /\/(probe-\d+) /.exec(command) ?? [];
      if (platform !== '') progress.splice(0, Number.POSITIVE_INFINITY, ...writes(platform, name));
      if (command === 'pack version') return { stdout: '0.40.9\n' };
      if (command.startsWith('docker network inspect')) return { stdout: '127.0.0.1\n' };
      return command.startsWith('docker network') ? {} : undefined;
    },
    ...described,
  });
}

/** What is printed of the images and the findings, without the pins. */
const lines = ({ out }: { readonly out: string }) =>
  out.split('\n').filter((line) => line !== '' && !line.includes('@sha256:'));
const probedOf = ({ files }: { readonly files: ReadonlyMap<string, string> }) =>
  (files.get('sea-trial.lock') ?? '').split('      probed:\n')[1]?.split('\n').slice(0, -1);
const builds = ({ commands }: { readonly commands: readonly string[] }) =>
  commands.filter((one) => one.startsWith('pack build'));
const LOCKED = '✔ web is locked, and its builder was asked what it offers';

describe('parity probe', () => {
  test('writes what a buildpack answers, for all platforms that answer the same once', async () => {
    const { own } = await locked([PYTHON]);
    const done = await probe(own);
    expect(lines(done)).toStrictEqual([
      LOCKED,
      '    python 3.9 to 3.15 (heroku/python@99.0.0, linux/amd64, linux/arm64)',
    ]);
    expect(done.code).toBe(0);
    expect(probedOf(done)).toStrictEqual([
      '        - runtime: python',
      '          buildpack: heroku/python@99.0.0',
      '          platforms:',
      '            - linux/amd64',
      '            - linux/arm64',
      '          newest: 3.15',
      '          oldest: 3.9',
    ]);
    expect(done.said).toMatch(/^ +\S+ {2}environment {2}linux\/amd64, linux\/arm64$/m);
  });

  test('builds an application for each question on each platform, by the locked builder alone', async () => {
    const { own } = await locked([PYTHON]);
    const asked: string[] = [];
    const done = await probe(own, (platform, name) => {
      asked.push(`${name} ${platform}`);
      return ANSWERS;
    });
    expect(asked).toStrictEqual([
      'probe-1 linux/amd64',
      'probe-1 linux/arm64',
      'probe-2 linux/amd64',
      'probe-2 linux/arm64',
    ]);
    for (const one of builds(done)) {
      expect(one).toMatch(
        / --buildpack (?:urn:cnb:builder:|from=builder:)?heroku\/python@99\.0\.0 /,
      );
    }
  });

  test('writes each answer of its own, and of one end alone as far as it is the newest', async () => {
    const { own } = await locked([PYTHON]);
    const apart = await probe(own, (platform) =>
      platform === 'linux/arm64' ? ['(such as Python 3.16)', ANSWERS[1] ?? ''] : ANSWERS,
    );
    expect(lines(apart)).toStrictEqual([
      LOCKED,
      '    python 3.9 to 3.15 (heroku/python@99.0.0, linux/amd64)',
      '    python 3.9 to 3.16 (heroku/python@99.0.0, linux/arm64)',
    ]);
    const newest = await probe(own, () => ANSWERS.slice(0, 1));
    expect(lines(newest)[1]).toBe(
      '    python up to 3.15 (heroku/python@99.0.0, linux/amd64, linux/arm64)',
    );
    const oldest = await probe(own, () => ANSWERS.slice(1));
    expect(lines(oldest)[1]).not.toContain('python 3.9');
    expect(probedOf(oldest)).toBeUndefined();
  });

  test('says why a buildpack did not answer, and keeps what others did', async () => {
    const { own } = await locked([PYTHON]);
    const done = await probe(own, (platform, name) =>
      platform === 'linux/arm64' && name === 'probe-1' ? ['nothing of use'] : ANSWERS,
    );
    expect(lines(done).slice(0, 4)).toStrictEqual([
      '✘ web is locked, and its builder was asked what it offers',
      '    python 3.9 to 3.15 (heroku/python@99.0.0, linux/amd64)',
      '✘ probe-unanswered',
      expect.stringMatching(
        /^ {4}heroku\/python 99\.0\.0 did not name its newest version; the build of the probe failed: ./,
      ),
    ]);
    const { out } = await probe(own, () => [], { options: ['--json'] });
    const { outcomes, findings } = JSON.parse(out);
    expect(outcomes).toMatchObject([{ image: 'web', state: 'probed', changes: [] }]);
    expect(findings).toHaveLength(4);
    expect(findings[0]).toMatchObject({
      code: 'probe-unanswered',
      subject: {
        image: 'web',
        platform: 'linux/amd64',
        reference: expect.stringContaining('/acme/builder'),
      },
    });
  });

  test('says that a buildpack took what it was to refuse', async () => {
    const { own } = await locked([PYTHON]);
    const { out } = await probe(own, () => [], { build: () => exportFor('amd64') });
    expect(out.replace(/\s+/g, ' ')).toContain(
      'did not name its newest version; the build of the probe',
    );
  });

  test('tells what the engine said where a build could not be made', async () => {
    const { own } = await locked([PYTHON]);
    const { code, out } = await probe(own, undefined, {
      heed: (command) => (command === 'pack version' ? { stdout: '0.40.9\n' } : undefined),
    });
    expect(out).toContain('✘ engine-failed\n    The Docker engine could not create a network.');
    expect(out).not.toContain('probe-unanswered');
    expect(code).toBe(3);
  });

  test('names the buildpacks that name no version', async () => {
    const ruby = ['heroku/ruby', '99.0.0'] as const;
    const pins = { Gemfile: "ruby '3.3.0'\n", 'Gemfile.lock': 'RUBY VERSION\n   ruby 3.3.0p1\n' };
    const { own } = await locked([PYTHON, ruby], pins);
    const done = await probe(own);
    expect(lines(done).slice(2)).toStrictEqual([
      '· version-unknown',
      '    heroku/ruby 99.0.0 names no version when it refuses a pin: what is offered stays unknown before the build.',
    ]);
    const php = ['heroku/php', '99.0.0'] as const;
    const both = await locked([ruby, php], {
      ...pins,
      'composer.json': '{ "require": { "php": "8.3" } }\n',
      'composer.lock': '{ "platform": { "php": "8.3" } }\n',
    });
    const silent = await probe(both.own);
    expect(lines(silent)).toStrictEqual([
      LOCKED,
      '· version-unknown',
      '    heroku/ruby 99.0.0 and heroku/php 99.0.0 name no version when they refuse a pin: what is offered stays unknown before the build.',
    ]);
    expect(builds(silent)).toStrictEqual([]);
  });

  test.each<[string, Named, Record<string, string>, string]>([
    [
      'that nothing is pinned',
      PYTHON,
      { '.python-version': '' },
      'no file of the application pins a version',
    ],
    [
      'that it is known',
      ['heroku/python', '0.25.0'],
      {},
      'what the builder offers of it is known without a probe',
    ],
  ])('builds nothing where it is known %s', async (_, buildpack, files, words) => {
    const { own } = await locked([buildpack], files);
    const done = await probe(own);
    expect(lines(done)).toStrictEqual([
      '✔ web is locked, and its builder was not asked',
      `    ${words}`,
    ]);
    expect(builds(done)).toStrictEqual([]);
    expect(done.files.get('sea-trial.lock')).toBe(own['sea-trial.lock']);
  });

  test('asks for none that is not in the lock, or whose lock is not what it pins', async () => {
    const { server, own } = await locked([PYTHON]);
    const files = { ...own, 'sea-trial.yml': `${own['sea-trial.yml']}${image(server, 'api')}` };
    const more = await probe(files);
    expect(more.out).toContain('\n⚠ api is not in the lock; "sea-trial parity lock" adds it\n');
    expect(more.out).toContain('python 3.9 to 3.15');
    const edited = (own['sea-trial.lock'] ?? '').replace(
      'lifecycle: 0.21.17',
      'lifecycle: 0.21.18',
    );
    const wrong = await probe({ ...own, 'sea-trial.lock': edited });
    expect(lines(wrong)[0]).toBe('✘ web has facts in the lock that are not those of its pins');
    expect([wrong.code, builds(wrong)]).toStrictEqual([1, []]);
  });

  test('says that a lock could not be asked whose pin is gone', async () => {
    const { server, own } = await locked([PYTHON]);
    server.store.store.all.delete(server.store.tags.get('acme/builder:24') ?? '');
    const done = await probe(own);
    expect(lines(done)[0]).toBe('✘ web could not be asked');
    expect(done.code).toBe(1);
  });

  test('refuses what a plan refuses', async () => {
    const { own } = await locked([PYTHON]);
    const { code, said } = await probe(own, undefined, { options: ['--grant', 'nothing'] });
    expect(code).toBe(2);
    expect(said).toContain('--grant "nothing" is not a grant');
  });
});
