import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { SourceNode } from '../../src/document/node.js';
import { isReadByDocker } from '../../src/plan/frontend-caches.js';
import { UNTRUSTED } from '../config/memory.js';
import { folder, planned, problems, removeFolders } from './repository.js';

afterEach(removeFolders);

const DOCKERFILE = 'FROM busybox:1.37\n';

function files(key: string, entry: string, dockerfile = DOCKERFILE) {
  const build = `    build: { ${key}: [${JSON.stringify(entry)}] }`;
  const text = ['images:', '  - name: ghcr.io/acme/greeter', '    tags: [dev]', build].join('\n');
  return { 'sea-trial.yml': text, Dockerfile: dockerfile };
}

const needs = (grant: string) =>
  `needs the grant "${grant}": --grant ${grant}, or the action's input "grants"`;

const read = (fault: string) => `this cache cannot be read: ${fault}`;
const twice = (name: string) => read(`it names "${name}" twice; keep one of them`);
const gha = (name: string) =>
  `the cache's "${name}" would send the job's token to another service than the job's own cache; leave it out, or set it in the workflow's inputs cache-from and cache-to`;
const recorded = (name: string) =>
  `the cache's "${name}" would be recorded; leave it out: "gha" has the job's token by itself, "s3" takes AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN from the environment`;
const inside = (name: string) =>
  `the cache's "${name}" holds credentials, which would be recorded; leave them out`;

const HERE = {
  gha: 'ignore-error, mode, scope, timeout',
  inline: 'ignore-error, mode',
};

