import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import manifest from '../../package.json' with { type: 'json' };
import { renderHelp } from '../../src/commands/help.js';
import { run } from '../../src/commands/run.js';
import { commands } from '../../src/commands/table.js';
import { inputs, optionsOf } from '../../src/config/index.js';
import { INTERRUPTIONS } from '../../src/ports/index.js';
import { onMachine } from './machine-rig.js';

describe('help', () => {
  test.each([0, 1, 2, 3, ...Object.values(INTERRUPTIONS)])('names the exit code %d', (code) => {
    expect(renderHelp('all')).toMatch(new RegExp(`\\b${code}\\b`));
  });

  test.each([
    ['all', 'all' as const] as const,
    ...commands.map((command) => [command.name, command] as const),
  ])('%s fits 80 columns', (_, command) => {
    const long = renderHelp(command)
      .split('\n')
      .filter((line) => line.length > 80);
    expect(long).toEqual([]);
  });

  test('lists all commands in two columns', () => {
    expect(renderHelp('all')).toBe(`\
Builds container images for every platform, tests each one from the inside,
publishes exactly what passed, and verifies it against the registry.

Usage: sea-trial COMMAND [OPTIONS]

  run        Builds, inspects, tests, publishes and verifies the images.
  plan       Prints what run would do, and starts nothing.
  parity     Locks what a deployment builds with, and compares the lock with it.
  emulation  Lists, proves, installs and removes emulators of other platforms.
  clean      Removes what killed runs have left behind; with --caches, caches
             too.

sea-trial COMMAND --help lists the options; --version prints the version.
Exit codes: 0 passed, 1 findings, 2 configuration or usage, 3 environment,
129, 130, 143 interrupted by SIGHUP, SIGINT, SIGTERM.
`);
  });

  const named = (name: string) => {
    const command = commands.find((one) => one.name === name);
    if (command === undefined) throw new Error(`there is no command ${name}`);
    return renderHelp(command);
  };

  test('of a command has its options in two columns', () => {
    expect(named('clean')).toBe(`\
Removes what killed runs have left behind; with --caches, caches too.

Usage: sea-trial clean [OPTIONS]

  --caches   Removes the caches of builds with buildpacks, too, of every
             repository.
  --json     Prints JSON instead of words.
  --verbose  Prints every command that is executed, without secrets, with its
             exit code and the time it took; RUNNER_DEBUG=1 does the same.
  --help     Prints this help.
`);
  });

  test('of a command has its words, what takes an option, and what may be given more than once', () => {
    const text = named('parity');
    expect(text).toContain(`\
Usage: sea-trial parity lock|check|update|probe [OPTIONS]

  lock    writes sea-trial.lock: the builder and the run image of each image
          from buildpacks by digest, and what is in them
  check   compares the lock with what it pins; with --live with its source too
  update  shows what has moved, and writes that into the lock
  probe   builds small applications, so that buildpacks that list no versions
          name their newest, and writes that into the lock

  --config FILE                 Configuration file (default: sea-trial.yml, if
                                it exists).
`);
    expect(text).toContain(`
  --channel default|latest|deprecated
                                With lock: The channel of the deployment's
                                values (default: default).
  --inject ID@VERSION…          With lock: Buildpacks that the deployment adds
                                to the builder's own.
  --live                        With check: Asks the source of the lock, too,
                                whether it is still so.
`);
    expect(text).toContain(`
  --help                        Prints this help.

An option marked with … may be given several times.

Grants:
  bindings           service bindings of builds with buildpacks, which hold
                     secrets
`);
    expect(named('clean')).not.toMatch(/Grants|several times/);
    expect(named('emulation')).toContain(
      '\nWithout platforms: all that can be proved.\n\n  --binfmt-image',
    );
  });

  test('says that --registry goes with --push', () => {
    expect(renderHelp(run).replace(/\s+/g, ' ')).toContain('--registry HOST[/PREFIX] With --push:');
  });

  test('lists the commands, and each of them its options and its words', () => {
    for (const command of commands) {
      const { name, summary, options, arguments: words } = command;
      expect(renderHelp('all')).toContain(`  ${name}`);
      const help = renderHelp(command);
      expect(help.split('\n')[0]).toBe(summary);
      expect(help).toContain(`sea-trial ${name} ${words === undefined ? '' : `${words.usage} `}[`);
      for (const { flag } of inputs) {
        if (flag === undefined) continue;
        expect(help.includes(`--${flag.name}`)).toBe(options.includes(flag.name));
      }
    }
  });
});

test.each([
  [['--help'], renderHelp('all')],
  [['run', '--help'], renderHelp(run)],
  [['--version'], `${manifest.name} ${manifest.version}\n`],
])('%j is printed, and nothing is started', async (argv, text) => {
  const { code, out, said, commands: started } = await onMachine(argv);
  expect([code, out, said, started]).toStrictEqual([0, text, '', []]);
});

describe('the table of commands', () => {
  test('names options of the table of inputs, each with some command', () => {
    for (const { options } of commands) expect(optionsOf(options)).toHaveLength(options.length);
    const used = commands.flatMap(({ options }) => options);
    const known = inputs.flatMap(({ flag }) => flag?.name ?? []);
    expect(known.filter((name) => !used.includes(name))).toEqual([]);
  });

  test('has one row for a file that declares a command', () => {
    const folder = join(import.meta.dirname, '../../src/commands');
    const declared = readdirSync(folder).filter((file) =>
      /^export const \w+: CliCommand</m.test(readFileSync(join(folder, file), 'utf8')),
    );
    expect(declared.sort()).toEqual(commands.map(({ name }) => `${name}.ts`).sort());
  });
});
