import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { root } from './harness.js';
import { type Workspace, workspace } from './workspace.js';

const CLI = join(process.env.SEA_TRIAL_DIST ?? join(root, 'dist'), 'cli.js');

const undo: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0)) await step();
});

async function withPipe(): Promise<Workspace & { readonly pipe: string }> {
  const place = await workspace({ Dockerfile: 'FROM busybox:1.37\n' });
  undo.push(place.remove);
  const pipe = join(place.path, 'sea-trial.yml');
  execFileSync('mkfifo', [pipe]);
  return { ...place, pipe };
}

function started(cwd: string, argv: readonly string[]) {
  const child = spawn(process.execPath, [CLI, ...argv], { cwd });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (more) => (said += more));
  return { child, ended: once(child, 'close').then(([code]) => ({ code, said })) };
}

describe('a FIFO as sea-trial.yml', () => {
  test.each(['plan', 'run'])(
    '%s: an error says what it is and what was expected',
    async (command) => {
      const { path } = await withPipe();
      const { code, said } = await started(path, [command]).ended;
      expect(said).toContain('"sea-trial.yml" is a pipe (FIFO), a device or a socket; a file was');
      expect(code).toBe(2);
    },
  );

  test('that a program holds open and never writes to: a signal ends the run', async () => {
    const { path, pipe } = await withPipe();
    const { child, ended } = started(path, ['run']);
    // Opens when the program has opened it for reading.
    const writer = await open(pipe, 'w');
    undo.push(() => writer.close());
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
  });

  test('whose writer says it all is a configuration, as <(…) of a shell is', async () => {
    const { path, pipe } = await withPipe();
    const { ended } = started(path, ['plan', '--json']);
    const writer = await open(pipe, 'w');
    await writer.writeFile(
      'images: [{ name: a.example/b, tags: [dev], platforms: [linux/amd64] }]',
    );
    await writer.close();
    const { code, said } = await ended;
    expect(said).toContain('a.example/b');
    expect(code).toBe(0);
  });
});
