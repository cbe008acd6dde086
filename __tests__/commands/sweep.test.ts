import { describe, expect, test } from '@jest/globals';
import { sweep } from '../../src/commands/sweep.js';
import type { Exec, Files, Output } from '../../src/ports/index.js';

const NOTHING: Output = { code: 0, signal: null, stdout: '', stderr: '' };

/** An engine that answers by the beginning of a command, and everything that it was asked. */
function engine(answers: Readonly<Record<string, Partial<Output>>>) {
  const asked: string[] = [];
  const exec = {
    run: async ({ file, args }) => {
      const command = [file, ...args].join(' ');
      asked.push(command);
      const known = Object.entries(answers).find(([start]) => command.startsWith(start));
      return { ...NOTHING, ...known?.[1] };
    },
  } as Exec;
  return { asked, world: { exec, env: { PATH: '/bin', GITHUB_TOKEN: 'x' }, files: {} as Files } };
}

const LABEL = '--filter label=sea-trial.run=7-ab';

describe('what a killed run has left', () => {
  test('is looked for by the run’s label and name alone', async () => {
    const { asked, world } = engine({});
    expect(await sweep('7-ab', world)).toEqual([]);
    expect(asked).toEqual([
      `docker ps --all --quiet --no-trunc ${LABEL}`,
      'docker ps --all --quiet --filter name=buildx_buildkit_sea-trial-7-ab',
      `docker image prune --all --force ${LABEL}`,
    ]);
  });

  test('is removed: containers, then the builder', async () => {
    const { asked, world } = engine({
      'docker ps --all --quiet --no-trunc': { stdout: 'c1\nc2\n' },
      'docker ps --all --quiet --filter name': { stdout: 'c3\n' },
    });
    expect(await sweep('7-ab', world)).toEqual([
      '2 containers of the run that was ended are removed.',
      'The builder sea-trial-7-ab is removed.',
    ]);
    expect(asked).toContain('docker rm --force --volumes c1 c2');
    expect(asked).toContain('docker buildx rm --force sea-trial-7-ab');
  });

  test('is told where it cannot be removed, and the rest is still tried', async () => {
    const { asked, world } = engine({
      'docker ps --all --quiet --no-trunc': { code: 1, stderr: 'no engine\n' },
    });
    expect(await sweep('7-ab', world)).toEqual([
      'Something of the run may be left: docker ps failed: no engine',
    ]);
    expect(asked).toHaveLength(3);
  });
});
