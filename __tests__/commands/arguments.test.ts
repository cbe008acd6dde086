import { describe, expect, test } from '@jest/globals';

import { parseArguments } from '../../src/commands/arguments.js';
import { clean } from '../../src/commands/clean.js';
import { emulation } from '../../src/commands/emulation.js';
import { plan } from '../../src/commands/plan.js';
import { run } from '../../src/commands/run.js';

const start = { root: '/work', env: {} };

function messages(...argv: readonly string[]): readonly string[] {
  const asked = parseArguments(argv, start);
  return 'problems' in asked ? asked.problems.map(({ message }) => message) : [];
}

describe('parseArguments', () => {
  test('run with everything', () => {
    const argv =
      'run --config a.yml --only x@linux/arm64 --only=y,z --platform linux/arm64 --set A=1 --set B=x=y --push --registry localhost:5000/staging/ --parallel 4 --evidence out.json --json --allow-dirty --grant ssh --grant mounts --builder big';
    expect(parseArguments(argv.split(' '), start)).toEqual({
      command: run,
      request: {
        command: 'run',
        from: 'arguments',
        root: '/work',
        configuration: 'a.yml',
        only: ['x@linux/arm64', 'y', 'z'],
        platforms: ['linux/arm64'],
        set: new Map([
          ['A', '1'],
          ['B', 'x=y'],
        ]),
        push: true,
        registry: 'localhost:5000/staging',
        parallel: 4,
        evidence: 'out.json',
        json: true,
        allowDirty: true,
        grants: ['mounts', 'ssh'],
        builder: 'big',
        replaces: [],
        load: false,
        pullRequest: false,
        untrusted: 'auto',
        secretSources: [],
        secretValues: new Map(),
      },
    });
  });

  test('plan alone', () => {
    const asked = parseArguments(['plan'], start);
    expect(asked).toMatchObject({ command: plan, request: { only: [], push: false } });
  });

  test("a merge request of GitLab's CI", () => {
    const env = { CI_MERGE_REQUEST_IID: '7' };
    const asked = parseArguments(['run'], { root: '/work', env });
    expect(asked).toMatchObject({ request: { pullRequest: true } });
  });

  test.each([
    ['run', false],
    ['run --load', 'passed'],
    ['run --load=always', 'always'],
    ['run --load --push', 'passed'],
  ])('%s', (line, load) => {
    expect(parseArguments(line.split(' '), start)).toMatchObject({ request: { load } });
  });

  test.each(['auto', 'true', 'false'])('--untrusted %s', (untrusted) => {
    const asked = parseArguments(['plan', '--untrusted', untrusted], start);
    expect(asked).toMatchObject({ request: { untrusted } });
  });

  test.each<[string, readonly string[]]>([
    ['rnu', ['there is no command "rnu"; did you mean "run"?']],
    ['frobnicate', ['there is no command "frobnicate"; see sea-trial --help']],
    ['run --platfrom linux/amd64', ['there is no option --platfrom; did you mean --platform?']],
    ['run --zzzzzz', ['there is no option --zzzzzz; see sea-trial run --help']],
    ['run -x', ['there is no option -x; see sea-trial run --help']],
    ['run image', ['"image" is not expected; run takes options only']],
    ['run --only', ['--only needs a value: ID[@PLATFORM]']],
    ['run --only --push', ['--only needs a value: ID[@PLATFORM]']],
    ['run --only=', ['--only needs a value: ID[@PLATFORM]']],
    ['run --push=false', ['--push takes no value']],
    ['run --load=passed', ['--load takes no value but =always']],
    ['plan --load', ['there is no option --load for plan; sea-trial run has it']],
    ['run --set A', ['--set "A" is not NAME=VALUE']],
    ['run --set A=x --set B=x --set A=y', ['--set "A" is given more than once']],
    ['run --set 1=2', ['--set "1" is not the name of a variable']],
    ['run --untrusted maybe', ['--untrusted "maybe" is not known; there are: auto, true, false']],
    ['run --untrusted', ['--untrusted needs a value: auto|true|false']],
    ['run --parallel 0', ['--parallel "0" is not a whole number of at least 1']],
    ['run --parallel two', ['--parallel "two" is not a whole number of at least 1']],
    ['run --registry localhost:5000', ['--registry needs --push: it names where --push publishes']],
    [
      'run --push --registry https://a.example',
      ['--registry "https://a.example" is not a host, optionally with a path; leave out https://'],
    ],
    [
      'run --push --registry https://user:pw@ghcr.io/x',
      [
        '--registry "https://…@ghcr.io/x" is not a host, optionally with a path; leave out https:// and the user and password',
      ],
    ],
    [
      'run --push --registry user:p@w@ghcr.io',
      [
        '--registry "…@ghcr.io" is not a host, optionally with a path; leave out the user and password',
      ],
    ],
    ['run --grant mount', ['--grant "mount" is not a grant; did you mean mounts?']],
    ['run --existing keep', ['--existing "keep" is not known; there are: replace, same, fail']],
    [
      'run --replaces linux/arm65,windows/amd64',
      ['--replaces "linux/arm65" is not a platform; did you mean linux/arm64?'],
    ],
    ['run --config a --config b', ['--config is given more than once']],
    ['plan --parallel 2', ['there is no option --parallel for plan; sea-trial run has it']],
    [
      'plan --parallel=2 x',
      [
        'there is no option --parallel for plan; sea-trial run has it',
        '"x" is not expected; plan takes options only',
      ],
    ],
    [
      'run --zzzzzz --parallel 0 x',
      [
        'there is no option --zzzzzz; see sea-trial run --help',
        '"x" is not expected; run takes options only',
        '--parallel "0" is not a whole number of at least 1',
      ],
    ],
  ])('%s', (line, expected) => {
    expect(messages(...line.split(' '))).toEqual(expected);
  });

  test.each([
    ['emulation list', { action: 'list', platforms: [], json: false }],
    [
      'emulation prove arm64,s390x linux/arm linux/arm64 --json',
      { action: 'prove', platforms: ['linux/arm64', 'linux/s390x', 'linux/arm/v7'], json: true },
    ],
    [
      'emulation install linux/arm64 --binfmt-image a/b:1',
      { action: 'install', platforms: ['linux/arm64'], binfmtImage: 'a/b:1', json: false },
    ],
  ])('%s', (line, request) => {
    expect(parseArguments(line.split(' '), start)).toEqual({ command: emulation, request });
  });

  test('clean', () => {
    expect(parseArguments(['clean', '--json'], start)).toEqual({
      command: clean,
      request: { json: true, caches: false },
    });
    expect(parseArguments(['clean', '--caches'], start)).toMatchObject({
      request: { caches: true },
    });
    expect(messages('clean', 'all')).toEqual(['"all" is not expected; clean takes options only']);
  });

  test.each([['--help'], ['-h'], ['help'], ['']])('%s asks for help', (word) => {
    const argv = word === '' ? [] : [word];
    expect(parseArguments(argv, start)).toEqual({ help: 'all' });
  });

  test.each([['run --help'], ['run --zzz -h'], ['help run']])('%s asks for its help', (line) => {
    expect(parseArguments(line.split(' '), start)).toEqual({ help: run });
  });

  test('--version', () => {
    expect(parseArguments(['--version'], start)).toEqual({ version: true });
  });
});
