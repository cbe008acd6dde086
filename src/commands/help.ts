import { type Flag, flagText, grants, optionsOf } from '../config/index.js';
import { wrap } from '../report/index.js';
import type { CliCommand } from './command.js';
import { commands } from './table.js';

const WIDTH = 80;

/** Two columns: the names on the left, their descriptions wrapped on the right. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const left = Math.min(28, Math.max(...rows.map(([name]) => name.length)));
  const indent = ' '.repeat(left + 4);
  return rows
    .map(([name, text]) => {
      const lines = wrap(text, WIDTH - left - 4);
      const first = name.length > left ? `  ${name}\n${indent}` : `  ${name.padEnd(left)}  `;
      return first + lines.join(`\n${indent}`);
    })
    .join('\n');
}

function optionText(flag: Flag): string {
  return `${flagText(flag)}${flag.repeatable ? '…' : ''}`;
}

/** Help for one command, or for all of them, at most 80 columns wide. */
export function renderHelp(command: CliCommand | 'all'): string {
  if (command === 'all') {
    return [
      'Builds container images for every platform, tests each one from the inside,',
      'publishes exactly what passed, and verifies it against the registry.',
      '',
      'Usage: sea-trial COMMAND [OPTIONS]',
      '',
      columns(commands.map(({ name, summary }) => [name, summary] as const)),
      '',
      'sea-trial COMMAND --help lists the options; --version prints the version.',
      'Exit codes: 0 passed, 1 findings, 2 configuration or usage, 3 environment,',
      '129, 130, 143 interrupted by SIGHUP, SIGINT, SIGTERM.',
      '',
    ].join('\n');
  }
  const options = optionsOf(command.options);
  const { usage, details, takers = {} } = command.arguments ?? {};
  const about = ({ flag, description }: (typeof options)[number]) => {
    const words = takers[flag.name];
    return words === undefined ? description : `With ${words.join(', ')}: ${description}`;
  };
  return [
    command.summary,
    '',
    ['Usage: sea-trial', command.name, ...(usage === undefined ? [] : [usage]), '[OPTIONS]'].join(
      ' ',
    ),
    '',
    ...(details === undefined ? [] : [...details, '']),
    columns([
      ...options.map((option) => [optionText(option.flag), about(option)] as const),
      ['--help', 'Prints this help.'],
    ]),
    '',
    ...(options.some(({ flag }) => flag.repeatable)
      ? ['An option marked with … may be given several times.', '']
      : []),
    ...(options.some(({ flag }) => flag.name === 'grant')
      ? ['Grants:', columns([...grants]), '']
      : []),
  ].join('\n');
}
