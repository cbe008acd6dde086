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
    ['1.2\n3.4', '1.2@1:1', 'it has 2 versions, "1.2", "3.4"; expected one@2:1'],
  ])('%j is read as heroku/python and pyenv read it', (text, pin, fault) => {
    expect(read(pythonVersion, text)).toEqual([pin, fault]);
  });

  test('two numbers are any release of theirs, three are one', () => {
    const versions = ['3.13.9', '3.14.0', '3.14.6', '3.15.0'];
    expect(taken(pythonVersion, '3.14', versions)).toEqual(['3.14.0', '3.14.6']);
    expect(taken(pythonVersion, '3.14.6', versions)).toEqual(['3.14.6']);
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
])('runtime.txt %j is read as heroku/python did', (text, pin, fault) => {
  expect(read(runtimeTxt, text)).toEqual([pin, fault]);
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
    ['{"engines":', undefined, 'it is not a JSON object@1:1'],
    ['[]', undefined, 'it is not a JSON object@1:1'],
  ])('%j is read with the place of its range', (text, pin, fault) => {
    expect(read(packageJson, text)).toEqual([pin, fault]);
  });

  test.each([
    ['>=18 <21', ['18.0.0', '20.11.1']],
    ['~=20.11.0', ['20.11.1']],
    ['latest', ['18.0.0', '20.11.1', '22.1.0']],
  ])('a range %j takes the versions that npm would', (range, versions) => {
    const text = JSON.stringify({ engines: { node: range } });
    expect(taken(packageJson, text, ['18.0.0', '20.11.1', '22.1.0'])).toEqual(versions);
  });
});

test.each([
  ['v20.11.1\n', '20.11.1', ['20.11.1'], undefined],
  ['20', '20', ['20.11.1'], undefined],
  ['# why\nlts/iron # codename', 'lts/iron', ['20.11.1'], undefined],
  ['node', 'node', ['18.0.0', '20.11.1', '22.1.0'], undefined],
  ['lts/*', 'lts/*', undefined, undefined],
  ['20\n22', '20', ['20.11.1'], 'it has more than one version@2:1'],
  ['twenty', undefined, undefined, '"twenty" is not a version@1:1'],
  ['', undefined, undefined, 'it has no version@1:1'],
])('.nvmrc %j is read as nvm reads it', (text, pin, versions, fault) => {
  expect(nvmrc.parse(text).pin?.text.replace(/^v/, '')).toBe(pin);
  expect(taken(nvmrc, text, ['18.0.0', '20.11.1', '22.1.0'])).toEqual(versions);
  expect(read(nvmrc, text)[1]).toBe(fault);
});

test.each([
  ['module a\r\n\r\ngo 1.22\r\n', '1.22@3:4', ['1.22.0', '1.23.1']],
  ['go 1.23rc2\ntoolchain go1.24.1', '1.23rc2@1:4', ['1.23.1']],
  ['go 1.22\n// +heroku goVersion go1.22.0\n', 'go1.22.0@2:22', ['1.22.0']],
  ['go 1.21\n// +heroku goVersion 1.22', '1.22@2:22', ['1.22.0', '1.23.1']],
  ['// +heroku goVersion >=1.21,<1.23\n', '>=1.21,<1.23@1:22', ['1.21.9', '1.22.0']],
  ['// +heroku goVersion =1.22\n', '=1.22@1:22', ['1.22.0']],
  ['module a\n', undefined, undefined],
])(
  'go.mod %j asks for a version or a newer one, but for heroku/go alone',
  (text, pin, versions) => {
    expect(read(goMod, text)).toEqual([pin, undefined]);
    expect(taken(goMod, text, ['1.21.9', '1.22.0', '1.23.1'])).toEqual(versions);
  },
);

test('go.mod with nonsense for a version is refused at its place', () => {
  expect(read(goMod, '// +heroku goVersion newest')).toEqual([
    undefined,
    '"newest" is not a version of Go@1:22',
  ]);
  expect(read(goMod, 'module a\ngo latest')).toEqual([
    undefined,
    '"latest" is not a version of Go@2:4',
  ]);
});

