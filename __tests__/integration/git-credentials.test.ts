import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { workspace } from '../e2e/workspace.js';
import { afterwards, distribution, runIn } from './rig.js';

/* A checkout as actions/checkout up to v5 leaves it: with the job's token in .git/config. */

const HEADER = 'Z2hzX2EtdG9rZW4tb2YtdGhlLWpvYg==';
const REMOTE = 'ghs_0123456789abcdefghij';

async function checkout(files: Readonly<Record<string, string>>): Promise<string> {
  const { path, remove } = await workspace(files);
  afterwards(remove);
  const config = `[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic ${HEADER}\n[remote "origin"]\n\turl = https://x:${REMOTE}@github.com/acme/greeter\n`;
  await appendFile(join(path, '.git', 'config'), config);
  return path;
}

const configuration = (name: string) => `
images:
  - name: ${name}
    tags: [1]
    platforms: [linux/amd64]
    tests:
      - name: reads what is mounted
        run: cat /w/config; grep -q acme/greeter /w/config
        mounts: ['.git:/w']
      - name: reads the whole workspace
        run: cat /all/.git/config
        mounts: ['.:/all']
`;

/** Every byte of a registry's manifests and small blobs of one tag. */
async function servedText(host: string, repository: string, reference: string): Promise<string> {
  const accept =
    'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json';
  const base = `http://${host}/v2/${repository}`;
  const text = await (
    await fetch(`${base}/manifests/${reference}`, { headers: { accept } })
  ).text();
  const { manifests = [], layers = [], config } = JSON.parse(text);
  const below = manifests.map(({ digest }: { digest: string }) =>
    servedText(host, repository, digest),
  );
  const blobs = [...layers, ...(config === undefined ? [] : [config])].map(
    async ({ digest }: { digest: string }) => (await fetch(`${base}/blobs/${digest}`)).text(),
  );
  return [text, ...(await Promise.all([...below, ...blobs]))].join('\n');
}

test('an image that holds it is not published', async () => {
  const path = await checkout({
    Dockerfile: 'FROM busybox:1.37\nCOPY . /src\nRUN rm -r /src/.git\nCMD ["true"]\n',
    'sea-trial.yml': configuration('ghcr.io/acme/leaky'),
  });
  const { code, stdout, stderr, evidence } = await runIn(path, ['--allow-dirty']);
  expect(stderr + stdout).toContain('/src/.git/config holds Git credentials.');
  expect(code).toBe(1);
  const errors = evidence?.findings.filter(({ severity }) => severity === 'error');
  expect(errors).toMatchObject([
    {
      code: 'git-credentials',
      subject: { image: 'leaky', platform: 'linux/amd64', path: '/src/.git/config' },
      found: {
        value: 'http.https://github.com/.extraheader, remote.origin.url',
        from: expect.stringContaining('COPY . /src'),
      },
    },
  ]);
  expect(evidence?.publications).toMatchObject([{ targets: [] }]);
  expect(stdout + stderr + JSON.stringify(evidence)).not.toMatch(new RegExp(`${HEADER}|${REMOTE}`));
});

test('one that leaves .git out is published, and neither tests nor attestations see it', async () => {
  const host = await distribution();
  const path = await checkout({
    Dockerfile: 'FROM busybox:1.37\nCOPY . /src\nCMD ["true"]\n',
    '.dockerignore': '.git\n',
    'sea-trial.yml': configuration(`${host}/acme/tight`),
  });
  const { code, stdout, stderr, evidence } = await runIn(path, ['--push', '--allow-dirty']);
  expect(stdout + stderr).toContain('published and verified');
  expect(code).toBe(0);
  const said = evidence?.trials[0]?.tests.map((one) => one.stdout.text) ?? [];
  for (const text of said) expect(text).toContain('url = https://github.com/acme/greeter');
  const served = await servedText(host, 'acme/tight', '1');
  expect(served).toContain('predicateType');
  expect(stdout + stderr + served + JSON.stringify(evidence)).not.toMatch(
    new RegExp(`${HEADER}|${REMOTE}`),
  );
});
