import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterwards, command, project } from './rig.js';

/** A user's home with a docker folder, folders for what is temporary, and an engine. */
export interface Home {
  /** For the children of a test that act as this user. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Everything there is that a run might change, by name; among the handlers that
   * tests add and remove only this one.
   */
  survey(handler?: string): Promise<readonly string[]>;
}

/** Handlers that tests add and remove, each by files of its own; `alone` keeps those apart. linux/mips64 stays without. */
const COME_AND_GO = ['qemu-mips64el', 'qemu-loongarch64'];

const MISC = '/proc/sys/fs/binfmt_misc';

/** The kernel's handlers, but for those that another test may add and remove meanwhile. */
export async function handlers(own?: string): Promise<readonly string[]> {
  const names = (await fs.readdir(MISC)).filter((name) => !/^(register|status)$/.test(name));
  return names.filter((name) => name === own || !COME_AND_GO.includes(name)).sort();
}

/** Whatever a file's tests do with a handler, it is gone after them. */
export function unregister(handler: string): Promise<void> {
  return fs.writeFile(join(MISC, handler), '-1').catch(() => {});
}

async function isOver(lock: string): Promise<boolean> {
  const owner = await fs.readlink(lock).catch(() => '0');
  return fs.access(`/proc/${owner}`).then(
    () => false,
    () => true,
  );
}

/**
 * Handlers are the machine's: waits until no other file's tests add and remove this
 * one, and keeps them waiting until the end of this file's.
 */
export async function alone(handler: string): Promise<void> {
  const lock = join(tmpdir(), `sea-trial-tests-${handler}`);
  for (;;) {
    const taken = await fs.symlink(`${process.pid}`, lock).then(
      () => true,
      () => false,
    );
    if (taken) break;
    if (await isOver(lock)) await fs.rm(lock, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, 200));
  }
  afterwards(async () => {
    await unregister(handler);
    await fs.rm(lock, { force: true });
  });
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const hashed = files.map(async (file) => {
    const digest = createHash('sha256')
      .update(await fs.readFile(file))
      .digest('hex');
    return `${relative(folder, file)} ${digest.slice(0, 12)}`;
  });
  return Promise.all(hashed);
}

/** Processes that were started with this home. */
async function processesOf(home: string): Promise<readonly string[]> {
  const numbers = (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = numbers.map(async (number) => {
    const variables = await fs.readFile(`/proc/${number}/environ`, 'utf8').catch(() => '');
    if (!variables.split('\0').includes(`HOME=${home}`)) return [];
    const line = await fs.readFile(`/proc/${number}/cmdline`, 'utf8').catch(() => '');
    return line === '' ? [] : [line.replaceAll('\0', ' ')];
  });
  return (await Promise.all(found)).flat();
}

/** What is meant to outlive a run: when strangers were looked for, and proofs that still hold. */
const REMEMBERED = /sea-trial\/(looked|proofs\.json) /;

/**
 * A user's home on an engine, with a docker context of its own, and a builder of
 * its own where `builder` is given.
 */
export async function homeOn(host: string, builder?: string): Promise<Home> {
  const home = await project({ 'tmp/.keep': '' });
  const env = { HOME: home, TMPDIR: join(home, 'tmp'), DOCKER_HOST: '', XDG_STATE_HOME: '' };
  const docker = (...args: string[]) => command('docker', args, env);
  await docker('context', 'create', 'mine', '--docker', `host=${host}`);
  await docker('context', 'use', 'mine');
  if (builder !== undefined) await docker('buildx', 'create', '--name', builder, 'mine');
  const survey = async (handler?: string) => {
    const lists = [
      ['ps', '--all', '--no-trunc', '--format', 'container {{.ID}} {{.Names}}'],
      ['images', '--all', '--no-trunc', '--format', 'image {{.ID}} {{.Repository}}:{{.Tag}}'],
      ['volume', 'ls', '--format', 'volume {{.Name}}'],
      ['network', 'ls', '--format', 'network {{.Name}}'],
      ['buildx', 'ls', '--format', 'builder {{.Name}}'],
    ];
    const named = await Promise.all(lists.map((args) => docker(...args)));
    return [
      ...named.flatMap((text) => text.split('\n')).filter((line) => line !== ''),
      ...(await handlers(handler)).map((name) => `handler ${name}`),
      ...(await filesIn(join(home, '.docker'))).map((file) => `docker folder ${file}`),
      ...(await fs.readdir(join(home, 'tmp'))).map((name) => `temporary ${name}`),
      ...(await filesIn(join(home, '.local')).catch(() => []))
        .filter((file) => !REMEMBERED.test(file))
        .map((file) => `state ${file}`),
      ...(await processesOf(home)).map((line) => `process ${line}`),
    ].sort();
  };
  return { env, survey };
}
