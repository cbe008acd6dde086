/**
 * Compares all containers and volumes of builders in the engine.
 * @engine alone
 */
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { runBuildx } from '../../src/builder/buildx.js';
import { findBuilder } from '../../src/builder/find.js';
import { DEFAULT_BUILDER } from '../../src/builder/options.js';
import { provideBuildx } from '../../src/builder/tools/provide-buildx.js';
import { dockerEngine } from '../../src/engine/index.js';
import type { Evidence } from '../../src/evidence/index.js';
import { createToolCache, listen, realPorts } from '../../src/ports/index.js';
import { runAction } from '../e2e/harness.js';
import { noteCell } from './compatibility.js';
import { messageOf, noteFaults } from './fault-table.js';
import './needs-root.js';
import { afterwards, command, freePort, project, ROOT, rig } from './rig.js';

/*
 * Every driver that can be had on one machine, on both image stores, from the
 * docker folder of a user who has a builder and a context of their own.
 */

const PLATFORMS = ['linux/amd64', 'linux/arm64'];
/** On each road once: image store × driver. */
const ALL = [...PLATFORMS, 'linux/arm/v7', 'linux/ppc64le', 'linux/riscv64', 'linux/s390x'];
const WIDE = { platforms: ALL.join(',') };
const FIRST = { tags: 'acme/tiny:dev', platforms: PLATFORMS.join(',') };
/** The build saw the same machine as the test does. */
const SAME = { test: 'test "$(cat /arch)" = "$(uname -m)" && ! cat /none 2>/dev/null' };

type Env = Readonly<Record<string, string>>;

/** A user: their docker folder, a context that is not the default, and a builder that is in use. */
interface User {
  readonly env: Env;
  readonly folder: string;
  readonly builder: string;
}

function docker(env: Env, ...args: readonly string[]): Promise<string> {
  return command('docker', args, env);
}

const mirrored = () => {
  const config = rig.get('SEA_TRIAL_BUILDKITD_CONFIG');
  return config === undefined ? [] : ['--driver-opt=network=host', '--buildkitd-config', config];
};

async function makeUser(host?: string): Promise<User> {
  const folder = await project({});
  const builder = `mine-${randomBytes(3).toString('hex')}`;
  const endpoint = host ?? 'unix:///var/run/docker.sock';
  const own = { DOCKER_CONFIG: folder, DOCKER_HOST: '', BUILDX_CONFIG: '' };
  await docker(own, 'context', 'create', 'harbour', '--docker', `host=${endpoint}`);
  const env = { DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'harbour' };
  const made = ['buildx', 'create', '--name', builder, '--driver=docker-container'];
  afterwards(() => docker(env, 'buildx', 'rm', '--force', builder));
  await docker(env, ...made, ...mirrored(), '--use', '--bootstrap', 'harbour');
  // buildx gives itself a name with the first build, and this is not the user's first.
  const context = await project({ Dockerfile: 'FROM scratch\nLABEL first=true\n' });
  await docker(env, 'buildx', 'build', '--output=type=cacheonly', context);
  return { env, folder, builder };
}

async function hashes(folder: string): Promise<readonly string[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  const read = paths.map(async (path) => {
    const hash = createHash('sha256').update(await fs.readFile(path));
    return `${path.slice(folder.length)} ${hash.digest('hex')}`;
  });
  const lines = await Promise.all(read);
  // buildx notes there when a builder was used, and by which builds.
  return lines.filter((line) => !/^\/buildx\/(activity|refs)\/(harbour|mine-)/.test(line)).sort();
}

/** Everything of the user's that a run must leave as it is. */
async function holdings({ env, folder }: User) {
  const [builders, contexts, containers, volumes, files] = await Promise.all([
    docker(env, 'buildx', 'ls', '--format', '{{.Name}} {{.DriverEndpoint}}'),
    docker(env, 'context', 'ls', '--format', '{{.Name}} {{.Current}} {{.DockerEndpoint}}'),
    docker(env, 'ps', '--all', '--format', '{{.Names}}', '--filter', 'name=buildx_buildkit'),
    docker(env, 'volume', 'ls', '--format', '{{.Name}}', '--filter', 'name=buildx_buildkit'),
    hashes(folder),
  ]);
  const lines = (text: string) =>
    text.split('\n').filter((line) => line !== '' && !/sea-trial-42-/.test(line));
  const own = [builders, contexts, containers, volumes].map(lines);
  return { own, files };
}

