import { parseArguments } from '../config/index.js';
import { createRedactor } from '../evidence/index.js';
import {
  INTERRUPTIONS,
  interruptedBy,
  interruption,
  lastCall,
  type Ports,
  realScreen,
  type Screen,
} from '../ports/index.js';
import { createStyle, escapeCommands } from '../report/index.js';
import { clean } from './clean.js';
import { emulation } from './emulation.js';
import { errorText } from './error-text.js';
import { renderHelp } from './help.js';
import { plan } from './plan.js';
import { sayProblems } from './problems.js';
import { type Console, run } from './run.js';
import { tool } from './tool.js';
import { isDebug, verbose } from './verbose.js';

/** In a step of a workflow the runner looks for commands in all that is printed. */
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

/** The same, and every command is told of on stderr. */
function talkative(ports: Ports, { screen, redactor }: Console): Ports {
  const { quiet } = createStyle(screen.colour && screen.live);
  return { ...ports, exec: verbose(ports, redactor, (line) => screen.say(`${quiet(line)}\n`)) };
}

async function obey(
  argv: readonly string[],
  root: string,
  ports: Ports,
  console: Console,
): Promise<number> {
  const { screen } = console;
  const asked = parseArguments(argv, { root, env: ports.env });
  if ('help' in asked) {
    screen.out(renderHelp(asked.help));
    return 0;
  }
  if ('version' in asked) {
    screen.out(`${tool.name} ${tool.version}\n`);
    return 0;
  }
  if ('problems' in asked) {
    // What was not understood may stand before it, or have taken it for its value.
    sayProblems(asked.problems, argv.includes('--json'), screen);
    return 2;
  }
  if (asked.command === 'plan') return (await plan(asked.request, ports, console)).exitCode;
  if (asked.command === 'clean') return clean(asked.json, ports, screen);
  const { signal, stop } = interruption();
  const own = { ...ports, exec: lastCall(ports.exec, signal) };
  try {
    if (asked.command === 'run') return (await run(asked.request, own, console, signal)).exitCode;
    return await emulation(asked.emulation, own, screen, signal);
  } catch (error) {
    const interrupted = interruptedBy(signal);
    if (interrupted !== undefined) return INTERRUPTIONS[interrupted];
    throw error;
  } finally {
    stop();
  }
}

/** Everything behind the name of the program on a command line; answers the exit code. */
export async function commandLine(
  argv: readonly string[],
  root: string,
  ports: Ports,
  screen: Screen = realScreen(),
): Promise<number> {
  // No option takes a value that begins so.
  const isVerbose = argv.includes('--verbose') || isDebug(ports.env);
  const console = consoleOf(screen, ports, isVerbose);
  try {
    return await obey(argv, root, isVerbose ? talkative(ports, console) : ports, console);
  } catch (error) {
    console.screen.say(errorText(error));
    return 3;
  }
}
