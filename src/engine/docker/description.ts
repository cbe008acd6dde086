import {
  type Command,
  type CommandOutput,
  childEnvironment,
  type Ports,
} from '../../ports/index.js';

/** Runs a short command to its end. */
export type RunCommand = (command: Command) => Promise<CommandOutput>;

/** A command that people know, and everything that it printed. */
export interface Description {
  readonly command: string;
  readonly text: string;
}

function textOf({ stdout, stderr, notStarted }: CommandOutput): string {
  return (
    notStarted ??
    [stdout, stderr]
      .map((text) => text.trimEnd())
      .join('\n')
      .trim()
  );
}

/** What `docker version` and `docker info` print, for people and their bug reports. Never rejects. */
export function describeEngine(
  run: RunCommand,
  env: Ports['env'],
  more: Readonly<Record<string, string>> = {},
): Promise<readonly Description[]> {
  const commands = ['version', 'info'].map(async (name): Promise<Description> => {
    const command = { file: 'docker', args: [name], env: childEnvironment(env, more) };
    return { command: `docker ${name}`, text: textOf(await run(command)) };
  });
  return Promise.all(commands);
}