interface Ended {
  readonly exitCode: number | null;
  readonly log: string;
  readonly evidence: Evidence;
}

async function act(user: User, inputs: Env, run = 'RUN uname -m > /arch'): Promise<Ended> {
  const unique = `ENV A=${randomBytes(4).toString('hex')}`;
  const workspace = await project({ Dockerfile: `FROM busybox:1.37\n${unique}\n${run}\n` });
  const asked = { ...FIRST, ...SAME, ...inputs };
  const result = await runAction({ workspace, with: asked, env: user.env });
  try {
    const text = await fs.readFile(result.outputs.get('evidence') ?? '', 'utf8').catch(() => '{}');
    return { exitCode: result.exitCode, log: result.log, evidence: JSON.parse(text) };
  } finally {
    await result.clean();
  }
}

/** A run's builder, and what became of each platform on which of its machines. */
function seen({ exitCode, log, evidence }: Ended) {
  // What went wrong is in the log, and a difference should show it.
  if (exitCode !== 0) return log;
  const { builder, engine } = evidence.environment ?? {};
  return {
    store: engine?.store,
    driver: builder?.driver,
    trials: evidence.trials.map(({ platform, build, tests }) => [
      platform,
      build?.node?.replace(/^sea-trial-.*?(\d)$/, 'own$1'),
      build?.emulated,
      tests.map(({ outcome }) => outcome).join(),
    ]),
  };
}

/** What is to be seen where every platform went to the same machine. */
function onOne(store: string, driver: string, node: string, platforms = PLATFORMS) {
  const own = process.arch === 'x64' ? /amd64/ : /arm/;
  return {
    store,
    driver,
    trials: platforms.map((one) => [one, node, !own.test(one), 'passed']),
  };
}

/** What a BuildKit of the machine `native` says that emulates all the others. */
const emulating = (native: string) => [native, ...ALL.filter((one) => one !== native)];

function note(ended: Ended, road: string): Ended {
  const { engine, builder } = ended.evidence.environment ?? {};
  for (const { platform, emulated, tests } of ended.evidence.trials ?? []) {
    const passed = ended.exitCode === 0 && tests.every(({ outcome }) => outcome === 'passed');
    noteCell({
      ...{ engine: `Docker ${engine?.version}`, store: engine?.store, driver: builder?.driver },
      ...{ buildx: builder?.buildx, builder: road, platform, emulated, passed },
    });
  }
  return ended;
}

/** A road that is closed, in words. */
async function noteRefused(user: User, store: string, driver: string): Promise<void> {
  const [version, buildx] = await Promise.all([
    docker(user.env, 'version', '--format', '{{.Server.Version}}'),
    docker(user.env, 'buildx', 'version'),
  ]);
  noteCell({
    ...{ engine: `Docker ${version.trim()}`, store, driver },
    ...{ buildx: /\d+\.\d+\.\d+/.exec(buildx)?.[0], builder: "the engine's own", refused: true },
  });
}

interface Buildkit {
  readonly address: string;
  readonly container: string;
}

/** A BuildKit that says of itself that it runs these platforms, the first one natively. */
async function startBuildkit(...platforms: readonly string[]): Promise<Buildkit> {
  const address = `tcp://127.0.0.1:${await freePort()}`;
  const image = 'moby/buildkit:buildx-stable-1';
  const flags = ['--addr', address, ...platforms.map((one) => `--oci-worker-platform=${one}`)];
  const id = (await docker({}, 'create', '--privileged', '--network=host', image, ...flags)).trim();
  afterwards(() => docker({}, 'rm', '--force', '--volumes', id));
  const config = rig.get('SEA_TRIAL_BUILDKITD_CONFIG');
  if (config !== undefined) {
    const folder = await project({ 'buildkit/buildkitd.toml': await fs.readFile(config, 'utf8') });
    await docker({}, 'cp', join(folder, 'buildkit'), `${id}:/etc/`);
  }
  await docker({}, 'start', id);
  return { address, container: id };
}

