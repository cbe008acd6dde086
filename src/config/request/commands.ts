import { type CommandName, type Flag, type Input, inputs } from './inputs.js';

/** The commands of the program, with a sentence on each. */
export const commands: ReadonlyMap<CommandName, string> = new Map([
  ['run', 'Builds, inspects, tests, publishes and verifies the images.'],
  ['plan', 'Prints what run would do, and starts nothing.'],
  ['emulation', 'Lists, proves, installs and removes emulators of other platforms.'],
  ['clean', 'Removes what runs that were killed have left behind.'],
]);

/** The inputs that a command has as options. */
export function optionsOf(command: CommandName): readonly (Input & { readonly flag: Flag })[] {
  return inputs.filter(
    (input): input is Input & { readonly flag: Flag } =>
      input.flag?.commands.includes(command) === true,
  );
}
