import { expect, test } from '@jest/globals';
import { createEnvironmentLog } from '../../src/commands/environment-log.js';
import { createRedactor } from '../../src/evidence/index.js';
import type { GitHub } from '../../src/github/index.js';
import { type Command, type CommandOutput, realPorts } from '../../src/ports/index.js';
import { noRunner } from '../github/captured.js';

const real = realPorts();

/** A log over commands that end as is said, and what it has printed and started so far. */
function logging(
  run: (command: Command) => Promise<Partial<CommandOutput>>,
  more: Partial<GitHub> = {},
) {
  const groups: (readonly [string, string])[] = [];
  const started: Command[] = [];
  const redactor = createRedactor();
  redactor.learn('a secret of the run');
  const log = createEnvironmentLog(
    {
      ports: { ...real, env: { PATH: '/bin', ACTIONS_RUNTIME_TOKEN: 'x' } },
      event: { name: 'push', ref: 'refs/heads/main', revision: 'abc' },
      runner: { ...noRunner, group: (...group) => groups.push(group) },
      async runCommand(command) {
        started.push(command as Command);
        const nothing = { code: 0, signal: null, stdout: '', stderr: '' };
        return { ...nothing, ...(await run(command as Command)) };
      },
      ...more,
    },
    redactor,
  );
  const stage = (name: string, detail = '') => log.listen({ kind: 'stage', stage: name, detail });
  return { log, stage, groups, started };
}

const says = async ({ args }: Command) => ({ stdout: `what ${args} says\n` });

const turns = () => new Promise((resolve) => setImmediate(resolve));

test('the group is printed once, when the builder is known, with what two commands say', async () => {
  const { log, stage, groups, started } = logging(says);
  stage('environment', 'linux/amd64');
  await turns();
  expect(groups).toEqual([]);
  stage('builder', 'default, driver docker; buildx 0.29.1');
  await turns();
  stage('publish');
  await log.end();
  expect(groups).toEqual([
    [
      'Environment',
      [
        'event    push, refs/heads/main',
        'builder  default, driver docker; buildx 0.29.1',
        '',
        '$ docker version',
        'what version says',
        '',
        '$ docker info',
        'what info says',
      ].join('\n'),
    ],
  ]);
  expect(started.map(({ file, args }) => [file, ...args])).toEqual([
    ['docker', 'version'],
    ['docker', 'info'],
  ]);
  for (const { env } of started) expect(env).not.toHaveProperty('ACTIONS_RUNTIME_TOKEN');
});

test('a pull request is named', async () => {
  const event = { name: 'pull_request', ref: 'refs/pull/12/merge', revision: 'a', pullRequest: 12 };
  const { log, stage, groups } = logging(says, { event });
  stage('environment');
  await log.end();
  expect(groups[0]?.[1]).toMatch(
    /^event {4}pull_request, pull request #12, refs\/pull\/12\/merge\n/,
  );
});

test('a run that starts nothing prints no group, and starts no command', async () => {
  const { log, groups, started } = logging(says);
  await log.end();
  expect([groups, started]).toEqual([[], []]);
});

test('an engine that does not answer is shown in its own words, at the end', async () => {
  const stderr = 'Cannot connect to the Docker daemon\n';
  const { log, stage, groups } = logging(async () => ({ code: 1, stdout: 'Client:\n', stderr }));
  stage('environment');
  await log.end();
  expect(groups).toHaveLength(1);
  expect(groups[0]?.[1]).toContain(
    '$ docker version\nClient:\nCannot connect to the Docker daemon\n',
  );
});

test('a client that is not there is said', async () => {
  const { log, stage, groups } = logging(async () => ({ code: null, notStarted: 'no docker' }));
  stage('environment');
  await log.end();
  expect(groups[0]?.[1]).toContain('$ docker info\nno docker');
});

test('secrets, logins and what repaints a log are taken out', async () => {
  const stdout = [
    ' Labels:',
    '  DEPLOY_TOKEN=abc',
    ' HTTP Proxy: http://user:hunter2@proxy:8080',
    ' Name: a secret of the run',
    ' \u001b[31mred\rback\u202e',
  ].join('\n');
  const { log, stage, groups } = logging(async () => ({ stdout }));
  stage('environment');
  await log.end();
  const [, text = ''] = groups[0] ?? [];
  for (const part of ['abc', 'hunter2', 'secret of the run', '\u001b', '\r', '\u202e']) {
    expect(text).not.toContain(part);
  }
  expect(text).toContain('  DEPLOY_TOKEN=***\n HTTP Proxy: http://***@proxy:8080\n Name: ***\n');
});

test('commands that never end are ended with the run', async () => {
  const answer = Promise.withResolvers<Partial<CommandOutput>>();
  const sent: (readonly [number, string])[] = [];
  const processes = {
    ...real.processes,
    startedWith: async (name: string, value: string) =>
      sent.length > 0 || started[0]?.env[name] !== value ? [] : [42],
    send: (pid: number, signal: NodeJS.Signals) => void sent.push([pid, signal]),
  };
  const clock = { ...real.clock, sleep: async () => {} };
  const ports = { ...real, env: {}, processes, clock };
  const { log, stage, groups, started } = logging(() => answer.promise, { ports });
  stage('environment');
  await log.end();
  expect(sent).toEqual([[42, 'SIGTERM']]);
  expect(groups[0]?.[1]).toContain('They did not end before the run did.');
});
