import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runAction } from '../e2e/harness.js';
import { guardedGhcr } from './ghcr.js';
import { afterwards, command, environment, project, rig, tagsAt } from './rig.js';

const MIRROR = rig.get('SEA_TRIAL_HUB') ?? '127.0.0.1:5000';
/** What the harness evaluates `github.token` to. */
const TOKEN = 'ghs_0123456789abcdef';

test("the job's token pulls a private base from ghcr.io and pushes there; in a pull request it does neither", async () => {
  const ghcr = await guardedGhcr('octocat', TOKEN);
  const [from, to] = [`${MIRROR}/library/busybox:1.37`, `${ghcr.behind}/acme/base:1`];
  await command('crane', ['copy', '--insecure', '--platform=linux/amd64', from, to]);
  const folder = await project({
    Dockerfile: 'FROM ghcr.io/acme/base:1\nRUN echo built > /id\n',
    'docker/config.json': '{}',
    'docker/certs.d/ghcr.io/ca.crt': ghcr.authority,
  });
  const authority = join(folder, 'docker/certs.d/ghcr.io/ca.crt');
  const asked = {
    workspace: folder,
    with: {
      tags: 'quay.io/acme/ship:1',
      platforms: 'linux/amd64',
      test: 'cat /id',
      driver: 'docker-container',
      'driver-opts': [
        'network=host',
        `image=${MIRROR}/moby/buildkit:buildx-stable-1`,
        `env.HTTPS_PROXY=${ghcr.proxy}`,
      ].join('\n'),
      'buildkitd-config-inline': `[registry."ghcr.io"]\n  ca = [${JSON.stringify(authority)}]\n`,
    },
    env: {
      PATH: environment.PATH ?? '',
      DOCKER_CONFIG: join(folder, 'docker'),
      HTTPS_PROXY: ghcr.proxy,
      GITHUB_ACTOR: 'octocat',
    },
  };
  const pulled = await runAction(asked);
  afterwards(pulled.clean);
  expect(pulled.log).toContain('tested on 1 platform');
  expect(pulled.exitCode).toBe(0);
  expect(ghcr.served).toContain('HEAD /v2/acme/base/manifests/1');
  expect(ghcr.served.some((one) => one.startsWith('GET /v2/acme/base/blobs/'))).toBe(true);

  const tags = 'ghcr.io/acme/ship:1';
  const pushed = await runAction({ ...asked, with: { ...asked.with, tags, push: 'true' } });
  afterwards(pushed.clean);
  expect(pushed.log).toContain('What was tested is what the registry serves');
  expect(pushed.exitCode).toBe(0);
  expect(await tagsAt(ghcr.behind, 'acme/ship')).toEqual(['1']);

  ghcr.served.length = 0;
  const request = await runAction({ ...asked, event: 'pull_request' });
  afterwards(request.clean);
  expect(request.log).toContain('ghcr.io requires a login for reading the tag 1 of acme/base');
  expect([request.exitCode, ghcr.served]).toEqual([3, []]);
}, 120_000);
