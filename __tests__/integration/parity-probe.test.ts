import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type BuilderRegistry,
  builderRegistry,
  builderWith,
  buildNetwork,
  parityIn,
} from './buildpacks.js';
import { errorsOf } from './image-project.js';
import { command, project, runIn } from './rig.js';

/*
 * A builder whose buildpacks list no versions, as Heroku's do not: they have Heroku's ids, and
 * write what Heroku's write (heroku/buildpacks-python src/errors.rs, heroku/buildpacks-nodejs
 * src/runtime.rs). They are newer than any table.
 */

const VERSION = '99.0.0';
const PLATFORMS = ['linux/amd64', 'linux/arm64'];

const PYTHON = `minor=$(sed 's/^3\\.//;s/\\..*//' .python-version)
if [ "$minor" -gt 15 ]; then
  printf '%s\\n' "[Error: The requested Python version isn't recognised]" \\
    "Otherwise, switch to a supported version (such as Python 3.15)" \\
    "by changing the version in your .python-version file." >&2
  exit 1
elif [ "$minor" -lt 10 ]; then
  printf '%s\\n' "[Error: The requested Python version has reached end-of-life]" \\
    "Please upgrade to at least Python 3.10 by changing the" "version in your .python-version file." >&2
  exit 1
fi
echo "Installing Python 3.$minor"`;

const NODE = `printf '  - Resolved Node.js version: \`26.5.0\`\\n'`;

/** What each knows an application by, and what its build does. */
const BUILDPACKS: Readonly<Record<string, readonly [file: string, build: string]>> = {
  python: ['.python-version', PYTHON],
  nodejs: ['package.json', NODE],
  ruby: ['Gemfile.lock', 'echo "Installing Ruby"'],
};

const launch = `printf '[[processes]]\\ntype = "web"\\ncommand = ["bash", "-c", "true"]\\ndefault = true\\n' >"$CNB_LAYERS_DIR/launch.toml"`;

const files = (name: string, [file, build]: readonly [string, string]) => ({
  [`${name}/buildpack.toml`]: `api = "0.10"
[buildpack]
id = "heroku/${name}"
version = "${VERSION}"
[[targets]]
os = "linux"
arch = "amd64"
[[targets]]
os = "linux"
arch = "arm64"
`,
  [`${name}/bin/detect`]: Buffer.from(`#!/bin/sh\n[ -f ${file} ] || exit 100\n`),
  [`${name}/bin/build`]: Buffer.from(`#!/bin/sh\nset -eu\n${build}\n${launch}\n`),
});

/** What a probe of a builder could leave in the engine, where other suites are at work, too. */
async function leftOf({ host }: BuilderRegistry) {
  const ofHost = (text: string) => text.split('\n').filter((one) => one.includes(host));
  // Of all images, the engine fails to list one that another suite is just removing.
  const images = ['images', '--digests', '--filter', `reference=${host}/*`];
  const volumes = ['volume', 'ls', '--format', '{{.Name}} {{.Labels}}'];
  return [
    ...ofHost(await command('docker', ['ps', '--all', '--format', '{{.Names}} {{.Image}}'])),
    ...ofHost(await command('docker', [...images, '--format', '{{.Repository}}'])),
    ...(await command('docker', volumes)).split('\n').filter((one) => one.includes('cache=probe-')),
  ];
}

