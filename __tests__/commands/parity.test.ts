import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/commands/command-line.js';
import { digestOf } from '../../src/oci/index.js';
import { realPorts } from '../../src/ports/index.js';
import { type contents, METADATA, type Served, served } from '../buildpacks/builders.js';
import { rawTar } from '../oci/raw-tar.js';
import { folder, removeFolders } from '../plan/repository.js';

afterEach(removeFolders);

type Store = ReturnType<typeof contents>;

/** A builder with one buildpack of some version, under a tag, with its run image. */
function putBuilder(store: Store, version: string, tag: string, run = 'run:1', id = 'acme/python') {
  const metadata = { ...METADATA, images: [{ image: `REGISTRY/${run}`, mirrors: [] }] };
  const order = [{ group: [{ id, version }] }];
  const layersLabel = { [id]: { [version]: { api: '0.10' } } };
  const both = (['linux/amd64', 'linux/arm64'] as const).map(
    (platform) => [platform, store.builder({ platform, metadata, order, layersLabel })] as const,
  );
  store.tag(tag, store.index(both));
}

function putRun(store: Store, tag: string, layer: string) {
  const both = (['linux/amd64', 'linux/arm64'] as const).map(
    (platform) => [platform, store.image({ platform, layers: [Buffer.from(layer)] })] as const,
  );
  store.tag(tag, store.index(both));
}

const registry = () =>
  served((store) => {
    putBuilder(store, '1.2.3', 'acme/builder:24');
    putRun(store, 'run:1', 'one');
  });

const configuration = ({ host }: Served, more = '') => `images:
  - name: ghcr.io/acme/web
    platforms: [linux/amd64, linux/arm64]
    build:
      buildpack:
        builder: ${host}/acme/builder:24
${more}`;

/** Runs `sea-trial parity`, or another command, in a folder; docker is not there. */
async function sea(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  command = 'parity',
) {
  const [out, said]: [string[], string[]] = [[], []];
  const screen = {
    out: (text: string) => void out.push(text),
    say: (text: string) => void said.push(text),
    live: false,
    colour: false,
    columns: () => 80,
    rows: () => 24,
  };
  const ports = { ...realPorts(), env: { PATH: '/nowhere', HOME: root, ...env } };
  const code = await commandLine([command, ...args], root, ports, screen);
  return { code, out: out.join(''), said: said.join('') };
}

const lockOf = (root: string) => readFile(join(root, 'sea-trial.lock'), 'utf8');
const change = async (root: string, from: string | RegExp, to: string) => {
  const before = await lockOf(root);
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  await writeFile(join(root, 'sea-trial.lock'), after);
  return after;
};

/** A project that is locked already. */
async function locked(more = '', args: readonly string[] = []) {
  const server = await registry();
  const root = await folder({ 'sea-trial.yml': configuration(server, more) });
  expect(await sea(root, ['lock', ...args])).toMatchObject({ code: 0, said: '' });
  return { server, root };
}

