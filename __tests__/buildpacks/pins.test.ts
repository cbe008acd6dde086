import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readPins } from '../../src/buildpacks/index.js';
import { composerJson } from '../../src/buildpacks/pins/composer-json.js';
import { PIN_FORMATS } from '../../src/buildpacks/pins/formats.js';
import { goMod } from '../../src/buildpacks/pins/go-mod.js';
import { nvmrc } from '../../src/buildpacks/pins/node-version.js';
import { packageJson } from '../../src/buildpacks/pins/package-json.js';
import type { PinFormat } from '../../src/buildpacks/pins/pin.js';
import { procfileTypes } from '../../src/buildpacks/pins/procfile.js';
import { pythonVersion } from '../../src/buildpacks/pins/python-version.js';
import { gemfileLock, rubyVersion } from '../../src/buildpacks/pins/ruby.js';
import { runtimeTxt } from '../../src/buildpacks/pins/runtime-txt.js';
import { satisfies, versionNumbers } from '../../src/buildpacks/versions.js';
import { realPorts } from '../../src/ports/index.js';

/** What a file pins, as `text@line:column`, and why it is refused, as `clause@line:column`. */
function read(format: PinFormat, text: string) {
  const { pin, fault } = format.parse(text);
  return [
    pin === undefined ? undefined : `${pin.text}@${pin.line}:${pin.column}`,
    fault === undefined ? undefined : `${fault.fault}@${fault.line}:${fault.column}`,
  ];
}

/** Which of some versions a pin takes. */
function taken(format: PinFormat, text: string, versions: readonly string[]) {
  const { constraint } = format.parse(text).pin ?? {};
  if (constraint === undefined) return undefined;
  return versions.filter((one) => satisfies(versionNumbers(one) ?? [], constraint));
}

const FORM = 'expected X.Y or X.Y.Z, such as 3.13';

describe('.python-version', () => {
  // The cases of heroku/python's own tests (src/python_version_file.rs) are among these.
  test.each([
    ['3.14', '3.14@1:1', undefined],
    ['3.14\n', '3.14@1:1', undefined],
    ['3.14.6\r\n', '3.14.6@1:1', undefined],
    ['  # Comment 1\n\n \t 1.2.3  \r\n  # Comment 2', '1.2.3@3:4', undefined],
    ['', undefined, 'it has no version@1:1'],
    ['# only\n\n# comments', undefined, 'it has no version@1:1'],
    ['3', '3@1:1', `"3" is not a version; ${FORM}@1:1`],
    ['1.2.3.4', '1.2.3.4@1:1', `"1.2.3.4" is not a version; ${FORM}@1:1`],
    ['1..3', '1..3@1:1', `"1..3" is not a version; ${FORM}@1:1`],
    ['1.2rc1', '1.2rc1@1:1', `"1.2rc1" is not a version; ${FORM}@1:1`],
    ['python-1.2.3', 'python-1.2.3@1:1', `"python-1.2.3" is not a version; ${FORM}@1:1`],
    ['3.12\u001b', '3.12\u001b@1:1', `"3.12\\x1b" is not a version; ${FORM}@1:1`],
    ['3.12 # inline', '3.12@1:1', `"3.12 # inline" is not a version; ${FORM}@1:1`],
    ['\ufeff3.12', '3.12@1:1', 'it begins with a byte order mark@1:1'],
    ['3.1\r4', '3.1@1:1', `"3.1\\r4" is not a version; ${FORM}@1:1`],
    ['1.2\n3.4', '1.2@1:1', 'it has 2 versions, "1.2", "3.4"; expected one@2:1'],
    ['1\n2\n3\n4', '1@1:1', 'it has 4 versions, "1", "2", "3"; expected one@2:1'],
  ])('%j is read as heroku/python and pyenv read it', (text, pin, fault) => {
    expect(read(pythonVersion, text)).toStrictEqual([pin, fault]);
  });

  test('two numbers are any release of theirs, three are one', () => {
    const versions = ['3.13.9', '3.14.0', '3.14.6', '3.15.0'];
    expect(taken(pythonVersion, '3.14', versions)).toStrictEqual(['3.14.0', '3.14.6']);
    expect(taken(pythonVersion, '3.14.6', versions)).toStrictEqual(['3.14.6']);
    expect(taken(pythonVersion, 'pypy3.9', versions)).toBeUndefined();
  });
});

