import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { createServer as createHttpServer, request as send } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Evidence } from '../../src/evidence/index.js';
import { inNetwork, privateEngine } from './private-engine.js';
import {
  afterwards,
  CLI,
  command,
  distribution,
  freePort,
  leftovers,
  project,
  rig,
  runIn,
  tagsAt,
} from './rig.js';

/*
 * Engines whose loopback or file system is not the run's own: behind a TCP
 * address, from a job in a container, and with a network of its own.
 */

const HUB = rig.get('SEA_TRIAL_HUB') ?? 'docker.io';
const SOCKET = '/var/run/docker.sock';

/** An image whose test reads a file of the build and a copy of one of the workspace's. */
function ship(name: string, from: string) {
  const tests = '[{ run: "cat /id /here/note", stdout: noted, mounts: ["./notes:/here"] }]';
  return {
    'sea-trial.yml': [
      'images:',
      `  - name: ${name}`,
      '    tags: [dev]',
      '    platforms: [linux/amd64]',
      `    tests: ${tests}`,
    ].join('\n'),
    Dockerfile: `FROM ${from}\nRUN echo built ${Date.now()} > /id\n`,
    'notes/note': 'noted\n',
  };
}

function engineOf(evidence: Evidence | undefined) {
  const { sharesLoopback, sharesFiles } = evidence?.environment?.engine ?? {};
  const outcomes = evidence?.trials.flatMap(({ tests }) => tests.map(({ outcome }) => outcome));
  return { sharesLoopback, sharesFiles, outcomes };
}

/** Serves until the tests are over, whoever is still connected then. */
async function open<S extends Server>(server: S, at: string | number): Promise<S> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) =>
    typeof at === 'string' ? server.listen(at, resolve) : server.listen(at, '127.0.0.1', resolve),
  );
  afterwards(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return server;
}

/** Passes connections on, half-closed ones as they are: a docker client's input ends before its output. */
function relayTo(target: { readonly path: string } | { readonly port: number }): Server {
  return createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...target, allowHalfOpen: true });
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
}

test('an engine behind a TCP address on this machine is as good as its socket', async () => {
  const relay = await open(relayTo({ path: SOCKET }), 0);
  const { port } = relay.address() as AddressInfo;
  const place = await project(ship('acme/ship', 'busybox:1.37'));
  const run = await runIn(place, [], { env: { DOCKER_HOST: `tcp://127.0.0.1:${port}` } });
  expect(run.stdout).toContain('What was tested is what the embedded registry served');
  expect(engineOf(run.evidence)).toEqual({
    sharesLoopback: 'yes',
    sharesFiles: 'yes',
    outcomes: ['passed'],
  });
});

/**
 * What stands for ssh: it writes down where it was to go and what is asked there, and
 * passes on to this machine's engine. Nothing that names the far one may get there:
 * it would be asked by ssh again, for ever.
 */
const SSH = (asked: string) => `#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
echo "$*" >>${asked}
exec env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/nowhere docker --host=unix://${SOCKET} system dial-stdio
`;

test('an engine behind ssh, as DOCKER_HOST or a context names it, is as good as its socket', async () => {
  const bin = await project({});
  const asked = join(bin, 'asked');
  await fs.writeFile(join(bin, 'ssh'), SSH(asked), { mode: 0o755 });
  const PATH = `${bin}:${rig.get('SEA_TRIAL_RIG_BIN')}:${process.env.PATH}`;
  const DOCKER_CONFIG = await project({});
  const context = ['context', 'create', 'far', '--docker', 'host=ssh://me@far.example'];
  await command('docker', context, { DOCKER_CONFIG });
  const ways = [
    { PATH, DOCKER_HOST: 'ssh://me@near.example' },
    { PATH, DOCKER_CONFIG, DOCKER_CONTEXT: 'far' },
  ];
  for (const env of ways) {
    const run = await runIn(await project(ship('acme/ship', 'busybox:1.37')), [], { env });
    expect(run.stdout).toContain('What was tested is what the embedded registry served');
    expect(engineOf(run.evidence)).toMatchObject({ outcomes: ['passed'] });
    expect(await leftovers(run.evidence)).toEqual([]);
  }
  const hosts = (await fs.readFile(asked, 'utf8')).split('\n').filter((line) => line !== '');
  const expected = ['near', 'far'].map((name) => `${name}.example docker system dial-stdio`);
  expect(new Set(hosts)).toEqual(new Set(expected));
});

