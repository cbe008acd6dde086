import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { fromInputs } from '../../src/config/index.js';
import { UNTRUSTED } from '../config/memory.js';
import { fromDockerfile } from '../plans.js';
import {
  DOCKERFILE,
  files,
  folder,
  planned,
  problems,
  removeFolders,
  repository,
  write,
  yaml,
} from './repository.js';

afterEach(removeFolders);

describe('grants', () => {
  const how = (grant: string) =>
    `needs the grant "${grant}": --grant ${grant}, or the action's input "grants"`;

  const cases: readonly (readonly [string, string, string])[] = [
    ['    build: { network: host }', '4:23 the host network in a build', 'network.host'],
    [
      '    build: { entitlements: [security.insecure] }',
      '4:29 the entitlement "security.insecure"',
      'security.insecure',
    ],
    ['    build: { entitlements: [device=gpu] }', '4:29 the entitlement "device=gpu"', 'device'],
    [
      '    build: { secrets: ["id=a,env=HOME"] }',
      '4:24 secret "a" from the environment\'s "HOME"',
      'secrets',
    ],
    ['    build: { secrets: ["id=a,src=/etc/shadow"] }', '4:24 secret "a" from a file', 'secrets'],
    ['    build: { ssh: [default] }', '4:20 SSH "default"', 'ssh'],
    [
      '    build: { additional_contexts: { up: .. } }',
      '4:37 context ".." is outside the workspace; it',
      'contexts',
    ],
    [
      '    build: { additional_contexts: { o: "oci-layout:///srv/x:latest@sha256:00" } }',
      '4:37 context "/srv/x" is outside the workspace; it',
      'contexts',
    ],
    [
      '    build: { dockerfile: link/hosts }',
      '4:26 the Dockerfile\'s folder "link" goes through a symbolic link; it',
      'contexts',
    ],
    [
      '    build: { context: "https://github.com/a/b.git", dockerfile: /etc/hosts }',
      '4:65 the Dockerfile\'s folder "/etc" is outside the workspace; it',
      'contexts',
    ],
    ['    tests: [{ run: a, network: host }]', '4:32 the host network in a test', 'network.host'],
    [
      '    tests: [{ run: a, mounts: ["..:/x"] }]',
      '4:32 mount ".." is outside the workspace; it',
      'mounts',
    ],
    [
      '    tests: [{ run: a, mounts: ["link/hosts:/x"] }]',
      '4:32 mount "link/hosts" goes through a symbolic link; it',
      'mounts',
    ],
  ];

  test.each(cases)('%s', async (line, what, grant) => {
    const root = await folder(files(yaml(line)));
    await symlink('/etc', join(root, 'link'));
    expect(await problems(root)).toEqual([`${what} ${how(grant)}`]);
    expect(await problems(root, { grants: [grant] })).toEqual([]);
  });

  test.each([
    ['    build: "github.com/../../etc"', '4:12 "github.com/../../etc"'],
    ['    build: { additional_contexts: { a: "x:/.." } }', '4:37 "x:/.."'],
  ])('no folder passes for an address: %s', async (line, what) => {
    const root = await folder(files(yaml(line)));
    await symlink('/usr/lib', join(root, 'github.com'));
    await symlink('/usr/lib', join(root, 'x:'));
    expect(await problems(root)).toEqual([
      `${what} is an address, and there is a folder of that name; write "./${what.split('"')[1]}" for the folder`,
    ]);
  });

  test('a folder whose name reads as an address is a folder', async () => {
    const root = await folder(files(yaml('    build: ./github.com/acme')));
    await write(root, { 'github.com/acme/Dockerfile': DOCKERFILE });
    const { plan } = await planned(root);
    expect(plan.images[0]?.build.context).toBe('./github.com/acme');
  });

  test('an absolute path is shown as it was written', async () => {
    const none = join(await folder({}), 'none');
    const root = await repository({
      Dockerfile: DOCKERFILE,
      'sea-trial.yml': [
        'images:',
        '  - name: a/b',
        `    build: { additional_contexts: { etc: /etc, none: ${none} } }`,
        `    tests: [{ run: a, mounts: ["/etc:/x", "${none}:/y"] }]`,
      ].join('\n'),
    });
    const grants = ['contexts', 'mounts'];
    expect(await problems(root, { grants })).toEqual([
      `3:48 there is no folder "${none}"`,
      `4:43 there is nothing at "${none}"`,
    ]);
    expect((await problems(root)).filter((one) => one.includes('/etc'))).toEqual([
      `3:37 context "/etc" is outside the workspace; it ${how('contexts')}`,
      `4:32 mount "/etc" is outside the workspace; it ${how('mounts')}`,
    ]);
  });

  test.each([
    ['device=', false],
    ['device=vendor.example/gpu', true],
    ['device=a b', false],
    ['networkxhost', false],
    ['network.hosts', false],
    ['xdevice', false],
    ['security.insecure=1', false],
  ])('%s is an entitlement: %s', async (name, isOne) => {
    const root = await folder(files(yaml(`    build: { entitlements: ["${name}"] }`)));
    const [problem] = await problems(root);
    expect(problem).toContain(
      isOne
        ? `the entitlement "${name}" needs the grant "device"`
        : `"${name}" is not an entitlement`,
    );
  });

  test.each(['s3', 'azblob'])(
    'a cache of type %s in the file of an untrusted run is refused, and one of the inputs is not',
    async (type) => {
      const entry = type === 's3' ? 'type=s3,bucket=b,region=r' : 'type=azblob,name=n';
      for (const key of ['cache_from', 'cache_to']) {
        const root = await folder(files(yaml(`    build: { ${key}: ["${entry}"] }`)));
        expect(await problems(root)).toEqual([]);
        expect((await problems(root, UNTRUSTED))[0]).toContain(
          `a cache of type ${type} in a file uses the credentials of this machine`,
        );
      }
    },
  );

  test('an entitlement that there is not', async () => {
    const root = await folder(files(yaml('    build: { entitlements: [root] }')));
    expect(await problems(root, { grants: [] })).toEqual([
      '4:29 "root" is not an entitlement; there are: network.host, security.insecure, device',
    ]);
  });

  test('the host network of a build is an entitlement of the builder', async () => {
    const root = await folder(files(yaml('    build: { network: host }')));
    const { plan } = await planned(root, { grants: ['network.host'] });
    expect(fromDockerfile(plan.images[0]?.build).allow).toEqual(['network.host']);
  });

  test('what is in the same repository is inside, also above the folder of the run', async () => {
    const top = await repository({
      'app/sea-trial.yml': yaml('    build: { context: .., dockerfile: app/Dockerfile }'),
      'app/Dockerfile': DOCKERFILE,
    });
    const { plan } = await planned(join(top, 'app'));
    expect(plan.images[0]?.build).toMatchObject({ context: '..', file: 'Dockerfile' });
  });

  test('tests on the host need a grant in untrusted runs only', async () => {
    const root = await folder(files(yaml('    tests: [{ run: make test, on: host }]')));
    expect(await problems(root)).toEqual([]);
    expect(await problems(root, UNTRUSTED)).toEqual([
      `4:13 a test on the host, in an untrusted run, ${how('host-tests')}`,
    ]);
    expect(await problems(root, { ...UNTRUSTED, grants: ['host-tests'] })).toEqual([]);
  });

  test.each([
    ['cache_from: ["type=local,src=store"]', '4:27 cache "store"'],
    ['cache_to: ["type=local,dest=store"]', '4:25 cache "store"'],
    ['additional_contexts: { o: "oci-layout://store" }', '4:37 context "store"'],
  ])('a store of buildx may hold no link, and be none: %s', async (build, what) => {
    const root = await folder({ ...files(yaml(`    build: { ${build} }`)), 'store/in/it': '' });
    expect(await problems(root)).toEqual([]);
    await symlink('it', join(root, 'store/in/link'));
    const holding = `${what} holds a symbolic link; it ${how('contexts')}`;
    expect(await problems(root)).toEqual([holding]);
    expect(await problems(root, { grants: ['contexts'] })).toEqual([]);
    await rm(join(root, 'store'), { recursive: true });
    await symlink('..', join(root, 'store'));
    expect(await problems(root)).toEqual([
      `${what} goes through a symbolic link; it ${how('contexts')}`,
    ]);
  });
});

