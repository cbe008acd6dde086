import { describe, expect, test } from '@jest/globals';
import { finding, judge } from '../../src/evidence/index.js';
import { embedded } from '../registry/rig.js';
import { greeter, run } from './run-rig.js';
import { exportFor } from './trial-rig.js';

/** The evidence of a run that came to its end. */
async function evidenceOf(described: Parameters<typeof run>[0] = {}) {
  const outcome = await run(described);
  if (outcome.evidence === undefined) throw outcome.error;
  return { ...outcome, evidence: outcome.evidence, verdict: judge(outcome.evidence) };
}

const codes = ({ evidence }: Awaited<ReturnType<typeof evidenceOf>>) =>
  evidence.findings.map(({ code }) => code);

describe('a run', () => {
  test('builds, tests, publishes and reads back one and the same image for each platform', async () => {
    const { evidence, verdict, builds, images, containers } = await evidenceOf();
    expect([verdict.exitCode, evidence.findings]).toEqual([0, []]);
    expect(builds.map((options) => options.get('platform'))).toEqual([
      ['linux/amd64'],
      ['linux/arm64'],
    ]);
    const [published] = evidence.publications;
    const [served] = published?.served ?? [];
    expect(published?.targets).toMatchObject([{ tag: 'dev', embedded: true }]);
    expect(served?.index?.digest).toBe(published?.index?.digest);
    const expected = [exportFor('amd64'), exportFor('arm64')].map(
      ({ manifest }) => manifest.digest,
    );
    expect(evidence.trials.map(({ built }) => built?.manifest.digest)).toEqual(expected);
    expect(evidence.trials.map(({ loaded }) => loaded?.id)).toEqual(expected);
    expect(served?.platforms.map(({ platform, manifest }) => [platform, manifest.digest])).toEqual([
      ['linux/amd64', expected[0]],
      ['linux/arm64', expected[1]],
    ]);
    for (const [at, { emulated, tests }] of evidence.trials.entries()) {
      expect(emulated).toBe(at === 1);
      expect(tests).toMatchObject([{ outcome: 'passed', program: { emulated } }]);
    }
    // Nothing of it stays in the engine.
    expect([[...images], [...containers]]).toEqual([[], []]);
  });

  test('writes down what it was asked for, where it took place, and for how long', async () => {
    const note = finding('build-warning', { image: 'greeter' }, 'Said of the plan.');
    const { evidence, planned, stages } = await evidenceOf({
      planned: { findings: [note], fromEnvironment: new Map([['VERSION', 'x']]) },
      request: { set: new Map([['VERSION', '1']]), parallel: 2, pullRequest: true },
    });
    expect(evidence).toMatchObject({
      schema: 'sea-trial/evidence/2',
      tool: { name: 'sea-trial', version: '1.2.3' },
      run: {
        id: 'run-7',
        attempt: 2,
        started: '2026-05-04T09:30:00.000Z',
        pullRequest: true,
        trust: { untrusted: false },
        source: { dirty: [], revision: '1'.repeat(40) },
      },
      environment: {
        engine: { name: 'docker', version: '28.5.2', store: 'containerd' },
        builder: { name: 'default', driver: 'docker', buildx: '0.29.1' },
        platforms: [{ platform: 'linux/amd64' }, { platform: 'linux/arm64', emulated: true }],
      },
      findings: [{ code: 'build-warning', message: 'Said of the plan.' }],
    });
    expect(evidence.plan).toEqual(planned.plan);
    expect(evidence.run).not.toHaveProperty('interrupted');
    // The clock of the run goes on by less than half a millisecond each time that it is asked.
    expect(Number.isInteger(evidence.run.duration)).toBe(true);
    expect(evidence.run.duration).toBeGreaterThan(0);
    expect(evidence.run.duration).toBeLessThan(1_000_000);
    expect(stages).toEqual([
      ['environment', 'linux/amd64, linux/arm64'],
      ['builder', 'default, driver docker, BuildKit v0.25.2; buildx 0.29.1'],
      ['publish', 'embedded'],
    ]);
  });

  test('names each platform once, however many images are for it', async () => {
    const { stages, evidence } = await evidenceOf({
      images: [greeter(), greeter({ id: 'welcomer', targets: [] })],
    });
    expect(stages[0]).toEqual(['environment', 'linux/amd64, linux/arm64']);
    expect(evidence.trials.map(({ image, platform }) => [image, platform])).toEqual([
      ['greeter', 'linux/amd64'],
      ['greeter', 'linux/arm64'],
      ['welcomer', 'linux/amd64'],
      ['welcomer', 'linux/arm64'],
    ]);
  });

  test('that pushes, pushes to the registry itself and starts none', async () => {
    const registry = await embedded();
    const repository = `${registry.host}/acme/greeter`;
    const images = [greeter({ targets: [{ repository, tags: ['dev'] }] })];
    const first = await evidenceOf({ images, plan: { push: true } });
    expect(first.evidence.publications).toMatchObject([
      { targets: [{ repository, tag: 'dev' }], served: [{ reference: `${repository}:dev` }] },
    ]);
    expect(first.evidence.publications[0]?.targets[0]?.embedded).toBeFalsy();
    expect(first.stages.at(-1)).toEqual(['publish', '']);
    expect(first.registry).toBeUndefined();
    expect((await evidenceOf()).registry).toMatchObject({ kind: 'directory' });
    // What the tag served before is known to the next one.
    const next = await evidenceOf({
      images,
      plan: { push: true },
      build: () => exportFor('amd64', { 'etc/more': 'more' }),
    });
    expect(next.evidence.environment).toMatchObject({
      targets: [{ repository, push: 'yes' }],
      tags: [{ repository, tag: 'dev', digest: first.evidence.publications[0]?.index?.digest }],
    });
  });

  test('publishes nothing of an image whose test fails on one platform', async () => {
    const failing = exportFor('arm64').manifest.digest;
    const outcome = await evidenceOf({
      program: (image) => ({ exitCode: image === failing ? 3 : 0 }),
    });
    expect(outcome.evidence.publications).toEqual([
      { image: 'greeter', notPublished: 'linux/arm64 did not pass', targets: [], served: [] },
    ]);
    expect([codes(outcome), outcome.verdict.exitCode]).toEqual([['test-failed'], 1]);
  });

  test('does not build for a platform that does not run here', async () => {
    const outcome = await evidenceOf({ emulates: [] });
    expect(outcome.builds.map((options) => options.get('platform'))).toEqual([['linux/amd64']]);
    expect(outcome.evidence.trials[1]).toMatchObject({
      platform: 'linux/arm64',
      notRun: 'this machine cannot run linux/arm64',
      tests: [],
    });
    expect([codes(outcome), outcome.verdict.exitCode]).toEqual([['platform-not-runnable'], 3]);
    expect(outcome.evidence.publications[0]?.targets).toEqual([]);
  });

  test.each(['error', 'warning'] as const)(
    'compares the platforms of each image, and one that passed by itself fails by an %s',
    async (severity) => {
      const file = (content: string) => ({ 'etc/greeter.conf': content });
      const outcome = await evidenceOf({
        images: [greeter(), greeter({ id: 'same', targets: [], platforms: ['linux/amd64'] })],
        build: (options) =>
          options.get('platform')?.[0] === 'linux/arm64'
            ? exportFor('arm64', file(''))
            : exportFor('amd64', file('content')),
        plan: { severities: { 'empty-on-one-platform': severity } },
      });
      const subject = { image: 'greeter', platform: 'linux/arm64' };
      expect(outcome.evidence.findings).toMatchObject([{ code: 'empty-on-one-platform', subject }]);
      const done = outcome.events.filter(
        (event) => event.kind === 'trial' && event.phase === 'done',
      );
      const detail = outcome.evidence.findings[0]?.message;
      const failed = { kind: 'trial', ...subject, phase: 'done', ok: false, detail };
      expect(done.slice(3)).toEqual(severity === 'error' ? [failed] : []);
      expect(outcome.evidence.publications[0]?.targets.length).toBe(severity === 'error' ? 0 : 1);
    },
  );

  test('publishes no image with an error of its own, which no platform is told as its failure', async () => {
    const other = greeter({ id: 'other', platforms: ['linux/amd64'] });
    const outcome = await evidenceOf({
      images: [greeter(), other],
      build: (options) =>
        options.get('platform')?.[0] === 'linux/arm64'
          ? exportFor('arm64')
          : exportFor('amd64', { 'etc/greeter.conf': 'content' }),
      plan: { severities: { 'tree-differs': 'error' } },
    });
    expect(codes(outcome)).toEqual(['tree-differs']);
    const done = outcome.events.filter((event) => event.kind === 'trial' && event.phase === 'done');
    expect(done).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
    expect(outcome.verdict.exitCode).toBe(1);
    expect(outcome.evidence.publications).toMatchObject([
      { image: 'greeter', targets: [], notPublished: 'the image as a whole did not pass' },
      { image: 'other', targets: [], notPublished: 'greeter as a whole did not pass' },
    ]);
  });
});

