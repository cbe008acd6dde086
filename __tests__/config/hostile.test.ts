// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what users write.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseArguments } from '../../src/commands/arguments.js';
import { fromInputs } from '../../src/config/index.js';
import { load, MODES } from './memory.js';

const RUNS = { numRuns: 300 };

const line = fc.constantFrom(
  'images:',
  '  - name: a/b',
  '    targets: [x, { name: y }]',
  '    build: { context: ., args: [A=${B:-c}] }',
  '    build: &b [*b]',
  '    build: { buildpack: { builder: [x], env: [A], volumes: ["${B:-/}:/"], bindings: { a: b } } }',
  '    build: { buildpack: { builder: x, buildpacks: [~, "./%", x], bindings: { a: { type: [] } } } }',
  '    platforms: [linux/amd64, *b]',
  '    tests: [[a], { run: b, mounts: [c] }, ~]',
  '    <<: *b',
  'vars: { A: "${A}" }',
  'checks: []',
  '? - a',
  '- {version}',
  '---',
  '!!binary x',
  '"',
  '\t',
);

test('whatever the file holds, it is read or there are problems', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(line, fc.string()), { maxLength: 12 }), async (lines) => {
      const config = await load(lines.join('\n'));
      expect(config.problems.length > 0 || config.images.length > 0).toBe(true);
    }),
    RUNS,
  );
});

test('whatever the command line holds, there is an answer', () => {
  const word = fc.oneof(
    fc.constantFrom('run', 'plan', '--only', '--set', '--', '-', '--push', '--json=', '--no-push'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
      const asked = parseArguments(argv, { root: '/work', env: {} });
      expect(Object.keys(asked).length).toBeGreaterThan(0);
    }),
    RUNS,
  );
});

test('whatever the inputs hold, there is a request or there are problems', () => {
  const name = fc.constantFrom(
    'tags',
    'secrets',
    'set',
    'labels',
    'ulimit',
    'only',
    'push',
    'x',
    'process',
    'buildpacks',
  );
  fc.assert(
    fc.property(fc.dictionary(name, fc.string()), (values) => {
      const asked = fromInputs(new Map(Object.entries(values)), { root: '/work', env: {} }, MODES);
      expect('request' in asked || asked.problems.length > 0).toBe(true);
    }),
    RUNS,
  );
});
