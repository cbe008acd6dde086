import { commandLine } from '../../src/commands/index.js';
import { type Files, type Ports, realPorts } from '../../src/ports/index.js';
import { type DockerDescribed, dockerInMemory } from '../pipeline/docker-in-memory.js';
import { exportFor } from '../pipeline/trial-rig.js';
// A command loads it when it needs it; no test has to wait for that.
import '../../src/commands/with-engine.js';

/* Commands in a folder of this machine: what is in memory is the docker client. */

const real = realPorts();

export interface MachineDescribed extends Partial<DockerDescribed> {
  /** Files of the checkout, by their names. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Ports['env'];
  /** Changes how files are read and written. */
  readonly through?: (files: Files) => Partial<Files>;
}

/** What a command has to do with: its ports, the folder of its home, and its checkout in there. */
interface Machine {
  readonly ports: Ports;
  readonly folder: string;
  readonly root: string;
  readonly docker: ReturnType<typeof dockerInMemory>;
}

/** Does something on a machine whose files are gone afterwards. */
export async function withMachine<Value>(
  described: MachineDescribed,
  work: (machine: Machine) => Promise<Value>,
): Promise<Value> {
  const folder = await real.files.makeTemporary('sea-trial-command-');
  const root = `${folder}/checkout`;
  await real.files.makeDirectory(root);
  for (const [name, text] of Object.entries(described.files ?? {})) {
    await real.files.write(`${root}/${name}`, text);
  }
  const docker = dockerInMemory({
    emulates: ['arm64'],
    build: (options) =>
      exportFor(options.get('platform')?.[0]?.includes('arm64') ? 'arm64' : 'amd64'),
    ...described,
  });
  const ports: Ports = {
    ...real,
    files: { ...real.files, ...described.through?.(real.files) },
    exec: { ...real.exec, ...docker.exec },
    env: { PATH: '/usr/bin', HOME: folder, TMPDIR: folder, ...described.env },
    machine: { system: 'linux', architecture: 'x64', processors: 2 },
  };
  try {
    return await work({ ports, folder, root, docker });
  } finally {
    await real.files.remove(folder);
  }
}

/** Runs a command line, with what it printed, what it asked docker, and the files of its checkout. */
export function onMachine(argv: readonly string[], described: MachineDescribed = {}) {
  return withMachine(described, async ({ ports, root, docker }) => {
    const [out, said]: [string[], string[]] = [[], []];
    const screen = {
      out: (text: string) => void out.push(text),
      say: (text: string) => void said.push(text),
      ...{ live: false, colour: false, columns: () => 80, rows: () => 24 },
    };
    const code = await commandLine(argv, root, ports, screen);
    const read = async (name: string) =>
      [name, (await real.files.read(`${root}/${name}`)).toString()] as const;
    const files = new Map(await Promise.all((await real.files.list(root)).map(read)));
    return { ...docker, code, out: out.join(''), said: said.join(''), files };
  });
}