describe('parity lock', () => {
  test('writes the builder and the run image by digest, and what is in them', async () => {
    const { server, root } = await locked('        env: { BP_B: "1", BP_A: "2" }\n');
    const text = await lockOf(root);
    const digest = server.store.tags.get('acme/builder:24');
    expect(text).toContain(`      builder: ${server.host}/acme/builder:24@${digest}\n`);
    expect(text).toContain(`run-image: ${server.host}/run:1@${server.store.tags.get('run:1')}\n`);
    expect(text).toContain('          - acme/python@1.2.3\n');
    expect(text).toContain('        lifecycle: 0.21.17\n        platform-api: 0.15\n');
    expect(text).toContain('      env:\n        - BP_A\n        - BP_B\n');
  });

  test('says what it has locked, in words and as JSON', async () => {
    const { root } = await locked();
    const { out } = await sea(root, ['lock']);
    expect(out).toMatch(
      /^✔ web is locked\n {4}127\.0\.0\.1:\d+\/acme\/builder:24@sha256:[0-9a-f]{12}…\n/,
    );
    const { out: json } = await sea(root, ['lock', '--json']);
    expect(JSON.parse(json)).toMatchObject({
      outcomes: [{ image: 'web', state: 'locked', changes: [] }],
      findings: [],
    });
  });

  test("takes the channel of a deployment's values", async () => {
    const server = await registry();
    putBuilder(server.store, '2.0.0', 'acme/builder:26', 'run:2');
    putRun(server.store, 'run:2', 'two');
    const values = `config:
  harborUsername: {{ exec "secret.sh" (list "name") }}
  builder: ${server.host}/acme/builder:24
  runner: ${server.host}/run:1
  deprecatedBuilder: "${server.host}/acme/builder:26" # the old one
  deprecatedRunner: ${server.host}/run:2
  deprecatedValidUntil: 2026-04-27
`;
    const root = await folder({
      'sea-trial.yml': configuration(server).replace(':24', ''),
      'tools.yaml.gotmpl': values,
    });
    const args = ['lock', '--from', 'tools.yaml.gotmpl', '--channel', 'deprecated'];
    expect(await sea(root, [...args, '--inject', 'acme/apt@0.2.0'])).toMatchObject({ code: 0 });
    const text = await lockOf(root);
    expect(text).toContain('    source: tools.yaml.gotmpl\n    channel: deprecated\n');
    expect(text).toContain('    until: 2026-04-27\n');
    expect(text).toContain(`builder: ${server.host}/acme/builder:26@sha256:`);
    expect(text).toContain('    injected:\n      - acme/apt@0.2.0\n');
  });

  test('takes the builder of a project.toml', async () => {
    const server = await registry();
    const root = await folder({
      'sea-trial.yml': configuration(server),
      'project.toml': `[_]\nschema-version = "0.2"\n[io.buildpacks]\nbuilder = "${server.host}/acme/builder:24"\n`,
    });
    expect(await sea(root, ['lock', '--from', 'project.toml'])).toMatchObject({ code: 0 });
    expect(await lockOf(root)).toContain('    source: project.toml\n');
  });

  /** The labels of an application that is deployed. */
  const app = (server: Served, version: string) => {
    const platform = 'linux/amd64';
    const run = server.store.tags.get('run:1');
    return server.store.image({
      platform,
      layers: [Buffer.from('one'), Buffer.from(version)],
      labels: {
        'io.buildpacks.build.metadata': JSON.stringify({
          buildpacks: [{ id: 'acme/python', version }],
          launcher: { version: '0.21.17' },
        }),
        'io.buildpacks.lifecycle.metadata': JSON.stringify({
          runImage: { image: `${server.host}/run:1`, reference: `${server.host}/run@${run}` },
        }),
        'io.buildpacks.base.distro.name': 'ubuntu',
        'io.buildpacks.base.distro.version': '24.04',
      },
    });
  };

  test('takes an image that is deployed, if the builder makes the same now', async () => {
    const server = await registry();
    server.store.tag('acme/app:prod', app(server, '1.2.3'));
    server.store.tag('acme/app:old', app(server, '1.0.0'));
    const root = await folder({ 'sea-trial.yml': configuration(server) });
    const prod = `${server.host}/acme/app:prod`;
    expect(await sea(root, ['lock', '--from', prod])).toMatchObject({ code: 0 });
    expect(await lockOf(root)).toContain(`    source: ${prod}\n`);
    const before = await lockOf(root);
    const { code, out } = await sea(root, ['lock', '--from', `${server.host}/acme/app:old`]);
    expect(code).toBe(1);
    expect(out).toContain(
      'acme/python 1.0.0 took part in the build; the locked builder has 1.2.3.',
    );
    const old = `${server.host}/acme/app:old`;
    expect(out).toContain(
      `    → Name the builder that made ${old} as the builder of web, or deploy anew.\n`,
    );
    const { out: json } = await sea(root, ['lock', '--from', old, '--json']);
    expect(JSON.parse(json)).toMatchObject({
      outcomes: [{ image: 'web', state: 'failed', changes: [] }],
      findings: [{ subject: { image: 'web', platform: 'linux/amd64', reference: old } }],
      outages: [],
    });
    expect(await lockOf(root)).toBe(before);
  });

  test('leaves no lock where a builder cannot be read', async () => {
    const server = await registry();
    const root = await folder({ 'sea-trial.yml': configuration(server).replace(':24', ':25') });
    const { code, out } = await sea(root, ['lock']);
    expect(code).toBe(3);
    expect(out).toContain('✘ not-pulled');
    await expect(lockOf(root)).rejects.toThrow('ENOENT');
  });

  test.each<[string, readonly string[], string]>([
    [
      'a source that is not there',
      ['--from', 'values.yaml'],
      '"values.yaml": there is no such file',
    ],
    [
      'an address over plain HTTP',
      ['--from', 'http://example.org/a.yaml'],
      'an address begins with https://',
    ],
    [
      'an address with a login',
      ['--from', 'https://me:secret@example.org/a.yaml'],
      'an address with a login in it would be recorded in the lock',
    ],
    ['a channel of a builder', ['--channel', 'latest'], 'this source has none'],
    ['a channel that there is not', ['--channel', 'newest'], '"newest" is not known; there are'],
    ['a buildpack without its version', ['--inject', 'acme/apt'], 'expected the form'],
    ['an image that there is not', ['--only', 'wbe'], 'did you mean "web"?'],
    ['an option of another action', ['--live'], '--live is for parity check'],
    ['a word behind the action', ['now'], '"now" is not expected behind the action'],
    ['a platform', ['--only', 'web@linux/arm64'], '--only: "web@linux/arm64" names a platform'],
  ])('refuses %s', async (_, args, message) => {
    const root = await folder({ 'sea-trial.yml': configuration(await registry()) });
    const { code, said, out } = await sea(root, ['lock', ...args]);
    expect(said + out).toContain(message);
    expect(code).toBe(2);
    await expect(lockOf(root)).rejects.toThrow('ENOENT');
  });

  test('needs an image from buildpacks, and an action', async () => {
    const root = await folder({
      'sea-trial.yml': 'images: [{ name: ghcr.io/acme/a }]\n',
      Dockerfile: 'FROM scratch\n',
    });
    expect((await sea(root, ['lock'])).said).toContain(
      'no image of sea-trial.yml is built with buildpacks',
    );
    expect((await sea(root, [])).said).toContain('parity needs an action: lock, check, update');
    expect((await sea(root, ['lokc'])).said).toContain('parity has no action "lokc"');
  });
});

