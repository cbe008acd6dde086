import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BuildpackPlan, judge } from '../../src/evidence/index.js';
import { UNTRUSTED } from '../config/memory.js';
import { plannedBuildpack, plannedImage, plannedTest, planOf } from '../plans.js';
import {
  type BuilderRegistry,
  builderRegistry,
  buildNetwork,
  buildpackFiles,
  forgetCaches,
  keepBuilder,
} from './buildpacks.js';
import { type PlanRun, runPlan } from './plan-runs.js';
import { command, freePort, guardedDistribution, project } from './rig.js';

/*
 * Caches of builds with buildpacks in a registry that needs a login, with real pack, lifecycle
 * and builder.
 */

const ID = 'kept';
const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const CACHED = /^Using cached Python/;

/** Those of this suite's image alone: others are made beside it. */
async function volumes(): Promise<readonly string[]> {
  const lists = PLATFORMS.map((platform) => {
    const filter = ['--filter', `label=sea-trial.cache=${ID} ${platform}`];
    return command('docker', ['volume', 'ls', '--quiet', ...filter]);
  });
  return (await Promise.all(lists)).flatMap((text) => text.split('\n').filter((one) => one !== ''));
}

const codes = ({ evidence }: PlanRun, code: string) =>
  evidence.findings.filter((one) => one.code === code);

const errors = ({ evidence }: PlanRun) =>
  evidence.findings.filter(({ severity }) => severity === 'error');

const saidCached = ({ events }: PlanRun) =>
  events.filter((one) => one.kind === 'output' && CACHED.test(one.text)).length;

const digests = ({ evidence }: PlanRun) =>
  evidence.trials.map(({ built }) => built?.manifest.digest);

