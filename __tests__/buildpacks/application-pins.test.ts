import { expect, test } from '@jest/globals';
import { applicationPins } from '../../src/buildpacks/index.js';
import { realPorts } from '../../src/ports/index.js';

const { files } = realPorts();

/** Names of the files that pin something for a build, and of those that are refused. */
async function namesFor(patterns: { include?: readonly string[]; exclude?: readonly string[] }) {
  const root = await files.makeTemporary('sea-trial-pins-');
  try {
    await files.makeDirectory(`${root}/app`);
    await files.write(`${root}/.python-version`, '3.12\n');
    await files.write(`${root}/app/.python-version`, '3.14\n');
    await files.write(`${root}/app/go.mod`, 'go 1.22\n');
    await files.write(`${root}/app/.nvmrc`, 'twenty\n');
    const { pins, faults } = await applicationPins({ context: 'app', ...patterns }, root, files);
    return [pins.map(({ file, text }) => `${file} ${text}`), faults.map(({ file }) => file)];
  } finally {
    await files.remove(root);
  }
}

test.each([
  [{}, ['app/.python-version 3.14', 'app/go.mod 1.22'], ['app/.nvmrc']],
  [{ exclude: ['go.mod'] }, ['app/.python-version 3.14'], ['app/.nvmrc']],
  [{ exclude: ['.*'] }, ['app/go.mod 1.22'], []],
  [{ include: ['.nvmrc'] }, [], ['app/.nvmrc']],
])(
  'with %j the pin files of a build are %j, and those that are refused %j',
  async (patterns, pins, faults) => {
    expect(await namesFor(patterns)).toStrictEqual([pins, faults]);
  },
);
