import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { realPorts } from '../../src/ports/index.js';
import { captured } from './captured.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-event-'));
});
afterAll(() => rm(folder, { recursive: true }));

const NAMES = ['GITHUB_EVENT_PATH', 'GITHUB_EVENT_NAME', 'GITHUB_REF', 'GITHUB_SHA'] as const;
const before = new Map(NAMES.map((name) => [name, process.env[name]]));
// @actions/github reads the event once, when it is imported.
beforeEach(() => {
  jest.resetModules();
});
afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

async function eventOf(path: string) {
  const env = {
    GITHUB_EVENT_PATH: path,
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_REF: 'refs/pull/12/merge',
    GITHUB_SHA: 'abc',
  };
  Object.assign(process.env, env);
  const { readEvent } = await import('../../src/github/event.js');
  return readEvent({ ...realPorts(), env });
}

const UNREAD = { name: 'pull_request', ref: 'refs/pull/12/merge', revision: 'abc' };

test('an event is read with its payload, and the pull request that it is about', async () => {
  const payload = { pull_request: { number: 12, head: { sha: 'abc' } } };
  const path = join(folder, 'event.json');
  await writeFile(path, JSON.stringify(payload));
  expect(await eventOf(path)).toEqual({ ...UNREAD, pullRequest: 12, payload });
});

test.each([
  ['no file', async () => {}],
  ['no JSON', (path: string) => writeFile(path, '{')],
  ['a pipe that no program writes to', (path: string) => promisify(execFile)('mkfifo', [path])],
])('%s is an event without its payload, and nothing is printed', async (name, make) => {
  const path = join(folder, name.replaceAll(' ', '-'));
  await make(path);
  const events: unknown[] = [];
  const printed = await captured(async () => events.push(await eventOf(path)));
  expect([printed, events]).toEqual(['', [UNREAD]]);
});

test.each(['null', '5', '"text"', '[]', '{"pull_request":null}'])(
  'a payload that is %s is about no pull request',
  async (text) => {
    const path = join(folder, 'odd.json');
    await writeFile(path, text);
    expect(await eventOf(path)).toEqual({ ...UNREAD, payload: JSON.parse(text) });
  },
);