test.each([
  ['GEM\n  specs:\n\nRUBY VERSION\n   ruby 3.3.0p0\n\nBUNDLED WITH\n', '3.3.0p0@5:9', ['3.3.0']],
  ['RUBY VERSION\r\n   ruby 3.4.1\r\n', '3.4.1@2:9', ['3.4.1']],
  [
    'RUBY VERSION\n   ruby 2.5.7p0 (jruby 9.2.9.0)\n',
    'ruby 2.5.7p0 (jruby 9.2.9.0)@2:4',
    undefined,
  ],
  ['GEM\n', undefined, undefined],
])('Gemfile.lock %j pins the release that Bundler wrote', (text, pin, versions) => {
  expect(read(gemfileLock, text)).toEqual([pin, undefined]);
  expect(taken(gemfileLock, text, ['3.3.0', '3.3.1', '3.4.1'])).toEqual(versions);
});

test('Gemfile.lock with something else below RUBY VERSION is refused', () => {
  expect(read(gemfileLock, 'RUBY VERSION\n<<<<<<< HEAD')[1]).toBe(
    '"<<<<<<< HEAD" below RUBY VERSION is not a version; run bundle update --ruby@2:1',
  );
});

test.each([
  ['3.3.0\n', '3.3.0@1:1', ['3.3.0']],
  ['ruby-3.3\r\n', '3.3@1:6', ['3.3.0', '3.3.1']],
  ['jruby-9.4', 'jruby-9.4@1:1', undefined],
])('.ruby-version %j names a release', (text, pin, versions) => {
  expect(read(rubyVersion, text)).toEqual([pin, undefined]);
  expect(taken(rubyVersion, text, ['3.3.0', '3.3.1', '3.4.1'])).toEqual(versions);
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
  expect(read(composerJson, text)).toEqual([`${range}@3:13`, undefined]);
  expect(taken(composerJson, text, ['7.4.33', '8.1.0', '8.3.2', '8.4.0'])).toEqual(versions);
});

test('composer.json with nonsense for a range is refused at its place', () => {
  expect(read(composerJson, '{"require":{"php":"eight"}}')[1]).toBe(
    'require.php "eight" is not a range@1:20',
  );
});

test('a Procfile has its process types with their lines', () => {
  const text = '\ufeffweb: gunicorn app:app\r\n# worker: none\nworker: python w.py\nempty:\n';
  expect(procfileTypes(text)).toEqual([
    { type: 'web', line: 1 },
    { type: 'worker', line: 3 },
  ]);
});

test('a range that is too long to be one is refused, not read', () => {
  const long = ' '.repeat(1001);
  const faults = [packageJson, composerJson].map(
    (format) =>
      read(format, JSON.stringify({ engines: { node: long }, require: { php: long } }))[1],
  );
  expect(faults).toEqual([
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
    expect(pins.map(({ runtime, file, line, text }) => [runtime, file, line, text])).toEqual([
      ['python', 'app/.python-version', 1, '3.14'],
      ['go', 'app/go.mod', 1, '1.22'],
    ]);
    expect(faults).toEqual([]);
  });

  test('are refused where they are too large, no text, or lead elsewhere; nothing of that is quoted', async () => {
    const content = {
      '.python-version': Buffer.alloc(64 * 1024 + 1, '3'),
      '.nvmrc': Buffer.from([0xff, 0xfe, 0x33]),
    };
    const { pins, faults } = await inFolder(content, '.ruby-version');
    expect(pins).toEqual([]);
    expect(faults.map(({ file, fault }) => [file, fault])).toEqual([
      ['app/.python-version', 'it has more than 65536 bytes'],
      ['app/.nvmrc', 'it is not UTF-8'],
      ['app/.ruby-version', 'it is not a file'],
    ]);
  });

  test('are none where there are none', async () => {
    expect(await inFolder({})).toEqual({ pins: [], faults: [] });
  });
});