describe('parity check', () => {
  test('passes while the lock is what it pins, whatever its tag serves now', async () => {
    const { server, root } = await locked();
    putBuilder(server.store, '2.0.0', 'acme/builder:24');
    const { code, out } = await sea(root, ['check']);
    expect(out).toMatch(/^✔ web is locked, and its facts are those of its pins\n/);
    const live = await sea(root, ['check', '--live']);
    expect(live.out).toMatch(/^✘ web is locked to what the deployment no longer builds with\n/);
    expect(code).toBe(0);
  });

  test('fails at the line of a fact that somebody edited', async () => {
    const { root } = await locked();
    const text = await change(root, 'lifecycle: 0.21.17', 'lifecycle: 0.21.18');
    const line = text.split('\n').findIndex((one) => one.includes('lifecycle:')) + 1;
    const { code, out } = await sea(root, ['check']);
    expect(code).toBe(1);
    expect(out).toContain(`✘ lock-disagrees  sea-trial.lock:${line}\n`);
    expect(out).toContain('the lifecycle 0.21.18 → 0.21.17');
  });

  test('passes with what changed where a pin was changed', async () => {
    const { server, root } = await locked();
    const before = server.store.tags.get('acme/builder:24') ?? '';
    putBuilder(server.store, '2.0.0', 'acme/builder:24');
    const now = server.store.tags.get('acme/builder:24') ?? '';
    await change(root, `:24@${before}`, `:24@${now}`);
    const { code, out } = await sea(root, ['check']);
    expect(out).toContain('acme/python 1.2.3 → 2.0.0');
    expect(code).toBe(0);
  });

  test('fails where a pin is gone from its registry', async () => {
    const { server, root } = await locked();
    const pinned = server.store.tags.get('acme/builder:24') ?? '';
    server.store.store.all.delete(pinned);
    const { code, out } = await sea(root, ['check']);
    expect(code).toBe(1);
    expect(out).toContain('its registry does not have it any more');
    expect(out).toMatch(/✘ lock-disagrees {2}sea-trial\.lock:\d+/);
  });

  test('refuses a configuration that names another builder than the lock', async () => {
    const { root } = await locked();
    const path = join(root, 'sea-trial.yml');
    await writeFile(path, (await readFile(path, 'utf8')).replace(':24', ':26'));
    const { code, said } = await sea(root, ['check']);
    expect(code).toBe(2);
    expect(said).toMatch(/sea-trial\.lock:\d+:7 .*"builder" pins/);
  });

  test('has a finding for variables that the lock does not name', async () => {
    const { root } = await locked();
    const path = join(root, 'sea-trial.yml');
    await writeFile(path, `${await readFile(path, 'utf8')}        env: { BP_NEW: "1" }\n`);
    const { code, out } = await sea(root, ['check']);
    expect(code).toBe(1);
    expect(out).toContain('variables that the lock does not name: BP_NEW.');
    expect(out).toMatch(/^✘ web is locked/);
  });

  test('says of an image that it is not locked', async () => {
    const { server, root } = await locked();
    const path = join(root, 'sea-trial.yml');
    const more = configuration(server).replace('images:\n', '').replace('acme/web', 'acme/api');
    await writeFile(path, `${await readFile(path, 'utf8')}${more}`);
    const { code, out } = await sea(root, ['check']);
    expect(out).toContain('⚠ api is not in the lock; "sea-trial parity lock" adds it');
    expect(code).toBe(0);
    expect(await sea(root, ['lock', '--only', 'api'])).toMatchObject({ code: 0 });
    expect(await lockOf(root)).toMatch(/^ {2}web:\n[\s\S]*^ {2}api:\n/m);
  });

  test('says of an image in the lock that there is none of that name', async () => {
    const { root } = await locked();
    await change(root, '  web:\n', '  wbe:\n');
    const { code, out } = await sea(root, ['check']);
    expect(out).toContain('⚠ web is not in the lock');
    expect(out).toContain('⚠ wbe is in the lock, and no image from buildpacks is called that');
    expect(code).toBe(0);
  });

  test('needs a lock, and one that can be read', async () => {
    const root = await folder({ 'sea-trial.yml': configuration(await registry()) });
    expect((await sea(root, ['check'])).said).toContain('there is no sea-trial.lock');
    await writeFile(join(root, 'sea-trial.lock'), 'version: 2\n');
    const { code, said } = await sea(root, ['check']);
    expect(code).toBe(2);
    expect(said).toContain('sea-trial.lock:1:10');
  });
});

describe('parity check --live', () => {
  test('passes while the source is as it was', async () => {
    const { root } = await locked();
    expect(await sea(root, ['check', '--live'])).toMatchObject({ code: 0 });
  });

  test('fails with what is inside where the builder has moved, and is a note in a pull request', async () => {
    const { server, root } = await locked();
    putBuilder(server.store, '2.0.0', 'acme/builder:24');
    const scheduled = await sea(root, ['check', '--live'], { GITHUB_EVENT_NAME: 'schedule' });
    expect(scheduled.code).toBe(1);
    expect(scheduled.out).toContain('✘ web is locked to what the deployment no longer builds with');
    expect(scheduled.out).toMatch(/✘ builder-moved {2}sea-trial\.lock:\d+/);
    expect(scheduled.out).toContain('acme/python 1.2.3 → 2.0.0');
    expect(scheduled.out).not.toContain("the builder's digest");
    const asked = await sea(root, ['check', '--live'], { GITHUB_EVENT_NAME: 'pull_request' });
    expect(asked.out).toContain('⚠ web is locked to what the deployment no longer builds with');
    expect(asked.out).toContain('· builder-moved');
    expect(asked.code).toBe(0);
  });

  test('fails where the deployment names another tag in its values', async () => {
    const server = await registry();
    putBuilder(server.store, '1.2.3', 'acme/builder:26');
    const values = (tag: string) =>
      `builder: ${server.host}/acme/builder:${tag}\nrunner: ${server.host}/run:1\n`;
    const root = await folder({
      'sea-trial.yml': configuration(server).replace(':24', ''),
      'values.yaml': values('24'),
    });
    expect(await sea(root, ['lock', '--from', 'values.yaml'])).toMatchObject({ code: 0 });
    await writeFile(join(root, 'values.yaml'), values('26'));
    const { code, out } = await sea(root, ['check', '--live']);
    expect(code).toBe(1);
    expect(out).toMatch(/the builder 127\.0\.0\.1:\d+\/acme\/builder:24@sha256:\w+… → 127/);
  });

  test('fails when the channel has ended', async () => {
    const server = await registry();
    const root = await folder({
      'sea-trial.yml': configuration(server),
      'values.yaml': `deprecatedBuilder: ${server.host}/acme/builder:24\ndeprecatedRunner: ${server.host}/run:1\ndeprecatedValidUntil: 2020-04-27\n`,
    });
    const from = ['--from', 'values.yaml', '--channel', 'deprecated'];
    expect(await sea(root, ['lock', ...from])).toMatchObject({ code: 0 });
    const { code, out } = await sea(root, ['check']);
    expect(out).toContain('The channel "deprecated" ended on 2020-04-27.');
    expect(code).toBe(1);
  });
});

