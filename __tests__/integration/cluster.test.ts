import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makeCertificate } from '../certificate.js';
import { runAction } from '../e2e/harness.js';
import { listening } from '../listening.js';
import { afterwards, environment, project } from './rig.js';

/* The driver kubernetes, as far as that can be seen without a cluster. */

interface Asked {
  readonly path: string;
  readonly who: string | undefined;
}

/** An API server that knows everybody and lets nobody do anything. */
async function apiServer() {
  const certificate = await makeCertificate('IP:127.0.0.1');
  const asked: Asked[] = [];
  const server = createServer(certificate, ({ url = '', headers }, answer) => {
    asked.push({ path: url.replace(/\?.*$/, ''), who: headers.authorization });
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 403 };
    answer.writeHead(403, { 'content-type': 'application/json' });
    answer.end(JSON.stringify({ ...status, reason: 'Forbidden', message: 'no room on board' }));
  });
  const { host, close } = await listening(server);
  afterwards(close);
  return { certificate, address: `https://${host}`, asked };
}

test('a builder in a cluster is looked for where KUBECONFIG says, as whom its plugin says', async () => {
  const { address, asked, certificate } = await apiServer();
  const folder = await project({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' });
  const credential = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"$AWS_PROFILE-$GOOGLE_CLOUD_PROJECT"}}`;
  const plugin = join(folder, 'plugin');
  await writeFile(plugin, `#!/bin/sh\ncat <<EOF\n${credential}\nEOF\n`);
  await chmod(plugin, 0o755);
  const authority = Buffer.from(certificate.cert).toString('base64');
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: plugin,
    interactiveMode: 'Never',
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'c', cluster: { server: address, 'certificate-authority-data': authority } },
    ],
    users: [{ name: 'u', user: { exec } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'harbour' } }],
    'current-context': 'x',
  };
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify(config));
  const result = await runAction({
    workspace: folder,
    with: { tags: 'ghcr.io/acme/ship:1', platforms: 'linux/amd64', driver: 'kubernetes' },
    env: {
      PATH: environment.PATH ?? '',
      KUBECONFIG: kubeconfig,
      // What may not be removed stays known to buildx.
      BUILDX_CONFIG: join(folder, 'buildx'),
      AWS_PROFILE: 'pilot',
      GOOGLE_CLOUD_PROJECT: 'sea',
    },
  });
  afterwards(result.clean);
  expect(result.log).toContain('no room on board');
  expect(result.exitCode).toBe(3);
  expect(asked).toContainEqual({
    path: expect.stringMatching(/^\/apis\/apps\/v1\/namespaces\/harbour\/deployments/),
    who: 'Bearer pilot-sea',
  });
});
