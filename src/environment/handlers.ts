import { EngineError } from '../engine/index.js';
import { childEnvironment, type Files, type Output, type Ports } from '../ports/index.js';
import { RUN_LABEL } from './image.js';

/** The image that registers emulators (github.com/tonistiigi/binfmt). */
export const BINFMT_NAME = 'docker.io/tonistiigi/binfmt';

/** Its release qemu-v10.2.3-68, by digest: the tag `latest` has brought emulators that crash. */
export const BINFMT_IMAGE = `${BINFMT_NAME}@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0`;

type World = Pick<Ports, 'exec' | 'env'>;

/** What installing came to; whether it helped only a new proof can tell. */
export interface Installation {
  /** Handlers that are registered now and were not before, e.g. `qemu-aarch64`. */
  readonly added: readonly string[];
  /** The attempt's last words, for the case that it did not help. */
  readonly said: string;
}

/** The `emulators` in what the image prints; undefined where it is not its JSON. */
export function readEmulators(stdout: string): readonly string[] | undefined {
  try {
    const status = JSON.parse(stdout) as { readonly emulators?: unknown } | null;
    const emulators = status?.emulators ?? [];
    if (!Array.isArray(emulators)) return undefined;
    return emulators.filter((name) => typeof name === 'string');
  } catch {
    return undefined;
  }
}

function lastWords(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const problem = lines.findLast((line) => /error|denied|failed|cannot|not /i.test(line));
  return (problem ?? lines.at(-1) ?? 'it said nothing')
    .replaceAll(BINFMT_IMAGE, BINFMT_NAME)
    .replace(/^docker: (Error response from daemon: )?/, '')
    .replace(/[.\s]+$/, '')
    .slice(0, 300);
}

function binfmt(
  platform: string,
  runId: string,
  world: World,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<Output> {
  return world.exec.run({
    file: 'docker',
    args: [
      'run',
      '--rm',
      '--privileged',
      '--network=none',
      `--platform=${platform}`,
      `--label=${RUN_LABEL}=${runId}`,
      BINFMT_IMAGE,
      ...args,
    ],
    env: childEnvironment(world.env),
    ...(signal === undefined ? {} : { signal }),
  });
}

/**
 * Registers emulators for architectures (`arm64`, `s390x`, …) on the engine's
 * machine, whose own platform is `platform`. Never rejects for what the image
 * does: it exits with 0 whether or not it could register anything.
 */
export async function installHandlers(
  architectures: readonly string[],
  platform: string,
  runId: string,
  world: World,
  signal: AbortSignal,
): Promise<Installation> {
  const before = await binfmt(platform, runId, world, [], signal);
  const known = readEmulators(before.stdout);
  if (before.code !== 0 || known === undefined) {
    return { added: [], said: lastWords(before.stderr) };
  }
  const args = ['--install', architectures.join(',')];
  // Not bound to the signal: what a killed installation has registered nobody would know.
  const after = await binfmt(platform, runId, world, args);
  const added = (readEmulators(after.stdout) ?? []).filter((name) => !known.includes(name));
  return { added, said: lastWords(after.stderr) };
}

/** Takes handlers away again. Rejects with `EngineError` where one is still there afterwards. */
export async function removeHandlers(
  names: readonly string[],
  platform: string,
  runId: string,
  world: World,
): Promise<void> {
  const output = await binfmt(platform, runId, world, ['--uninstall', names.join(',')]);
  const registered = readEmulators(output.stdout) ?? names;
  const left = names.filter((name) => registered.includes(name));
  if (left.length === 0) return;
  const said = lastWords(output.stderr);
  throw new EngineError(
    'failed',
    `Emulators could not be removed: ${left.join(', ')}. ${said}`,
    said,
  );
}

/** A handler as the kernel shows it under /proc/sys/fs/binfmt_misc. */
export interface Handler {
  readonly name: string;
  readonly interpreter: string;
  readonly flags: string;
}

/** Reads one of those files (Documentation/admin-guide/binfmt-misc.rst); undefined when disabled. */
export function readHandler(name: string, text: string): Handler | undefined {
  const interpreter = /^interpreter (.+)$/m.exec(text)?.[1];
  if (interpreter === undefined || !/^enabled$/m.test(text)) return undefined;
  return { name, interpreter, flags: /^flags: (\w*)$/m.exec(text)?.[1] ?? '' };
}

const MISC = '/proc/sys/fs/binfmt_misc';

/**
 * The handlers of this machine, which need not be the engine's: what they say
 * explains a verdict, it never is one. Empty where they cannot be read.
 */
export async function registeredHandlers(files: Files): Promise<readonly Handler[]> {
  try {
    const names = (await files.list(MISC)).filter((name) => !/^(register|status)$/.test(name));
    const read = names.map(async (name) =>
      readHandler(name, (await files.read(`${MISC}/${name}`)).toString('utf8')),
    );
    return (await Promise.all(read)).filter((handler) => handler !== undefined);
  } catch {
    return [];
  }
}
