import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterwards, command, environment, project, rig } from './rig.js';
import './needs-root.js';

/** A Docker engine of a test's own, with the classic image store. Needs root. */
export interface PrivateEngine {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** This machine's address on its bridge. */
  readonly address: string;
  /** Ends it at once, as a crash would; its containers go too. */
  crash(): Promise<void>;
  /** Starts it again with what it had. */
  revive(): Promise<void>;
  /** Lets it answer nobody, though it is there, until it is thawed. */
  freeze(): void;
  thaw(): void;
}

/** How an engine of a test's own differs from the usual one. */
interface Wish {
  /** Where its store is, instead of in its folder. */
  readonly dataRoot?: string;
  /** Laid over its daemon.json. */
  readonly config?: object;
  /** A network namespace to be made for it: its loopback is another one, and it reaches nobody else. */
  readonly namespace?: string;
}

/** A bridge that no other engine has, not even one of a suite beside this one; answers its name and address. */
async function bridge(
  ip: readonly string[],
  number = process.pid % 250,
): Promise<[string, string]> {
  const name = `st${number}`;
  const address = `172.29.${number}.1`;
  const taken = await command('ip', [...ip, 'link', 'add', name, 'type', 'bridge']).then(
    () => false,
    ({ stderr }) => {
      if (/File exists/.test(stderr)) return true;
      throw new Error(stderr);
    },
  );
  if (taken) return bridge(ip, (number + 1) % 250);
  await command('ip', [...ip, 'address', 'replace', `${address}/24`, 'dev', name]);
  await command('ip', [...ip, 'link', 'set', name, 'up']);
  return [name, address];
}

/** What stands before a program that is to run in a namespace; `ip netns exec` would take its cgroups away. */
export function inNetwork(namespace: string | undefined): readonly string[] {
  return namespace === undefined ? [] : ['nsenter', `--net=/var/run/netns/${namespace}`];
}

/** Answers what stands before ip's arguments, so that they are about the namespace. */
async function enter(namespace: string | undefined): Promise<readonly string[]> {
  if (namespace === undefined) return [];
  await command('ip', ['netns', 'add', namespace]);
  afterwards(() => command('ip', ['netns', 'delete', namespace]));
  await command('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
  return ['-n', namespace];
}

/** Containers outlive an engine that crashed: ends them, and those that watched over them. */
async function endContainers(folder: string): Promise<void> {
  const table = (await command('ps', ['-eo', 'pid=,ppid=,args='])).split('\n').map((line) => {
    const [, pid = '', parent = '', program = ''] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
    return { pid, parent, program };
  });
  const ours = ({ program }: { readonly program: string }) =>
    program.includes('containerd-shim') && program.includes(` -address ${folder}/`);
  const shims = new Set(table.filter(ours).map(({ pid }) => pid));
  for (const { pid, parent } of table) {
    if (!shims.has(parent) && !shims.has(pid)) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Gone with the one before it.
    }
  }
}

/** A file system in memory of so many megabytes; it fails where we are not root. */
export async function smallDisk(megabytes: number): Promise<string> {
  const folder = await project({});
  await command('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  afterwards(() => command('umount', ['-l', folder]));
  return folder;
}

/** Starts one with an empty store in a folder. */
export async function privateEngine(wish: Wish = {}): Promise<PrivateEngine> {
  const folder = await fs.mkdtemp(join(tmpdir(), 'st-engine-'));
  const host = `unix://${folder}/engine.sock`;
  const mirror = rig.get('SEA_TRIAL_HUB');
  const config = {
    features: { 'containerd-snapshotter': false },
    'insecure-registries': ['127.0.0.1/8'],
    ...(mirror === 'docker.io' ? {} : { 'registry-mirrors': [`http://${mirror}`] }),
    ...wish.config,
  };
  await fs.writeFile(join(folder, 'daemon.json'), JSON.stringify(config));
  // A bridge of its own: none at all would take the first engine's away.
  const ip = await enter(wish.namespace);
  const [link, address] = await bridge(ip);
  const log = await fs.open(join(folder, 'log'), 'w');
  const options = {
    '--config-file': join(folder, 'daemon.json'),
    '--data-root': wish.dataRoot ?? join(folder, 'data'),
    '--exec-root': join(folder, 'exec'),
    '--pidfile': join(folder, 'pid'),
    '--host': host,
    '--bridge': link,
  };
  const args = [...Object.entries(options).flat(), '--iptables=false', '--ip6tables=false'];
  const [file = '', ...rest] = [...inNetwork(wish.namespace), 'dockerd', ...args];
  const start = () => {
    const child = spawn(file, rest, {
      env: environment,
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    return { child, gone };
  };
  let running = start();
  afterwards(async () => {
    running.child.kill('SIGTERM');
    await running.gone;
    await endContainers(folder);
    await log.close();
    await command('ip', [...ip, 'link', 'delete', link]);
    // What a crash leaves mounted below.
    const mounts = `awk -v at=${folder}/ 'index($2, at) == 1 { print $2 }' /proc/mounts`;
    await command('sh', ['-c', `${mounts} | sort -r | xargs -r umount -l`]);
    await fs.rm(folder, { recursive: true, force: true });
  });
  const answers = () =>
    command('docker', ['--host', host, 'version']).then(
      () => true,
      () => false,
    );
  const ready = async () => {
    while (!(await answers())) {
      const { exitCode } = running.child;
      if (exitCode !== null) throw new Error(await fs.readFile(join(folder, 'log'), 'utf8'));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await ready();
  return {
    host,
    address,
    async crash() {
      // Its containerd and what that runs are in the same process group.
      process.kill(-(running.child.pid ?? 0), 'SIGKILL');
      await running.gone;
    },
    async revive() {
      running = start();
      await ready();
    },
    freeze() {
      running.child.kill('SIGSTOP');
    },
    thaw() {
      running.child.kill('SIGCONT');
    },
  };
}
