import { describe, expect, test } from '@jest/globals';
import {
  type BuildpackRef,
  judgePins,
  type Offer,
  withAskedBuildpacks,
} from '../../src/buildpacks/index.js';
import { herokuPythonMinors } from '../../src/buildpacks/offers/heroku-python.js';
import { PIN_FORMATS } from '../../src/buildpacks/pins/formats.js';
import { resolvedBuilder } from './builders.js';

const AMD = 'linux/amd64';
const ARM = 'linux/arm64';
const REFERENCE = 'heroku/builder:24';

const builderOf = (refs: readonly BuildpackRef[], platforms = [AMD, ARM]) =>
  resolvedBuilder(REFERENCE, refs, platforms);

/** What the files pin, by name and text. */
function filesOf(written: Readonly<Record<string, string>>) {
  const read = Object.entries(written).map(([name, text]) => {
    const format = PIN_FORMATS.find((one) => one.name === name);
    if (format === undefined) throw new Error(`${name} pins nothing`);
    const at = { runtime: format.runtime, name, file: `app/${name}` };
    const { pin, fault } = format.parse(text);
    return { pins: pin ? [{ ...at, ...pin }] : [], faults: fault ? [{ ...at, ...fault }] : [] };
  });
  return { pins: read.flatMap(({ pins }) => pins), faults: read.flatMap(({ faults }) => faults) };
}

