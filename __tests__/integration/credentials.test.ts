import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runAction } from '../e2e/harness.js';
import { type FaultRow, messageOf, noteFaults } from './fault-table.js';
import {
  afterwards,
  command,
  distribution,
  guardedDistribution,
  project,
  rig,
  runIn,
} from './rig.js';

/* Logins and rights, found out before anything is built; and logins that are not docker's. */

const PLATFORMS = 'platforms: [linux/amd64]';

function configuration(more: readonly string[] = []): string {
  return ['images:', '  - name: ghcr.io/acme/ship', '    tags: [dev]', `    ${PLATFORMS}`]
    .concat('    tests: [{ run: [cat, /id] }]', more)
    .join('\n');
}

const DOCKERFILE = 'FROM busybox:1.37\nRUN echo built > /id\n';
const MIRROR = rig.get('SEA_TRIAL_HUB') ?? '127.0.0.1:5000';

const basic = (user: string, password: string) => ({
  auth: Buffer.from(`${user}:${password}`).toString('base64'),
});

/** A docker configuration folder; helpers are programs of its own on PATH. */
async function dockerConfig(
  config: object,
  helpers: Readonly<Record<string, string>> = {},
): Promise<Record<string, string>> {
  const folder = await project({ 'config.json': JSON.stringify(config) });
  for (const [name, script] of Object.entries(helpers)) {
    await fs.writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const path = `${folder}:${rig.get('SEA_TRIAL_RIG_BIN')}:${process.env.PATH}`;
  return { DOCKER_CONFIG: folder, PATH: path };
}

const codes = (run: Awaited<ReturnType<typeof runIn>>) =>
  run.evidence?.findings.map(({ code, severity, subject }) => [code, severity, subject.reference]);

const row = (fault: string, run: Awaited<ReturnType<typeof runIn>>): FaultRow => ({
  ...{ fault, stage: 'environment', exit: run.code, message: messageOf(run), left: [] },
});

const steps = (run: Awaited<ReturnType<typeof runIn>>) =>
  run.evidence?.trials.map(({ build, notRun }) => [build, notRun]);

describe('a target that refuses', () => {
  test('is found before anything is built: without a login, with a wrong one, with a broken helper', async () => {
    const { host } = await guardedDistribution();
    const folder = await project({ 'sea-trial.yml': configuration(), Dockerfile: DOCKERFILE });
    const push = ['--push', '--registry', host];
    const reference = `${host}/acme/ship`;
    const wrong = await dockerConfig({ auths: { [host]: basic('docker', 'guessed-it') } });
    const broken = await dockerConfig(
      { credHelpers: { [host]: 'shipwreck' } },
      { 'docker-credential-shipwreck': 'echo no session bus >&2; exit 7' },
    );
    const [anonymous, guessing, helpless] = await Promise.all([
      runIn(folder, push, { env: await dockerConfig({}) }),
      runIn(folder, push, { env: wrong }),
      runIn(folder, push, { env: broken }),
    ]);
    expect(codes(anonymous)).toEqual([['not-authorized', 'error', reference]]);
    expect(anonymous.stdout).toContain(`${host} requires a login for uploading to acme/ship (401`);
    expect(guessing.stdout).toContain(`${host} does not accept the login`);
    expect(guessing.stdout).not.toContain('guessed-it');
    expect(codes(helpless)).toEqual([['not-authorized', 'error', host]]);
    expect(helpless.stdout).toContain('docker-credential-shipwreck ended with 7');
    expect(helpless.evidence?.findings[0]?.message).toContain('no session bus');
    for (const run of [anonymous, guessing, helpless]) {
      expect(run.code).toBe(3);
      expect(steps(run)).toEqual([[undefined, expect.stringMatching(/ does not accept it$/)]]);
      expect(run.evidence?.publications.map(({ targets }) => targets)).toEqual([[]]);
    }
    expect(anonymous.evidence?.environment?.targets).toEqual([
      { repository: reference, push: 'no', exists: 'unknown' },
    ]);
    const faults = {
      'no login': anonymous,
      'a wrong login': guessing,
      'a broken helper': helpless,
    };
    noteFaults(Object.entries(faults).map(([what, run]) => row(`${what} for a target`, run)));
  });

  test('is no matter for a run that does not push', async () => {
    const folder = await project({ 'sea-trial.yml': configuration(), Dockerfile: DOCKERFILE });
    const run = await runIn(folder, [], { env: await dockerConfig({}) });
    expect([run.code, run.evidence?.environment?.targets]).toEqual([0, undefined]);
  });
});

test('a target that takes a push is asked without a trace', async () => {
  const host = await distribution();
  const folder = await project({ 'sea-trial.yml': configuration(), Dockerfile: DOCKERFILE });
  const push = ['--push', '--registry', host];
  const first = await runIn(folder, push);
  expect([first.code, first.evidence?.environment?.targets]).toEqual([
    0,
    [{ repository: `${host}/acme/ship`, push: 'yes', exists: 'no' }],
  ]);
  const again = await runIn(folder, push);
  expect(again.evidence?.environment?.targets).toMatchObject([{ push: 'yes', exists: 'yes' }]);
});

test('a broken helper for the registry of a base is found before the build, with its line', async () => {
  const folder = await project({
    'sea-trial.yml': configuration(),
    Dockerfile: `# the base\nFROM ${MIRROR}/library/busybox:1.37\nRUN echo built > /id\n`,
  });
  const env = await dockerConfig(
    { credHelpers: { [MIRROR]: 'shipwreck' } },
    { 'docker-credential-shipwreck': 'echo adrift; exit 1' },
  );
  const run = await runIn(folder, [], { env });
  expect(run.code).toBe(3);
  expect(steps(run)).toEqual([[undefined, `images of ${MIRROR} cannot be pulled`]]);
  expect(run.evidence?.findings).toMatchObject([
    {
      code: 'not-pulled',
      message: expect.stringContaining('docker-credential-shipwreck ended with 1'),
      location: { file: 'Dockerfile', line: 2 },
    },
  ]);
  expect(run.stdout).toContain('adrift');
  noteFaults([row('a broken helper for a base', run)]);
});

/** A registry that gives `private/base:1` to whoever logs in. */
async function privateBase(image = 'library/busybox:1.37') {
  const registry = await guardedDistribution();
  const { host, password } = registry;
  const { DOCKER_CONFIG = '' } = await dockerConfig({
    auths: { [host]: basic('docker', password) },
  });
  const [from, to] = [`${MIRROR}/${image}`, `${host}/private/base:1`];
  await command('crane', ['copy', '--insecure', '--platform=linux/amd64', from, to], {
    DOCKER_CONFIG,
  });
  return registry;
}

describe('what a build needs of a registry that refuses', () => {
  const cached = (key: string, host: string) =>
    `    build: { context: ., ${key}: ["type=registry,ref=${host}/acme/cache:1"] }`;

  test('is found before anything is built, with what to do', async () => {
    const { host } = await privateBase();
    const base = await project({
      'sea-trial.yml': configuration(),
      Dockerfile: `FROM busybox:1.37\nFROM ${host}/private/base:1\nRUN echo built > /id\n`,
    });
    const syntax = await project({
      'sea-trial.yml': configuration(),
      Dockerfile: `# syntax=${host}/private/frontend:1\n${DOCKERFILE}`,
    });
    const cache = await project({
      'sea-trial.yml': configuration([cached('cache_to', host)]),
      Dockerfile: DOCKERFILE,
    });
    const env = await dockerConfig({});
    const helper = await dockerConfig(
      { credHelpers: { [host]: 'shipwreck' } },
      { 'docker-credential-shipwreck': 'echo no session bus >&2; exit 7' },
    );
    const runs = await Promise.all([
      runIn(base, [], { env }),
      runIn(syntax, [], { env }),
      runIn(cache, [], { env }),
      runIn(cache, [], { env: helper }),
    ]);
    const [pulled, read, written, helpless] = runs;
    for (const run of runs)
      expect([run.code, run.evidence?.trials[0]?.build]).toEqual([3, undefined]);
    expect(codes(pulled)).toEqual([['not-pulled', 'error', `${host}/private/base:1`]]);
    expect(steps(pulled)).toEqual([[undefined, `${host}/private/base:1 cannot be pulled`]]);
    expect(pulled.evidence?.findings).toMatchObject([
      {
        message: expect.stringContaining(`${host} requires a login for reading the tag 1`),
        location: { file: 'Dockerfile', line: 2 },
        remedy: expect.stringContaining('Log in before this step'),
      },
    ]);
    expect(codes(read)).toEqual([['not-pulled', 'error', `${host}/private/frontend:1`]]);
    expect(codes(written)).toEqual([['not-authorized', 'error', `${host}/acme/cache:1`]]);
    expect(written.evidence?.findings[0]?.remedy).toContain('Log in before this step');
    expect(codes(helpless)).toEqual([['not-authorized', 'error', host]]);
    expect(steps(helpless)).toEqual([[undefined, `${host} does not accept it`]]);
    expect(helpless.evidence?.findings[0]?.message).toContain("the build's cache is there");
  });

  test('or is not there, for a cache that is to be written: before anything is built', async () => {
    const [cache, noMatter] = await Promise.all(
      ['cache_to', 'cache_from'].map((key) =>
        project({
          'sea-trial.yml': configuration([cached(key, '127.0.0.1:1')]),
          Dockerfile: DOCKERFILE,
        }),
      ),
    );
    const run = await runIn(cache ?? '');
    expect(run.code).toBe(3);
    expect(codes(run)).toEqual([['registry-failed', 'error', '127.0.0.1:1/acme/cache:1']]);
    expect(run.evidence?.findings[0]?.message).toMatch(
      /^The cache 127\.0\.0\.1:1\/acme\/cache:1 cannot be reached: nothing listens there/,
    );
    expect(steps(run)).toEqual([[undefined, '127.0.0.1:1/acme/cache:1 cannot be used']]);
    expect((await runIn(noMatter ?? '')).code).toBe(0);
  });

  test('is no matter where the build does without it', async () => {
    const { host } = await privateBase();
    const unused = await project({
      'sea-trial.yml': configuration([cached('cache_from', host)]),
      Dockerfile: `FROM ${host}/private/base:1 AS unused\n${DOCKERFILE}`,
    });
    const run = await runIn(unused, [], { env: await dockerConfig({}) });
    // Once, before the build: not by the build, too.
    expect(codes(run)).toEqual([['not-authorized', 'note', `${host}/acme/cache:1`]]);
    expect(run.code).toBe(0);
  });

  test('is no matter where the engine holds the image for its own builder', async () => {
    const { host } = await privateBase();
    const [name, from] = [`${host}/private/base:1`, `${MIRROR}/library/busybox:1.37`];
    await command('docker', ['pull', '--quiet', from]);
    await command('docker', ['tag', from, name]);
    afterwards(() => command('docker', ['image', 'rm', name]));
    const folder = await project({
      'sea-trial.yml': configuration(),
      Dockerfile: `FROM ${name}\nRUN echo built > /id\n`,
    });
    const run = await runIn(folder, [], { env: await dockerConfig({}) });
    expect([run.code, codes(run)]).toEqual([0, []]);
  });

  test('is no matter where the builder has a mirror for it', async () => {
    const { host } = await privateBase();
    const mirror = await distribution();
    const image = 'library/busybox:1.37';
    await command('crane', ['copy', '--insecure', `${MIRROR}/${image}`, `${mirror}/${image}`]);
    const toml = [
      `[registry."${host}"]`,
      `  mirrors = ["${mirror}"]`,
      `[registry."${mirror}"]`,
      '  http = true',
    ].join('\n');
    const folder = await project({
      Dockerfile: `FROM ${host}/library/busybox:1.37\nRUN echo built > /id\n`,
    });
    const result = await runAction({
      workspace: folder,
      env: await dockerConfig({}),
      with: {
        tags: 'ghcr.io/acme/ship:dev',
        platforms: 'linux/amd64',
        test: 'cat /id',
        driver: 'docker-container',
        'driver-opts': `network=host\nimage=${MIRROR}/moby/buildkit:buildx-stable-1`,
        'buildkitd-config-inline': toml,
      },
    });
    afterwards(result.clean);
    expect(result.log).not.toContain('requires a login');
    expect(result.exitCode).toBe(0);
  });
});

describe('logins of the inputs', () => {
  test('pull what the set-up needs: BuildKit, and the image that installs emulators', async () => {
    const buildkit = await privateBase('moby/buildkit:buildx-stable-1');
    const installer = await privateBase();
    const login = ({ host, password }: typeof buildkit) => ({
      registry: host,
      username: 'docker',
      password,
    });
    const binfmt = `${installer.host}/private/base:1`;
    const folder = await project({ Dockerfile: DOCKERFILE });
    const result = await runAction({
      workspace: folder,
      env: await dockerConfig({}),
      with: {
        tags: 'ghcr.io/acme/ship:dev',
        platforms: 'linux/mips64',
        test: 'cat /id',
        registries: JSON.stringify([login(buildkit), login(installer)]),
        driver: 'docker-container',
        'driver-opts': `image=${buildkit.host}/private/base:1`,
        'binfmt-image': binfmt,
      },
    });
    afterwards(result.clean);
    expect(result.log).not.toContain('no basic auth credentials');
    // It was pulled and run; it is none that installs anything.
    const evidence = JSON.parse(await fs.readFile(result.outputs.get('evidence') ?? '', 'utf8'));
    expect(evidence.environment.builder.driver).toBe('docker-container');
    expect(evidence.findings).toMatchObject([
      {
        code: 'platform-not-runnable',
        message: expect.stringContaining(
          `${binfmt} could not register one: Status: Downloaded newer image`,
        ),
        remedy: expect.stringContaining(`docker run --privileged --rm ${binfmt} --install mips64`),
      },
    ]);
    expect(result.exitCode).toBe(3);
  });

  async function checkout(host: string): Promise<string> {
    const folder = await project({
      Dockerfile: `FROM ${host}/private/base:1\nRUN echo built > /id\n`,
    });
    const git = (...args: string[]) =>
      command('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args]);
    await git('init', '-q');
    await git('add', '.');
    await git('commit', '-qm', 'one');
    return folder;
  }

  test('pull a private base and push, and nobody sees them; in a pull request they do nothing', async () => {
    const { host, password } = await privateBase();
    const workspace = await checkout(host);
    // A store of the user's that would be asked instead, were it not for the login.
    const env = await dockerConfig(
      { credsStore: 'shipwreck', currentContext: 'default' },
      { 'docker-credential-shipwreck': 'exit 7' },
    );
    const given = {
      tags: `${host}/acme/ship:dev`,
      platforms: 'linux/amd64',
      test: 'cat /id',
      push: 'true',
    };
    const theirs = join(env.DOCKER_CONFIG ?? '', 'config.json');
    const before = await fs.readFile(theirs, 'utf8');
    const one = { registry: host, username: 'docker', password };
    const several = { registries: JSON.stringify([{ ...one, registry: `https://${host}/` }]) };
    const asked = { workspace, env };
    const results = await Promise.all([
      runAction({ ...asked, with: { ...given, ...one } }),
      runAction({ ...asked, with: { ...given, ...several, tags: `${host}/acme/other:dev` } }),
      runAction({ ...asked, with: { ...given, ...one }, event: 'pull_request' }),
    ]);
    afterwards(() => Promise.all(results.map((result) => result.clean())));
    const [pushed, listed, request] = results;
    expect(pushed.log).toContain('What was tested is what the registry serves');
    expect([pushed.exitCode, listed.exitCode]).toEqual([0, 0]);
    const crane = await command('crane', ['ls', '--insecure', `${host}/acme/ship`], {
      DOCKER_CONFIG: (await dockerConfig({ auths: { [host]: basic('docker', password) } }))
        .DOCKER_CONFIG as string,
    });
    expect(crane.trim()).toBe('dev');
    expect(request.log).toContain('the logins of the inputs are not used');
    expect(request.exitCode).toBe(3);

    const secrets = [password, basic('docker', password).auth];
    for (const result of results) {
      const evidence = await fs.readFile(result.outputs.get('evidence') ?? '', 'utf8');
      const raw = result.commands.filter(({ name }) => name !== 'add-mask').map(({ data }) => data);
      for (const text of [evidence, result.summary, result.log, ...raw]) {
        for (const secret of secrets) expect(text).not.toContain(secret);
      }
      const masks = result.commands.filter(({ name }) => name === 'add-mask');
      expect(masks.map(({ data }) => data)).toContain(password);
      // The run's own docker configuration is gone; the evidence is all that is left.
      expect(await fs.readdir(result.temporary)).toEqual([
        expect.stringMatching(/^sea-trial-evidence-/),
      ]);
    }
    expect(await fs.readFile(theirs, 'utf8')).toBe(before);
  });
});