/** Where no machine is. */
const NOWHERE = 'tcp://127.0.0.1:1';

/** Runs with builders that are nowhere, for which buildx waits for 20 s each. */
async function startAbsent() {
  const env = { DOCKER_CONFIG: await project({}), DOCKER_HOST: '', BUILDX_CONFIG: '' };
  const builder = 'mine-nowhere';
  await docker(env, 'buildx', 'create', '--name', builder, '--driver', 'remote', NOWHERE);
  const lone = { env, folder: env.DOCKER_CONFIG, builder };
  const made = act(lone, { driver: 'remote', endpoint: NOWHERE });
  return { lone, made, used: act(lone, { builder }) };
}

describe('on the containerd store', () => {
  let user: User;
  let absent: ReturnType<typeof startAbsent>;
  beforeAll(async () => {
    // It waits beside the other tests.
    absent = startAbsent();
    user = await makeUser();
  });

  test("the engine's own builder, one of the run's own, and the user's: nothing of the user's changes", async () => {
    const before = await holdings(user);
    const [engine, own, users] = await Promise.all([
      act(user, WIDE).then((ended) => note(ended, "the engine's own")),
      act(user, { ...WIDE, driver: 'docker-container' }).then((ended) =>
        note(ended, "the run's own"),
      ),
      act(user, { builder: user.builder }).then((ended) => note(ended, "the user's")),
    ]);
    expect(seen(engine)).toEqual(onOne('containerd', 'docker', 'harbour', ALL));
    expect(seen(own)).toEqual(onOne('containerd', 'docker-container', 'own0', ALL));
    expect(seen(users)).toEqual(onOne('containerd', 'docker-container', `${user.builder}0`));
    expect(await holdings(user)).toEqual(before);
  });

  test('remote machines: each platform goes to the one that runs it natively', async () => {
    const [amd, arm] = await Promise.all([
      startBuildkit(...emulating('linux/amd64')),
      startBuildkit('linux/arm64'),
    ]);
    const before = await holdings(user);
    const remote = { driver: 'remote', endpoint: amd.address };
    const [both, one] = await Promise.all([
      act(user, { ...remote, append: `- endpoint: ${arm.address}` }).then((ended) =>
        note(ended, 'two machines'),
      ),
      act(user, { ...remote, ...WIDE }).then((ended) => note(ended, 'one machine')),
    ]);
    expect(seen(both)).toEqual({
      store: 'containerd',
      driver: 'remote',
      trials: [
        ['linux/amd64', 'own0', false, 'passed'],
        ['linux/arm64', 'own1', false, 'passed'],
      ],
    });
    const nodes = both.evidence.environment?.builder.nodes;
    expect(nodes?.map(({ platforms }) => platforms[0])).toEqual(PLATFORMS);
    expect(seen(one)).toMatchObject({
      trials: ALL.map((platform) => [platform, 'own0', platform !== 'linux/amd64', 'passed']),
    });
    expect(await holdings(user)).toEqual(before);
  });

  test('a machine that is lost in mid-build is told as the builder, and the other goes on', async () => {
    const [amd, arm] = await Promise.all(PLATFORMS.map((one) => startBuildkit(one)));
    const before = await holdings(user);
    const nodes = { endpoint: amd?.address ?? '', append: `- endpoint: ${arm?.address}` };
    const lost = arm?.container ?? '';
    let over = false;
    const kill = async () => {
      while (!over && !(await docker({}, 'top', lost)).includes('sleep 600')) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await docker({}, 'kill', lost);
    };
    const step = 'RUN uname -m > /arch && grep -q x86_64 /arch || sleep 600';
    const acting = act(user, { driver: 'remote', ...nodes }, step).finally(() => {
      over = true;
    });
    const [{ exitCode, log, evidence }] = await Promise.all([acting, kill()]);
    expect([
      exitCode,
      evidence.findings.map(({ code, subject }) => [code, subject.platform]),
    ]).toEqual([3, [['engine-failed', 'linux/arm64']]]);
    expect(evidence.findings[0]?.message).toContain('the connection to the builder was lost');
    expect(evidence.trials.map(({ tests }) => tests.map(({ outcome }) => outcome))).toEqual([
      ['passed'],
      [],
    ]);
    expect(await holdings(user)).toEqual(before);
    const fault = "one of the builder's two machines is killed while a step is built";
    const said = messageOf({ code: exitCode, stdout: log, stderr: '', evidence });
    // How the connection ended is another each time.
    const message = said.replace(/(the connection to the builder was lost): .*/, '$1');
    noteFaults([{ fault, stage: 'build', exit: exitCode, message, left: [] }]);
  }, 120_000);

  test("a user's builder of two: each platform goes to the node that runs it natively", async () => {
    const both = [startBuildkit(...PLATFORMS), startBuildkit('linux/arm64')];
    const [emulating = '', arm = ''] = (await Promise.all(both)).map(({ address }) => address);
    const builder = `mine-pair-${randomBytes(3).toString('hex')}`;
    const create = ['buildx', 'create', '--name', builder];
    afterwards(() => docker(user.env, 'buildx', 'rm', builder));
    await docker(user.env, ...create, '--driver=remote', emulating);
    await docker(user.env, ...create, '--append', arm);
    const before = await holdings(user);
    const ended = await act(user, { builder });
    expect(seen(ended)).toEqual({
      store: 'containerd',
      driver: 'remote',
      trials: [
        ['linux/amd64', `${builder}0`, false, 'passed'],
        ['linux/arm64', `${builder}1`, false, 'passed'],
      ],
    });
    expect(await holdings(user)).toEqual(before);
  });

  test('its state is kept, and so is the whole builder, where that was asked for', async () => {
    const builder = `kept-${randomBytes(3).toString('hex')}`;
    afterwards(() => docker(user.env, 'buildx', 'rm', '--force', builder));
    const own = { builder, driver: 'docker-container', platforms: 'linux/amd64' };
    const left = async () => {
      const { own: lists } = await holdings(user);
      return lists.map((lines) => lines.filter((line) => line.includes(builder)).length);
    };
    expect(seen(await act(user, { ...own, 'keep-state': 'true' }))).toMatchObject({
      trials: [['linux/amd64', `${builder}0`, process.arch !== 'x64', 'passed']],
    });
    // builders, contexts, containers, volumes
    expect(await left()).toEqual([0, 0, 0, 1]);
    expect((await act(user, { ...own, cleanup: 'false' })).exitCode).toBe(0);
    expect(await left()).toEqual([2, 0, 1, 1]);
  });

  test('a buildx that was downloaded sees the same contexts and builders, and builds', async () => {
    const info = await docker({}, 'info', '--format', '{{json .ClientInfo.Plugins}}');
    const plugins = JSON.parse(info) as { Name: string; Path: string }[];
    const path = plugins.find(({ Name }) => Name === 'buildx')?.Path ?? '';
    const program = await fs.readFile(path);
    const sha256 = createHash('sha256').update(program).digest('hex');
    const server = await listen((_, answer) => answer.end(program));
    const tools = await project({});
    const real = realPorts();
    const env = { ...process.env, ...user.env, RUNNER_TOOL_CACHE: tools };
    const ports = { ...real, env, tools: createToolCache(env, real.files) };
    const never = new AbortController().signal;
    const asset = `linux-${process.arch === 'x64' ? 'amd64' : process.arch}`;
    const releases = new Map([['0.99.0', new Map([[asset, sha256]])]]);
    const options = { version: 'v0.99.0', mirror: `http://${server.host}` };
    const buildx = await provideBuildx({ options, plugin: undefined, releases }, ports, never);
    await server.close();
    expect(buildx.file).toBe(`${tools}/buildx/0.99.0/${process.arch}/docker-buildx`);

    const facts = await dockerEngine(ports).facts();
    const found = await findBuilder(
      { options: DEFAULT_BUILDER },
      facts,
      { ...ports, buildx },
      never,
    );
    expect(found).toMatchObject({ name: 'harbour', driver: 'docker' });
    const context = await project({ Dockerfile: 'FROM scratch\nLABEL a=b\n' });
    const args = ['build', `--builder=${user.builder}`, '--output=type=oci,dest=-', context];
    const built = await runBuildx({ ...ports, buildx }, args);
    expect([built.code, built.stdout.includes('oci-layout')]).toEqual([0, true]);
  });

  test('a buildx with another checksum ends the run before anything is made', async () => {
    const server = await listen((_, answer) => answer.end('#!/bin/sh\n'));
    const mirror = { version: 'v0.35.0', 'buildx-mirror': `http://${server.host}` };
    const { exitCode, log } = await act(user, mirror);
    await server.close();
    expect(log).toMatch(
      /buildx 0\.35\.0 could not be downloaded from .*: its SHA-256 is [0-9a-f]{64}/,
    );
    expect(exitCode).toBe(3);
  });

  test('a builder that cannot be made ends the run as a fault of the surroundings', async () => {
    const { lone, made } = await absent;
    const { exitCode, log } = await made;
    expect(log.replace(/\s+/g, ' ')).toMatch(
      `A remote builder at ${NOWHERE} could not be started: `,
    );
    expect(exitCode).toBe(3);
    expect(await docker(lone.env, 'buildx', 'ls', '--format', '{{.Name}}')).not.toContain('42-');
  });

  test('a builder of the user that is not there is no fault of a step', async () => {
    const { lone, used } = await absent;
    const { exitCode, evidence } = await used;
    expect(exitCode).toBe(3);
    expect(evidence.findings.map(({ code }) => code)).toContain('engine-failed');
    expect(evidence.findings.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(`The builder "${lone.builder}" \\(${NOWHERE}\\) cannot be reached: `),
    );
  });
});