test.each([
  ['python-3.12.1\n', '3.12.1@1:8', undefined],
  ['\r\n python-3.12 \r\n', '3.12@2:9', undefined],
  [
    '3.12.1',
    undefined,
    '"3.12.1" is not a version; expected python-X.Y.Z, such as python-3.12.1@1:1',
  ],
  [
    'python-3.12.1 # why',
    undefined,
    '"python-3.12.1 # why" is not a version; expected python-X.Y.Z, such as python-3.12.1@1:1',
  ],
  [' \n', undefined, 'it has no version@1:1'],
  [
    '\ufeffpython-3.12.1',
    undefined,
    '"\\x{feff}python-3.12.1" is not a version; expected python-X.Y.Z, such as python-3.12.1@1:2',
  ],
  [
    'python-3.12\npython-3.13',
    undefined,
    '"python-3.12\npython-3.13" is not a version; expected python-X.Y.Z, such as python-3.12.1@1:1',
  ],
])('runtime.txt %j is read as heroku/python did', (text, pin, fault) => {
  expect(read(runtimeTxt, text)).toStrictEqual([pin, fault]);
});

describe('package.json', () => {
  test.each([
    ['{\n  "engines": {\n    "node": "20.x"\n  }\n}\n', '20.x@3:14', undefined],
    ['\ufeff{"engines":{"node":"20"}}', '20@1:21', undefined],
    ['{"name":"a","dependencies":{"node":"1"}}', undefined, undefined],
    ['{"x":[{"engines":{"node":"1"}}],"engines":{"npm":"9"}}', undefined, undefined],
    ['{"engines":{"node":"1"},"engines":{"node":"20"}}', '20@1:44', undefined],
    ['{"engines":{"node":20}}', undefined, undefined],
    ['{"engines":"20"}', undefined, undefined],
    ['{"engines":{"no\\u0064e":"20"}}', '20@1:26', undefined],
    ['{"engines":{"node":"twenty"}}', undefined, 'engines.node "twenty" is not a range@1:21'],
    ['{"engines":{"node":"20"},"license":"MIT"}', '20@1:21', undefined],
    ['{"engines":{"node":"20","npm":"9"},"volta":{"node":"18"}}', '20@1:21', undefined],
    ['{"files":["a","b"],"engines":{"node":"20"},"x":[["y"]]}', '20@1:39', undefined],
    ['{"a":[{"b":1},["c"]],"engines":{"os":["linux"],"node":"20"}}', '20@1:56', undefined],
    ['{"x":{"engines":{"node":"1"}},"engines":{"node":"20"}}', '20@1:50', undefined],
    ['{"engines":{"x":{"node":"1"},"node":"20"}}', '20@1:38', undefined],
    ['{"engines":null}', undefined, undefined],
    ['{"engines":["node"]}', undefined, undefined],
    ['{"engines":{"node":["20"]}}', undefined, undefined],
    [
      `{"engines":{"node":"${'x'.repeat(60)}"}}`,
      undefined,
      `engines.node "${'x'.repeat(60)}" is not a range@1:21`,
    ],
    [
      `{"engines":{"node":"${'x'.repeat(61)}"}}`,
      undefined,
      `engines.node "${'x'.repeat(60)}…" is not a range@1:21`,
    ],
    ['{"engines":', undefined, 'it is not a JSON object@1:1'],
    ['[]', undefined, 'it is not a JSON object@1:1'],
  ])('%j is read with the place of its range', (text, pin, fault) => {
    expect(read(packageJson, text)).toStrictEqual([pin, fault]);
  });

  test.each([
    ['>=18 <21', ['18.0.0', '20.11.1']],
    ['~=20.11.0', ['20.11.1']],
    ['latest', ['18.0.0', '20.11.1', '22.1.0']],
    [' latest ', ['18.0.0', '20.11.1', '22.1.0']],
  ])('a range %j takes the versions that npm would', (range, versions) => {
    const text = JSON.stringify({ engines: { node: range } });
    expect(taken(packageJson, text, ['18.0.0', '20.11.1', '22.1.0'])).toStrictEqual(versions);
  });
});

