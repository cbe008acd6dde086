import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CLI, distribution, environment, leftovers, project, sail, tagsAt } from './rig.js';
import { busybox, PASSES, shipyard, withTmp } from './shipyard.js';

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
        shipyard(busybox(), PASSES, 'linux/amd64'),
        distribution(),
        withTmp(),
        ownState(),
      ]);
      const env = { ...tmp.env, ...state.env };
      const { child, ended } = sail(folder, ['--push', '--registry', host], { env });
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

test('a plan that could not be written whole is no success', async () => {
  const folder = await shipyard(busybox(), PASSES, 'linux/amd64');
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
