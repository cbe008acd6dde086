/**
 * Compares everything that pack has in the engine.
 * @engine alone
 */
import { createServer } from 'node:http';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BuildpackPlan, type Evidence, judge } from '../../src/evidence/index.js';
import { listening } from '../listening.js';
import { plannedBuildpack, plannedImage, plannedTest, planOf } from '../plans.js';
import {
  type BuilderRegistry,
  builderRegistry,
  buildNetwork,
  buildpackFiles,
  forgetCaches,
} from './buildpacks.js';
import { noteBuildpacks } from './compatibility.js';
import { runPlan } from './plan-runs.js';
import { afterwards, command, guardedDistribution, project } from './rig.js';

/*
 * Images from buildpacks with real pack, lifecycle and builder, on both platforms that the
 * rig's builder has.
 */

const FLOWS = ['pack', 'creator'] as const;
const ID = 'built';
const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

/** What the engine holds of builds, but for what other tests may bring and take meanwhile. */
async function held(): Promise<readonly string[]> {
  const lists = [
    ['ps', '--all', '--filter', 'label=author=pack', '--format', 'container {{.ID}}'],
    ['images', '--filter', 'reference=pack.local/*/*', '--format', 'image {{.Repository}}'],
    ['volume', 'ls', '--filter', 'name=pack-app-', '--format', 'volume {{.Name}}'],
    ['volume', 'ls', '--filter', 'name=pack-layers-', '--format', 'volume {{.Name}}'],
    ['network', 'ls', '--filter', 'name=sea-trial-local-', '--format', 'network {{.Name}}'],
  ];
  const texts = await Promise.all(lists.map((args) => command('docker', args)));
  return texts.flatMap(linesOf).sort();
}

const builtOf = ({ trials }: Evidence) =>
  trials.map(({ built }) => [built?.platform, built?.manifest.digest]);

