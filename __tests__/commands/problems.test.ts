import { afterEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/commands/index.js';
import { type Ports, realPorts, type Screen } from '../../src/ports/index.js';

const real = realPorts();
const folders: string[] = [];

afterEach(async () => {
  for (const one of folders.splice(0)) await real.files.remove(one);
});

const WRONG = `\
images:
  - name: ghcr.io/acme/greeter
    platfroms: [linux/arm64]
    build: .
    tests: [greeter --version]
`;

const RIGHT = WRONG.replace(/ *platfroms.*\n/, '    platforms: [linux/arm64]\n');

/** What a command prints, in a folder with such a configuration. */
async function printed(argv: readonly string[], configuration: string, env: Ports['env'] = {}) {
  const root = await real.files.makeTemporary('sea-trial-problems-');
  folders.push(root);
  await real.files.write(`${root}/sea-trial.yml`, configuration);
  await real.files.write(`${root}/Dockerfile`, 'FROM scratch\n');
  let [out, said] = ['', ''];
  const screen: Screen = {
    out: (text) => {
      out += text;
    },
    say: (text) => {
      said += text;
    },
    ...{ live: false, colour: false, columns: () => 80, rows: () => 24 },
  };
  const exitCode = await commandLine(argv, root, { ...real, env }, screen);
  return { exitCode, out, said };
}

describe.each(['run', 'plan'])('%s --json', (command) => {
  test('with a wrong configuration: what is wrong, as a document and in words', async () => {
    const { exitCode, out, said } = await printed([command, '--json'], WRONG);
    expect(exitCode).toBe(2);
    expect(JSON.parse(out)).toEqual({
      verdict: 'errored',
      problems: [
        {
          ...{ file: 'sea-trial.yml', line: 3, column: 5 },
          message: 'unknown key "platfroms"; did you mean "platforms"?',
        },
      ],
    });
    expect(said).toContain('sea-trial.yml:3:5   unknown key "platfroms"');
  });

  test.each<[string, readonly string[], string]>([
    ['an --only that nothing is', ['--only', 'other'], 'other'],
    ['an option that there is not', ['--bogus'], 'there is no option --bogus'],
    ['an option without its value', ['--config'], '--config needs a value'],
  ])('with %s', async (_, options, words) => {
    for (const argv of [
      [command, '--json', ...options],
      [command, ...options, '--json'],
    ]) {
      const { exitCode, out, said } = await printed(argv, RIGHT);
      expect(exitCode).toBe(2);
      const { verdict, problems } = JSON.parse(out);
      expect([verdict, problems]).toEqual([
        'errored',
        [expect.objectContaining({ message: expect.stringContaining(words) })],
      ]);
      expect(said).toContain(words);
    }
  });

  test('in a step of a workflow: the runner obeys nothing of it', async () => {
    const { out } = await printed([command, '--json', '--only', '##[error]x'], RIGHT, {
      GITHUB_ACTIONS: 'true',
    });
    expect(out).not.toContain('##[');
    expect(JSON.stringify(JSON.parse(out))).toContain('##[error]x');
  });
});

test('without --json words are all that is said', async () => {
  for (const argv of [['run'], ['plan'], ['run', '--bogus']]) {
    const { exitCode, out, said } = await printed(argv, WRONG);
    expect([exitCode, out]).toEqual([2, '']);
    expect(said).toContain('nothing was started');
  }
});