/** Runs a project in a container that has the engine's socket, as a job with `container:` does. */
async function runInContainer(place: string, ...args: readonly string[]) {
  const docker = (...asked: readonly string[]) => command('docker', asked);
  // The programs are this machine's own; what the job reads and writes is the container's.
  const programs = ['/usr', '/lib', '/lib64'].map((path) => `--volume=${path}:${path}:ro`);
  const container = (
    await docker(
      ...['create', `--volume=${SOCKET}:${SOCKET}`, ...programs, '--workdir=/place'],
      ...['--env=HOME=/root', '--env=PATH=/usr/local/bin:/usr/bin:/bin'],
      ...[`${HUB}/library/busybox:1.37`, '/node', '/dist/cli.js', 'run'],
      ...['--evidence', '/evidence.json', ...args],
    )
  ).trim();
  afterwards(() => docker('rm', '--force', '--volumes', container));
  await docker('cp', `${place}/.`, `${container}:/place`);
  await docker('cp', dirname(CLI), `${container}:/dist`);
  await docker('cp', process.execPath, `${container}:/node`);
  const said = await docker('start', '--attach', container).catch(
    ({ stdout, stderr }) => `${stdout}${stderr}`,
  );
  const out = await project({});
  await docker('cp', `${container}:/evidence.json`, out);
  const text = await fs.readFile(join(out, 'evidence.json'), 'utf8');
  return { said, evidence: JSON.parse(text) as Evidence };
}

test("a job in a container goes the whole way with the engine's socket alone", async () => {
  const place = await project(ship('acme/ship', 'busybox:1.37'));
  const { said, evidence } = await runInContainer(place);
  expect(said).toContain('What was tested is what the embedded registry served');
  expect(engineOf(evidence)).toEqual({
    sharesLoopback: 'no',
    sharesFiles: 'no',
    outcomes: ['passed'],
  });
});

/** An engine in a network of its own, where its loopback has another registry at the same port. */
async function apart() {
  const [ours, theirs, port] = await Promise.all([distribution(), distribution(), freePort()]);
  const copy = ['--insecure', 'copy', `${HUB}/library/busybox:1.37`];
  await command('crane', [...copy, `${theirs}/library/busybox:1.37`]);
  const asked: string[] = [];
  const front = createHttpServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    asked.push(`${method} ${url}`);
    const onward = send(`http://${ours}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  await open(front, port);
  const namespace = `st-${process.pid}`;
  const engine = await privateEngine({
    namespace,
    config: {
      features: { 'containerd-snapshotter': true },
      'registry-mirrors': [`http://127.0.0.1:${port}`],
    },
  });
  const socket = join(await project({}), 'registry.sock');
  await open(relayTo({ port: Number(theirs.split(':')[1]) }), socket);
  const within = `require('net').createServer((near) => {
    const far = require('net').connect(${JSON.stringify(socket)});
    near.pipe(far).pipe(near);
  }).listen(${port}, '127.0.0.1', () => console.log('listens'))`;
  const [file = '', ...args] = [...inNetwork(namespace), process.execPath, '-e', within];
  const relay = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise((resolve) => relay.once('close', resolve));
  afterwards(async () => {
    relay.kill();
    await gone;
  });
  await new Promise((resolve) => relay.stdout.once('data', resolve));
  return { engine, ours, asked, host: `127.0.0.1:${port}` };
}

test("an engine's loopback that is another one is not asked from here, and is never mixed up with ours", async () => {
  const { engine, ours, asked, host } = await apart();
  const env = { DOCKER_HOST: engine.host };

  const fromMirror = await runIn(await project(ship('acme/ship', 'busybox:1.37')), [], { env });
  expect(fromMirror.stdout).toContain('What was tested is what the embedded registry served');
  expect(engineOf(fromMirror.evidence)).toEqual({
    sharesLoopback: 'no',
    sharesFiles: 'yes',
    outcomes: ['passed'],
  });
  expect(asked).toEqual([]);

  const mixed = ship(`${host}/acme/ship`, `${host}/library/busybox:1.37`);
  const refused = await runIn(await project(mixed), ['--push'], { env });
  expect(refused.code).toBe(3);
  expect(refused.evidence?.findings).toEqual([
    expect.objectContaining({
      code: 'two-loopbacks',
      severity: 'error',
      message: `${host} would be two registries: ${host}/acme/ship is pushed from this machine, and the builder pulls ${host}/library/busybox:1.37 from the engine's, which has another loopback.`,
      location: { file: 'Dockerfile', line: 1 },
    }),
  ]);
  expect(refused.evidence?.trials.map(({ notRun }) => notRun)).toEqual([`${host} cannot be used`]);

  const target = ship(`${host}/acme/ship`, 'busybox:1.37');
  const pushed = await runIn(await project(target), ['--push'], { env });
  expect(pushed.code).toBe(0);
  expect(pushed.evidence?.findings.map(({ code, severity }) => [code, severity])).toEqual([
    ['two-loopbacks', 'warning'],
  ]);
  expect(await tagsAt(ours, 'acme/ship')).toEqual(['dev']);
});
