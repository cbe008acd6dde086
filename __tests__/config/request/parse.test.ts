import { expect, test } from '@jest/globals';
import { fromInputs, type Input, inputs, requestFromArguments } from '../../../src/config/index.js';
import { MODES } from '../memory.js';

const start = { root: '/work', env: {} };

/** What does something with every input: it is wrong, or another value than that of nothing. */
const SAMPLES: Readonly<Record<Input['type'], string>> = {
  text: 'x',
  boolean: 'maybe',
  number: 'x',
  list: 'x=y',
  lines: 'x=y',
  'key-values': 'X=y',
};

const ofAction = inputs.filter(({ action }) => action).map((input) => [input.name, input] as const);

test.each(ofAction)('the input "%s" changes the request', (name, { type }) => {
  const asked = fromInputs(new Map([[name, SAMPLES[type]]]), start, MODES);
  expect(asked).not.toEqual(fromInputs(new Map(), start, MODES));
});

/** The command line, or the commands `clean`, `parity` and `plan`, read them without a request. */
const OF_NO_REQUEST = ['verbose', 'resolve', 'caches', 'from', 'channel', 'inject', 'live'];
const options = inputs.flatMap(({ flag }) =>
  flag === undefined || OF_NO_REQUEST.includes(flag.name) ? [] : [flag],
);

test.each(options.map(({ name, value }) => [name, value] as const))(
  'the option --%s changes the request',
  (name, value) => {
    const read = (given: ReadonlyMap<string, readonly string[]>) =>
      requestFromArguments('run', { options: given, words: [] }, start);
    const given = new Map([[name, [value === undefined ? 'true' : 'x=y']]]);
    expect(read(given)).not.toEqual(read(new Map()));
  },
);

test.each([
  [{ parallel: '0' }, 'parallel', '"0" is not a whole number of at least 1'],
  [{ existing: 'keep' }, 'existing', '"keep" is not known; there are: replace, same, fail'],
  [{ set: '1=2' }, 'set', '"1" is not the name of a variable'],
])('%j is wrong in the same words as an input and as an option', (written, name, message) => {
  const values = Object.entries(written);
  const given = new Map(values.map(([key, value]) => [key, [value]] as const));
  expect(fromInputs(new Map(values), start, MODES)).toEqual({
    problems: [{ file: `input "${name}"`, message }],
  });
  expect(requestFromArguments('run', { options: given, words: [] }, start)).toEqual({
    problems: [{ message: `--${name} ${message}` }],
  });
});