test('a channel holds to the end of its last day', async () => {
  const server = await registry();
  const today = new Date().toISOString().slice(0, 10);
  const root = await folder({
    'sea-trial.yml': configuration(server),
    'values.yaml': `deprecatedBuilder: ${server.host}/acme/builder:24\ndeprecatedRunner: ${server.host}/run:1\ndeprecatedValidUntil: ${today}\n`,
  });
  const from = ['--from', 'values.yaml', '--channel', 'deprecated'];
  expect(await sea(root, ['lock', ...from])).toMatchObject({ code: 0 });
  expect((await sea(root, ['check'])).out).not.toContain('ended');
});

describe('what a program reads of a lock', () => {
  const json = async (root: string, ...args: readonly string[]) => {
    const { code, out } = await sea(root, [...args, '--json']);
    return { code, ...JSON.parse(out) };
  };

  test('is each outcome with its pins, and each finding with its image and its place', async () => {
    const server = await registry();
    const root = await folder({
      'sea-trial.yml': configuration(server),
      'values.yaml': `deprecatedBuilder: ${server.host}/acme/builder:24\ndeprecatedRunner: ${server.host}/run:1\ndeprecatedValidUntil: 2020-04-27\n`,
    });
    const from = ['--from', 'values.yaml', '--channel', 'deprecated'];
    expect(await sea(root, ['lock', ...from])).toMatchObject({ code: 0 });
    const [builder, runImage] = ['acme/builder:24', 'run:1'].map(
      (name) => `${server.host}/${name}@${server.store.tags.get(name)}`,
    );
    const text = await lockOf(root);
    const line = text.split('\n').findIndex((one) => one.includes('until:')) + 1;
    const { remedy } = (await json(root, 'check')).findings[0];
    expect(await json(root, 'check')).toStrictEqual({
      code: 1,
      outcomes: [{ image: 'web', state: 'same', builder, runImage, changes: [] }],
      findings: [
        {
          code: 'channel-ended',
          severity: 'error',
          subject: { image: 'web' },
          message: 'The channel "deprecated" ended on 2020-04-27.',
          remedy,
          location: { file: 'sea-trial.lock', line, column: expect.any(Number) },
        },
      ],
      outages: [],
    });
  });

  test('is the builder that the source names now', async () => {
    const { server, root } = await locked();
    putBuilder(server.store, '2.0.0', 'acme/builder:24');
    const { outcomes, findings } = await json(root, 'check', '--live');
    expect(outcomes).toMatchObject([{ state: 'moved' }]);
    expect(findings).toMatchObject([
      {
        code: 'builder-moved',
        subject: {
          image: 'web',
          reference: `${server.host}/acme/builder:24@${server.store.tags.get('acme/builder:24')}`,
        },
        location: { file: 'sea-trial.lock' },
      },
    ]);
  });

  test.each([
    ['builder', 'acme/builder:24'],
    ['run-image', 'run:1'],
  ])('is the pin that is gone: the %s', async (key, tag) => {
    const { server, root } = await locked();
    server.store.store.all.delete(server.store.tags.get(tag) ?? '');
    const { code, outcomes, findings } = await json(root, 'check');
    expect([code, outcomes]).toMatchObject([1, [{ image: 'web', state: 'failed' }]]);
    const line = (await lockOf(root)).split('\n').findIndex((one) => one.includes(`${key}: 1`)) + 1;
    expect(findings).toMatchObject([
      {
        code: 'lock-disagrees',
        subject: {
          image: 'web',
          reference: `${server.host}/${tag}@${server.store.tags.get(tag)}`,
        },
        location: { file: 'sea-trial.lock', line },
        message: expect.stringMatching(
          /@sha256:[0-9a-f]{12}… is pinned, and its registry does not have it any more\.$/,
        ),
      },
    ]);
    expect(findings).toHaveLength(1);
    expect((await sea(root, ['check'])).out).toMatch(/^✘ web could not be compared\n/);
    expect((await sea(root, ['update'])).out).toMatch(
      /^✘ web could not be read; nothing is written\n/,
    );
  });

  test('is an outage where a source does not answer', async () => {
    const { root } = await locked();
    const { code, outcomes, findings, outages } = await json(
      root,
      ...['lock', '--from', 'https://127.0.0.1:9/values.yaml'],
    );
    expect([code, outcomes, findings]).toStrictEqual([
      3,
      [{ image: 'web', state: 'failed', changes: [] }],
      [],
    ]);
    expect(outages).toStrictEqual([
      {
        file: '--from',
        message: expect.stringMatching(/^https:\/\/127\.0\.0\.1:9\/values\.yaml cannot be read: /),
      },
    ]);
    const { out } = await sea(root, ['lock', '--from', 'https://127.0.0.1:9/values.yaml']);
    expect(out).toMatch(
      /^✘ web could not be read; nothing is written\n✘ https:\/\/127\.0\.0\.1:9\/values\.yaml cannot be read/,
    );
  });
});

