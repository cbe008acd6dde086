import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { page } from './page.mjs';

/*
 * npm run test:deep [-- PART… --write]: what is too heavy for every run, one part after the other.
 * --write keeps each part's result, date and duration in docs/deep.md.
 */

const jest = (file) => [
  'npm',
  'run',
  'test:all',
  '--',
  '--selectProjects',
  'engine',
  '--testMatch',
  `<rootDir>/${file}`,
];

/** By name: what it shows, and the command. */
const PARTS = {
  kills: {
    shows: 'nothing is left after fifty runs that were killed at any moment',
    command: jest('__tests__/deep/kills.ts'),
  },
  undo: {
    shows: 'sea-trial clean removes what each of fifty killed runs leaves',
    command: ['env', 'SEA_TRIAL_KILLS=50', ...jest('__tests__/integration/undo.test.ts')],
  },
  cluster: {
    shows: 'builders on a real Kubernetes',
    command: ['npm', 'run', 'test:cluster'],
  },
  renovate: {
    shows: 'the preset for Renovate moves the pins of a lock, and the change builds',
    command: jest('__tests__/deep/renovate.ts'),
  },
  mutation: {
    shows: 'the unit tests notice at least 88 % of changes of the sources',
    // A sample of every room, another one each day.
    command: [
      ...['npm', 'run', 'test:mutation', '--', '--sample', '30', '--concurrency', '2'],
      ...['--seed', new Date().toISOString().slice(0, 10), '--at-least', '88'],
    ],
  },
};

const RESULT = 'docs/deep.json';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean', default: false } },
});
const strange = positionals.filter((name) => !Object.hasOwn(PARTS, name));
if (strange.length > 0) {
  console.error(
    `There is no part ${strange.join(', ')}; there are ${Object.keys(PARTS).join(', ')}.`,
  );
  process.exit(2);
}

/** Runs a command in this terminal; answers whether it ended with 0. */
function succeeds([file, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: 'inherit' });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}

const results = existsSync(RESULT) ? JSON.parse(readFileSync(RESULT, 'utf8')) : {};
const failed = [];
for (const name of positionals.length === 0 ? Object.keys(PARTS) : positionals) {
  console.log(`\n== ${name}: ${PARTS[name].shows}`);
  const from = performance.now();
  const passed = await succeeds(PARTS[name].command);
  const seconds = Math.round((performance.now() - from) / 1000);
  if (!passed) failed.push(name);
  results[name] = { passed, seconds, date: new Date().toISOString().slice(0, 10) };
  if (values.write) {
    writeFileSync(RESULT, `${JSON.stringify(results, undefined, 2)}\n`);
    writeFileSync('docs/deep.md', page(PARTS, results));
  }
}
console.log(failed.length === 0 ? '\nAll parts passed.' : `\nFailed: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
