import { describe, expect, test } from '@jest/globals';
import { cacheVolume } from '../../src/engine/index.js';
import { runProbes } from '../../src/pipeline/index.js';
import { served } from '../buildpacks/builders.js';
import { buildpackImage, plannedBuildpack, plannedImage } from '../plans.js';
import { runThrough, SECRET } from './run-rig.js';

const probed = (described: Parameters<typeof runThrough>[1]) => runThrough(runProbes, described);

const STARTED = '2026-05-04T09:30:00Z';

const image = (id: string, platforms = ['linux/amd64']) => plannedImage({ id, platforms });

describe('builds of which only the output counts', () => {
  test('are one after the other, for each image on each platform, and nothing is tested', async () => {
    let [running, most] = [0, 0];
    const { result, builds, commands, stages } = await probed({
      images: [image('a', ['linux/amd64', 'linux/arm64']), image('b')],
      async whileBuilding() {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
      },
    });
    expect(result).toEqual({
      value: {
        builds: [
          { image: 'a', platform: 'linux/amd64', lines: [], findings: [] },
          { image: 'a', platform: 'linux/arm64', lines: [], findings: [] },
          { image: 'b', platform: 'linux/amd64', lines: [], findings: [] },
        ],
        findings: [],
      },
      error: undefined,
    });
    expect([builds.length, most]).toEqual([3, 1]);
    const created = commands.filter((one) => one.startsWith('docker create '));
    expect(created.filter((one) => !one.includes('/proof-'))).toEqual([]);
    expect(stages.map(([stage]) => stage)).toEqual(['environment', 'builder']);
  });

  test('tell what each wrote, also where it fails, and no secret of the run', async () => {
    const data = Buffer.from(`the version is 3.12\nfrom ${SECRET}\n`).toString('base64');
    const { result, events } = await probed({
      images: [image('a'), image('b')],
      request: { token: SECRET },
      progress: [
        JSON.stringify({ vertexes: [{ digest: 'v', name: '[1/1] RUN a', started: STARTED }] }),
        JSON.stringify({ logs: [{ vertex: 'v', data }] }),
      ],
      build() {
        throw new Error(`no version for ${SECRET}`);
      },
    });
    const lines = ['the version is 3.12', 'from ***'];
    const message = 'the build failed: no version for ***';
    expect(result.value?.builds).toMatchObject(
      ['a', 'b'].map((id) => ({
        image: id,
        lines,
        findings: [{ code: 'build-failed', subject: { image: id }, message }],
      })),
    );
    const written = events.flatMap((one) => (one.kind === 'output' ? [[one.image, one.text]] : []));
    expect(events.map(({ kind }) => kind)).toContain('trial');
    expect(written).toEqual(['a', 'b'].flatMap((id) => lines.map((line) => [id, line])));
    expect(JSON.stringify([result, events])).not.toContain(SECRET);
  });

  test('know whether an emulator runs their steps', async () => {
    const fault = 'qemu-aarch64: QEMU internal SIGSEGV {code=MAPERR, addr=0x20}';
    const data = Buffer.from(`make\n${fault}\n`).toString('base64');
    const step = { digest: 'v', name: '[1/1] RUN make', started: STARTED };
    const { result } = await probed({
      images: [image('a', ['linux/amd64', 'linux/arm64'])],
      progress: [
        JSON.stringify({ vertexes: [step] }),
        JSON.stringify({ logs: [{ vertex: 'v', data }] }),
        JSON.stringify({ vertexes: [{ ...step, completed: STARTED, error: 'exit code: 139' }] }),
      ],
      build() {
        throw new Error('failed to solve: exit code: 139');
      },
    });
    const found = result.value?.builds.map(({ findings }) => findings.map(({ code }) => code));
    expect(found).toEqual([['build-failed'], ['platform-not-runnable']]);
  });

  test('know with what words tar fails under an emulator that is too old', async () => {
    const said = (words: string) =>
      Buffer.from(`tar: app.js: Cannot open: ${words}\n`).toString('base64');
    const codesWith = async (openat2: number) => {
      const step = { digest: 'v', name: '[1/1] RUN tar', started: STARTED };
      const data = said('Function not implemented');
      const { result } = await probed({
        images: [image('a', ['linux/amd64', 'linux/arm64'])],
        openat2,
        progress: [
          JSON.stringify({ vertexes: [step] }),
          JSON.stringify({ logs: [{ vertex: 'v', data }] }),
          JSON.stringify({ vertexes: [{ ...step, completed: STARTED, error: 'exit code: 2' }] }),
        ],
        build() {
          throw new Error('failed to solve: exit code: 2');
        },
      });
      return result.value?.builds.map(({ findings }) => findings.map(({ code }) => code));
    };
    expect(await codesWith(38)).toEqual([['build-failed'], ['platform-not-runnable']]);
    expect(await codesWith(22)).toEqual([['build-failed'], ['build-failed']]);
  });

  test('are not made for a platform that does not run here, and its proof says why', async () => {
    const { result, builds } = await probed({
      images: [image('a', ['linux/amd64', 'linux/arm64'])],
      emulates: [],
      heed: (command) => (command.includes('--privileged') ? { code: 1, stderr: 'no' } : undefined),
    });
    expect(builds.map((options) => options.get('platform'))).toEqual([['linux/amd64']]);
    expect(result.value?.builds.at(-1)).toEqual({
      image: 'a',
      platform: 'linux/arm64',
      lines: [],
      findings: [],
    });
    expect(result.value?.findings).toMatchObject([
      { code: 'platform-not-runnable', subject: { platform: 'linux/arm64' } },
    ]);
  });

  test('leave no cache of buildpacks, and are not made without a builder', async () => {
    const registry = await served((store) => {
      store.tag('acme/builder:24', store.builder());
      store.tag('run:1', store.image());
    });
    const webapp = (id: string, builder: string) =>
      buildpackImage({
        id,
        platforms: ['linux/amd64'],
        build: plannedBuildpack({ builder: `${registry.host}/${builder}` }),
      });
    const { result, commands } = await probed({
      images: [webapp('a', 'acme/builder:24'), webapp('b', 'run:1')],
      env: { GITHUB_REPOSITORY: 'acme/a' },
      info: { SecurityOptions: ['name=rootless'] },
      heed: (command) => (command === 'pack version' ? { stdout: '0.40.9\n' } : undefined),
    });
    expect(result.value?.builds).toMatchObject([
      { image: 'a', findings: [{ code: 'engine-failed' }] },
      { image: 'b', platform: 'linux/amd64', lines: [], findings: [] },
    ]);
    expect(result.value?.findings).toMatchObject([
      { code: 'builder-unusable', subject: { image: 'b' } },
    ]);
    const cache = {
      owner: 'https://github.com/acme/a',
      image: 'a',
      platform: 'linux/amd64',
      untrusted: false,
    };
    expect(commands.filter((one) => one.startsWith('docker volume rm'))).toEqual([
      `docker volume rm ${cacheVolume(cache)}`,
    ]);
  });

  test('end with an interruption, after cleaning up', async () => {
    const stop = new AbortController();
    const reason = new Error('interrupted');
    const { result, builds, images, containers } = await probed({
      images: [image('a'), image('b')],
      signal: stop.signal,
      whileBuilding: async () => stop.abort(reason),
    });
    expect(result).toEqual({ value: undefined, error: reason });
    expect([builds.length, [...images], [...containers]]).toEqual([1, [], []]);
  });

  test('say what could not be removed after them', async () => {
    const { result } = await probed({
      images: [image('a')],
      heed: (command) =>
        command.startsWith('docker image rm') ? { code: 1, stderr: 'it is in use' } : undefined,
    });
    expect(result.value).toMatchObject({
      builds: [{ image: 'a', findings: [] }],
      findings: [{ code: 'engine-failed', severity: 'warning' }],
    });
    expect(result.value?.findings[0]?.message).toMatch(/could be removed: .* it is in use/);
  });
});
