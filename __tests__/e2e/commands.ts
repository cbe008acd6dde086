/*
 * Workflow commands as GitHub's runner reads them from a step's output
 * (actions/runner, src/Runner.Common/ActionCommand.cs): `::name key=value::data`
 * after white space, and the old `##[name key=value;]data` anywhere in a line.
 */

export interface Command {
  readonly name: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly data: string;
}

const NAMES = [
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
];

function decode(text: string, signs: Readonly<Record<string, string>>): string {
  return text.replace(/%[0-9A-F]{2}/g, (code) => signs[code] ?? code);
}

const DATA = { '%0D': '\r', '%0A': '\n', '%25': '%' };
const PROPERTY = { ...DATA, '%3A': ':', '%2C': ',' };
const OLD = { ...DATA, '%3B': ';', '%5D': ']' };

function propertiesOf(
  text: string,
  separator: string,
  signs: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const pairs = text.split(separator).flatMap((pair) => {
    const at = pair.indexOf('=');
    if (at <= 0) return [];
    return [[pair.slice(0, at).trim().toLowerCase(), decode(pair.slice(at + 1), signs)] as const];
  });
  return new Map(pairs);
}

function split(head: string): readonly [string, string] {
  const space = head.indexOf(' ');
  return space < 0 ? [head, ''] : [head.slice(0, space), head.slice(space + 1).trim()];
}

function parseNew(line: string, known: ReadonlySet<string>): Command | undefined {
  // .NET's white space has U+0085, which JavaScript's has not.
  const text = line.replace(/^[\s\u0085]+/, '');
  const end = text.startsWith('::') ? text.indexOf('::', 2) : -1;
  if (end < 0) return undefined;
  const [name, rest] = split(text.slice(2, end));
  if (!known.has(name.toLowerCase())) return undefined;
  const data = decode(text.slice(end + 2), DATA);
  return { name: name.toLowerCase(), properties: propertiesOf(rest, ',', PROPERTY), data };
}

function parseOld(line: string, known: ReadonlySet<string>): Command | undefined {
  const from = line.indexOf('##[');
  const end = from < 0 ? -1 : line.indexOf(']', from);
  if (end < 0) return undefined;
  const [name, rest] = split(line.slice(from + 3, end));
  if (!known.has(name.toLowerCase())) return undefined;
  const data = decode(line.slice(end + 1), OLD);
  return { name: name.toLowerCase(), properties: propertiesOf(rest, ';', OLD), data };
}

/** Reads a step's output line by line, as it comes. */
interface Listener {
  /** The command that the runner obeys in a line without its end, if it is one. */
  read(line: string): Command | undefined;
  /** The token that is waited for. */
  stopped(): string | undefined;
}

export function listener(): Listener {
  const known = new Set(NAMES);
  let stop: string | undefined;
  const obey = (command: Command): Command | undefined => {
    if (stop !== undefined) {
      if (command.name !== stop) return undefined;
      known.delete(stop);
      stop = undefined;
    } else if (command.name === 'stop-commands') {
      stop = command.data.toLowerCase();
      known.add(stop);
    }
    return command;
  };
  return {
    read(line) {
      if (!line.includes('::') && !line.includes('##[')) return undefined;
      const command = parseNew(line, known) ?? parseOld(line, known);
      return command === undefined ? undefined : obey(command);
    },
    stopped: () => stop,
  };
}

/** The commands that the runner obeys in an output; `stop-commands` and its token are among them. */
export function commandsIn(output: string): readonly Command[] {
  const runner = listener();
  // A lone carriage return ends a line, as it does for .NET's readers.
  return output
    .split(/\r\n|\n|\r/)
    .map((line) => runner.read(line))
    .filter((command) => command !== undefined);
}

/** Reads one of the runner's files: `name=value` lines, or `name<<MARK` up to a line `MARK`. */
export function readFileCommand(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const lines = text.split(/\r?\n/);
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line === '') continue;
    const [equals, heredoc] = [line.indexOf('='), line.indexOf('<<')];
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      values.set(line.slice(0, equals), line.slice(equals + 1));
      continue;
    }
    const mark = line.slice(heredoc + 2);
    const end = heredoc > 0 && mark !== '' ? lines.indexOf(mark) : -1;
    if (end < 0) throw new Error(`The runner would refuse the line "${line}" of a command file.`);
    values.set(line.slice(0, heredoc), lines.slice(0, end).join('\n'));
    lines.splice(0, end + 1);
  }
  return values;
}