test.each([
  ['v20.11.1\n', '20.11.1', ['20.11.1'], undefined],
  ['20', '20', ['20.11.1'], undefined],
  ['# why\nlts/iron # codename', 'lts/iron', ['20.11.1'], undefined],
  ['node', 'node', ['18.0.0', '20.11.1', '22.1.0'], undefined],
  ['LTS/Hydrogen', 'LTS/Hydrogen', ['18.0.0'], undefined],
  ['lts/*', 'lts/*', undefined, undefined],
  ['lts/-1', 'lts/-1', undefined, undefined],
  ['stable', 'stable', undefined, undefined],
  ['lts/constructor', undefined, undefined, '"lts/constructor" is not a version@1:1'],
  ['lts/iron2', undefined, undefined, '"lts/iron2" is not a version@1:1'],
  ['xlts/iron', undefined, undefined, '"xlts/iron" is not a version@1:1'],
  ['2v0', undefined, undefined, '"2v0" is not a version@1:1'],
  ['unstable2', undefined, undefined, '"unstable2" is not a version@1:1'],
  ['20\n22', '20', ['20.11.1'], 'it has more than one version@2:1'],
  ['twenty', undefined, undefined, '"twenty" is not a version@1:1'],
  ['', undefined, undefined, 'it has no version@1:1'],
])('.nvmrc %j is read as nvm reads it', (text, pin, versions, fault) => {
  expect(nvmrc.parse(text).pin?.text.replace(/^v/, '')).toBe(pin);
  expect(taken(nvmrc, text, ['18.0.0', '20.11.1', '22.1.0'])).toStrictEqual(versions);
  expect(read(nvmrc, text)[1]).toBe(fault);
});

test.each([
  ['module a\r\n\r\ngo 1.22\r\n', '1.22@3:4', ['1.22.0', '1.23.1']],
  ['go 1.23rc2\ntoolchain go1.24.1', '1.23rc2@1:4', ['1.23.1']],
  ['// +heroku goVersion go1.22\n', 'go1.22@1:22', ['1.22.0']],
  ['go 1.23rc12', '1.23rc12@1:4', ['1.23.1']],
  ['go 1.23beta1', '1.23beta1@1:4', ['1.23.1']],
  ['go 1.22\n// +heroku goVersion go1.22.0\n', 'go1.22.0@2:22', ['1.22.0']],
  ['go 1.21\n// +heroku goVersion 1.22', '1.22@2:22', ['1.22.0', '1.23.1']],
  ['// +heroku goVersion >=1.21,<1.23\n', '>=1.21,<1.23@1:22', ['1.21.9', '1.22.0']],
  ['// +heroku goVersion =1.22\n', '=1.22@1:22', ['1.22.0']],
  ['module a\n', undefined, undefined],
])(
  'go.mod %j asks for a version or a newer one, but for heroku/go alone',
  (text, pin, versions) => {
    expect(read(goMod, text)).toStrictEqual([pin, undefined]);
    expect(taken(goMod, text, ['1.21.9', '1.22.0', '1.23.1'])).toStrictEqual(versions);
  },
);

test('go.mod with nonsense for a version is refused at its place', () => {
  expect(read(goMod, '// +heroku goVersion newest')).toStrictEqual([
    undefined,
    '"newest" is not a version of Go@1:22',
  ]);
  expect(read(goMod, '// +heroku goVersion gonewest')).toStrictEqual([
    undefined,
    '"gonewest" is not a version of Go@1:22',
  ]);
  expect(read(goMod, 'module a\ngo latest')).toStrictEqual([
    undefined,
    '"latest" is not a version of Go@2:4',
  ]);
  expect(read(goMod, 'go 1.23rc1.5')).toStrictEqual([
    undefined,
    '"1.23rc1.5" is not a version of Go@1:4',
  ]);
});