test('a registry that does not answer is no edit of the lock, and is told at its line', async () => {
  const { server, root } = await locked();
  for (const name of ['sea-trial.yml', 'sea-trial.lock']) {
    const path = join(root, name);
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll(server.host, '127.0.0.1:9'));
  }
  const { code, out } = await sea(root, ['check', '--json']);
  const line = (await lockOf(root)).split('\n').findIndex((one) => one.includes('builder: 1')) + 1;
  expect([code, JSON.parse(out)]).toMatchObject([
    3,
    {
      outcomes: [{ image: 'web', state: 'failed' }],
      findings: [{ subject: { image: 'web' }, location: { file: 'sea-trial.lock', line } }],
    },
  ]);
});

test('what the configuration makes a warning is one, and a lock that cannot be compared is not right', async () => {
  const { server, root } = await locked();
  const lowered = `${configuration(server)}checks: { lock-disagrees: warning, parity-differs: warning }\n`;
  await writeFile(join(root, 'sea-trial.yml'), lowered);
  const good = await lockOf(root);
  await change(root, 'lifecycle: 0.21.17', 'lifecycle: 0.21.18');
  const edited = await sea(root, ['check']);
  expect(edited.out).toMatch(/^⚠ web has facts in the lock that are not those of its pins\n/);
  await writeFile(join(root, 'sea-trial.lock'), good);
  server.store.store.all.delete(server.store.tags.get('acme/builder:24') ?? '');
  const gone = await sea(root, ['check']);
  expect(gone.out).toMatch(/^✘ web could not be compared\n/);
  expect(gone.out).toContain('⚠ lock-disagrees');
  expect([edited.code, gone.code]).toStrictEqual([0, 0]);
});

test('a lock that was edited is that, whatever its source has by now', async () => {
  const { server, root } = await locked();
  await change(root, 'lifecycle: 0.21.17', 'lifecycle: 0.21.18');
  putBuilder(server.store, '2.0.0', 'acme/builder:24');
  const { code, out } = await sea(root, ['check', '--live']);
  expect(out).toMatch(/^✘ web has facts in the lock that are not those of its pins\n/);
  expect(out).toContain('✘ builder-moved');
  expect(code).toBe(1);
});

test('a lock stands beside its configuration', async () => {
  const root = await folder({ 'ci/own.yml': configuration(await registry()) });
  const config = ['--config', 'ci/own.yml'];
  expect(await sea(root, ['lock', ...config])).toMatchObject({ code: 0 });
  expect(await readFile(join(root, 'ci/sea-trial.lock'), 'utf8')).toContain('acme/python@1.2.3');
  await expect(lockOf(root)).rejects.toThrow('ENOENT');
  expect(await sea(root, ['check', ...config])).toMatchObject({ code: 0 });
});

test('a process type stays in the lock when its facts are read again, unless there is another', async () => {
  const { server, root } = await locked('        process: web\n');
  const path = join(root, 'sea-trial.yml');
  const bump = async (version: string) => {
    const old = server.store.tags.get('acme/builder:24') ?? '';
    putBuilder(server.store, version, 'acme/builder:24');
    await change(root, `:24@${old}`, `:24@${server.store.tags.get('acme/builder:24')}`);
    expect(await sea(root, ['update'])).toMatchObject({ code: 0 });
    return lockOf(root);
  };
  await writeFile(path, configuration(server));
  expect(await bump('2.0.0')).toContain('      process: web\n');
  await writeFile(path, configuration(server, '        process: worker\n'));
  expect(await bump('3.0.0')).toContain('      process: worker\n');
});

describe('one image of several', () => {
  test('is checked, or updated, alone where that is asked for', async () => {
    const { server, root } = await locked();
    const more = configuration(server).replace('images:\n', '').replace('acme/web', 'acme/api');
    const path = join(root, 'sea-trial.yml');
    await writeFile(path, `${await readFile(path, 'utf8')}${more}`);
    expect((await sea(root, ['lock'])).code).toBe(0);
    const both = await sea(root, ['check']);
    expect(both.out.match(/^✔ \w+/gm)).toStrictEqual(['✔ web', '✔ api']);
    const one = await sea(root, ['check', '--only', 'api']);
    expect(one.out.match(/^✔ \w+/gm)).toStrictEqual(['✔ api']);
    putBuilder(server.store, '2.0.0', 'acme/builder:24');
    expect((await sea(root, ['update', '--only', 'api'])).code).toBe(0);
    expect((await lockOf(root)).match(/- acme\/python@.*/g)).toStrictEqual([
      '- acme/python@1.2.3',
      '- acme/python@2.0.0',
    ]);
    expect((await sea(root, ['check', '--only', 'nothing-like-it'])).said).toContain(
      '--only: no image from buildpacks is called "nothing-like-it"; there are: web, api',
    );
  });

  test('that was never locked is not updated', async () => {
    const { server, root } = await locked();
    const more = configuration(server).replace('images:\n', '').replace('acme/web', 'acme/api');
    const path = join(root, 'sea-trial.yml');
    await writeFile(path, `${await readFile(path, 'utf8')}${more}`);
    const { code, out } = await sea(root, ['update']);
    expect(code).toBe(0);
    expect(out).toContain('⚠ api is not in the lock; "sea-trial parity lock" adds it\n');
    expect(await lockOf(root)).not.toContain('  api:');
  });
});

