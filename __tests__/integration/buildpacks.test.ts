import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BuildpackPlan, type Evidence, judge } from '../../src/evidence/index.js';
import { plannedBuildpack, plannedImage, plannedTest, planOf } from '../plans.js';
import { type BuilderRegistry, builderRegistry, buildNetwork } from './buildpacks.js';
import { runPlan } from './plan-runs.js';
import { afterwards, command, project } from './rig.js';

/*
 * Images from buildpacks with real pack, lifecycle and builder, on both platforms that the
 * rig's builder has.
 */

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
    });
    const caches = ['volume', 'ls', '--quiet', '--filter', 'name=^sea-trial-cache-'];
    const kept = new Set(linesOf(await command('docker', caches)));
    afterwards(async () => {
      const ours = linesOf(await command('docker', caches)).filter((one) => !kept.has(one));
      if (ours.length > 0) await command('docker', ['volume', 'rm', ...ours]);
    });
  });

  const run = (root: string, plan: Partial<BuildpackPlan> = {}, platforms = PLATFORMS) => {
    const build = plannedBuildpack({ builder: registry.builder, runImage, ...plan });
    const tests = [plannedTest({ name: 'starts', kind: 'start' })];
    const image = { ...plannedImage({ id: 'webapp', platforms, tests }), build };
    return runPlan(planOf({ images: [image] }), root);
  };

  test('is built, tested, published and verified on each platform, and an unchanged rebuild is the same', async () => {
    const { evidence, events } = await run(app);
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
    const again = await run(app);
    expect(builtOf(again.evidence)).toEqual(builtOf(evidence));
    expect(
      again.events.some((one) => one.kind === 'output' && /^Using cached Python/.test(one.text)),
    ).toBe(true);
  }, 120_000);

  test('leaves nothing in the engine but its caches, and the builder that was there', async () => {
    expect(await held()).toEqual(before);
    const builders = ['images', '--quiet', '--filter', `reference=${registry.host}/*`];
    expect(linesOf(await command('docker', builders))).toEqual([]);
  });
});