describe('a builder whose buildpacks list no versions', () => {
  let registry: BuilderRegistry;
  let buildpacks: Parameters<typeof builderWith>[2] = [];
  let app = '';

  const lock = () => fs.readFile(join(app, 'sea-trial.lock'), 'utf8');
  const configure = (more = '') =>
    fs.writeFile(
      join(app, 'sea-trial.yml'),
      `images:
  - name: ghcr.io/acme/web
    platforms: [${PLATFORMS.join(', ')}]
    build:
      buildpack:
        builder: ${registry.host}/silent
${more}`,
    );

  beforeAll(async () => {
    const own = await builderRegistry();
    const network = await buildNetwork(own.host);
    // The lifecycle reads the run image from inside of a container.
    registry = { ...own, runImage: `${network.host}/run:1` };
    const folder = await project(
      Object.assign({}, ...Object.entries(BUILDPACKS).map(([name, one]) => files(name, one))),
    );
    buildpacks = Object.keys(BUILDPACKS).map((name) => ({
      id: `heroku/${name}`,
      version: VERSION,
      folder: join(folder, name),
    }));
    const builder = await builderWith(registry, 'silent', buildpacks);
    await command('crane', ['copy', builder, `${registry.host}/silent:latest`]);
    app = await project({
      '.python-version': '3.15\n',
      'package.json': '{ "engines": { "node": "26.x" } }\n',
      'Gemfile.lock': 'GEM\n\nRUBY VERSION\n   ruby 3.4.1p0\n',
    });
    await configure();
  });

  test('is locked, and what it offers is not known', async () => {
    expect(await parityIn(app, ['lock'])).toMatchObject({ code: 0, said: '' });
    expect(await lock()).not.toMatch(/probed|offers/);
  });

  test('names the ends of what it offers to a probe, on each platform, and nothing is left of that', async () => {
    const { code, out } = await parityIn(app, ['probe']);
    expect(out).toContain('✔ web is locked, and its builder was asked what it offers\n');
    const on = PLATFORMS.join(', ');
    expect(out).toContain(`    python 3.10 to 3.15 (heroku/python@${VERSION}, ${on})\n`);
    expect(out).toContain(`    node up to 26.5.0 (heroku/nodejs@${VERSION}, ${on})\n`);
    expect(out).toContain(`· version-unknown\n    heroku/ruby ${VERSION} names no version`);
    expect(code).toBe(0);
    expect(await lock()).toContain(`      probed:
        - runtime: python
          buildpack: heroku/python@${VERSION}
          platforms:
            - linux/amd64
            - linux/arm64
          newest: 3.15
          oldest: 3.10
        - runtime: node
          buildpack: heroku/nodejs@${VERSION}
          platforms:
            - linux/amd64
            - linux/arm64
          newest: 26.5.0
`);
    expect(await lock()).not.toContain('offers');
    expect(await leftOf(registry)).toEqual([]);
    expect(await parityIn(app, ['check'])).toMatchObject({ code: 0 });
  });

  test('answers the same where the lifecycle itself builds', async () => {
    const written = await lock();
    await configure('        flow: creator\n');
    const refused = await parityIn(app, ['probe']);
    expect(refused).toMatchObject({ code: 2, said: expect.stringContaining('trust-builder') });
    await fs.writeFile(join(app, 'sea-trial.lock'), written.split('      probed:\n')[0] ?? '');
    const { code } = await parityIn(app, ['probe', '--grant', 'trust-builder']);
    expect(code).toBe(0);
    expect(await lock()).toBe(written);
    await configure();
  });

  test('then fails a pull request that pins what is newer, before anything is built', async () => {
    await fs.writeFile(join(app, '.python-version'), '3.16\n');
    const ended = await runIn(app, [], { env: { GITHUB_EVENT_NAME: 'pull_request' } });
    expect(errorsOf(ended)).toMatchObject([
      {
        code: 'version-not-offered',
        location: { file: '.python-version', line: 1 },
        message: expect.stringMatching(/^3\.16 is not offered by .*newest: 3\.15\.$/),
        detail: [expect.stringContaining(`a probe of heroku/python@${VERSION}`)],
      },
    ]);
    expect(ended.evidence?.trials.filter(({ build }) => build !== undefined)).toEqual([]);
    expect(ended.code).toBe(1);
  });

  test('that changes has to be asked again', async () => {
    await fs.writeFile(join(app, '.python-version'), '3.15\n');
    const moved = await builderWith(registry, 'moved', buildpacks.slice(0, 2));
    await command('crane', ['copy', moved, `${registry.host}/silent:latest`]);
    const { code, out } = await parityIn(app, ['update']);
    expect(out).toContain(
      `what heroku/python@${VERSION} answered to a probe does not hold any more; "sea-trial parity probe" asks again`,
    );
    expect(code).toBe(0);
    expect(await lock()).not.toContain('probed');
  });
});