test('what a file says that pins nothing, or what is not known, has no more than that', () => {
  expect(packageJson.parse('{}')).toStrictEqual({});
  expect(composerJson.parse('{}')).toStrictEqual({});
  expect(goMod.parse('')).toStrictEqual({});
  expect(gemfileLock.parse('')).toStrictEqual({});
  const place = { line: 1, column: 1 };
  expect(nvmrc.parse('system')).toStrictEqual({ pin: { ...place, text: 'system' } });
  expect(rubyVersion.parse('jruby')).toStrictEqual({ pin: { ...place, text: 'jruby' } });
  expect(pythonVersion.parse('pypy').pin).toStrictEqual({ ...place, text: 'pypy' });
});

test.each([
  ['GEM\n  specs:\n\nRUBY VERSION\n   ruby 3.3.0p0\n\nBUNDLED WITH\n', '3.3.0p0@5:9', ['3.3.0']],
  ['RUBY VERSION\r\n   ruby 3.4.1\r\n', '3.4.1@2:9', ['3.4.1']],
  [
    'RUBY VERSION\n   ruby 2.5.7p0 (jruby 9.2.9.0)\n',
    'ruby 2.5.7p0 (jruby 9.2.9.0)@2:4',
    undefined,
  ],
  ['RUBY VERSION  \n   ruby 3.3.0p12', '3.3.0p12@2:9', ['3.3.0']],
  ['RUBY VERSION\n   ruby 3.3p1.0', '3.3p1.0@2:9', undefined],
  ['  RUBY VERSION\n   ruby 3.3.0', undefined, undefined],
  ['RUBY VERSION', undefined, undefined],
  ['GEM\n', undefined, undefined],
])('Gemfile.lock %j pins the release that Bundler wrote', (text, pin, versions) => {
  expect(read(gemfileLock, text)).toStrictEqual([pin, undefined]);
  expect(taken(gemfileLock, text, ['3.3.0', '3.3.1', '3.4.1'])).toStrictEqual(versions);
});

test.each(['<<<<<<< HEAD', 'jruby 9.4', 'ruby 3.3.0 (a', 'ruby 3.3.0 x'])(
  'Gemfile.lock with %j below RUBY VERSION is refused',
  (below) => {
    expect(read(gemfileLock, `RUBY VERSION\n${below}`)).toStrictEqual([
      undefined,
      `"${below}" below RUBY VERSION is not a version; run bundle update --ruby@2:1`,
    ]);
  },
);

test.each([
  ['3.3.0\n', '3.3.0@1:1', ['3.3.0']],
  ['ruby-3.3\r\n', '3.3@1:6', ['3.3.0', '3.3.1']],
  ['jruby-9.4', 'jruby-9.4@1:1', undefined],
  ['\n  # why\n  ruby-3.4.1 # now\n', '3.4.1@3:8', ['3.4.1']],
  ['3.4.1#', '3.4.1#@1:1', undefined],
])('.ruby-version %j names a release', (text, pin, versions) => {
  expect(read(rubyVersion, text)).toStrictEqual([pin, undefined]);
  expect(taken(rubyVersion, text, ['3.3.0', '3.3.1', '3.4.1'])).toStrictEqual(versions);
});

test('.ruby-version without a version is refused', () => {
  expect(read(rubyVersion, '# none\n')).toStrictEqual([undefined, 'it has no version@1:1']);
});

const PHP = [
  '0.0.3',
  '0.0.4',
  '0.3.1',
  '0.4.0',
  '7.4.33',
  '8.0.30',
  '8.1.0',
  '8.1.31',
  '8.2.0',
  '8.3.2',
  '9.0.0',
];

