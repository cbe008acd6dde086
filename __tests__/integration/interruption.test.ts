import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Interruption } from '../../src/ports/index.js';
import { slowTo } from './faulty.js';
import { brief, busybox, errorsOf, imageProject, PASSES, withTmp } from './image-project.js';
import { distribution, leftovers, project, rig, type StartedRun, startRun, tagsAt } from './rig.js';

/** Interrupts a run as soon as it has said something; one that does not end in six seconds is killed. */
async function interrupted(started: StartedRun, name: Interruption, when: Promise<void>) {
  await Promise.race([when, started.ended]);
  const { pid = 0 } = started.child;
  // Ctrl-C reaches everybody in a terminal's foreground, a runner's SIGTERM the one process.
  const to = name === 'SIGTERM' ? pid : -pid;
  process.kill(to, name);
  // When a terminal is closed, both the kernel and the shell say so; npm hands on what all have got.
  if (name !== 'SIGTERM') setTimeout(() => process.kill(to, name), 20);
  const late = setTimeout(() => started.child.kill('SIGKILL'), 6_000);
  const run = await started.ended;
  clearTimeout(late);
  return run;
}

/** Until a run has said so in its progress. */
function saying({ child }: StartedRun, pattern: RegExp): Promise<void> {
  let text = '';
  return new Promise((resolve) => {
    child.stderr?.on('data', (chunk) => {
      text += chunk;
      if (pattern.test(text)) resolve();
    });
  });
}

const EXITS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Runs, is interrupted, and answers what is left and what was told. */
async function ended(
  [dockerfile, tests]: readonly [string, string],
  host: string,
  name: Interruption,
  when: (started: StartedRun) => Promise<void>,
) {
  const folder = await imageProject(dockerfile, tests, 'linux/amd64');
  const { env, left } = await withTmp();
  const started = startRun(folder, ['--push', '--registry', host], {
    env,
    detached: name !== 'SIGTERM',
  });
  const run = await interrupted(started, name, when(started));
  return {
    code: run.code,
    interrupted: run.evidence?.run.interrupted,
    progress: run.stderr,
    said: run.stdout.replace(/\s+/g, ' '),
    told: run.evidence?.publications.flatMap(({ targets }) => targets.map(({ tag }) => tag)),
    findings: errorsOf(run).map(brief),
    left: [...(await left()), ...(await leftovers(run.evidence))],
  };
}

test.each(['SIGHUP', 'SIGINT', 'SIGTERM'] as const)(
  '%s in the middle of a build, of a test, of an upload and of a tag',
  async (name) => {
    const upstream = await distribution();
    const soon = (forward: () => void) => void setTimeout(forward, 500);
    const [upload, tag] = await Promise.all([
      slowTo(/^(PUT|PATCH) .*\/uploads\//, upstream, soon),
      slowTo(/^PUT .*\/manifests\/dev$/, upstream, soon),
    ]);
    const waits = '[{ name: waits, run: [sleep, "600"] }]';
    const [building, testing, uploading, tagging] = await Promise.all([
      ended([busybox('RUN sleep 600'), PASSES], `${upstream}/a`, name, (started) =>
        saying(started, /RUN sleep 600/),
      ),
      ended([busybox(), waits], `${upstream}/b`, name, (started) =>
        saying(started, /testing +waits/),
      ),
      ended([busybox(), PASSES], `${upload.host}/c`, name, upload.when),
      ended([busybox(), PASSES], `${tag.host}/d`, name, tag.when),
    ]);
    const told = { code: EXITS[name], interrupted: name, findings: [], left: [] };
    for (const one of [building, testing, uploading]) {
      expect(one).toMatchObject({ ...told, said: expect.stringContaining('interrupted') });
      expect(one.told ?? []).toEqual([]);
    }
    for (const one of [building, testing]) {
      expect(one.progress).toContain('ship  linux/amd64  · not tested: the run was interrupted');
      expect(one.progress).not.toContain('✘');
    }
    expect(testing.progress).toMatch(/stopping {2}removing what[^\n]*\n(?![\s\S]*environment)/);
    expect(tagging).toMatchObject(told);
    const tags = await Promise.all(
      ['a', 'b', 'c', 'd'].map((one) => tagsAt(upstream, `${one}/acme/ship`)),
    );
    expect(tags).toEqual([[], [], [], tagging.told]);
  },
  120_000,
);

test('with a registry that never answers a blob, a manifest, a tag, a read-back', async () => {
  const upstream = await distribution();
  const never: Readonly<Record<string, readonly [RegExp, Interruption]>> = {
    blob: [/^PUT .*\/uploads\//, 'SIGHUP'],
    manifest: [/^PUT .*\/manifests\/sha256:/, 'SIGINT'],
    tag: [/^PUT .*\/manifests\/dev$/, 'SIGTERM'],
    reading: [/^GET .*\/manifests\/sha256:/, 'SIGINT'],
  };
  const seen = await Promise.all(
    Object.entries(never).map(async ([what, [pattern, name]]) => {
      const { host, when } = await slowTo(pattern, upstream);
      return ended([busybox(), PASSES], `${host}/${what}`, name, when);
    }),
  );
  const by = (name: keyof typeof EXITS) => ({ code: EXITS[name], interrupted: name, left: [] });
  expect(seen).toMatchObject([
    { ...by('SIGHUP'), told: [], findings: [] },
    { ...by('SIGINT'), told: [], findings: [] },
    { ...by('SIGTERM'), told: [], findings: [expect.stringContaining('registry-failed')] },
    { ...by('SIGINT'), told: ['dev'], findings: [] },
  ]);
  expect(seen[2]?.said).toContain('dev may have moved to sha256:');
  const tags = await Promise.all(
    Object.keys(never).map((what) => tagsAt(upstream, `${what}/acme/ship`)),
  );
  expect(tags).toEqual([[], [], [], ['dev']]);
}, 120_000);

describe('a run ends within six seconds of a signal while nobody answers it:', () => {
  /** A folder with one program in it, which never ends. */
  async function hanging(program: string): Promise<string> {
    const folder = await project({});
    await fs.writeFile(join(folder, program), '#!/bin/sh\nsleep 600\n', { mode: 0o755 });
    return folder;
  }

  test.each(['git', 'docker', 'docker-credential-silent'])(
    '%s',
    async (program) => {
      const folder = await imageProject(busybox(), PASSES, 'linux/amd64');
      const programs = await hanging(program);
      const config = await project({ 'config.json': '{"credsStore":"silent"}' });
      const own = program === 'docker-credential-silent' ? { DOCKER_CONFIG: config } : {};
      const { env, left } = await withTmp();
      const path = `${programs}:${rig.get('SEA_TRIAL_RIG_BIN')}:${process.env.PATH}`;
      const started = startRun(folder, [], { env: { ...env, ...own, PATH: path } });
      const later = new Promise<void>((resolve) => setTimeout(resolve, 2_000));
      const { code, stderr } = await interrupted(started, 'SIGTERM', later);
      expect([code, stderr]).toEqual([143, expect.not.stringContaining('itself failed')]);
      expect(await left()).toEqual([]);
    },
    30_000,
  );
});
