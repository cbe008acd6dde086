import { parseArguments, renderProblems } from '../config/index.js';
import { interruption, type Ports, realScreen } from '../ports/index.js';
import { plan } from './plan.js';
import { type Deck, run } from './run.js';
import { tool } from './tool.js';

/** Everything behind the name of the program on a command line; answers the exit code. */
export async function commandLine(
  argv: readonly string[],
  root: string,
  ports: Ports,
): Promise<number> {
  const screen = realScreen();
  const asked = parseArguments(argv, { root, env: ports.env });
  if ('help' in asked) {
    screen.out(asked.help);
    return 0;
  }
  if ('version' in asked) {
    screen.out(`${tool.name} ${tool.version}\n`);
    return 0;
  }
  if ('problems' in asked) {
    screen.say(renderProblems(asked.problems));
    return 2;
  }
  const deck: Deck = { screen, progress: screen.live ? 'live' : 'plain' };
  if (asked.command === 'plan') return (await plan(asked.request, ports, deck)).exitCode;
  const { signal, stop } = interruption();
  try {
    return (await run(asked.request, ports, deck, signal)).exitCode;
  } finally {
    stop();
  }
}