describe('an interrupted run', () => {
  test('does not judge what only a whole one shows', async () => {
    const foreign = [{ path: '/opt/**', reason: 'for other machines' }];
    const images = [greeter({ foreign, platforms: ['linux/amd64'] })];
    const stop = new AbortController();
    const codesOf = async (more: Parameters<typeof evidenceOf>[0]) => {
      const { evidence } = await evidenceOf({ images, ...more });
      return evidence.findings.map(({ code }) => code);
    };
    expect(await codesOf({})).toEqual(['foreign-unused']);
    const program = () => {
      stop.abort('SIGTERM');
      return {};
    };
    expect(await codesOf({ signal: stop.signal, program })).not.toContain('foreign-unused');
  });

  test('goes through no further stage, keeps what it has learned, and removes what it made', async () => {
    const stop = new AbortController();
    const outcome = await evidenceOf({
      signal: stop.signal,
      heed(command) {
        if (command.includes('buildx build')) stop.abort('SIGTERM');
        return undefined;
      },
    });
    expect(outcome.evidence.run.interrupted).toBe('SIGTERM');
    expect(outcome.stages.map(([stage]) => stage)).toEqual(['environment', 'builder', 'stopping']);
    expect(outcome.stages.at(-1)?.[1]).toBe('removing what the run created');
    expect(outcome.evidence.publications).toEqual([]);
    expect(outcome.evidence.trials.length).toBe(2);
    expect(outcome.verdict.exitCode).toBe(143);
    expect([[...outcome.images], [...outcome.containers]]).toEqual([[], []]);
  });

  test('is announced once, and not after its end', async () => {
    const stop = new AbortController();
    const { events } = await run({ signal: stop.signal });
    const before = events.length;
    stop.abort();
    expect(events).toHaveLength(before);
  });
});
