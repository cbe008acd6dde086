import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { buildkitdConfig, settingsFor } from '../../src/builder/buildkitd.js';
import { realPorts } from '../../src/ports/index.js';

const home = await fs.mkdtemp(join(tmpdir(), 'sea-trial-builder-registries-'));
afterAll(() => fs.rm(home, { recursive: true, force: true }));

const NOTHING = { mirrors: [], insecure: { hosts: [], ranges: ['127.0.0.0/8'] } };

async function config(
  engine: Parameters<typeof settingsFor>[0],
  needed: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
) {
  const { files, resolve } = realPorts();
  const settings = await settingsFor(engine, needed, { files, env, resolve });
  const { text, certificates } = buildkitdConfig(settings, '/run');
  return { lines: text.split('\n').slice(0, -1), certificates: [...certificates] };
}

describe('the configuration of a builder', () => {
  test('says nothing of registries that need no word', async () => {
    const needed = ['docker.io', 'ghcr.io', 'localhost:5000'];
    expect(await config(NOTHING, needed)).toEqual({ lines: [], certificates: [] });
  });

  test('names the mirrors, each with its way to be spoken to', async () => {
    const mirrors = [
      'http://127.0.0.1:5000/',
      'https://mirror.example.org/hub/',
      'https://localhost:5443',
      'http://plain.example:5001',
      'not a URL',
    ];
    expect((await config({ ...NOTHING, mirrors })).lines).toEqual([
      '[registry."docker.io"]',
      '  mirrors = ["127.0.0.1:5000", "mirror.example.org/hub", "localhost:5443", "plain.example:5001"]',
      '[registry."127.0.0.1:5000"]',
      '  http = true',
      '  insecure = true',
      '[registry."mirror.example.org"]',
      '  http = false',
      '[registry."localhost:5443"]',
      '  http = false',
      '  insecure = true',
      '[registry."plain.example:5001"]',
      '  http = true',
    ]);
  });

  test('is as careless as the engine, and no more', async () => {
    const insecure = { hosts: ['registry:5000'], ranges: ['127.0.0.0/8', '10.0.0.0/8'] };
    const needed = ['10.1.2.3:5000', '192.0.2.1:5000'];
    expect((await config({ mirrors: [], insecure }, needed)).lines).toEqual([
      '[registry."registry:5000"]',
      '  http = true',
      '  insecure = true',
      '[registry."10.1.2.3:5000"]',
      '  http = true',
      '  insecure = true',
    ]);
  });

  test("holds what docker's folders and NODE_EXTRA_CA_CERTS hold, each in a file of its own name", async () => {
    const put = async (path: string, text: string) => {
      await fs.mkdir(join(home, path, '..'), { recursive: true });
      await fs.writeFile(join(home, path), text);
    };
    const certs = join('.docker', 'certs.d', 'reg.example:8443');
    await put(join(certs, 'ca.crt'), 'OURS');
    await put(join('.config', 'docker', 'certs.d', 'reg.example:8443', 'ca.crt'), 'THEIRS');
    await put(join(certs, 'client.cert'), 'WHO');
    await put(join(certs, 'client.key'), 'KEY');
    await put('extra.pem', 'EXTRA');
    const env = { HOME: home, NODE_EXTRA_CA_CERTS: join(home, 'extra.pem') };
    expect(await config(NOTHING, ['ghcr.io'], env)).toEqual({
      lines: [
        '[registry."docker.io"]',
        '  ca = ["/run/0-0.crt"]',
        '[registry."ghcr.io"]',
        '  ca = ["/run/1-0.crt"]',
        '[registry."reg.example:8443"]',
        '  ca = ["/run/2-0.crt", "/run/2-1.crt", "/run/2-2.crt"]',
        '  [[registry."reg.example:8443".keypair]]',
        '    key = "/run/2.key"',
        '    cert = "/run/2.cert"',
      ],
      certificates: [
        ['/run/0-0.crt', 'EXTRA'],
        ['/run/1-0.crt', 'EXTRA'],
        ['/run/2-0.crt', 'THEIRS'],
        ['/run/2-1.crt', 'OURS'],
        ['/run/2-2.crt', 'EXTRA'],
        ['/run/2.key', 'KEY'],
        ['/run/2.cert', 'WHO'],
      ],
    });
  });
});