describe('what a lock keeps when it is made again', () => {
  test('is what the deployment adds and the process type, unless they are told anew', async () => {
    const { root } = await locked('', ['--inject', 'acme/apt@1.0.0']);
    expect(await sea(root, ['lock'])).toMatchObject({ code: 0 });
    expect(await lockOf(root)).toContain('    injected:\n      - acme/apt@1.0.0\n');
    const { out } = await sea(root, ['lock', '--inject', 'acme/apt@2.0.0']);
    expect(out).toContain('    added buildpacks acme/apt@1.0.0 → acme/apt@2.0.0\n');
    expect(await lockOf(root)).toContain('    injected:\n      - acme/apt@2.0.0\n');
  });

  test('is what changes otherwise, in words', async () => {
    const { server, root } = await locked('        env: { BP_A: "1" }\n');
    const path = join(root, 'sea-trial.yml');
    await writeFile(
      path,
      configuration(server, '        env: { BP_B: "1", BP_C: "" }\n        process: web\n'),
    );
    const { code, out } = await sea(root, ['update']);
    expect(code).toBe(0);
    expect(out.split('\n').filter((line) => line.includes('→'))).toStrictEqual([
      '    the process type none → web',
      '    variables BP_A → BP_B, BP_C',
    ]);
    await writeFile(path, configuration(server));
    expect((await sea(root, ['update'])).out).toContain('    variables BP_B, BP_C → none\n');
  });

  test('is not what a builder answered to a probe before it moved', async () => {
    const { server, root } = await locked();
    await writeFile(
      join(root, 'sea-trial.lock'),
      `${await lockOf(root)}      probed:
        - runtime: python
          buildpack: acme/python@1.2.3
          platforms: [linux/amd64, linux/arm64]
          newest: 3.13
`,
    );
    expect(await sea(root, ['check'])).toMatchObject({ code: 0 });
    const same = await sea(root, ['update']);
    expect(same.out).toContain('✔ web is locked, and nothing has moved');
    putBuilder(server.store, '2.0.0', 'acme/builder:24');
    const { out } = await sea(root, ['update']);
    expect(out).toContain(
      '    what acme/python@1.2.3 answered to a probe does not hold any more; "sea-trial parity probe" asks again\n',
    );
    expect(await lockOf(root)).not.toContain('probed');
  });
});

describe('versions that the layers of a builder list', () => {
  const TOML = ['3.12.11', '3.13.7']
    .map((version) => `[[metadata.dependencies]]\nid = "python"\nversion = "${version}"\n`)
    .join('');
  const layer = rawTar([
    { path: '/cnb/buildpacks/acme_python/1.2.3/buildpack.toml', content: Buffer.from(TOML) },
  ]);

  test('are in the lock, and others there are an edit, at their line', async () => {
    const server = await registry();
    const { store } = server;
    const layersLabel = {
      'acme/python': { '1.2.3': { api: '0.10', layerDiffID: digestOf(layer) } },
    };
    const metadata = { ...METADATA, images: [{ image: 'REGISTRY/run:1', mirrors: [] }] };
    const builders = (['linux/amd64', 'linux/arm64'] as const).map(
      (platform) =>
        [platform, store.builder({ platform, metadata, layers: [layer], layersLabel })] as const,
    );
    store.tag('acme/builder:24', store.index(builders));
    const root = await folder({ 'sea-trial.yml': configuration(server) });
    expect(await sea(root, ['lock'])).toMatchObject({ code: 0 });
    expect(await sea(root, ['check'])).toMatchObject({ code: 0 });
    const text = await change(root, '- 3.12.11', '- 3.12.12');
    const line = text.split('\n').findIndex((one) => one.includes('offers:')) + 1;
    const { code, out } = await sea(root, ['check']);
    expect(out).toMatch(/^✘ web has facts in the lock that are not those of its pins\n/);
    expect(out).toContain(`✘ lock-disagrees  sea-trial.lock:${line}\n`);
    expect(out).toContain(
      'python 3.12.12 is in the lock alone; python 3.12.11 is missing in the lock',
    );
    expect(code).toBe(1);
  });
});

