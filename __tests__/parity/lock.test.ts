import { describe, expect, test } from '@jest/globals';
import { type ImageLock, readLock, writeLock } from '../../src/parity/index.js';
import { digest, facts, imageLock } from './locks.js';

/** The lock of a text; a text that has problems fails the test. */
function lockOf(text: string) {
  const read = readLock(text, 'sea-trial.lock');
  if ('problems' in read || read.faults.length > 0) throw new Error(JSON.stringify(read));
  return read.lock;
}

/** `LINE:COLUMN message` of every problem. */
function problemsOf(text: string): readonly string[] {
  const read = readLock(text, 'sea-trial.lock');
  const problems = 'problems' in read ? read.problems : read.faults;
  return problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const alone = (lock: ImageLock) => writeLock(new Map([['web', lock]]), undefined);

const whole = imageLock({
  source: 'https://example.org/tools.yaml.gotmpl',
  channel: 'deprecated',
  until: '2026-04-27',
  injected: ['heroku/deb-packages@0.2.0'],
  process: 'web',
  env: ['BP_ONE', 'PIP_INDEX'],
  offers: { python: ['3.12.11', '3.13.5'] },
  probed: [
    {
      runtime: 'python',
      buildpack: 'heroku/python@0.25.0',
      platforms: ['linux/amd64', 'linux/arm64'],
      newest: '3.14',
      oldest: '3.10',
    },
    {
      runtime: 'go',
      buildpack: 'heroku/procfile@4.0.0',
      platforms: ['linux/amd64'],
      newest: '1.27.1',
    },
  ],
});

const differing: ImageLock = {
  ...imageLock(),
  derived: {
    ...facts(),
    builder: {
      digest: digest('b'),
      platforms: [
        ...facts().builder.platforms.slice(0, 1),
        ...facts({ lifecycle: '0.20.8' }).builder.platforms.slice(1),
      ],
    },
  },
};

describe('a lock', () => {
  test.each([
    ['a plain one', imageLock()],
    ['one with everything', whole],
    ['one whose platforms differ', differing],
  ])('that is written reads as what was locked: %s', (_, lock) => {
    const { id: _id, places: _places, ...read } = lockOf(alone(lock)).images.get('web') ?? {};
    expect(read).toEqual(lock);
  });

  test('has each pin on one line, and what platforms share once', () => {
    const text = alone(whole);
    const lines = text.split('\n');
    expect(lines).toContain(`      builder: heroku/builder:24@${digest('b')}`);
    expect(lines).toContain(`      run-image: heroku/heroku:24@${digest('d')}`);
    expect(text.match(/lifecycle: /g)).toHaveLength(1);
    expect(text).toContain('      builder:\n        platforms:\n          linux/amd64: ');
    expect(alone(differing)).toContain(
      '      builder:\n        - platforms:\n            linux/amd64: ',
    );
    expect(text.startsWith('# ')).toBe(true);
  });

  test('knows the line of each fact', () => {
    const text = alone(whole);
    const lock = lockOf(text).images.get('web');
    const lines = text.split('\n');
    const lineOf = (place: string) => lines[(lock?.places.get(place)?.line ?? 0) - 1]?.trim();
    expect(lineOf('builder')).toContain('builder: heroku/builder');
    expect(lineOf('run-image')).toContain('run-image: heroku/heroku');
    expect(lineOf('lifecycle linux/arm64')).toBe('lifecycle: 0.20.7');
    expect(lineOf('order linux/amd64')).toBe('order:');
    expect(lineOf('builder platforms linux/arm64')).toBe(`linux/arm64: ${digest('2')}`);
    expect(lineOf('run-image platforms linux/arm64')).toBe(`linux/arm64: ${digest('4')}`);
    expect(lineOf('until')).toBe('until: 2026-04-27');
  });

  test('keeps every other byte when a pin and its facts are changed', () => {
    const text = alone(whole)
      .replace('    pins:', '    # Bumped by Renovate.\n    pins:')
      .replace('lifecycle: 0.20.7', 'lifecycle:   "0.20.7"   # of the builder');
    const lock = lockOf(text).images.get('web');
    const builder = `heroku/builder:24@${digest('e')}`;
    const after = writeLock(
      new Map([['web', { ...whole, builder, derived: facts({ lifecycle: '0.21.8' }) }]]),
      { text, others: new Map(lock === undefined ? [] : [['web', lock]]) },
    );
    const expected = text
      .replace(`builder: heroku/builder:24@${digest('b')}`, `builder: ${builder}`)
      .replace('"0.20.7"', '0.21.8');
    expect(after).toBe(expected);
  });

  test('gets a further image behind those that it has', () => {
    const text = alone(imageLock());
    const before = { text, others: lockOf(text).images };
    const after = writeLock(new Map([['api', whole]]), before);
    expect(after.startsWith(text)).toBe(true);
    expect([...lockOf(after).images.keys()]).toEqual(['web', 'api']);
  });

  test('is written below what a file without any says', () => {
    const after = writeLock(new Map([['web', imageLock()]]), {
      text: '# ours\n',
      others: new Map(),
    });
    expect(after.startsWith('# ours\n')).toBe(true);
    expect(lockOf(after).images.size).toBe(1);
  });
});

const good = alone(imageLock());
const lineOf = (text: string, part: string) =>
  text.split('\n').findIndex((line) => line.includes(part)) + 1;

describe('a lock with something wrong says it with its line', () => {
  test.each<[string, (text: string) => string, string, string]>([
    ['what is no YAML', () => 'images: [', '1:10', 'this is not valid YAML'],
    ['an empty file', () => '', 'undefined:undefined', 'says nothing'],
    [
      'another version',
      (text) => text.replace('version: 1', 'version: 2'),
      '4:10',
      '"2" is not known here; there are: 1',
    ],
    [
      'a pin without a digest',
      (text) => text.replace(`heroku/builder:24@${digest('b')}`, 'heroku/builder:24'),
      `${lineOf(good, 'builder: heroku')}:16`,
      '"heroku/builder:24" has no digest; expected the form NAME:TAG@sha256:…',
    ],
    [
      'a digest that is none',
      (text) => text.replace(digest('1'), 'sha256:1'),
      `${lineOf(good, digest('1'))}:24`,
      '"sha256:1" is not a digest',
    ],
    [
      'a misspelt key',
      (text) => text.replace('lifecycle:', 'lifecylce:'),
      `${lineOf(good, 'lifecycle:')}:9`,
      'did you mean "lifecycle"?',
    ],
    [
      'a platform that is none',
      (text) => text.replace('linux/arm64', 'linux arm64'),
      `${lineOf(good, 'linux/arm64')}:11`,
      '"linux arm64" is not a platform',
    ],
    [
      'a platform by another of its names',
      (text) => text.replace('linux/arm64', 'linux/aarch64'),
      `${lineOf(good, 'linux/arm64')}:11`,
      'it is written linux/arm64',
    ],
    [
      'an order that names what the builder lacks',
      (text) => text.replace('[heroku/python@0.25.0', '[heroku/python@0.26.0'),
      `${lineOf(good, 'order:')}:9`,
      'the lock disagrees with itself: "order" names heroku/python@0.26.0, which is not one of "buildpacks"',
    ],
    [
      'a probe of what the builder lacks',
      () =>
        alone(whole).replace('buildpack: heroku/python@0.25.0', 'buildpack: heroku/python@1.0.0'),
      `${lineOf(alone(whole), 'probed:')}:7`,
      '"probed" names heroku/python@1.0.0, which is not one of "buildpacks"',
    ],
    [
      'pins alone',
      (text) => text.slice(0, text.indexOf('    derived:')),
      `${lineOf(good, 'builder:')}:7`,
      'the lock has pins, and nothing that is derived from them; run "sea-trial parity update"',
    ],
    [
      'a platform without a run image',
      (text) => text.replace(`          linux/arm64: ${digest('4')}\n`, ''),
      `${lineOf(good, 'linux/arm64')}:11`,
      'linux/arm64 has a digest of the builder and none of the run image',
    ],
    [
      'a channel of what has none',
      (text) => text.replace('    time:', '    channel: latest\n    time:'),
      `${lineOf(good, 'time:')}:5`,
      '"channel" is for the values of a deployment',
    ],
    [
      'an end of a channel that has none',
      (text) => text.replace('    time:', '    until: 2026-04-27\n    time:'),
      `${lineOf(good, 'time:')}:5`,
      '"until" is for the channel "deprecated"',
    ],
    [
      'a day that there is not',
      (text) => text.replace('    time:', '    until: 2026-02-30\n    time:'),
      `${lineOf(good, 'time:')}:12`,
      '"2026-02-30" is not a day',
    ],
    [
      'a platform without a digest',
      (text) => text.replace(`linux/arm64: ${digest('2')}`, 'linux/arm64:'),
      `${lineOf(good, 'linux/arm64')}:11`,
      '"linux/arm64" has no digest',
    ],
    [
      'a platform that is none, with how one is written',
      (text) => text.replace('linux/arm64', 'plan9'),
      `${lineOf(good, 'linux/arm64')}:11`,
      '"plan9" is not a platform, as linux/arm64 is',
    ],
    [
      'a platform in two groups',
      () => alone(differing).replace(`linux/arm64: ${digest('2')}`, `linux/amd64: ${digest('2')}`),
      `${lineOf(alone(differing), digest('2'))}:13`,
      'linux/amd64 has facts of the builder twice',
    ],
    [
      'a platform without a builder',
      (text) => text.replace(`          linux/arm64: ${digest('2')}\n`, ''),
      `${lineOf(good, digest('4')) - 1}:11`,
      'linux/arm64 has a digest of the run image and none of the builder; run "sea-trial parity update"',
    ],
    [
      'an end of a channel that is another one',
      (text) =>
        text
          .replace('    time:', '    channel: latest\n    until: 2026-04-27\n    time:')
          .replace('source: builder', 'source: v.yaml'),
      `${lineOf(good, 'time:') + 1}:5`,
      '"until" is for the channel "deprecated"; the channel is latest; remove one of them',
    ],
    [
      'an image without anything',
      () => 'version: 1\nimages:\n  web:\n',
      '3:3',
      '"web" says nothing',
    ],
  ])('%s', (_, change, place, message) => {
    const said = problemsOf(change(good));
    expect(said.join('\n')).toContain(`${place} `);
    expect(said.join('\n')).toContain(message);
  });

  test('says no more than what is wrong', () => {
    const order = good.replace('[heroku/python@0.25.0', '[heroku/python@0.26.0');
    expect(problemsOf(order)).toHaveLength(2);
    expect(problemsOf(good)).toStrictEqual([]);
    expect(problemsOf(alone(whole))).toStrictEqual([]);
    const until = good.replace('    time:', '    until: 2026-04-27\n    time:');
    expect(problemsOf(until)).toStrictEqual([
      `${lineOf(good, 'time:')}:5 the lock disagrees with itself: "until" is for the channel "deprecated"; the channel is not named; remove one of them`,
    ]);
  });

  test('says all that is wrong at once', () => {
    const text = good.replace('lifecycle:', 'lifecylce:').replace('version: 1', 'version: 3');
    expect(problemsOf(text).length).toBeGreaterThan(2);
  });
});