describe('an image from buildpacks', () => {
  let registry: BuilderRegistry;
  let runImage = '';
  let app = '';
  let before: readonly string[] = [];

  beforeAll(async () => {
    before = await held();
    registry = await builderRegistry();
    const { host } = await buildNetwork(registry.host);
    runImage = registry.runImage.replace(registry.host, host);
    app = await project({
      '.python-version': '3.12 # what the deployment has\n',
      Procfile: 'web: python --version\n',
      'docs/README.md': 'which is not built\n',
    });
    forgetCaches(ID, PLATFORMS);
  });

  const run = (
    root: string,
    plan: Partial<BuildpackPlan> = {},
    platforms = PLATFORMS,
    env: Readonly<Record<string, string>> = {},
  ) => {
    const build = plannedBuildpack({ builder: registry.builder, runImage, ...plan });
    const tests = [plannedTest({ name: 'starts', kind: 'start' })];
    const image = { ...plannedImage({ id: ID, platforms, tests }), build };
    return runPlan(planOf({ images: [image] }), root, { env });
  };

  test('is built, tested, published and verified on each platform, and a rebuild is the same, by pack and by the lifecycle alone', async () => {
    const { evidence, events } = await run(app, { exclude: ['*.md'] });
    const errors = evidence.findings.filter(({ severity }) => severity === 'error');
    expect(errors).toEqual([]);
    expect(judge(evidence).exitCode).toBe(0);
    expect(evidence.trials.map(({ platform, built }) => [platform, built?.platform])).toEqual(
      PLATFORMS.map((platform) => [platform, platform]),
    );
    for (const { build } of evidence.trials) {
      const names = build?.steps.map(({ name }) => name) ?? [];
      expect(names).toEqual(
        expect.arrayContaining([
          'analyze',
          'detect',
          'restore',
          'build sea-trial-rig/python 1.0.0',
        ]),
      );
      expect(build?.bases).toEqual([
        { reference: registry.builder, digest: registry.builder.split('@')[1] },
        { reference: runImage, digest: runImage.split('@')[1] },
      ]);
    }
    const shown = events.flatMap((one) => (one.kind === 'trial' ? (one.detail ?? []) : []));
    expect(shown).toEqual(expect.arrayContaining(['analyze', 'detect', 'export']));
    const again = await run(app, { exclude: ['*.md'] });
    expect(builtOf(again.evidence)).toEqual(builtOf(evidence));
    expect(
      again.events.some((one) => one.kind === 'output' && /^Using cached Python/.test(one.text)),
    ).toBe(true);
    const byCreator = await run(app, { exclude: ['*.md'], flow: 'creator' });
    expect(builtOf(byCreator.evidence)).toEqual(builtOf(evidence));
    await noteBuildpacks(evidence, 'pack', registry.builder);
    await noteBuildpacks(byCreator.evidence, 'creator', registry.builder);
    expect(byCreator.evidence.trials.map(({ build }) => build?.steps.at(-1)?.name)).toEqual([
      'export',
      'export',
    ]);
  }, 120_000);

  test.each(FLOWS)(
    'cannot be built by a buildpack that fails, whose last words are told: %s',
    async (flow) => {
      const root = await project({
        ...buildpackFiles('own', 'echo "it needs a thing that is not there" >&2; exit 3'),
      });
      const { evidence } = await run(root, { buildpacks: ['./own'], flow }, ['linux/amd64']);
      const [failed] = evidence.findings.filter(({ code }) => code === 'build-failed');
      expect(failed?.message).toMatch(/^buildpack sea-trial-test\/own 1\.0\.0 failed: /);
      expect(failed?.detail?.join('\n')).toContain('it needs a thing that is not there');
      expect(judge(evidence).exitCode).toBe(1);
    },
    60_000,
  );

  test.each(FLOWS)(
    'is built where this machine has no servers, no logins and no files to find: %s',
    async (flow) => {
      const asked: string[] = [];
      const server = createServer(({ url = '' }, answer) => {
        asked.push(url);
        answer.end('a secret of this machine');
      });
      const { host, close } = await listening(server);
      afterwards(close);
      const look = [
        `wget -q -T 2 -O - http://${host}/secret && echo "found a server"`,
        'env | grep -E "REGISTRY_AUTH|DOCKER|TOKEN|SECRET" && echo "found a variable"',
        'tr "\\0" "\\n" </proc/1/environ | grep REGISTRY_AUTH && echo "found a login"',
        'ls /var/run/docker.sock /root/.docker "$HOME/.docker" 2>/dev/null && echo "found a file"',
        'echo "looked everywhere"',
      ];
      const root = await project(buildpackFiles('own', look.join('\n')));
      const { evidence, events } = await run(root, { buildpacks: ['./own'], flow }, [
        'linux/amd64',
      ]);
      const said = events.flatMap((one) => (one.kind === 'output' ? [one.text] : []));
      expect(said).toContain('looked everywhere');
      expect(said.filter((text) => text.startsWith('found '))).toEqual([]);
      expect(asked).toEqual([]);
      expect(evidence.trials[0]?.built?.platform).toBe('linux/amd64');
    },
    60_000,
  );

  test.each(FLOWS)(
    'is built with the proxies that other builds have, and reaches its registry without them: %s',
    async (flow) => {
      const [inner = ''] = runImage.split(':');
      const env = { HTTP_PROXY: 'http://user:word@proxy.invalid:3128', NO_PROXY: inner };
      const show = 'echo "by $HTTP_PROXY, $http_proxy, past $NO_PROXY, $no_proxy"';
      const root = await project(buildpackFiles('own', show));
      const plan = { buildpacks: ['./own'], flow };
      const { evidence, events } = await run(root, plan, ['linux/amd64'], env);
      expect(evidence.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      const said = events.flatMap((one) => (one.kind === 'output' ? [one.text] : []));
      const proxy = env.HTTP_PROXY;
      const [, past = ''] =
        /^by .*, past (\S+), /.exec(said.find((one) => /^by /.test(one)) ?? '') ?? [];
      expect(past).toMatch(/^\d+(\.\d+){3},\d+(\.\d+){3}$/);
      expect(past.split(',')[0]).toBe(inner);
      expect(said).toContain(`by ${proxy}, ${proxy}, past ${past}, ${past}`);
    },
    60_000,
  );

  test.each(FLOWS)(
    'is built with a builder that needs a login: %s',
    async (flow) => {
      const { host, password } = await guardedDistribution();
      const auth = Buffer.from(`docker:${password}`).toString('base64');
      const DOCKER_CONFIG = await project({
        'config.json': JSON.stringify({ auths: { [host]: { auth } } }),
      });
      const name = `${host}/builder:1`;
      await command('crane', ['copy', registry.builder, name], { DOCKER_CONFIG });
      const plan = { builder: name, flow };
      const { evidence } = await run(app, plan, ['linux/amd64'], { DOCKER_CONFIG });
      expect(evidence.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(evidence.trials[0]?.built?.platform).toBe('linux/amd64');
      expect(await command('docker', ['images', '--quiet', `${host}/builder`])).toBe('');
    },
    60_000,
  );

  test('leaves nothing in the engine but its caches, and the builder that was there', async () => {
    expect(await held()).toEqual(before);
    const builders = ['images', '--quiet', '--filter', `reference=${registry.host}/*`];
    expect(linesOf(await command('docker', builders))).toEqual([]);
  });
});
