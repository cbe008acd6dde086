import { failure, runPrivileged } from '../engine/index.js';
import { architectureOf, handlerName } from '../platform/index.js';
import type { Files, Ports } from '../ports/index.js';

/**
 * The image that registers emulators (github.com/tonistiigi/binfmt), its release
 * qemu-v10.2.3-68 by digest: the tag `latest` has brought emulators that crash.
 */
export const BINFMT_IMAGE =
  'docker.io/tonistiigi/binfmt@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0';

/** The handler that an architecture's programs usually go to. */
export function emulatorName(platform: string): string {
  return handlerName(architectureOf(platform));
}

type EmulatorClient = Pick<Ports, 'exec' | 'env'>;

/** What installing came to; whether it helped only a new proof can tell. */
interface Installation {
  /** Handlers that are registered now and were not before, e.g. `qemu-aarch64`. */
  readonly added: readonly string[];
  /** For the case that it did not help: which image could not, and its last output. */
  readonly said: string;
  /** It was refused for want of power over the engine's kernel. */
  readonly unprivileged: boolean;
}

/** The `emulators` in what the image prints; undefined where it is not its JSON. */
export function readEmulators(stdout: string): readonly string[] | undefined {
  try {
    // Of what is no list nothing can be filtered.
    const status = JSON.parse(stdout) as { readonly emulators?: readonly unknown[] } | null;
    return (status?.emulators ?? []).filter((name) => typeof name === 'string');
  } catch {
    return undefined;
  }
}

/** An image's name, without the digest that pins it. */
function nameOf(image: string): string {
  return image.replace(/@sha256:[0-9a-f]{64}$/, '');
}

function lastWords(text: string, { installer }: Installer): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const problem = lines.findLast((line) => /error|denied|failed|cannot|not /i.test(line));
  return (problem ?? lines.at(-1) ?? 'it printed nothing')
    .replaceAll(installer, nameOf(installer))
    .replace(/^docker: (Error response from daemon: )?/, '')
    .replace(/[.\s]+$/, '')
    .slice(0, 300);
}

/** What registers emulators, and where. */
export interface Installer {
  /** The image of tonistiigi/binfmt, or another one that understands the same. */
  readonly installer: string;
  /** The engine's own platform. */
  readonly platform: string;
  /** Of the containers in which it runs. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Runs the image, which registers what `args` say, and prints what is registered. */
function binfmt(
  { installer, platform, labels }: Installer,
  args: readonly string[],
  client: EmulatorClient,
  signal?: AbortSignal,
) {
  return runPrivileged({ image: installer, platform, labels, arguments: args }, client, signal);
}

function refusal(stderr: string, installer: Installer): string {
  return `${nameOf(installer.installer)} could not register one: ${lastWords(stderr, installer)}`;
}

/**
 * Whether privileges were missing: refused by the engine (userns-remap, an
 * authorization plugin), or by the kernel inside a container of a rootless one.
 */
export function lacksPrivileges(stderr: string): boolean {
  const words =
    /privileged|operation not permitted|permission denied|read-only file system|authorization denied/i;
  return words.test(stderr);
}

function refused(stderr: string, installer: Installer): Omit<Installation, 'added'> {
  return { said: refusal(stderr, installer), unprivileged: lacksPrivileges(stderr) };
}

/** Architectures that need a handler; `note` hears of those that are about to be added. */
interface NewHandlers {
  readonly architectures: readonly string[];
  note(handlers: readonly string[]): Promise<void>;
}

/**
 * Registers emulators for architectures (`arm64`, `s390x`, …) on the engine's
 * machine. `note` hears which handlers that may add, before it does. Never rejects
 * for what the image does: it exits with 0 whether or not it could register anything.
 */
export async function installHandlers(
  { architectures, note }: NewHandlers,
  installer: Installer,
  ports: EmulatorClient,
  signal: AbortSignal,
): Promise<Installation> {
  const before = await binfmt(installer, [], ports, signal);
  const known = readEmulators(before.stdout);
  if (before.code !== 0 || known === undefined) {
    return { added: [], ...refused(before.stderr, installer) };
  }
  const wanted = architectures.map(emulatorName).filter((name) => !known.includes(name));
  await note(wanted);
  const args = ['--install', architectures.join(',')];
  // Not bound to the signal: what a killed installation had registered would not be known.
  const after = await binfmt(installer, args, ports);
  const added = (readEmulators(after.stdout) ?? []).filter((name) => !known.includes(name));
  return { added, ...refused(after.stderr, installer) };
}

/** Takes handlers away again. Rejects with `EngineError` where one is still there afterwards. */
export async function removeHandlers(
  names: readonly string[],
  installer: Installer,
  ports: EmulatorClient,
): Promise<void> {
  if (names.length === 0) return;
  const output = await binfmt(installer, ['--uninstall', names.join(',')], ports);
  const registered = readEmulators(output.stdout) ?? names;
  const left = names.filter((name) => registered.includes(name));
  if (left.length === 0) return;
  throw failure(
    `Emulators could not be removed: ${left.join(', ')}.`,
    lastWords(output.stderr, installer),
  );
}

/** A handler as the kernel shows it under /proc/sys/fs/binfmt_misc. */
export interface BinfmtHandler {
  readonly name: string;
  readonly interpreter: string;
  readonly flags: string;
}

/** Reads one of those files (Documentation/admin-guide/binfmt-misc.rst); undefined when disabled. */
export function readHandler(name: string, text: string): BinfmtHandler | undefined {
  const interpreter = /^interpreter (.+)$/m.exec(text)?.[1];
  if (interpreter === undefined || !/^enabled$/m.test(text)) return undefined;
  return { name, interpreter, flags: /^flags: (\w*)$/m.exec(text)?.[1] ?? '' };
}

const MISC = '/proc/sys/fs/binfmt_misc';

/** A file there, and when it came to be there, which is when the handler was registered. */
interface MiscFile {
  readonly name: string;
  readonly text: string;
  readonly modified: bigint | undefined;
}

/** All files there that can be read; none where the kernel shows nothing. */
async function miscFiles(files: Files): Promise<readonly MiscFile[]> {
  try {
    const names = (await files.list(MISC)).filter((name) => name !== 'register');
    const read = names.map(async (name): Promise<MiscFile> => {
      const path = `${MISC}/${name}`;
      const [text, facts] = await Promise.all([files.read(path), files.look(path)]);
      return { name, text: text.toString('utf8'), modified: facts?.modified };
    });
    return await Promise.all(read);
  } catch {
    return [];
  }
}

/** All that the kernel shows of its handlers, as one text; undefined where it shows nothing. */
export async function handlersAsTheyAre(files: Files): Promise<string | undefined> {
  const found = await miscFiles(files);
  if (found.length === 0) return undefined;
  return found.map(({ name, text, modified }) => [name, modified, text].join('\n')).join('\n');
}

/**
 * The handlers of this machine, which need not be the engine's: what they say
 * explains a verdict, it never is one. Empty where they cannot be read.
 */
export async function registeredHandlers(files: Files): Promise<readonly BinfmtHandler[]> {
  return (await miscFiles(files)).flatMap(({ name, text }) => readHandler(name, text) ?? []);
}