describe('what the inputs name', () => {
  const asked = (root: string, name: string, value: string) => {
    const inputs = new Map([
      ['tags', 'a/b'],
      [name, value],
    ]);
    const read = fromInputs(inputs, { root, env: {} }, ['run']);
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    return read.request;
  };

  // What is outside is the workflow's to name; a link is the sources'.
  test.each([
    ['cache-from', 'type=local,src=store', 'cache "store" holds'],
    ['cache-from', 'type=local,src=link', 'cache "link" goes through'],
    ['cache-to', 'type=local,dest=store', 'cache "store" holds'],
    ['build-contexts', 'o=oci-layout://store', 'context "store" holds'],
    ['build-contexts', 'o=link', 'context "link" goes through'],
    ['context', 'link', 'context "link" goes through'],
    ['cache-from', 'type=local,src=..', undefined],
    ['build-contexts', 'o=..', undefined],
    ['cache-from', 'type=local,src=sub', undefined],
    // buildx reads folders for this type alone.
    ['cache-from', 'type=registry,ref=a/b,src=link', undefined],
  ])('%s: %s', async (name, value, what) => {
    const root = await folder({ Dockerfile: DOCKERFILE, 'store/a': '', 'sub/a': '' });
    await symlink('a', join(root, 'store/link'));
    await symlink('sub', join(root, 'link'));
    await write(root, { 'sub/Dockerfile': DOCKERFILE });
    const request = asked(root, name, value);
    const needs = (more: object) =>
      problems(root, { ...request, ...more }).then((all) =>
        all.filter((one) => one.includes('needs the grant')),
      );
    const expected =
      what === undefined
        ? []
        : [`${what} a symbolic link; it needs the grant "contexts": --grant contexts`];
    expect((await needs(UNTRUSTED)).map((one) => one.split(',')[0])).toEqual(expected);
    expect(await needs({})).toEqual([]);
    expect(await needs({ ...UNTRUSTED, grants: ['contexts'] })).toEqual([]);
  });
});