describe('on the classic store', () => {
  let user: User;
  beforeAll(async () => {
    const script = join(ROOT, 'scripts', 'rig', 'classic-engine.sh');
    user = await makeUser((await command('bash', [script, 'start'])).trim());
  });

  test("the user's builder that is in use, one of the run's own, and one with a name and an entitlement", async () => {
    const before = await holdings(user);
    const inline = await fs.readFile(rig.get('SEA_TRIAL_BUILDKITD_CONFIG') ?? '/dev/null', 'utf8');
    const described = { 'driver-opts': 'network=host', 'buildkitd-config-inline': inline };
    const allow = 'security.insecure';
    const name = `kept-${randomBytes(3).toString('hex')}`;
    const [users, own, named] = await Promise.all([
      act(user, {}).then((ended) => note(ended, "the user's")),
      act(user, { ...WIDE, driver: 'docker-container' }).then((ended) =>
        note(ended, "the run's own"),
      ),
      act(user, { ...described, builder: name, allow }, `RUN --security=insecure uname -m > /arch`),
    ]);
    expect(seen(users)).toEqual(onOne('classic', 'docker-container', `${user.builder}0`));
    expect(seen(own)).toEqual(onOne('classic', 'docker-container', 'own0', ALL));
    expect(seen(named)).toEqual(onOne('classic', 'docker-container', `${name}0`));
    expect(await holdings(user)).toEqual(before);
  });

  test('a remote machine builds what the engine tests', async () => {
    const { address } = await startBuildkit(...emulating('linux/amd64'));
    const ended = await act(user, { ...WIDE, driver: 'remote', endpoint: address });
    expect(seen(note(ended, 'one machine'))).toEqual({
      store: 'classic',
      driver: 'remote',
      trials: ALL.map((platform) => [platform, 'own0', platform !== 'linux/amd64', 'passed']),
    });
  });

  test('the driver docker is refused in words, and nothing is started', async () => {
    const { exitCode, log } = await act(user, { driver: 'docker' });
    expect(log).toContain('The driver docker cannot export an image while the engine keeps');
    expect(exitCode).toBe(3);
    await noteRefused(user, 'classic', 'docker');
  });
});