/** What a file may not say of a cache, in any run. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['type=gha,"ref=HOST/victim:latest",image-manifest=true,type=registry', twice('type')],
  ['type=gha,type=local,dest=/any/path', twice('type')],
  ['type=gha,"scope=a\ntype=local"', read('it holds a line break')],
  ['type=gha,url=http://elsewhere/,version=1', gha('url')],
  ['type=gha,"URL_V2=http://elsewhere/"', gha('url_v2')],
  ['type=gha,version=2', gha('version')],
  ['type=gha,repository=a/b', gha('repository')],
  ['type=gha,token=x', recorded('token')],
  ['type=gha,"GhToken=x"', recorded('ghtoken')],
  ['"type=s3",bucket=b,region=r,"Secret_Access_Key=x"', recorded('secret_access_key')],
  ['type=s3,bucket=b,region=r,session_token=x', recorded('session_token')],
  ['type=azblob,account_url=https://a.example,secret_access_key=x', recorded('secret_access_key')],
  ['type=azblob,"account_url=https://a.example/?sv=1&sig=x"', inside('account_url')],
  ['type=s3,bucket=b,endpoint_url=HTTPS://me:pw@a.example', inside('endpoint_url')],
  ['type=gha,ref=a/b', `a cache of type gha has no attribute "ref" here; there are: ${HERE.gha}`],
  [
    'type=inline,dest=x',
    `a cache of type inline has no attribute "dest" here; there are: ${HERE.inline}`,
  ],
  [
    'type=registry,ref=a/b,registry.insecure=true',
    "the cache's \"registry.insecure\" would send a login unencrypted; name the registry as insecure in the engine's or BuildKit's configuration",
  ],
  ['type=gha,mode=maxi', '"maxi" is not a mode; there are: min, max'],
  ['type=registry', 'a cache of type registry has no "ref"'],
  ['type=registry,ref=', 'a cache of type registry has no "ref"'],
  [
    'type=registry,ref=https://r.io/c',
    'the cache\'s "ref" is "https://r.io/c"; leave out https://',
  ],
  ['oci://r.io/c', 'the cache\'s "ref" is "oci://r.io/c"; leave out oci://'],
  ['type=GHA', '"GHA" is not a type of cache; there are: azblob, gha, inline, local, registry, s3'],
  [
    '"type=gha,scope=x"',
    '"gha,scope=x" is not a type of cache; there are: azblob, gha, inline, local, registry, s3',
  ],
];

describe('an entry read in two ways: what a file may say of a cache', () => {
  test.each(REFUSED)('%j is refused', async (entry, message) => {
    const root = await folder(files('cache_to', entry));
    expect(await problems(root)).toEqual([`4:25 ${message}`]);
    expect(await problems(root, UNTRUSTED)).toEqual([`4:25 ${message}`]);
  });

  test.each([
    ['cache_to', 'type=local,src=x', 'a cache of type local has no "dest"'],
    ['cache_from', 'type=local,dest=x', 'a cache of type local has no "src"'],
  ])('%s: %s', async (key, entry, message) => {
    const root = await folder(files(key, entry));
    expect(await problems(root)).toEqual([expect.stringContaining(message)]);
  });

  test.each(['type=s3,bucket=b,region=r', 'type=azblob,account_url=https://a.example'])(
    'an untrusted run has no credentials for %s but those around it',
    async (entry) => {
      const root = await folder(files('cache_from', entry));
      expect(await problems(root)).toEqual([]);
      expect(await problems(root, UNTRUSTED)).toEqual([
        expect.stringMatching(
          /^4:27 a cache of type (s3|azblob) in a file uses the credentials of this machine and of the builder, which an untrusted run may not/,
        ),
      ]);
    },
  );

  test.each([
    ['type=registry,ref=HOST/victim:latest', []],
    ['"type=registry","ref=HOST/victim:latest"', []],
    ['"type=local",dest=cache', []],
    ['HOST/victim:latest', []],
    ['HOST/a,HOST/b', []],
    ['"type=gha","scope=a,b"', ['type=gha,"scope=a,b"']],
    ['TYPE=inline', ['type=inline']],
  ])('an untrusted run writes of %j: %j', async (entry, expected) => {
    const { plan } = await planned(await folder(files('cache_to', entry)), UNTRUSTED);
    expect(plan.images[0]?.build.cacheTo).toEqual(expected);
  });

  test.each([
    ['pull_request', ['type=gha', 'type=inline']],
    ['pull_request_target', ['type=inline']],
    ['issue_comment', ['type=inline']],
    ['workflow_run', ['type=inline']],
    ['push', ['type=inline']],
  ])('of %s, whose caches may be those of the default branch: %j', async (event, expected) => {
    const text = files('cache_to', 'type=gha')['sea-trial.yml'];
    const both = text.replace('["type=gha"]', '["type=gha", "type=inline"]');
    const root = await folder({ 'sea-trial.yml': both, Dockerfile: DOCKERFILE });
    const env = { GITHUB_EVENT_NAME: event };
    const { plan } = await planned(root, UNTRUSTED, env);
    expect(plan.images[0]?.build.cacheTo).toEqual(expected);
    expect((await planned(root, {}, env)).plan.images[0]?.build.cacheTo).toHaveLength(2);
  });

  test('the plan holds what was judged, written anew', async () => {
    const root = await folder(files('cache_from', '"TYPE=gha","scope=a,b"'));
    const { plan } = await planned(root);
    expect(plan.images[0]?.build.cacheFrom).toEqual(['type=gha,"scope=a,b"']);
  });
});

describe('a local cache outside the workspace', () => {
  const outside = (path: string) => `cache "${path}" is outside the workspace; it`;
  const link = (path: string) => `cache "${path}" goes through a symbolic link; it`;

  test.each([
    ['type=local,src=/outside', outside('/outside')],
    ['"type=local","src=/out,side"', outside('/out,side')],
    ['SRC=/outside,TYPE=local', outside('/outside')],
    ['type=local,src=..', outside('..')],
    ['type=local,src=cache/../../x', outside('../x')],
    ['type=local,src=cache,dest=/outside', outside('/outside')],
    ['type=local,src=link/cache', link('link/cache')],
    ['type=local,src=holds', 'cache "holds" holds a symbolic link; it'],
  ])('%s needs the grant contexts', async (entry, what) => {
    const root = await folder(files('cache_from', entry));
    await symlink('/etc', join(root, 'link'));
    await mkdir(join(root, 'holds', 'greeter-linux-amd64', 'blobs'), { recursive: true });
    await symlink('/etc', join(root, 'holds', 'greeter-linux-amd64', 'blobs', 'sha256'));
    expect(await problems(root)).toEqual([`4:27 ${what} ${needs('contexts')}`]);
    expect(await problems(root, { grants: ['contexts'] })).toEqual([]);
  });

  test('is where its path says, not where a link on the way would lead', async () => {
    const root = await folder(files('cache_from', 'type=local,src=link/../cache'));
    await symlink('/etc/ssl', join(root, 'link'));
    const { plan } = await planned(root);
    expect(plan.images[0]?.build.cacheFrom).toEqual(['type=local,src=cache']);
  });
});

describe('a context that is an OCI layout', () => {
  const context = (value: string) => ({
    'sea-trial.yml': `images:\n  - name: acme/greeter\n    build: { additional_contexts: { o: "${value}" } }`,
    Dockerfile: DOCKERFILE,
  });
  const digest = `@sha256:${'0'.repeat(64)}`;

  test.each([
    `oci-layout:///srv/x:a/../../work${digest}`,
    `oci-layout:///srv/x${digest}${digest}`,
    'oci-layout://a:b:c',
    'oci-layout://',
  ])('%s is refused: releases of buildx take different folders', async (value) => {
    expect(await problems(await folder(context(value)))).toEqual([
      '3:37 context "o" cannot be read: expected oci-layout://PATH:TAG@DIGEST, with no other ":" or "@" in it',
    ]);
  });

  test.each([
    ['oci-layout://../x:1', '../x', 'is outside the workspace'],
    [`oci-layout://link/x${digest}`, 'link/x', 'goes through a symbolic link'],
    ['oci-layout://holds', 'holds', 'holds a symbolic link'],
  ])('%s needs the grant contexts', async (value, path, why) => {
    const root = await folder(context(value));
    await symlink('/etc', join(root, 'link'));
    await mkdir(join(root, 'holds'));
    await symlink('/etc/hostname', join(root, 'holds', 'index.json'));
    expect(await problems(root)).toEqual([
      `3:37 context "${path}" ${why}; it ${needs('contexts')}`,
    ]);
  });
});

test('a policy beside the Dockerfile is no link to another file', async () => {
  const root = await folder(files('cache_from', 'type=gha'));
  await symlink('/etc/shadow', join(root, 'Dockerfile.rego'));
  expect(await problems(root)).toEqual([
    `4:12 the Dockerfile's policy "Dockerfile.rego" goes through a symbolic link; it ${needs('contexts')}`,
  ]);
});

describe("the workflow's own inputs", () => {
  const at = { file: 'an input' };
  const scalar = (text: string): SourceNode => ({ kind: 'scalar', text, empty: false, at });
  const list = (...texts: readonly string[]): SourceNode => ({
    kind: 'list',
    items: texts.map(scalar),
    at,
  });
  const map = (entries: Readonly<Record<string, SourceNode>>): SourceNode => ({
    kind: 'map',
    at,
    entries: Object.entries(entries).map(([key, value]) => ({ key, at, value })),
  });
  const inline = (key: string, value: SourceNode) =>
    map({ name: scalar('acme/greeter'), build: map({ [key]: value }) });
  const root = () => folder({ Dockerfile: DOCKERFILE });

  test('may say more of a cache, which is read and written anew alike', async () => {
    const entries = [
      '"type=gha","NEW=a,b",url=http://127.0.0.1:1/',
      'type=new,x=y',
      'type=local,dest=/c',
    ];
    const { plan } = await planned(await root(), {
      inline: inline('cache_to', list(...entries)),
      ...UNTRUSTED,
    });
    expect(plan.images[0]?.build.cacheTo).toEqual([
      'type=gha,"new=a,b",url=http://127.0.0.1:1/',
      'type=new,x=y',
      'type=local,dest=/c',
    ]);
  });

  test.each([
    ['type=gha,type=local,dest=/c', twice('type')],
    ['type=gha,token=x', recorded('token')],
    ['type=registry', 'a cache of type registry has no "ref"'],
  ])('may not say %s', async (entry, message) => {
    const asked = { inline: inline('cache_to', list(entry)) };
    expect(await problems(await root(), asked)).toEqual([message]);
  });

  test('give no credentials of theirs to an image that a pull request names', async () => {
    const asked = {
      inline: inline('cache_from', list('type=s3,bucket=b', 'type=gha', 'a/b:1')),
      ...UNTRUSTED,
    };
    const foreign = await folder({ Dockerfile: `# syntax=evil/frontend\n${DOCKERFILE}` });
    const [kept, all] = await Promise.all([planned(foreign, asked), planned(await root(), asked)]);
    expect(kept.plan.images[0]?.build.cacheFrom).toEqual(['type=registry,ref=a/b:1']);
    expect(all.plan.images[0]?.build.cacheFrom).toHaveLength(3);
  });

  test('may name a parent cgroup, and not one that leads up', async () => {
    const asked = (name: string) => ({ inline: inline('cgroup_parent', scalar(name)) });
    expect(await problems(await root(), asked('/jobs'))).toEqual([]);
    expect(await problems(await root(), asked('/jobs/../x'))).toEqual([
      'the parent cgroup "/jobs/../x" leads out of the engine\'s own cgroup; name it without ".."',
    ]);
  });
});

describe("the job's token is not for the image that reads the Dockerfile", () => {
  test.each([
    ['FROM a\n', true],
    ['# syntax=docker/dockerfile:1\nFROM a\n', true],
    ['#syntax = docker.io/docker/dockerfile-upstream:master extra\nFROM a\n', true],
    ['# syntax=evil/frontend\nFROM a\n', false],
    ['# check=skip=all\n#   SYNTAX=docker/dockerfile.evil/x\nFROM a\n', false],
    ['# syntax=evil.example/docker/dockerfile\nFROM a\n', false],
    ['\ufeff#!/bin/x\n// syntax=evil/frontend\nFROM a\n', false],
    ['\ufeff# syntax=evil/frontend\nFROM a\n', false],
    ['#!/bin/x\n{"s\\u0079ntax": "evil/frontend"}', false],
    ['#!/bin/x\ry\n{"syntax": "evil/frontend"}', false],
    ['{"syntax": "docker/dockerfile"}', false],
  ])('%j is read by Docker: %s', (text, expected) => {
    expect(isReadByDocker(text, { args: {}, contexts: {} })).toBe(expected);
  });

  test('an argument names it, too', () => {
    const named = (BUILDKIT_SYNTAX: string) => ({ args: { BUILDKIT_SYNTAX }, contexts: {} });
    expect(isReadByDocker('FROM a\n', named('evil/frontend x'))).toBe(false);
    expect(isReadByDocker('FROM a\n', named('docker/dockerfile:1'))).toBe(true);
  });

  test.each([
    ['docker/dockerfile:1', false],
    ['docker.io/docker/dockerfile', false],
    ['Docker/Dockerfile:1', false],
    ['base', true],
  ])('a context named %s leaves it to Docker: %s', (name, expected) => {
    const contexts = { [name]: 'docker-image://evil/frontend' };
    const text = '# syntax=docker/dockerfile:1\nFROM a\n';
    expect(isReadByDocker(text, { args: {}, contexts })).toBe(expected);
  });

  test('in an untrusted run such a cache is not read', async () => {
    const foreign = '# syntax=evil/frontend\nFROM busybox:1.37\n';
    const root = await folder(files('cache_from', 'type=gha', foreign));
    const { plan, notes } = await planned(root, UNTRUSTED);
    expect(plan.images[0]?.build.cacheFrom).toEqual([]);
    expect(notes.slice(1)).toEqual([
      expect.stringContaining(
        'of the caches of greeter, 1 is not read, because BuildKit passes their credentials to the image that reads the Dockerfile',
      ),
    ]);
    expect((await planned(root)).plan.images[0]?.build.cacheFrom).toEqual(['type=gha']);
    const plain = await folder(files('cache_from', 'type=gha'));
    const kept = await planned(plain, UNTRUSTED);
    expect(kept.plan.images[0]?.build.cacheFrom).toEqual(['type=gha']);
  });
});

describe('other entries', () => {
  const build = (text: string) => ({
    'sea-trial.yml': `images:\n  - name: acme/greeter\n    build: { ${text} }`,
    Dockerfile: DOCKERFILE,
  });

  test.each([
    ['cgroup_parent: /system.slice', `3:29 a parent cgroup ${needs('cgroup-parent')}`],
    ['cgroup_parent: "a:b"', `3:29 a parent cgroup ${needs('cgroup-parent')}`],
  ])('%s needs a grant', async (text, message) => {
    const root = await folder(build(text));
    expect(await problems(root)).toEqual([message]);
    expect(await problems(root, { grants: ['cgroup-parent'] })).toEqual([]);
  });

  test.each(['..', '../x', '/a/../b', 'a:..:b'])(
    'a parent cgroup never leads up: %s',
    async (path) => {
      const message = `3:29 the parent cgroup "${path}" leads out of the engine's own cgroup; name it without ".."`;
      const root = await folder(build(`cgroup_parent: "${path}"`));
      expect(await problems(root, { grants: ['cgroup-parent'] })).toEqual([message]);
    },
  );

  test.each([
    ['secrets: ["id=a,ID=b"]', 'this secret cannot be read: it names "id" twice; keep one of them'],
    [
      'secrets: [{ id: a, env: HOME }, "id=a,src=Dockerfile"]',
      'secret "a" is given twice; keep one of them',
    ],
    [
      'ssh: ["default=/a,"]',
      'this SSH entry cannot be read: expected ID, or ID=PATH, or ID=PATH,PATH',
    ],
    ['ssh: [a, a=/x]', 'SSH "a" is given twice; keep one of them'],
    [
      'provenance: "mode=max,type=sbom"',
      '"provenance" has no attribute "type" here; there are: builder-id, disabled, inline-only, mode, reproducible, version',
    ],
    [
      'provenance: "mode=max,mode=min"',
      '"provenance" cannot be read: it names "mode" twice; keep one of them',
    ],
    ['sbom: "generatr=x"', '"sbom" has no attribute "generatr" here; did you mean "generator"?'],
    [
      'entitlements: ["device=a,network.host"]',
      '"device=a,network.host" is not an entitlement; there are: network.host, security.insecure, device',
    ],
  ])('%s is refused', async (text, message) => {
    const grants = ['secrets', 'ssh', 'device'];
    expect(await problems(await folder(build(text)), { grants })).toEqual([
      expect.stringMatching(
        new RegExp(`^3:\\d+ ${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`),
      ),
    ]);
  });

  test('are written anew', async () => {
    const text =
      'provenance: \'"MODE=max","builder-id=a,b"\', sbom: "generator=acme/scan:1", ssh: { k: "a,b" }';
    const { plan } = await planned(await folder(build(text)), { grants: ['ssh'] });
    expect(plan.images[0]?.build).toMatchObject({
      provenance: 'mode=max,"builder-id=a,b"',
      sbom: 'generator=acme/scan:1',
      ssh: ['k=a,b'],
    });
  });
});