test.each([
  ['^8.1', ['8.1.0', '8.1.31', '8.2.0', '8.3.2']],
  ['^0.3', ['0.3.1']],
  ['^0.0.3', ['0.0.3']],
  ['^0.0', ['0.0.3', '0.0.4']],
  ['^0', ['0.0.3', '0.0.4', '0.3.1', '0.4.0']],
  ['~8', ['8.0.30', '8.1.0', '8.1.31', '8.2.0', '8.3.2']],
  ['~8.1.0', ['8.1.0', '8.1.31']],
  ['8.1.x', ['8.1.0', '8.1.31']],
  ['v8.1.*', ['8.1.0', '8.1.31']],
  ['8.1.0', ['8.1.0']],
  ['=v8.1.0', ['8.1.0']],
  ['8.1.0-RC12', ['8.1.0']],
  ['8.1.0-dev', ['8.1.0']],
  ['8.1.0-beta1@dev', ['8.1.0']],
  ['8.1 - 8.2', ['8.1.0', '8.1.31', '8.2.0']],
  ['v8.1.31   -   v8.3.2', ['8.1.31', '8.2.0', '8.3.2']],
  ['8.1.0 - 8.2.0.0', ['8.1.0', '8.1.31', '8.2.0']],
  ['8.1.31 | 8.3.2', ['8.1.31', '8.3.2']],
  ['>=8.1,<8.2', ['8.1.0', '8.1.31']],
  ['>=8.1 ,  <8.2', ['8.1.0', '8.1.31']],
  ['>=8.1   <8.2', ['8.1.0', '8.1.31']],
  ['>9 <8 || 8.1.0', ['8.1.0']],
  ['8.1.0 || * ', PHP],
  [' * ', PHP],
  ['>=8.3 *', ['8.3.2', '9.0.0']],
])('composer.json with %j takes these versions and no others', (range, versions) => {
  const text = JSON.stringify({ require: { php: range } });
  expect(taken(composerJson, text, PHP)).toStrictEqual(versions);
});

test.each([
  ...['8.1 - 8.', '8. - 8.1', 'x8.1 - 8.3', '8.1 - 8.3x', '8.1- 8.3x', 'x8.1', '8.1x'],
  ...['>=8.*', '8.1.0@dev-dev', '8.1.0-dev.1', '8.1.0-RCx', '!=8.1', '8.1 -'],
])('composer.json with %j is refused', (range) => {
  const text = JSON.stringify({ require: { php: range } });
  expect(read(composerJson, text)).toStrictEqual([
    undefined,
    `require.php "${range}" is not a range@1:20`,
  ]);
});

test.each([
  ['^8.1', ['8.1.0', '8.3.2', '8.4.0']],
  ['~8.1', ['8.1.0', '8.3.2', '8.4.0']],
  ['~8.1.0', ['8.1.0']],
  ['8.3.*', ['8.3.2']],
  ['>=8.1 <8.3', ['8.1.0']],
  ['>= 8.1, < 8.4', ['8.1.0', '8.3.2']],
  ['7.4.* || ^8.3', ['7.4.33', '8.3.2', '8.4.0']],
  ['7.4 - 8.3', ['7.4.33', '8.1.0', '8.3.2']],
  ['*', ['7.4.33', '8.1.0', '8.3.2', '8.4.0']],
  ['8.3.2@stable', ['8.3.2']],
  ['^0.3', []],
])('composer.json with %j takes the versions that Composer would', (range, versions) => {
  const text = JSON.stringify({ require: { php: range } }, null, 2);
  expect(read(composerJson, text)).toStrictEqual([`${range}@3:13`, undefined]);
  expect(taken(composerJson, text, ['7.4.33', '8.1.0', '8.3.2', '8.4.0'])).toStrictEqual(versions);
});

test('composer.json with nonsense for a range is refused at its place', () => {
  expect(read(composerJson, '{"require":{"php":"eight"}}')[1]).toBe(
    'require.php "eight" is not a range@1:20',
  );
});

test('a Procfile has its process types with their lines', () => {
  const text =
    '\ufeffweb: gunicorn app:app\r\n# worker: none\nworker:   python w.py\nempty:\n cron python c.py\n: none\n';
  expect(procfileTypes(text)).toStrictEqual([
    { type: 'web', line: 1 },
    { type: 'worker', line: 3 },
    { type: 'cron', line: 5 },
  ]);
});

test('a range may have a thousand characters', () => {
  const text = JSON.stringify({ engines: { node: '20'.padEnd(1000) } });
  expect(taken(packageJson, text, ['18.0.0', '20.11.1'])).toStrictEqual(['20.11.1']);
});

test('a range that is too long to be one is refused, not read', () => {
  const long = ' '.repeat(1001);
  const faults = [packageJson, composerJson].map(
    (format) =>
      read(format, JSON.stringify({ engines: { node: long }, require: { php: long } }))[1],
  );
  expect(faults).toStrictEqual([
    'its engines.node has 1001 characters; at most 1000 are read@1:1',
    'its require.php has 1001 characters; at most 1000 are read@1:1',
  ]);
});

