import { describe, expect, test } from '@jest/globals';
import { buildArguments, type DockerfileOrder } from '../../../src/build/dockerfile/command.js';
import { plannedBuild, plannedImage } from '../../plans.js';

function order(more: Partial<DockerfileOrder> = {}): DockerfileOrder {
  return {
    image: plannedImage(),
    platform: 'linux/arm64',
    root: '/src',
    builder: 'default',
    buildx: { file: 'docker', prefix: ['buildx'] },
    bases: [],
    secretVariables: new Map(),
    ...more,
  };
}

describe('arguments of a build', () => {
  test('the plain case', () => {
    expect(buildArguments(order())).toEqual([
      'build',
      '--builder=default',
      '--platform=linux/arm64',
      '--output=type=oci,dest=-,name=ghcr.io/acme/greeter:dev,oci-mediatypes=true',
      '--progress=rawjson',
      '--file=/src/Dockerfile',
      '--provenance=mode=min',
      '--sbom=false',
      '/src',
    ]);
  });

  test.each([
    [[], 'greeter:latest'],
    [[{ repository: 'ghcr.io/acme/greeter', tags: [] }], 'ghcr.io/acme/greeter:latest'],
    [
      [
        { repository: 'r.io/a', tags: ['1', '2'] },
        { repository: 'r.io/b', tags: ['3'] },
      ],
      'r.io/a:1',
    ],
  ])('the attestations of an image for %j are about %s', (targets, name) => {
    const [, , , output] = buildArguments(order({ image: plannedImage({ targets }) }));
    expect(output).toBe(`--output=type=oci,dest=-,name=${name},oci-mediatypes=true`);
  });

  test('the base of the image is an annotation of its manifest', () => {
    const base = { name: 'docker.io/library/busybox:1.37', digest: 'sha256:aa' };
    expect(buildArguments(order({ base }))).toEqual(
      expect.arrayContaining([
        '--annotation=org.opencontainers.image.base.name=docker.io/library/busybox:1.37',
        '--annotation=org.opencontainers.image.base.digest=sha256:aa',
      ]),
    );
    expect(buildArguments(order()).join(' ')).not.toContain('image.base');
  });

  test('everything that a plan can ask for', () => {
    const build = plannedBuild({
      context: 'app',
      file: 'app/Containerfile',
      target: 'final',
      args: { VERSION: '1.10' },
      contexts: { shared: 'lib', remote: 'docker-image://alpine' },
      secrets: [{ id: 'token', env: 'TOKEN' }, { id: 'key', file: 'key.pem' }, { id: 'inline' }],
      ssh: ['default'],
      labels: { a: 'b=c' },
      cacheTo: ['type=gha'],
      noCache: true,
      pull: true,
      network: 'none',
      shmSize: '64m',
      addHosts: ['db:10.0.0.1'],
      ulimits: ['nofile=1024'],
      cgroupParent: '/x',
      allow: ['network.host'],
      provenance: 'mode=max',
      sbom: 'true',
    });
    const asked = buildArguments(
      order({
        image: plannedImage({ build, annotations: { 'manifest:a': 'b', 'index:c': 'd' } }),
        contextLink: '/run/greeter-1',
        bases: [{ name: 'golang:1.26', digest: 'sha256:aa' }],
        secretVariables: new Map([['inline', 'SEA_TRIAL_SECRET_0']]),
      }),
    );
    expect(asked.slice(5)).toEqual([
      '--file=/src/app/Containerfile',
      '--build-context=shared=/src/lib',
      '--build-context=remote=docker-image://alpine',
      '--build-context=golang:1.26=docker-image://golang:1.26@sha256:aa',
      '--secret=id=token,env=TOKEN',
      '--secret=id=key,src=/src/key.pem',
      '--secret=id=inline,env=SEA_TRIAL_SECRET_0',
      '--annotation=a=b',
      '--cache-to=type=gha,scope=buildkit-greeter-linux-arm64',
      '--build-arg=VERSION=1.10',
      '--target=final',
      '--no-cache',
      '--pull',
      '--ssh=default',
      '--label=a=b=c',
      '--network=none',
      '--shm-size=64m',
      '--add-host=db:10.0.0.1',
      '--ulimit=nofile=1024',
      '--provenance=mode=max',
      '--sbom=true',
      '--cgroup-parent=/x',
      '--allow=network.host',
      '/run/greeter-1',
    ]);
  });

  test('a secret keeps its path where that has signs of CSV in it', () => {
    const build = plannedBuild({ secrets: [{ id: 'key', file: 'a, "b"/key.pem' }] });
    const asked = buildArguments(order({ image: plannedImage({ build }) }));
    expect(asked).toContain('--secret=id=key,"src=/src/a, ""b""/key.pem"');
  });

  test('a Git context keeps its address, and its Dockerfile is named inside of it', () => {
    const context = 'https://github.com/acme/greeter.git#main';
    const asked = buildArguments(
      order({ image: plannedImage({ build: plannedBuild({ context }) }) }),
    );
    expect(asked).toContain('--file=Dockerfile');
    expect(asked.at(-1)).toBe(context);
  });
});

test('a Dockerfile with native stages is read from its copy', () => {
  const path = '/run/dockerfiles/0/Dockerfile';
  expect(buildArguments(order({ nativeDockerfile: path }))).toContain(`--file=${path}`);
});
