import { type CommandArguments, divideList, type Reading } from '../config/index.js';
import type { Problem } from '../evidence/index.js';
import { formatPlatform, parsePlatform } from '../platform/index.js';
import { defined } from '../types/index.js';
import type { CliCommand } from './command.js';
import type { EmulationRequest } from './emulation-report.js';
import { interruptible } from './interruptible.js';

const ACTIONS: readonly EmulationRequest['action'][] = ['list', 'prove', 'install', 'remove'];

function readPlatform(word: string, problems: Problem[]): readonly string[] {
  const platform = parsePlatform(word);
  if (platform !== undefined) return [formatPlatform(platform)];
  problems.push({ message: `"${word}" is not a platform; expected the form linux/arm64` });
  return [];
}

function readRequest({ options, words }: CommandArguments): Reading<EmulationRequest> {
  const problems: Problem[] = [];
  const [word = '', ...rest] = words;
  const action = ACTIONS.find((one) => one === word);
  if (action === undefined) {
    const known = ACTIONS.join(', ');
    problems.push({
      message:
        word === ''
          ? `emulation needs an action: ${known}`
          : `emulation has no action "${word}"; there are: ${known}`,
    });
  }
  const platforms = divideList(rest).flatMap((one) => readPlatform(one, problems));
  if (action === 'list' && rest.length > 0) {
    problems.push({ message: 'emulation list shows everything; it takes no platforms' });
  }
  if (action === undefined || problems.length > 0) return { problems };
  const image = options.get('binfmt-image')?.[0];
  return {
    request: {
      action,
      platforms: [...new Set(platforms)],
      ...defined({ binfmtImage: image }),
      json: options.has('json'),
    },
  };
}

/** `sea-trial emulation`: emulators of this machine. Rejects with `EngineError`. */
export const emulation: CliCommand<EmulationRequest> = {
  name: 'emulation',
  summary: 'Lists, proves, installs and removes emulators of other platforms.',
  arguments: {
    usage: 'list|prove|install|remove [PLATFORM…]',
    details: [
      '  list     what runs natively, and which emulators are registered',
      '  prove    runs a small program of each platform in a container',
      '  install  registers emulators where one is missing, then proves; they stay',
      '           until they are removed or the machine restarts',
      '  remove   removes what install has added, and nothing else',
      '',
      'Without platforms: all that can be proved.',
    ],
  },
  options: ['binfmt-image', 'json', 'verbose'],
  read: readRequest,
  run: (asked, ports, console) =>
    interruptible(ports, async (own, signal) => {
      const { reportEmulation } = await import('./with-engine.js');
      return reportEmulation(asked, own, console, signal);
    }),
};
