import * as fs from 'node:fs/promises';
import { createServer as createProxy, type RequestListener } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { listening } from '../listening.js';
import './needs-root.js';
import { pass } from './faulty.js';
import {
  afterwards,
  buildxPlugin,
  command,
  distribution,
  project,
  ROOT,
  rig,
  runIn,
  tagsAt,
} from './rig.js';

/*
 * A registry as companies have one: with a certificate of its own, reached
 * through a proxy, in front of a server that believes to be spoken to plainly.
 */

async function open(server: Server): Promise<number> {
  const { port, close } = await listening(server);
  afterwards(close);
  return port;
}

/** An authority and a certificate by it for reg.example. */
async function certificates(): Promise<string> {
  const folder = await project({ names: 'subjectAltName=DNS:reg.example\n' });
  const openssl = (...args: string[]) =>
    command('sh', ['-c', `cd "$0" && openssl "$@"`, folder, ...args]);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=ours',
  );
  await openssl('req', ...key, '-keyout', 'key.pem', '-out', 'csr', '-subj', '/CN=reg.example');
  await openssl(
    'x509',
    '-req',
    '-in',
    'csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-out',
    'cert.pem',
    '-extfile',
    'names',
  );
  return folder;
}

/** What stands before the registry: it ends TLS and passes everything on. */
function frontOf(upstream: string): RequestListener {
  return (incoming, outgoing) => {
    pass(upstream, incoming, outgoing, { 'x-forwarded-proto': 'https' });
  };
}

