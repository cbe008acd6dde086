import { describe, expect, test } from '@jest/globals';
import { listEarly } from '../../src/builder/early-list.js';
import type { Command, CommandOutput, Ports } from '../../src/ports/index.js';

const LINE = '{"Name":"mine","Driver":"docker","Nodes":[]}';

/** A machine with those programs, whose buildx answers unless it is to wait for its end. */
function machine(programs: readonly string[], waits = false) {
  const started: Command[] = [];
  const run = (command: Command) => {
    started.push(command);
    const done: CommandOutput = { code: 0, signal: null, stdout: LINE, stderr: '' };
    if (!waits) return Promise.resolve(done);
    return new Promise<CommandOutput>((resolve) => {
      const ended = { ...done, code: null, signal: 'SIGTERM' };
      command.signal?.addEventListener('abort', () => resolve(ended));
    });
  };
  const start = () => {
    throw new Error('nothing is started here');
  };
  const files = { isExecutable: async (file: string) => programs.includes(file) } as Ports['files'];
  return { ports: { exec: { run, start }, env: { HOME: '/home/u' }, files }, started };
}

const never = new AbortController().signal;
const USERS = '/home/u/.docker/cli-plugins/docker-buildx';
const SYSTEM = '/usr/libexec/docker/cli-plugins/docker-buildx';

describe('the builders that are listed before it is known which buildx is used', () => {
  test('are those of the plugin that docker takes first', async () => {
    const { ports, started } = machine([SYSTEM, USERS]);
    const early = await listEarly(ports, never);
    expect(await early.of({ file: USERS })).toMatchObject([{ name: 'mine' }]);
    expect(started.map(({ file, args }) => [file, ...args])).toEqual([
      [USERS, 'ls', '--format', 'json'],
    ]);
  });

  test('are not listed where there is no plugin', async () => {
    const { ports, started } = machine([]);
    const early = await listEarly(ports, never);
    expect(early.of({ file: SYSTEM })).toBeUndefined();
    await early.end();
    expect(started).toEqual([]);
  });

  test('do not count for another buildx, and the list is ended', async () => {
    const { ports, started } = machine([SYSTEM], true);
    const early = await listEarly(ports, never);
    expect(early.of({ file: '/cache/docker-buildx' })).toBeUndefined();
    expect(started[0]?.signal?.aborted).toBe(true);
  });

  test('end with what they were listed for', async () => {
    const { ports, started } = machine([SYSTEM], true);
    const early = await listEarly(ports, never);
    await early.end();
    expect(started[0]?.signal?.aborted).toBe(true);
  });
});