describe('versions that a builder offers', () => {
  test('are in the lock as far as they are known, and a live check tells gains and losses', async () => {
    const server = await registry();
    putBuilder(server.store, '0.25.0', 'acme/builder:24', 'run:1', 'heroku/python');
    const root = await folder({ 'sea-trial.yml': configuration(server) });
    expect(await sea(root, ['lock'])).toMatchObject({ code: 0 });
    expect(await lockOf(root)).toMatch(/ {6}offers:\n {8}python:\n( {10}- 3\.\d+\n)*/);
    expect(await lockOf(root)).not.toContain('- 3.14\n');
    putBuilder(server.store, '6.4.0', 'acme/builder:24', 'run:1', 'heroku/python');
    const { out } = await sea(root, ['check', '--live']);
    expect(out).toContain('python 3.14 is offered now');
  });

  test('may be written by hand, and stay for as long as the builder is the same', async () => {
    const { server, root } = await locked();
    await writeFile(
      join(root, 'sea-trial.lock'),
      `${await lockOf(root)}      offers: { node: [22.1.0] } # looked up\n`,
    );
    const before = await lockOf(root);
    expect(await sea(root, ['check'])).toMatchObject({ code: 0 });
    expect(await sea(root, ['update'])).toMatchObject({ code: 0 });
    expect(await lockOf(root)).toBe(before);
    putBuilder(server.store, '2.0.0', 'acme/builder:24');
    const { out } = await sea(root, ['update']);
    expect(out).toContain('which versions of node are offered is not known any more');
    expect(await lockOf(root)).not.toContain('22.1.0');
  });
});

describe('parity update', () => {
  test('writes what has moved, and every other byte stays', async () => {
    const { server, root } = await locked();
    const before = await change(root, '    pins:', '    # What production has.\n    pins:');
    const old = server.store.tags.get('acme/builder:24') ?? '';
    putBuilder(server.store, '2.0.0', 'acme/builder:24');
    const { code, out } = await sea(root, ['update']);
    expect(code).toBe(0);
    expect(out).toContain('✔ web is updated in the lock');
    expect(out).toContain('    acme/python 1.2.3 → 2.0.0\n');
    const after = await lockOf(root);
    const lasting = (text: string) =>
      text.replaceAll(/sha256:[0-9a-f]{64}/g, 'DIGEST').replace(/time: .*/, 'time: TIME');
    expect(lasting(after)).toBe(lasting(before.replaceAll('python@1.2.3', 'python@2.0.0')));
    expect(after).not.toContain(old);
    expect(await sea(root, ['check', '--live'])).toMatchObject({ code: 0 });
  });

  test('changes nothing where nothing has moved', async () => {
    const { root } = await locked();
    const before = await lockOf(root);
    const { out } = await sea(root, ['update']);
    expect(out).toContain('✔ web is locked, and nothing has moved');
    expect(await lockOf(root)).toBe(before);
  });

  test('reads the facts of a changed pin, and leaves the pin and its time as they are', async () => {
    const { server, root } = await locked();
    const old = server.store.tags.get('acme/builder:24') ?? '';
    putBuilder(server.store, '2.0.0', 'acme/builder:24');
    const bumped = server.store.tags.get('acme/builder:24') ?? '';
    const before = await change(root, `:24@${old}`, `:24@${bumped}`);
    putBuilder(server.store, '3.0.0', 'acme/builder:24');
    expect(await sea(root, ['update'])).toMatchObject({ code: 0 });
    const after = await lockOf(root);
    expect(after).toContain(`:24@${bumped}`);
    expect(after).toContain('acme/python@2.0.0');
    expect(after.match(/time: .*/g)).toEqual(before.match(/time: .*/g));
    expect(await sea(root, ['check'])).toMatchObject({ code: 0 });
  });

  test('writes the facts of a lock that has pins alone, as they were', async () => {
    const { root } = await locked();
    const whole = await lockOf(root);
    await change(root, whole.slice(whole.indexOf('    derived:')), '');
    expect(await sea(root, ['check'])).toMatchObject({
      code: 2,
      said: expect.stringContaining('nothing that is derived from them'),
    });
    expect(await sea(root, ['update'])).toMatchObject({ code: 0, said: '' });
    expect(await lockOf(root)).toBe(whole);
  });

  test('corrects a fact that somebody edited', async () => {
    const { root } = await locked();
    await change(root, 'lifecycle: 0.21.17', 'lifecycle: 0.21.18');
    const { out } = await sea(root, ['update']);
    expect(out).toContain('the lifecycle 0.21.18 → 0.21.17');
    expect(await sea(root, ['check'])).toMatchObject({ code: 0 });
  });

  test('corrects a lock that disagrees with itself, which a check refuses', async () => {
    const { root } = await locked();
    await change(root, '[acme/python@1.2.3]', '[acme/python@1.2.4]');
    const { code, said } = await sea(root, ['check']);
    expect(code).toBe(2);
    expect(said).toContain('the lock disagrees with itself: "order" names acme/python@1.2.4');
    expect(await sea(root, ['update'])).toMatchObject({ code: 0 });
    expect(await sea(root, ['check'])).toMatchObject({ code: 0 });
  });

  test('writes nothing while one of several images cannot be read, and says so of each', async () => {
    const { server, root } = await locked();
    const before = await lockOf(root);
    const path = join(root, 'sea-trial.yml');
    const more = configuration(server)
      .replace('images:\n', '')
      .replace('acme/web', 'acme/api')
      .replace('builder:24', 'builder:none');
    await writeFile(path, `${await readFile(path, 'utf8')}${more}`);
    const { out } = await sea(root, ['lock']);
    expect(out).toMatch(/^⚠ web is as it was in the lock: nothing is written while another/);
    expect(out).toContain('\n✘ api could not be read; nothing is written\n');
    expect(await lockOf(root)).toBe(before);
  });

  test('refuses a lock whose places mean more than they say', async () => {
    const { server, root } = await locked();
    await change(root, 'lifecycle: 0.21.17', 'lifecycle: &x 0.21.17');
    putBuilder(server.store, '2.0.0', 'acme/builder:24');
    const { code, said } = await sea(root, ['update']);
    expect(code).toBe(2);
    expect(said).toContain('the lock cannot be changed in its place: it has anchors or tags');
  });
});

