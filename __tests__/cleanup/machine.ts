import { type CommandOutput, type Ports, realPorts } from '../../src/ports/index.js';

const NOTHING: CommandOutput = { code: 0, signal: null, stdout: '', stderr: '' };
export const STATE = '/home/me/.local/state/sea-trial/runs';

type Answer = (args: readonly string[]) => Partial<CommandOutput>;

export interface Machine {
  /** Answers by the beginning of a command. */
  readonly answers?: Readonly<Record<string, Partial<CommandOutput> | Answer>>;
  readonly temporary?: readonly string[];
  state?: 'running' | 'gone' | 'elsewhere';
  now?: Date;
}

/** A machine whose files are in memory and whose engine answers by the beginning of a command. */
export function machine(asked: Machine = {}) {
  const { answers = {}, temporary = [] } = asked;
  const real = realPorts();
  const texts = new Map<string, string>();
  const commands: string[] = [];
  const gone: string[] = [];
  const ports: Ports = {
    ...real,
    env: { PATH: '/bin', HOME: '/home/me', DOCKER_HOST: 'unix:///e.sock', GITHUB_TOKEN: 'secret' },
    exec: {
      ...real.exec,
      run: async ({ args, env }) => {
        const command = args.join(' ');
        commands.push(env.DOCKER_HOST === undefined ? command : `${env.DOCKER_HOST} ${command}`);
        const known = Object.entries(answers).find(([start]) => command.startsWith(start));
        const answer = known?.[1];
        return { ...NOTHING, ...(typeof answer === 'function' ? answer(args) : answer) };
      },
    },
    clock: { ...real.clock, now: () => asked.now ?? new Date(0), sleep: async () => {} },
    processes: {
      identify: async () => ({ host: 'h', boot: 'b', space: 's', pid: 7, started: '1' }),
      state: async () => asked.state ?? 'gone',
      startedWith: async () => [],
      send: () => {},
    },
    files: {
      ...real.files,
      look: async (path) =>
        path === STATE ? { kind: 'directory', size: 0, mode: 0o700, modified: 0n } : undefined,
      list: async (path) =>
        path === '/tmp' ? temporary : [...texts.keys()].map((one) => one.slice(STATE.length + 1)),
      read: async (path) => Buffer.from(texts.get(path) ?? ''),
      makeDirectory: async () => {},
      append: async (path, text) => {
        texts.set(path, (texts.get(path) ?? '') + text);
      },
      write: async (path, text) => {
        texts.set(path, text.toString());
      },
      remove: async (path) => {
        if (!texts.delete(path)) gone.push(path);
      },
    },
  };
  return { ports, texts, commands, gone };
}