describe('a cache in a registry', () => {
  let registry: BuilderRegistry;
  let runImage = '';
  let app = '';
  let host = '';
  let env: Readonly<Record<string, string>> = {};

  beforeAll(async () => {
    registry = await builderRegistry();
    await keepBuilder(registry, PLATFORMS);
    const network = await buildNetwork(registry.host);
    runImage = registry.runImage.replace(registry.host, network.host);
    app = await project({ '.python-version': '3.12\n', Procfile: 'web: python --version\n' });
    const guarded = await guardedDistribution();
    host = guarded.host;
    const auth = Buffer.from(`docker:${guarded.password}`).toString('base64');
    const config = JSON.stringify({ auths: { [host]: { auth } } });
    env = { DOCKER_CONFIG: await project({ 'config.json': config }) };
    forgetCaches(ID, PLATFORMS);
  });

  const run = (
    plan: Partial<BuildpackPlan>,
    {
      platforms = ['linux/amd64'],
      root = app,
      ...more
    }: Readonly<Record<string, unknown>> & {
      readonly platforms?: readonly string[];
      readonly root?: string;
    } = {},
  ) => {
    const build = plannedBuildpack({ builder: registry.builder, runImage, ...plan });
    const tests = [plannedTest({ name: 'starts', kind: 'start' })];
    const image = { ...plannedImage({ id: ID, platforms, tests }), build };
    return runPlan(planOf({ images: [image] }), root, { env, ...more });
  };

  const caches = (place: string, more = '') => {
    const entry = `type=registry,ref=${host}/${place}:c`;
    return { cacheFrom: [entry], cacheTo: [`${entry}${more}`] };
  };

  test('is written for each platform and read by the next build, by pack and by the lifecycle alone, which makes no volume', async () => {
    const asked = caches('cache');
    const first = await run(asked, { platforms: PLATFORMS });
    expect([errors(first), codes(first, 'cache-unread'), saidCached(first)]).toEqual([[], [], 0]);
    const tags = (await command('crane', ['ls', `${host}/cache`], env)).trim().split('\n');
    expect(tags.sort()).toEqual(['c-kept-linux-amd64', 'c-kept-linux-arm64']);
    const second = await run({ ...asked, flow: 'creator' }, { platforms: PLATFORMS });
    const notes = [...codes(second, 'registry-failed'), ...codes(second, 'cache-unread')];
    expect([errors(second), notes, saidCached(second)]).toEqual([[], [], 2]);
    expect(digests(second)).toEqual(digests(first));
    expect(judge(second.evidence).exitCode).toBe(0);
    expect(await volumes()).toEqual([]);
  }, 400_000);

  test('is written by the lifecycle alone, and read by pack; by neither where the build begins anew', async () => {
    const asked = caches('byhand');
    const first = await run({ ...asked, flow: 'creator' });
    const second = await run(asked);
    const anew = await run({ ...asked, clearCache: true });
    expect([first, second, anew].map(saidCached)).toEqual([0, 1, 0]);
    expect([first, second, anew].flatMap(errors)).toEqual([]);
  }, 300_000);

  test('that is none of buildpacks, or of another platform, is not read', async () => {
    await command('crane', ['copy', registry.runImage, `${host}/none:c-kept-linux-amd64`], env);
    const none = await run({ cacheFrom: caches('none').cacheFrom });
    expect(codes(none, 'cache-unread').map(({ detail }) => detail?.join())).toEqual([
      expect.stringContaining(
        `${host}/none:c-kept-linux-amd64 is no cache of a build with buildpacks`,
      ),
    ]);
    const from = [`${host}/cache:c-kept-linux-arm64`, `${host}/other:c`];
    await command('crane', ['copy', ...from], env);
    await command('crane', ['copy', from[0] ?? '', `${host}/other:c-kept-linux-arm64`], env);
    const other = await run({ cacheFrom: caches('other').cacheFrom });
    expect([errors(other), codes(other, 'cache-unread'), saidCached(other)]).toEqual([[], [], 0]);
  }, 300_000);

  test('that cannot be written is a warning, and the image is published all the same', async () => {
    const entry = `type=registry,ref=127.0.0.1:${await freePort()}/cache:c,ignore-error=true`;
    const failed = await run({ cacheTo: [entry] });
    expect(errors(failed)).toEqual([]);
    expect(judge(failed.evidence).exitCode).toBe(0);
    const messages = codes(failed, 'registry-failed').map(({ message, severity }) => [
      severity,
      message,
    ]);
    expect(messages).toContainEqual([
      'warning',
      expect.stringMatching(
        /^The cache 127\.0\.0\.1:\d+\/cache:c-kept-linux-amd64 was not written: /,
      ),
    ]);
  }, 200_000);

  test('is out of reach of a build that is not trusted, which reads without a login', async () => {
    const untrusted = await run({ cacheFrom: caches('cache').cacheFrom }, UNTRUSTED);
    expect([errors(untrusted), saidCached(untrusted)]).toEqual([[], 0]);
    expect(codes(untrusted, 'cache-unread')).toHaveLength(1);
  }, 200_000);

  test('that its registry refuses is one note, and is not read', async () => {
    const refused = await run({ cacheFrom: caches('cache').cacheFrom }, { env: {} });
    expect([errors(refused), saidCached(refused)]).toEqual([[], 0]);
    const notes = refused.evidence.findings.filter(({ message }) => message.includes('cache'));
    expect(notes).toMatchObject([
      { code: 'not-authorized', severity: 'note', remedy: expect.stringContaining('Log in') },
    ]);
  }, 200_000);

  test('brings no login to any buildpack', async () => {
    const look = [
      'tr "\\0" "\\n" </proc/1/environ | grep REGISTRY_AUTH && echo "found a login"',
      'env | grep -E "REGISTRY_AUTH|DOCKER" && echo "found a variable"',
      'cat /root/.sea-trial/config.json 2>/dev/null && echo "found a file"',
      'echo "looked everywhere"',
    ];
    const root = await project(buildpackFiles('own', look.join('\n')));
    const looked = await run({ ...caches('looked'), buildpacks: ['./own'] }, { root });
    const said = looked.events.flatMap((one) => (one.kind === 'output' ? [one.text] : []));
    expect(said).toContain('looked everywhere');
    expect(said.filter((text) => text.startsWith('found '))).toEqual([]);
    expect(errors(looked)).toEqual([]);
  }, 200_000);
});