describe('what a run would refuse of a new lock', () => {
  const values = ({ host }: Served) => `builder: ${host}/acme/builder:26\nrunner: ${host}/run:1\n`;

  test('is said at once, with the line to write, and the lock is written', async () => {
    const server = await registry();
    putBuilder(server.store, '2.0.0', 'acme/builder:26');
    const yaml = configuration(server);
    const root = await folder({ 'sea-trial.yml': yaml, 'values.yaml': values(server) });
    const { code, out } = await sea(root, ['lock', '--from', 'values.yaml']);
    expect(out).toMatch(/^✘ web is locked, and a run refuses it\n/);
    expect(out).toContain(
      `    ${server.host}/acme/builder:24 is named here, and the lock now has ${server.host}/acme/builder:26@sha256:`,
    );
    expect(out).toContain('✘ parity-differs  sea-trial.yml:6\n');
    expect(out).toContain(`→ Write ${server.host}/acme/builder in this place, without a tag`);
    expect(code).toBe(1);
    expect(await lockOf(root)).toContain('/acme/builder:26@');
    await writeFile(join(root, 'sea-trial.yml'), yaml.replace(':24', ''));
    expect(await sea(root, ['lock', '--from', 'values.yaml'])).toMatchObject({ code: 0 });
    expect(await sea(root, [], {}, 'plan')).toMatchObject({ code: 0 });
  });

  test('is a buildpack that is injected, and that the build does not add', async () => {
    const { root } = await locked();
    const { code, out } = await sea(root, ['lock', '--inject', 'acme/apt@1.0.0']);
    expect(out).toContain('⚠ parity-differs\n    A run does not add acme/apt@1.0.0');
    expect(code).toBe(0);
  });
});

describe('parity check judges what a run does', () => {
  test("buildpacks that are not the builder's, and variables of a project.toml", async () => {
    const { server, root } = await locked();
    const more = "        pre-buildpacks: ['docker://acme/apt:1']\n";
    await writeFile(join(root, 'sea-trial.yml'), configuration(server, more));
    const toml =
      '[_]\nschema-version = "0.2"\n[[io.buildpacks.build.env]]\nname = "BP_ONE"\nvalue = "1"\n';
    await writeFile(join(root, 'project.toml'), toml);
    const { code, out } = await sea(root, ['check']);
    expect(out).toContain('names none under "injected": docker://acme/apt:1');
    expect(out).toContain('The build sets variables that the lock does not name: BP_ONE.');
    expect(code).toBe(1);
  });
});

describe('sea-trial plan', () => {
  const plan = (root: string) => sea(root, [], {}, 'plan');
  const PYTHON = 'heroku/python';

  /** A project whose builder has heroku/python 0.25.0. */
  async function withPython() {
    const server = await served((store) => {
      putBuilder(store, '0.25.0', 'acme/builder:24', 'run:1', PYTHON);
      putRun(store, 'run:1', 'one');
    });
    return { server, root: await folder({ 'sea-trial.yml': configuration(server) }) };
  }

  test('judges pinned versions by the builder, without an engine', async () => {
    const { root } = await withPython();
    await writeFile(join(root, '.python-version'), '3.14\n');
    const { code, said, out } = await plan(root);
    expect(said).toContain('✘ version-not-offered  .python-version:1\n    3.14 is not offered by');
    expect(out).toContain('web');
    expect(code).toBe(1);
    await writeFile(join(root, '.python-version'), '3.13\n');
    expect(await plan(root)).toMatchObject({ code: 0, said: expect.not.stringContaining('3.13') });
  });

  test('fails for what the configuration makes an error', async () => {
    const { server, root } = await locked();
    const yaml = configuration(server).replace('acme/web', 'acme/site');
    await writeFile(join(root, 'sea-trial.yml'), yaml);
    const warned = { code: 0, said: expect.stringContaining('⚠ not-locked') };
    expect(await plan(root)).toMatchObject(warned);
    await writeFile(join(root, 'sea-trial.yml'), `${yaml}checks: { not-locked: error }\n`);
    const wrong = { code: 1, said: expect.stringContaining('✘ not-locked') };
    expect(await plan(root)).toMatchObject(wrong);
  });

  test('points at the line of a builder that cannot be used', async () => {
    const { server, root } = await withPython();
    const yaml = configuration(server).replace('acme/builder:24', 'run:1');
    await writeFile(join(root, 'sea-trial.yml'), yaml);
    const { code, said } = await plan(root);
    expect(said).toContain('✘ builder-unusable  sea-trial.yml:6\n');
    expect(code).toBe(1);
  });

  test('says of which image nothing is judged, because its registry does not answer', async () => {
    const { server, root } = await withPython();
    const yaml = configuration(server).replace('acme/builder:24', 'acme/gone:24');
    await writeFile(join(root, 'sea-trial.yml'), yaml);
    const { code, said } = await plan(root);
    expect(said).toContain('The pinned versions and the lock of web are not judged: ');
    expect(said).toContain('acme/gone:24 cannot be pulled');
    expect(code).toBe(0);
  });

  test('judges the lock too', async () => {
    const { root } = await locked();
    expect(await plan(root)).toMatchObject({ code: 0 });
    await change(root, 'lifecycle: 0.21.17', 'lifecycle: 0.21.18');
    const { code, said } = await plan(root);
    expect(said).toContain('✘ lock-disagrees  sea-trial.lock:');
    expect(code).toBe(1);
  });
});
