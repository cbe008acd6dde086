import { expect, test } from '@jest/globals';
import { connect } from '../../src/github/index.js';
import { type Ports, realPorts } from '../../src/ports/index.js';

const { tools: _, ...real } = realPorts();
const own = { temporary: '/own' } as NonNullable<Ports['tools']>;

/** The tool cache that the action has in this environment. */
async function cacheIn(env: Ports['env']) {
  const { ports } = await connect({ ...real, env, tools: own });
  return ports.tools;
}

test.each<[Ports['env'], string]>([
  [{ RUNNER_TEMP: '/runner', TMPDIR: '/other' }, '/runner'],
  [{ TMPDIR: '/other' }, '/other'],
  [{ RUNNER_TEMP: '', TMPDIR: '' }, '/tmp'],
  [{}, '/tmp'],
])('tools lie in a folder of the runner until they are kept: %j', async (env, temporary) => {
  const found = await cacheIn({ ...env, RUNNER_TOOL_CACHE: '/cache' });
  expect(found).not.toBe(own);
  expect(found?.temporary).toBe(temporary);
});

test.each([{}, { RUNNER_TOOL_CACHE: '' }])(
  'where the runner names no tool cache, that of the command line is used: %j',
  async (env) => {
    expect(await cacheIn(env)).toBe(own);
  },
);

test('the event is the one that the runner tells, and its payload is known to who asks for it', async () => {
  const env = { GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main', GITHUB_SHA: 'abc' };
  const { event, ports, runner, runCommand } = await connect({ ...real, env });
  expect(event).toEqual({ name: 'push', ref: 'refs/heads/main', revision: 'abc' });
  expect(await ports.payload?.()).toBeUndefined();
  expect(ports.env).toBe(env);
  expect([typeof runner.annotate, typeof runCommand]).toEqual(['function', 'function']);
});