/** A proxy with a login; answers where it is and whom it has connected. */
async function startProxy(target: number, login: string) {
  const asked: string[] = [];
  const server = createProxy();
  server.on('connect', (request, socket) => {
    const sent = request.headers['proxy-authorization'] ?? '';
    if (Buffer.from(sent.replace('Basic ', ''), 'base64').toString() !== login) {
      return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    }
    asked.push(request.url ?? '');
    const onward = connect(target, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    socket.pipe(onward).pipe(socket);
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
  });
  return { host: `127.0.0.1:${await open(server)}`, asked };
}

/** Such a registry with its proxy, and a docker folder that knows its authority and one that does not. */
async function companyRegistry() {
  const upstream = await distribution();
  const folder = await certificates();
  const [cert, key] = await Promise.all(
    ['cert.pem', 'key.pem'].map((name) => fs.readFile(join(folder, name))),
  );
  const front = await open(createSecure({ cert, key }, frontOf(upstream)));
  const proxy = await startProxy(front, 'me:hunter2');
  const trusting = await project({
    'config.json': '{}',
    'certs.d/reg.example/ca.crt': await fs.readFile(join(folder, 'ca.crt'), 'utf8'),
  });
  return { upstream, proxy, trusting, authority: join(folder, 'ca.crt') };
}

test('a registry with its own certificate behind a proxy is published to and read back', async () => {
  const { upstream, proxy, trusting } = await companyRegistry();
  const strange = await project({ 'config.json': '{}' });
  const place = await project({
    'sea-trial.yml':
      'images: [{ name: reg.example/acme/ship, tags: [dev], platforms: [linux/amd64], tests: [{ run: [cat, /id] }] }]',
    Dockerfile: 'FROM busybox:1.37\nRUN echo built > /id\n',
  });
  const through = `http://me:hunter2@${proxy.host}`;
  const refused = `http://me:guess@${proxy.host}`;
  const run = (DOCKER_CONFIG: string, HTTPS_PROXY: string) =>
    runIn(place, ['--push'], { env: { DOCKER_CONFIG, HTTPS_PROXY, NO_PROXY: 'docker.io' } });
  const [good, untrusted, unknown] = await Promise.all([
    run(trusting, through),
    run(strange, through),
    run(trusting, refused),
  ]);
  expect(good.stdout).toContain('What was tested is what the registry serves');
  expect(good.code).toBe(0);
  expect(await tagsAt(upstream, 'acme/ship')).toEqual(['dev']);
  expect(new Set(proxy.asked)).toEqual(new Set(['reg.example:443']));
  for (const [run, words] of [
    [untrusted, '/etc/docker/certs.d/reg.example/ca.crt'],
    [unknown, `the proxy ${proxy.host} answered 407`],
  ] as const) {
    expect(run.code).toBe(3);
    expect(run.evidence?.findings.map(({ message }) => message)).toEqual([
      expect.stringContaining(words),
    ]);
    expect(run.evidence?.trials.map(({ notRun }) => notRun)).toEqual([
      'reg.example cannot be used',
    ]);
  }
  for (const { stdout, stderr, evidence } of [good, untrusted, unknown]) {
    expect(`${stdout}${stderr}${JSON.stringify(evidence)}`).not.toMatch(/hunter2|guess/);
  }
});

test("bases and caches behind it are had by the run's own builder, too", async () => {
  const { upstream, proxy, trusting, authority } = await companyRegistry();
  const hub = rig.get('SEA_TRIAL_HUB') ?? 'docker.io';
  const base = ['--insecure', 'copy', '--platform=linux/amd64', `${hub}/library/busybox:1.37`];
  await command('crane', [...base, `${upstream}/acme/base:1`]);
  const place = await project({
    'sea-trial.yml': [
      'images:',
      '  - name: acme/ship',
      '    tags: [dev]',
      '    platforms: [linux/amd64]',
      '    tests: [{ run: [cat, /id] }]',
      '    build: { cache_to: ["type=registry,ref=reg.example/acme/cache"] }',
    ].join('\n'),
    Dockerfile: `FROM reg.example/acme/base:1\nRUN echo ${Date.now()} > /id\n`,
  });
  const strange = await project({ 'config.json': '{}' });
  // From the classic store a run exports by a builder of its own.
  const script = join(ROOT, 'scripts', 'rig', 'classic-engine.sh');
  const DOCKER_HOST = (await command('bash', [script, 'start'])).trim();
  const records = join(await project({ none: '' }), 'arguments');
  for (const folder of [trusting, strange]) {
    const plugin = join(folder, 'cli-plugins', 'docker-buildx');
    await fs.mkdir(dirname(plugin));
    const record = `echo "$@" >> ${records}\nexec ${await buildxPlugin()} "$@"`;
    await fs.writeFile(plugin, `#!/bin/sh\n${record}\n`, { mode: 0o755 });
  }
  const run = (env: Readonly<Record<string, string>>) => {
    const HTTPS_PROXY = `http://me:hunter2@${proxy.host}`;
    return runIn(place, [], { env: { DOCKER_HOST, HTTPS_PROXY, NO_PROXY: '', ...env } });
  };
  const [folder, variable, untrusted] = await Promise.all([
    run({ DOCKER_CONFIG: trusting }),
    run({ DOCKER_CONFIG: strange, NODE_EXTRA_CA_CERTS: authority }),
    run({ DOCKER_CONFIG: strange }),
  ]);
  for (const one of [folder, variable]) {
    expect(one.stdout).toContain('What was tested is what the embedded registry served');
    expect(one.code).toBe(0);
    expect(one.evidence?.environment?.builder.driver).toBe('docker-container');
  }
  expect(await tagsAt(upstream, 'acme/cache')).toEqual(['ship-linux-amd64']);
  expect(untrusted.code).not.toBe(0);
  expect(untrusted.stdout).toContain('certificate signed by unknown authority');
  for (const { stdout, stderr, evidence } of [folder, variable, untrusted]) {
    expect(`${stdout}${stderr}${JSON.stringify(evidence)}`).not.toContain('hunter2');
  }
  const seen = await fs.readFile(records, 'utf8');
  expect(seen.match(/^create /gm)).toHaveLength(3);
  expect(seen).not.toContain('hunter2');
});
