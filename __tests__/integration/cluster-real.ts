import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Asked, runAction } from '../e2e/harness.js';
import { CLI, command, environment, project, rig } from './rig.js';

/*
 * The driver kubernetes on a real cluster. `npm run test:cluster` starts one and runs this; the
 * other tests need none, and see what can be seen without (cluster.test.ts).
 */

const KUBECONFIG = process.env.SEA_TRIAL_CLUSTER ?? '';
const PROGRAM = join(rig.get('SEA_TRIAL_RIG_BIN') ?? '', '..', 'kubernetes');

async function kubectl(...args: readonly string[]): Promise<string> {
  const [version = ''] = await fs.readdir(PROGRAM);
  const given = ['kubectl', '--kubeconfig', KUBECONFIG, ...args];
  return command(join(PROGRAM, version, 'cluster'), given);
}

/** Everything that runs have in the cluster. */
async function inCluster(): Promise<readonly string[]> {
  const text = await kubectl('get', 'deployments,configmaps', '--all-namespaces', '--output=name');
  return text.split('\n').filter((line) => line.includes('sea-trial-'));
}

async function act(
  inputs: Readonly<Record<string, string>>,
  run: string,
  more: Pick<Asked, 'env' | 'end'> = {},
) {
  const config = rig.get('SEA_TRIAL_BUILDKITD_CONFIG');
  const workspace = await project({
    Dockerfile: `FROM busybox:1.37\nENV A=${randomUUID()}\nRUN ${run}\n`,
  });
  const result = await runAction({
    workspace,
    with: {
      ...{ tags: 'acme/tiny:dev', platforms: 'linux/amd64', driver: 'kubernetes' },
      ...(config === undefined ? {} : { 'buildkitd-config': config }),
      ...inputs,
    },
    ...more,
    env: { PATH: environment.PATH ?? '', KUBECONFIG, ...more.env },
  });
  const path = result.outputs.get('evidence') ?? '';
  const evidence = await fs.readFile(path, 'utf8').catch(() => '{}');
  await result.clean();
  return { ...result, evidence };
}

test('a builder of two nodes builds for both, tells nothing of the cluster, and leaves nothing', async () => {
  const append = '- name: far\n  platforms: linux/arm64\n';
  const platforms = 'linux/amd64,linux/arm64';
  const result = await act(
    { append, platforms, test: 'test "$(cat /a)" = "$(uname -m)"' },
    'uname -m > /a',
  );
  expect([result.exitCode, result.log]).toEqual([0, expect.stringContaining('2 of 2 platforms')]);
  const { trials } = JSON.parse(result.evidence);
  expect(trials.map(({ build }: { build: { node: string } }) => build.node)).toEqual([
    expect.stringMatching(/^sea-trial-.*0$/),
    'far',
  ]);
  const key = JSON.parse(await fs.readFile(KUBECONFIG, 'utf8')).users[0].user['client-key-data'];
  for (const text of [result.said, result.evidence]) {
    expect(text).not.toContain(key);
    expect(text).not.toContain(KUBECONFIG);
  }
  expect(await inCluster()).toEqual([]);
});

test.each([
  ['an image that nobody has', 'image=acme/none:1', 'from acme/none:1 could not be started'],
  ['a machine that nobody has', 'nodeselector=disk=none', 'expected 1 replicas to be ready, got 0'],
  ['a namespace that nobody has', 'namespace=nowhere', 'namespaces "nowhere" not found'],
])('%s is a fault of the surroundings', async (_, option, words) => {
  const { exitCode, log } = await act({ 'driver-opts': `${option}\ntimeout=10s` }, 'true');
  expect([exitCode, log]).toEqual([3, expect.stringContaining(words)]);
  expect(await inCluster()).toEqual([]);
});

test.each([
  ['SIGTERM', 143],
  ['SIGKILL', null],
] as const)('nothing is left by a run that is ended by %s', async (by, exitCode) => {
  let since: number | undefined;
  const when = (state: ReadonlyMap<string, string>) => {
    if (state.has('run')) since ??= Date.now();
    return since !== undefined && Date.now() - since > 15_000;
  };
  const result = await act({}, 'sleep 600', { end: { by, when } });
  expect(result.exitCode).toBe(exitCode);
  expect(result.log).toContain('RUN sleep 600');
  expect(await inCluster()).toEqual([]);
});

test('a pod that goes in the middle of a build is told, and nothing is left', async () => {
  const removed = (async () => {
    const running = async () =>
      (await kubectl('get', 'pods', '--output=name')).includes('sea-trial-');
    while (!(await running())) await new Promise((resolve) => setTimeout(resolve, 500));
    // Until its step runs.
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    await kubectl('delete', 'pods', '--all', '--grace-period=0', '--force');
  })();
  const result = await act({}, 'sleep 600');
  await removed;
  expect(result.exitCode).toBe(3);
  expect(result.log).toContain('RUN sleep 600');
  expect(result.log.replace(/\s+/g, ' ')).toContain('was lost during the build');
  expect(await inCluster()).toEqual([]);
}, 180_000);

/** A kubeconfig of somebody who may do these things in a namespace, and no more. */
async function userWith(folder: string, verbs: readonly string[]): Promise<string> {
  const namespace = `harbour-${randomUUID().slice(0, 8)}`;
  await kubectl('create', 'namespace', namespace);
  await kubectl('-n', namespace, 'create', 'serviceaccount', 'builder');
  const role = [
    { apiGroups: ['apps'], resources: ['deployments'], verbs },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'update', 'delete'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] },
  ];
  const file = join(folder, 'role.json');
  const head = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' };
  await fs.writeFile(file, JSON.stringify({ ...head, metadata: { name: 'builder' }, rules: role }));
  await kubectl('-n', namespace, 'apply', '-f', file);
  const subject = `--serviceaccount=${namespace}:builder`;
  await kubectl('-n', namespace, 'create', 'rolebinding', 'builder', '--role=builder', subject);
  const token = (await kubectl('-n', namespace, 'create', 'token', 'builder')).trim();
  const config = JSON.parse(await fs.readFile(KUBECONFIG, 'utf8'));
  config.users[0].user = { token };
  config.contexts[0].context.namespace = namespace;
  const path = join(folder, 'kubeconfig');
  await fs.writeFile(path, JSON.stringify(config));
  return path;
}

test('what may not be removed is told, and goes with sea-trial clean once it may be', async () => {
  const folder = await project({});
  const limited = await userWith(folder, ['get', 'create']);
  const env = { KUBECONFIG: limited, XDG_STATE_HOME: join(folder, 'state') };
  const result = await act({}, 'true', { env });
  expect(result.exitCode).toBe(0);
  expect(result.log.replace(/\s+/g, ' ')).toMatch(
    /could not be removed: error while calling deploymentClient.Delete .* is forbidden/,
  );
  expect(await inCluster()).toHaveLength(2);
  const namespace = JSON.parse(await fs.readFile(limited, 'utf8')).contexts[0].context.namespace;
  const file = join(folder, 'role.json');
  await fs.writeFile(
    file,
    (await fs.readFile(file, 'utf8')).replace('"create"]', '"create","delete"]'),
  );
  await kubectl('-n', namespace, 'apply', '-f', file);
  const cleaned = await command(process.execPath, [CLI, 'clean'], env);
  expect(cleaned).toContain('1 builder');
  expect(await inCluster()).toEqual([]);
  await kubectl('delete', 'namespace', namespace, '--wait=false');
});
