import { expect, test } from '@jest/globals';
import type { Made, RunLeftovers } from '../../src/cleanup/run-record.js';
import { leaseHandlers, removeUnusedHandlers } from '../../src/emulation/handler-lease.js';
import { realPorts } from '../../src/ports/index.js';
import { recordInMemory } from '../cleanup/record-in-memory.js';
import { createWorld, portsOf } from '../environment/world.js';

const HANDLERS = { handlers: ['qemu-aarch64'], installer: 'binfmt', platform: 'linux/amd64' };
const SOMEBODY = { host: 'h', boot: 'b', space: 's', pid: 7, started: '1' };

function remainsOf(run: string, made: readonly Made[]): RunLeftovers {
  const started = new Date(0).toISOString();
  return { run, path: '', started, temporary: '', engine: {}, process: SOMEBODY, made };
}

function portsWith(state: 'running' | 'gone' | 'elsewhere', now = 0) {
  const real = realPorts();
  const ports = portsOf(createWorld(), real);
  return {
    ...ports,
    clock: { ...real.clock, now: () => new Date(now), sleep: async () => {} },
    processes: { ...real.processes, identify: async () => SOMEBODY, state: async () => state },
  };
}

test('a run waits for who is taking away what it relies on, and for nobody who was killed', async () => {
  const taking: Made = { removing: HANDLERS.handlers, by: SOMEBODY };
  const seen: Made[][] = [[taking], [taking], [taking, { removing: [], by: SOMEBODY }]];
  const noted: Made[] = [];
  const record = {
    ...recordInMemory('one', noted),
    all: async () => [remainsOf('other', seen.shift() ?? [])],
  };
  const never = new AbortController().signal;
  await leaseHandlers(['qemu-aarch64'], record, portsWith('running'), never);
  expect(noted).toEqual([{ relies: ['qemu-aarch64'] }]);
  expect(seen).toEqual([]);

  const killed = { ...record, all: async () => [remainsOf('other', [taking])] };
  await leaseHandlers(['qemu-aarch64'], killed, portsWith('gone'), never);
  await leaseHandlers(['qemu-arm'], killed, portsWith('running'), never);
});

test('a run waits for who takes away but one of the things that it relies on', async () => {
  const taking: Made = { removing: ['qemu-arm', 'qemu-aarch64'], by: SOMEBODY };
  const seen: Made[][] = [[taking], []];
  const record = {
    ...recordInMemory('one'),
    all: async () => [remainsOf('other', seen.shift() ?? [])],
  };
  const never = new AbortController().signal;
  await leaseHandlers(['qemu-aarch64', 'qemu-s390x'], record, portsWith('running'), never);
  expect(seen).toEqual([]);
});

test('a run that is interrupted waits no longer', async () => {
  const taking: Made = { removing: HANDLERS.handlers, by: SOMEBODY };
  const stop = new AbortController();
  let looks = 0;
  const record = {
    ...recordInMemory('one'),
    async all() {
      looks += 1;
      if (looks === 3) stop.abort('SIGTERM');
      // A run that goes on all the same comes to an end here.
      return looks < 10 ? [remainsOf('other', [taking])] : [];
    },
  };
  const leased = leaseHandlers(['qemu-aarch64'], record, portsWith('running'), stop.signal);
  await expect(leased).rejects.toBe('SIGTERM');
  expect(looks).toBe(3);
});

test('a run that relies on nothing notes nothing, and waits for nobody', async () => {
  const noted: Made[] = [];
  const record = {
    ...recordInMemory('one', noted),
    all: () => Promise.reject(new Error('nobody is to be looked for')),
  };
  await leaseHandlers([], record, portsWith('running'), new AbortController().signal);
  expect(noted).toEqual([]);
});

test('what a run relies on itself does not hold the handlers that it has added', async () => {
  const own = remainsOf('one', [HANDLERS, { relies: ['qemu-aarch64'] }]);
  const ports = portsWith('running');
  const run = async () => ({ code: 0, signal: null, stdout: '{"emulators":null}', stderr: '' });
  const gone = await removeUnusedHandlers(
    own,
    async () => [own],
    async () => {},
    { ...ports, exec: { ...ports.exec, run } },
  );
  expect(gone).toBe(1);
});

test.each([
  ['running', 0, true],
  ['elsewhere', 0, true],
  ['elsewhere', 86_400_000, false],
  ['gone', 0, false],
] as const)('what another run relies on stays: %s, after %i ms: %p', async (state, now, stays) => {
  const noted: Made[] = [];
  const own = remainsOf('one', [HANDLERS, { relies: [] }]);
  const other = remainsOf('other', [{ relies: ['qemu-aarch64'] }]);
  const note = async (made: Made) => {
    noted.push(made);
  };
  const ports = portsWith(state, now);
  let commands = 0;
  const gone = await removeUnusedHandlers(own, async () => [own, other], note, {
    ...ports,
    exec: {
      ...ports.exec,
      async run() {
        commands += 1;
        return { code: 0, signal: null, stdout: '{"emulators":null}', stderr: '' };
      },
    },
  });
  expect(commands > 0).toBe(!stays);
  expect(gone).toBe(stays ? 0 : 1);
  expect(noted).toEqual([
    { removing: ['qemu-aarch64'], by: SOMEBODY },
    { settled: stays ? [] : ['qemu-aarch64'] },
    { removing: [], by: SOMEBODY },
  ]);
});
