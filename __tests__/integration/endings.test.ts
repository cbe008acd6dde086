import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { busybox, imageProject, openFolder, PASSES, sentences, withTmp } from './image-project.js';
import {
  afterwards,
  CLI,
  distribution,
  environment,
  leftovers,
  project,
  startRun,
  tagsAt,
} from './rig.js';

/*
 * How a run ends where its surroundings fail in what comes last: whoever reads
 * it has gone, its report or its evidence cannot be written.
 */

/** A state folder of its own; `records` names the runs that are remembered in it. */
async function ownState() {
  const XDG_STATE_HOME = await project({});
  const records = () => fs.readdir(join(XDG_STATE_HOME, 'sea-trial', 'runs'));
  return { env: { XDG_STATE_HOME }, records };
}

describe('a reader that goes away', () => {
  test.each([
    ['at once', ''],
    ['while it is tested', 'testing'],
  ])(
    '%s does not end the run',
    async (_, word) => {
      const [folder, host, tmp, state] = await Promise.all([
        imageProject(busybox(), PASSES, 'linux/amd64'),
        distribution(),
        withTmp(),
        ownState(),
      ]);
      const env = { ...tmp.env, ...state.env };
      const { child, ended } = startRun(folder, ['--push', '--registry', host], { env });
      let said = '';
      child.stderr?.on('data', (text: string) => {
        said += text;
        if (!said.includes(word)) return;
        for (const stream of [child.stdout, child.stderr]) stream?.destroy();
      });
      const { code, evidence } = await ended;
      expect(code).toBe(0);
      expect(evidence?.publications[0]?.served).toHaveLength(1);
      expect(await tagsAt(host, 'acme/ship')).toEqual(['dev']);
      expect(await leftovers(evidence)).toEqual([]);
      expect([await tmp.left(), await state.records()]).toEqual([[], []]);
    },
    60_000,
  );
});

describe('surroundings that a run cannot work in', () => {
  /** Runs by a shell that sets limits first; as nobody, whom no right of root's helps. */
  async function told(first: string, env: Record<string, string>, nobody = false) {
    const folder = await imageProject(busybox(), PASSES, 'linux/amd64');
    await fs.chmod(folder, 0o755);
    const state = await openFolder();
    const child = spawn('bash', ['-c', `${first}; exec "$0" "$1" run`, process.execPath, CLI], {
      cwd: folder,
      env: { ...environment, XDG_STATE_HOME: state, ...env },
      ...(nobody ? { uid: 65_534 } : {}),
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(said).not.toContain('please report');
    return [code, said.slice(said.indexOf('✘')).replace(/\s+/g, ' ').trim()];
  }

  const isRoot = process.getuid?.() === 0;

  test.each([
    ['a file', 'ENOTDIR', (folder: string) => join(folder, 'Dockerfile'), false],
    ['that is missing', 'ENOENT', (folder: string) => join(folder, 'gone'), isRoot],
    ['that cannot be written to', 'EACCES', (folder: string) => folder, isRoot],
  ])('TMPDIR, %s', async (_, code, place, nobody) => {
    const folder = await project({ Dockerfile: '' });
    await fs.chmod(folder, 0o555);
    afterwards(() => fs.chmod(folder, 0o755));
    const TMPDIR = place(folder);
    const words = [
      `✘ the run could not continue; nothing was published The files of a run cannot be stored in ${TMPDIR}`,
      `\\(${code}: [^)]+\\); fix that, or set TMPDIR to another folder\\.$`,
    ];
    const expected = [3, expect.stringMatching(new RegExp(words.join(' ')))];
    expect(await told('true', { TMPDIR, RUNNER_TEMP: '' }, nobody)).toEqual(expected);
  });

  test('too few files that may be open', async () => {
    expect(await told('git init --quiet && ulimit -n 30', {})).toEqual([
      3,
      '✘ This machine could not spawn git: too many files are open; raise the limit (ulimit -n), or lower --parallel.',
    ]);
  });
});

test('a run that cannot begin to publish keeps what it has learned', async () => {
  const inTheWay = `[{ name: in the way, on: host, run: 'touch "$SEA_TRIAL_LAYOUT"/../registry' }]`;
  const folder = await imageProject(busybox(), inTheWay, 'linux/amd64');
  const { code, stdout, evidence } = await startRun(folder).ended;
  expect([code, sentences(stdout)]).toEqual([3, expect.stringContaining('nothing was published')]);
  expect(evidence?.trials[0]?.tests).toMatchObject([{ outcome: 'passed' }]);
  expect(evidence?.findings.map(({ code: one, message }) => [one, message])).toEqual([
    ['publication-failed', 'Publishing failed: mkdir failed with EEXIST.'],
  ]);
});

test('a plan that could not be written whole is no success', async () => {
  const folder = await imageProject(busybox(), PASSES, 'linux/amd64');
  const full = await fs.open('/dev/full', 'w');
  const child = spawn(process.execPath, [CLI, 'plan', '--json'], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', full.fd, 'pipe'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  await full.close();
  expect([code, said]).toEqual([
    3,
    expect.stringContaining('The output could not be written: ENOSPC'),
  ]);
});