test('whatever a file holds, it is read to its end, and places are within it', () => {
  const token = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom('\n', '\r\n', ' ', '\t', '#', '3.12', 'python-', 'go ', 'RUBY VERSION\n', '"'),
    fc.constantFrom(
      '{"engines":{"node":"',
      '{"require":{"php":"',
      '"}}',
      '^8.1',
      '||',
      '>=',
      '\ufeff',
    ),
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
      const text = tokens.join('');
      for (const format of PIN_FORMATS) {
        const { pin, fault } = format.parse(text);
        for (const place of [pin, fault]) {
          if (place === undefined) continue;
          const line = text.split('\n')[place.line - 1];
          expect(line).toBeDefined();
          expect(place.column).toBeGreaterThan(0);
          expect(place.column).toBeLessThanOrEqual((line ?? '').length + 1);
        }
      }
    }),
    { numRuns: 500 },
  );
});

describe('the pin files of an application', () => {
  const { files } = realPorts();

  async function inFolder(content: Readonly<Record<string, string | Buffer>>, link?: string) {
    const root = await files.makeTemporary('sea-trial-pins-');
    try {
      await files.makeDirectory(`${root}/app`);
      for (const [name, text] of Object.entries(content))
        await files.write(`${root}/app/${name}`, text);
      if (link !== undefined) await files.link('/etc/hostname', `${root}/app/${link}`);
      return await readPins(root, 'app', files);
    } finally {
      await files.remove(root);
    }
  }

  test('are read with their paths in the workspace', async () => {
    const { pins, faults } = await inFolder({ '.python-version': '3.14\n', 'go.mod': 'go 1.22\n' });
    expect(pins.map(({ runtime, file, line, text }) => [runtime, file, line, text])).toStrictEqual([
      ['python', 'app/.python-version', 1, '3.14'],
      ['go', 'app/go.mod', 1, '1.22'],
    ]);
    expect(faults).toStrictEqual([]);
  });

  test('are refused where they are too large, no text, or lead elsewhere; nothing of that is quoted', async () => {
    const content = {
      '.python-version': Buffer.alloc(64 * 1024 + 1, '3'),
      '.nvmrc': Buffer.from([0xff, 0xfe, 0x33]),
    };
    const { pins, faults } = await inFolder(content, '.ruby-version');
    expect(pins).toStrictEqual([]);
    const place = { line: 1, column: 1 };
    expect(faults).toStrictEqual([
      {
        runtime: 'python',
        name: '.python-version',
        file: 'app/.python-version',
        ...place,
        fault: 'it has more than 65536 bytes',
        unread: true,
      },
      {
        runtime: 'node',
        name: '.nvmrc',
        file: 'app/.nvmrc',
        ...place,
        fault: 'it is not UTF-8',
      },
      {
        runtime: 'ruby',
        name: '.ruby-version',
        file: 'app/.ruby-version',
        ...place,
        fault: 'it is not a file',
        unread: true,
      },
    ]);
  });

  test.each([
    ['which is gone by then', 'ENOENT', []],
    ['which nobody may read', 'EACCES', ['it cannot be read (EACCES) true']],
    ['for a reason without a name', undefined, ['it cannot be read (unknown) true']],
  ])('are told of one that fails to be read, %s', async (_, code, expected) => {
    const { pins, faults } = await readPins('/work', '.', {
      look: async (path) =>
        path === '/work/go.mod' ? files.look(import.meta.filename) : undefined,
      read: async () => {
        throw Object.assign(new Error('no'), code === undefined ? {} : { code });
      },
    });
    expect(pins).toStrictEqual([]);
    expect(faults.map(({ fault, unread }) => `${fault} ${unread}`)).toStrictEqual(expected);
  });

  test('are no folders', async () => {
    const root = await files.makeTemporary('sea-trial-pins-');
    try {
      await files.makeDirectory(`${root}/.nvmrc`);
      expect(await readPins(root, '.', files)).toStrictEqual({ pins: [], faults: [] });
    } finally {
      await files.remove(root);
    }
  });

  test('are none where there are none', async () => {
    expect(await inFolder({})).toStrictEqual({ pins: [], faults: [] });
  });
});
