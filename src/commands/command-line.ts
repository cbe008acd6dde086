import { createRedactor } from '../evidence/index.js';
import { type Ports, realScreen, type Screen } from '../ports/index.js';
import { createStyle, escapeCommands } from '../report/index.js';
import { parseArguments } from './arguments.js';
import type { Console } from './command.js';
import { errorText } from './error-text.js';
import { sayProblems } from './problems.js';
import { tool } from './tool.js';
import { isDebug, verbose } from './verbose.js';

/** In a step of a workflow, the runner looks for its commands in all that is printed. */
function consoleOf(screen: Screen, { env }: Ports, isVerbose: boolean): Console {
  const redactor = createRedactor();
  if (env.GITHUB_ACTIONS !== 'true') {
    // Rows that are redrawn would be written over.
    return { screen, progress: screen.live && !isVerbose ? 'live' : 'plain', redactor };
  }
  return {
    screen: {
      ...screen,
      out: (text) => screen.out(escapeCommands(text)),
      say: (text) => screen.say(escapeCommands(text)),
      live: false,
    },
    progress: 'groups',
    progressTo: screen.say,
    redactor,
  };
}

/** Prints every command that is executed on stderr. */
function verbosePorts(ports: Ports, { screen, redactor }: Console): Ports {
  const { quiet } = createStyle(screen.colour && screen.live);
  return { ...ports, exec: verbose(ports, redactor, (line) => screen.say(`${quiet(line)}\n`)) };
}

async function runCommand(
  argv: readonly string[],
  root: string,
  ports: Ports,
  console: Console,
): Promise<number> {
  const { screen } = console;
  const line = parseArguments(argv, { root, env: ports.env });
  if ('help' in line) {
    const { renderHelp } = await import('./help.js');
    screen.out(renderHelp(line.help));
    return 0;
  }
  if ('version' in line) {
    screen.out(`${tool.name} ${tool.version}\n`);
    return 0;
  }
  if ('problems' in line) {
    // Not from the parsed options: --json may follow what could not be parsed.
    sayProblems(line.problems, argv.includes('--json'), screen);
    return 2;
  }
  const { exitCode } = await line.command.run(line.request, ports, console);
  return exitCode;
}

/** Runs a command line, without node and the script. Returns the exit code. */
export async function commandLine(
  argv: readonly string[],
  root: string,
  ports: Ports,
  screen: Screen = realScreen(),
): Promise<number> {
  // No option takes a value that begins with a dash.
  const isVerbose = argv.includes('--verbose') || isDebug(ports.env);
  const console = consoleOf(screen, ports, isVerbose);
  try {
    return await runCommand(argv, root, isVerbose ? verbosePorts(ports, console) : ports, console);
  } catch (error) {
    console.screen.say(errorText(error));
    return 3;
  }
}