interface Described {
  readonly refs: readonly BuildpackRef[];
  readonly files: Readonly<Record<string, string>>;
  /** Versions of the first buildpack, by platform; without them they are not known. */
  readonly offered?: Readonly<Record<string, readonly string[]>>;
  readonly offers?: readonly Offer[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly now?: string;
  readonly faults?: readonly string[];
}

function judged({ refs, files, offered = {}, offers = [], faults = [], ...more }: Described) {
  const [first = { id: '', version: '' }] = refs;
  const runtime = filesOf(files).pins[0]?.runtime ?? 'python';
  const listed = Object.entries(offered).map(([platform, versions]) => ({
    runtime,
    platform,
    buildpack: first,
    from: 'buildpack.toml in its layer',
    versions: versions.map((version) => ({ version })),
  }));
  return judgePins({
    builder: builderOf(refs),
    files: filesOf(files),
    offers: { offers: [...listed, ...offers], faults },
    variables: new Map(Object.entries(more.variables ?? {})),
    now: new Date(more.now ?? '2026-11-30T00:00:00Z'),
  });
}

/** The offers of the table for a version of heroku/python, on both platforms. */
const herokuOffers = (version: string): readonly Offer[] => {
  const { minors = [], known = true } = herokuPythonMinors(version) ?? {};
  return [AMD, ARM].map((platform) => ({
    runtime: 'python',
    platform,
    buildpack: { id: 'heroku/python', version },
    from: `the table for heroku/python ${version}`,
    versions: minors.map((minor) => ({ version: minor })),
    series: true,
    ...(known ? {} : { partial: true }),
  }));
};

const heroku = (version: string, files: Described['files']) =>
  judged({ refs: [{ id: 'heroku/python', version }], files, offers: herokuOffers(version) });

const python = { id: 'acme/python', version: '1.2.3' };
const both = (...versions: readonly string[]) => ({ [AMD]: versions, [ARM]: versions });

describe('a pin that the builder does not offer', () => {
  test('is an error on its line, with what there is and which builder would do', () => {
    expect(heroku('0.25.0', { '.python-version': '# the app\n3.14\n' })).toStrictEqual([
      {
        code: 'version-not-offered',
        severity: 'error',
        subject: { reference: REFERENCE },
        message: '3.14 is not offered by heroku/builder:24 (heroku/python 0.25.0); newest: 3.13.',
        location: { file: 'app/.python-version', line: 2, column: 1 },
        remedy: 'Pin 3.13, or choose a builder with heroku/python 2.7.0 or later.',
        detail: ['Python there (the table for heroku/python 0.25.0): 3.9, 3.10, 3.11, 3.12, 3.13'],
      },
    ]);
  });

  test.each([
    ['0.25.0', '3.13', []],
    ['0.25.0', '3.13.99', []],
    ['0.25.0', '3.8', ['version-not-offered']],
    ['0.25.0', '3.14.0', ['version-not-offered']],
    ['2.7.0', '3.14', []],
    ['99.0.0', '3.14', []],
    ['99.0.0', '3.15', ['version-unknown']],
  ])('by heroku/python %s: %s gives %j', (version, pin, codes) => {
    expect(heroku(version, { '.python-version': pin }).map(({ code }) => code)).toStrictEqual(
      codes,
    );
  });

  test.each([
    ['0.25.0', '3.8', 'Pin 3.13, or choose a builder that offers it.'],
    ['0.18.0', '3.13', 'Pin 3.12, or choose a builder with heroku/python 0.19.0 or later.'],
  ])('names no older buildpack as what would do: %s, %s', (version, pin, remedy) => {
    expect(heroku(version, { '.python-version': pin }).map((one) => one.remedy)).toStrictEqual([
      remedy,
    ]);
  });

  test.each([
    ['heroku/builder:24@sha256:abc', 'heroku/builder:24'],
    ['r.example:5000/builder@sha256:abc', 'r.example:5000/builder@sha256:abc'],
  ])('names the builder %s as %s', (reference, name) => {
    const builder = { ...builderOf([python]), reference };
    const found = judgePins({
      builder,
      files: filesOf({ '.python-version': '3.14' }),
      offers: { offers: [], faults: [] },
      variables: new Map(),
      now: new Date(),
    });
    expect(found.map(({ message }) => message)).toStrictEqual([
      `Whether ${name} offers Python 3.14 (app/.python-version) is not known before the build.`,
    ]);
  });

  test('is told with the newest versions alone, where there are many, whatever their order', () => {
    const versions = Array.from({ length: 25 }, (_, at) => `3.${24 - at}.0`);
    const [one] = judged({
      refs: [python],
      files: { '.python-version': '3.99.1' },
      offered: both(...versions),
    });
    expect(one?.message).toContain('; newest: 3.24.0.');
    const shown = Array.from({ length: 20 }, (_, at) => `3.${at + 5}.0`).join(', ');
    expect(one?.detail).toStrictEqual([
      `Python there (buildpack.toml in its layer): ${shown} and 5 older`,
    ]);
  });

  test('is told with all of them where there are twenty', () => {
    const versions = Array.from({ length: 20 }, (_, at) => `3.${at}.0`);
    const [one] = judged({
      refs: [python],
      files: { '.python-version': '3.99.1' },
      offered: both(...versions),
    });
    expect(one?.detail).toStrictEqual([
      `Python there (buildpack.toml in its layer): ${versions.join(', ')}`,
    ]);
  });

  test('of a builder that offers none has no version in its remedy', () => {
    const [one] = judged({ refs: [python], files: { '.python-version': '3.14' }, offered: both() });
    expect(one).toStrictEqual({
      code: 'version-not-offered',
      severity: 'error',
      subject: { reference: REFERENCE },
      message: '3.14 is not offered by heroku/builder:24 (acme/python 1.2.3); it offers none.',
      remedy: 'Pin a version that is offered, or choose a newer builder.',
      location: { file: 'app/.python-version', line: 1, column: 1 },
      detail: ['Python there (buildpack.toml in its layer): none'],
    });
  });

  test('is told with the versions as the builder writes them, where the pin is a range', () => {
    const [one] = judged({
      refs: [python],
      files: { '.nvmrc': 'v22' },
      offered: both('20.11.1', 'next', '18.0.0'),
    });
    expect(one?.message).toContain('v22 is not offered by');
    expect(one?.detail).toStrictEqual([
      'Node.js there (buildpack.toml in its layer): next, 18, 20',
    ]);
  });

  test('is a version that the last of several in an offer would do for', () => {
    const asked = { refs: [python], files: { '.python-version': '3.12' } };
    expect(judged({ ...asked, offered: both('next', '3.13.1', '3.12.0') })).toStrictEqual([]);
  });

  test('is judged by the offer of that buildpack, that version and that runtime alone', () => {
    const offerOf = (more: Partial<Offer>): readonly Offer[] =>
      [AMD, ARM].map((platform) => ({
        runtime: 'python',
        platform,
        buildpack: python,
        from: 'x',
        versions: [{ version: '3.14.0' }],
        ...more,
      }));
    const asked = {
      refs: [python],
      files: { '.python-version': '3.14' },
      offers: [
        ...offerOf({ runtime: 'go' }),
        ...offerOf({ buildpack: { ...python, id: 'other/python' } }),
        ...offerOf({ buildpack: { ...python, version: '1.2.4' } }),
      ],
    };
    expect(judged(asked).map(({ code }) => code)).toStrictEqual(['version-unknown']);
  });

  test('that is long is shortened', () => {
    const [one] = judged({
      refs: [python],
      files: { '.python-version': `3.13.${'0'.repeat(5000)}` },
      offered: both('3.13.7'),
    });
    expect(one?.message.length).toBeLessThan(250);
  });

  test('names releases where a release is pinned, and minor versions where one of these is', () => {
    const messages = ['3.14', '3.14.1'].map(
      (pin) =>
        judged({
          refs: [python],
          files: { '.python-version': pin },
          offered: both('3.12.11', '3.13.7'),
        })[0],
    );
    expect(messages.map((one) => one?.message)).toStrictEqual([
      '3.14 is not offered by heroku/builder:24 (acme/python 1.2.3); newest: 3.13.',
      '3.14.1 is not offered by heroku/builder:24 (acme/python 1.2.3); newest: 3.13.7.',
    ]);
    expect(messages[1]?.remedy).toBe('Pin 3.13.7, or choose a builder that offers it.');
  });

  test('says what to pin as its file has it', () => {
    const [one] = judged({
      refs: [python],
      files: { 'runtime.txt': 'python-3.14.1\n' },
      offered: both('3.13.7'),
    }).filter(({ code }) => code === 'version-not-offered');
    expect(one?.remedy).toBe('Pin python-3.13.7, or choose a builder that offers it.');
  });

  test('on one platform alone is about that one', () => {
    const found = judged({
      refs: [python],
      files: { '.python-version': '3.13' },
      offered: { [AMD]: ['3.12.11', '3.13.7'], [ARM]: ['3.12.11'] },
    });
    expect(found).toMatchObject([
      { code: 'version-not-offered', subject: { platform: ARM, reference: REFERENCE } },
    ]);
  });

  test('is offered where another buildpack for the runtime has it', () => {
    const other = { id: 'other/python', version: '2.0.0' };
    const offers = [AMD, ARM].map((platform) => ({
      runtime: 'python' as const,
      platform,
      buildpack: other,
      from: 'x',
      versions: [{ version: '3.14.0' }],
    }));
    const asked = { refs: [python, other], files: { '.python-version': '3.14' } };
    expect(judged({ ...asked, offered: both('3.13.7'), offers })).toStrictEqual([]);
  });

  test('of Node.js beside another language is a warning: it may be for nothing but assets', () => {
    const files = { 'package.json': '{"engines":{"node":"22"}}' };
    const engine = { id: 'paketo-buildpacks/node-engine', version: '1.0.0' };
    const offered = both('20.11.1');
    const severities = (more: Described['files']) =>
      judged({ refs: [engine, python], files: { ...files, ...more }, offered })
        .filter(({ code }) => code === 'version-not-offered')
        .map(({ severity }) => severity);
    expect([severities({}), severities({ '.python-version': '3.13' })]).toStrictEqual([
      ['error'],
      ['warning'],
    ]);
  });
});

describe('a pin file that no buildpack of the builder reads', () => {
  test.each([
    ['heroku/nodejs', '3.0.0', '.nvmrc', '20'],
    ['heroku/python', '1.0.0', 'runtime.txt', 'python-3.12.1'],
    ['heroku/python', '0.17.0', '.python-version', '3.12'],
    ['paketo-buildpacks/cpython', '1.9.0', '.python-version', '3.12'],
    ['heroku/ruby', '5.0.0', '.ruby-version', '3.3.0'],
  ])('%s %s says so of %s', (id, version, name, text) => {
    const found = judged({ refs: [{ id, version }], files: { [name]: text } });
    const [one] = found.filter(({ code }) => code === 'pin-not-read');
    expect(one).toMatchObject({ severity: 'warning', location: { file: `app/${name}`, line: 1 } });
    expect(one?.message).toContain(`${name} is not read by ${id} ${version}:`);
    expect(found.filter(({ severity }) => severity === 'error')).toStrictEqual([]);
  });

  test('is said beside the one that is read, which is judged', () => {
    const found = heroku('2.6.0', { 'runtime.txt': 'python-3.12.1', '.python-version': '3.14' });
    expect(found.map(({ code }) => code)).toStrictEqual(['pin-not-read', 'version-not-offered']);
  });

  test('of two that are read, the first counts', () => {
    const files = { 'runtime.txt': 'python-3.12.1', '.python-version': '3.14' };
    expect(heroku('0.25.0', files)).toStrictEqual([]);
  });
});

test('a pin file that is not read is said with what is read instead', () => {
  const remedies = (id: string, version: string, name: string, text: string) =>
    judged({ refs: [{ id, version }], files: { [name]: text } })
      .filter(({ code }) => code === 'pin-not-read')
      .map(({ message, remedy, subject }) => [message, remedy, subject]);
  expect(remedies('heroku/nodejs', '3.0.0', '.nvmrc', '20')).toStrictEqual([
    [
      '.nvmrc is not read by heroku/nodejs 3.0.0: the version of Node.js that it names has no effect.',
      'Write the version in package.json: "engines": { "node": "…" }.',
      {},
    ],
  ]);
  const python = (version: string) =>
    ['runtime.txt', '.python-version']
      .flatMap((name) => remedies('heroku/python', version, name, 'python-3.12.1'))
      .map(([, remedy]) => remedy);
  expect(python('0.17.0')).toStrictEqual(['Write the version in runtime.txt: python-X.Y.Z.']);
  expect(python('0.18.0')).toStrictEqual([]);
  expect(python('1.0.0')).toStrictEqual(['Write the version in .python-version: X.Y.']);
  expect(
    remedies('paketo-buildpacks/cpython', '1.9.0', '.python-version', '3.12').map(([, one]) => one),
  ).toStrictEqual(['Write the version as a variable of the build ("env"): BP_CPYTHON_VERSION.']);
  expect(
    remedies('heroku/ruby', '5.0.0', '.ruby-version', '3.3.0').map(([, one]) => one),
  ).toStrictEqual(['Write the version in the Gemfile, and run bundle update --ruby.']);
});

describe('a pin file that its buildpack refuses', () => {
  test('is an error at the place', () => {
    expect(heroku('2.7.0', { '.python-version': '3.12\n3.13\n' })).toMatchObject([
      {
        code: 'pin-invalid',
        severity: 'error',
        message:
          '.python-version is refused by heroku/python 2.7.0: it has 2 versions, "3.12", "3.13"; expected one.',
        location: { file: 'app/.python-version', line: 2, column: 1 },
      },
    ]);
  });

  test('is judged by what most tools read, where the rules of the buildpack are not known', () => {
    const asked = { refs: [python], offered: both('3.13.7') };
    expect(judged({ ...asked, files: { '.python-version': '3.13 # why' } })).toStrictEqual([]);
    const codes = judged({ ...asked, files: { '.python-version': '3.14 # why' } });
    expect(codes.map(({ code }) => code)).toStrictEqual(['version-not-offered']);
  });
});

test('of buildpacks that lead to others, these are what reads a file', () => {
  const engine = { id: 'heroku/nodejs-engine', version: '3.0.0' };
  const all = { id: 'heroku/nodejs', version: '3.0.0' };
  const builder = resolvedBuilder(REFERENCE, [all], [AMD]);
  const found = judgePins({
    builder: {
      ...builder,
      platforms: builder.platforms.map((on) => ({
        ...on,
        buildpacks: [
          { ...all, api: '0.10', order: [[engine]] },
          { ...engine, api: '0.10', order: [] },
        ],
      })),
    },
    files: filesOf({ '.nvmrc': '20' }),
    offers: { offers: [], faults: [] },
    variables: new Map(),
    now: new Date(),
  });
  expect(found.map(({ message }) => message)).toStrictEqual([
    '.nvmrc is not read by heroku/nodejs-engine 3.0.0: the version of Node.js that it names has no effect.',
  ]);
});

test('several languages are judged each by its own files', () => {
  const refs = [
    { id: 'heroku/python', version: '0.25.0' },
    { id: 'heroku/go', version: '1.0.0' },
  ];
  const found = judged({
    refs,
    files: { 'go.mod': 'go latest', '.python-version': '3.14' },
    offers: herokuOffers('0.25.0'),
  });
  expect(found.map(({ code, severity, message }) => [code, severity, message])).toStrictEqual([
    [
      'version-not-offered',
      'error',
      '3.14 is not offered by heroku/builder:24 (heroku/python 0.25.0); newest: 3.13.',
    ],
    [
      'pin-invalid',
      'error',
      'go.mod is refused by heroku/go 1.0.0: "latest" is not a version of Go.',
    ],
  ]);
});

test('a warning about Node.js beside another language stays one, and a note a note', () => {
  const refs = [{ id: 'heroku/nodejs', version: '3.0.0' }, python];
  const found = judged({
    refs,
    files: {
      '.nvmrc': '20',
      'package.json': '{"engines":{"node":"20"}}',
      '.python-version': '3.13',
    },
  });
  expect(found.map(({ code, severity }) => [code, severity])).toStrictEqual([
    ['pin-not-read', 'warning'],
    ['version-unknown', 'note'],
  ]);
});

describe('what cannot be known', () => {
  test('is said with the place of the first file, and with five reasons at most', () => {
    const faults = ['1', '2', '3', '4', '5', '6'].map((one) => `Fault ${one}.`);
    const files = { '.python-version': '3.14', '.nvmrc': '20' };
    const remedy =
      'Nothing: the build shows it. For Go, Node.js and Python, sea-trial parity probe asks the buildpack once and keeps its answer in the lock.';
    expect(judged({ refs: [], files, faults })).toStrictEqual([
      {
        code: 'version-unknown',
        severity: 'note',
        subject: { reference: REFERENCE },
        message:
          'Whether heroku/builder:24 offers Python 3.14 (app/.python-version) and Node.js 20 (app/.nvmrc) is not known before the build.',
        location: { file: 'app/.python-version', line: 1, column: 1 },
        remedy,
        detail: faults.slice(0, 5),
      },
    ]);
    expect(judged({ refs: [], files: { '.nvmrc': '20' } })).toStrictEqual([
      {
        code: 'version-unknown',
        severity: 'note',
        subject: { reference: REFERENCE },
        message:
          'Whether heroku/builder:24 offers Node.js 20 (app/.nvmrc) is not known before the build.',
        location: { file: 'app/.nvmrc', line: 1, column: 1 },
        remedy,
      },
    ]);
  });

  test('is one file of a runtime that no buildpack is for', () => {
    const files = { '.python-version': '3.14', 'runtime.txt': 'python-3.14' };
    expect(judged({ refs: [], files }).map(({ message }) => message)).toStrictEqual([
      'Whether heroku/builder:24 offers Python 3.14 (app/.python-version) is not known before the build.',
    ]);
  });

  test('is one note, however many files there are', () => {
    const refs = [
      { id: 'heroku/nodejs', version: '3.0.0' },
      { id: 'heroku/go', version: '1.0.0' },
    ];
    const files = { 'package.json': '{"engines":{"node":"20"}}', 'go.mod': 'go 1.22' };
    expect(judged({ refs, files, faults: ['A fault.'] })).toStrictEqual([
      expect.objectContaining({
        code: 'version-unknown',
        severity: 'note',
        message:
          'Whether heroku/builder:24 offers Node.js 20 (app/package.json) and Go 1.22 (app/go.mod) is not known before the build.',
        detail: ['A fault.'],
      }),
    ]);
  });

  test('is a name whose versions change, and a runtime that no buildpack is known for', () => {
    const engine = { id: 'paketo-buildpacks/node-engine', version: '1.0.0' };
    const codes = (refs: Described['refs'], files: Described['files']) =>
      judged({ refs, files, offered: both('20.11.1') }).map(({ code }) => code);
    expect(codes([engine], { '.nvmrc': 'lts/*' })).toStrictEqual(['version-unknown']);
    expect(codes([engine], { '.nvmrc': '20' })).toStrictEqual([]);
    expect(codes([{ id: 'acme/other', version: '1' }], {})).toStrictEqual([]);
  });

  test('is a file that is not read here, which its buildpack may read', () => {
    const at = { runtime: 'python', name: '.python-version', file: '.python-version' } as const;
    const fault = { ...at, line: 1, column: 1, fault: 'it is not a file', unread: true } as const;
    const found = judgePins({
      builder: builderOf([{ id: 'heroku/python', version: '6.4.0' }]),
      files: { pins: [], faults: [fault] },
      offers: { offers: herokuOffers('6.4.0'), faults: [] },
      variables: new Map(),
      now: new Date(),
    });
    expect(found.map(({ message }) => message)).toStrictEqual([
      'Whether heroku/builder:24 offers the Python that .python-version names (it is not a file) is not known before the build.',
    ]);
  });

  describe('of a variable that comes before every file', () => {
    const refs = [{ id: 'paketo-buildpacks/node-engine', version: '1.0.0' }];
    const node = (BP_NODE_VERSION: string, files: Described['files'] = {}) =>
      judged({
        refs,
        files,
        variables: { BP_NODE_VERSION },
        offers: [AMD, ARM].map((platform) => ({
          runtime: 'node',
          platform,
          buildpack: refs[0] ?? { id: '', version: '' },
          from: 'x',
          versions: [{ version: '20.11.1' }],
        })),
      });

    test('is judged as those of files are, and these count no more', () => {
      expect(node('20', { '.nvmrc': '22' })).toStrictEqual([]);
      for (const files of [{}, { '.nvmrc': '20' }]) {
        const [found, ...more] = node('^22', files);
        expect(more).toStrictEqual([]);
        expect(found).toMatchObject({
          code: 'version-not-offered',
          message:
            'BP_NODE_VERSION=^22 is not offered by heroku/builder:24 (paketo-buildpacks/node-engine 1.0.0); newest: 20.11.1.',
        });
        expect(found?.location).toBeUndefined();
      }
    });

    test('is said where it cannot be known, one that no buildpack is known to read too', () => {
      expect(node(' 22 ')[0]?.message).toContain('BP_NODE_VERSION=22 is not offered by');
      expect(node(' ')).toStrictEqual([]);
      expect(node('lts').map(({ code, message }) => [code, message])).toStrictEqual([
        [
          'version-unknown',
          'Whether heroku/builder:24 offers Node.js lts (BP_NODE_VERSION) is not known before the build.',
        ],
      ]);
      const variables = { BP_GO_VERSION: '1.22', BP_LOG_LEVEL: 'x', GOOGLE_RUNTIME_VERSION: '3' };
      const found = judged({ refs, files: {}, variables });
      expect(found.map(({ message }) => message)).toStrictEqual([
        'Whether heroku/builder:24 offers what the variable BP_GO_VERSION asks for and what the variable GOOGLE_RUNTIME_VERSION asks for is not known before the build.',
      ]);
    });
  });
});

test('nothing that cannot be seen comes out of a file, or of a builder, into a finding', () => {
  const bad = '3\u001b[31m.1\u0007\u202e\u200b';
  const json = JSON.stringify(bad);
  const files = {
    '.python-version': bad,
    'package.json': `{ "engines": { "node": ${json} } }`,
    '.nvmrc': bad,
    '.node-version': bad,
    'go.mod': `module x\ngo ${bad}\n`,
    'Gemfile.lock': `RUBY VERSION\n   ruby ${bad}\n`,
    '.ruby-version': bad,
    'composer.json': `{ "require": { "php": ${json} } }`,
  };
  const ids = ['python', 'nodejs-engine', 'go', 'ruby', 'php'].map((one) => `heroku/${one}`);
  const refs = [python, ...ids.map((id) => ({ id, version: '6.4.0' }))];
  const told: string[] = [];
  const found = Object.entries(files).flatMap(([name, text]) => {
    const one = judged({ refs, files: { [name]: text }, offered: both(bad) });
    if (one.length > 0) told.push(name);
    return one;
  });
  expect(told).toStrictEqual(Object.keys(files));
  const runtime = heroku('0.17.0', { 'runtime.txt': `python-${bad}` });
  const builders = judged({
    refs: [python],
    files: { '.python-version': '3.9' },
    offered: both(bad),
  });
  expect([runtime.length, builders.length]).toStrictEqual([1, 1]);
  found.push(...runtime, ...builders);
  const texts = found.flatMap(({ message, remedy, detail = [] }) => [message, remedy, ...detail]);
  expect(texts.filter((text) => /[\p{Cc}\p{Cf}]/u.test(text ?? ''))).toStrictEqual([]);
  expect(texts.join('\n')).toContain('3\\x1b[31m.1\\x07\\x{202e}\\x{200b}');
});

test.each([
  ['2026-09-01', []],
  ['2026-09-30', []],
  ['2026-10-01', ['version-deprecated']],
  ['2026-10-10', ['version-deprecated']],
  ['2027-01-01', ['version-deprecated']],
])('on %s a version that is given up on 2026-10-31 gives %j', (now, codes) => {
  const versions = [
    { version: '3.9.1', deprecation: '2020-01-01' },
    { version: '3.10.18', deprecation: '2026-10-31' },
    { version: '3.10.2' },
    { version: 'next' },
    { version: '3.11.1' },
  ];
  const offers = [AMD, ARM].map((platform) => ({
    runtime: 'python' as const,
    platform,
    buildpack: python,
    from: 'x',
    versions,
  }));
  const found = judged({ refs: [python], files: { '.python-version': '3.10' }, offers, now });
  expect(found.map(({ code }) => code)).toStrictEqual(codes);
  for (const { severity, message, subject, location } of found) {
    expect(subject).toStrictEqual({ reference: REFERENCE });
    expect(location).toStrictEqual({ file: 'app/.python-version', line: 1, column: 1 });
    expect([severity, message]).toStrictEqual([
      'warning',
      'Python 3.10.18, which acme/python 1.2.3 takes for 3.10, is given up by its makers on 2026-10-31.',
    ]);
  }
});

describe('the buildpacks of which the build chooses', () => {
  const other = { id: 'other/python', version: '2.0.0' };
  const builder = { ...builderOf([python, other]) };
  const ids = (asked: Partial<Parameters<typeof withAskedBuildpacks>[1]>) =>
    withAskedBuildpacks(builder, {
      buildpacks: [],
      preBuildpacks: [],
      postBuildpacks: [],
      ...asked,
    })
      .platforms[0]?.order.flat()
      .map(({ id }) => id);

  test('are those of the order, and those asked for beside it or in its place', () => {
    expect(ids({})).toStrictEqual(['acme/python', 'other/python']);
    expect(ids({ buildpacks: ['urn:cnb:builder:other/python@2.0.0'] })).toStrictEqual([
      'other/python',
    ]);
    expect(ids({ preBuildpacks: ['acme/deb'] })).toStrictEqual([
      'acme/python',
      'other/python',
      'acme/deb',
    ]);
    expect(ids({ buildpacks: ['from=builder', 'a/b'] })).toHaveLength(3);
    const asked = { preBuildpacks: ['./apt', 'a/b'], postBuildpacks: ['c/d@2'] };
    expect(
      withAskedBuildpacks(builder, { buildpacks: [], ...asked }).platforms.map(({ order }) =>
        order.slice(1),
      ),
    ).toStrictEqual(
      Array(2).fill([
        [
          { id: 'a/b', version: '' },
          { id: 'c/d', version: '2' },
        ],
      ]),
    );
  });
});
