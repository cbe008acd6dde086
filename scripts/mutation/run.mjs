import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { overall, page } from './page.mjs';
import { isEquivalent } from './survivors.mjs';

/*
 * npm run test:mutation [-- ROOM… --sample N --seed TEXT --write]: changes the sources one place
 * at a time, and runs the tests that reach it. ROOM is a folder of src, one of its files
 * (registry/auth), or a part that has a name below. --write keeps the result in docs/. With
 * --at-least PERCENT it fails where the rooms' mean score is below that.
 */

const RESULT = 'docs/mutation.json';

/** Rooms whose tests are not, or not only, in the folder of their own name: folders and files. */
const TESTS = {
  build: ['build', 'pipeline/known-caches', 'pipeline/trial', 'pipeline/pulled-images'],
  builder: ['builder', 'environment'],
  checks: [
    'checks',
    'inspect/empty-on-one-platform',
    'inspect/equal-layers',
    'inspect/tree-differs',
    'verify',
  ],
  'config/trust': ['config/trust'],
  document: ['document', 'config'],
  dockerfile: ['dockerfile', 'plan'],
  emulation: ['emulation', 'environment'],
  environment: ['environment', 'builder', 'pipeline/run', 'pipeline/run-limits'],
  // Without event.test.ts, for which jest loads @actions/github anew.
  github: ['connect', 'event-facts', 'run-command', 'runner', 'tool-cache'].map(
    (name) => `github/${name}`,
  ),
  inspect: ['inspect', 'buildpacks/launched', 'pipeline/trial'],
  kinds: ['kinds', 'config', 'build/dockerfile/command', 'plan/entries'],
  'plan/trust': [
    'plan/authors',
    'plan/buildpack-grants',
    'plan/checkout',
    'plan/descriptor-path',
    'plan/entries',
    'plan/frontend-caches',
    'plan/grants',
    'plan/secrets',
    'commands/trusted-request',
  ],
  preflight: ['preflight', 'pipeline/preflight', 'pipeline/pulled-images', 'pipeline/run-limits'],
  publish: ['publish', 'pipeline'],
  reference: ['reference', 'plan/entries', 'build/dockerfile/cache'],
  verify: ['verify', 'checks'],
};

/** Parts of a room with an aim of their own, by their files. */
const PARTS = {
  'plan/trust': [
    'buildpack-grants',
    'checkout',
    'descriptor-path',
    'frontend-caches',
    'grants',
    'secrets',
    'source-requests',
  ],
  'registry/authentication': ['auth', 'challenge', 'credentials', 'logins'],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
    'at-least': { type: 'string' },
  },
});

const equivalents = JSON.parse(
  readFileSync(new URL('./equivalents.json', import.meta.url), 'utf8'),
);

/** Tests that read the sources as a text, which is another one where they are changed. */
const READERS = ['__tests__/checks/list.test.ts'];

/** A file with more than exports in it, which no script has written. */
function isCode(file) {
  const text = readFileSync(file, 'utf8');
  return !text.includes('do not edit') && text.replace(/^export .*$/gm, '').trim() !== '';
}

function allRooms() {
  const folders = readdirSync('src', { withFileTypes: true }).filter((one) => one.isDirectory());
  return folders.map(({ name }) => name).sort();
}

function filesOf(room) {
  const [folder] = room.split('/');
  const names = PARTS[room]?.map((name) => `${folder}/${name}`) ?? [room];
  return globSync(names.flatMap((name) => [`src/${name}/**/*.ts`, `src/${name}.ts`])).sort();
}

function testsOf(room) {
  const [folder] = room.split('/');
  const folders = TESTS[room] ?? TESTS[folder] ?? [folder];
  const files = globSync(
    folders.flatMap((one) => [`__tests__/${one}/**/*.test.ts`, `__tests__/${one}.test.ts`]),
  );
  return files.filter((file) => !READERS.includes(file)).sort();
}

async function runRoom(room) {
  if (filesOf(room).length === 0) throw new Error(`There is no room, part or file "${room}".`);
  const stryker = new Stryker({
    plugins: ['test-runner', 'sample', 'survivors'].map(
      (name) => `${import.meta.dirname}/${name}.mjs`,
    ),
    testRunner: 'circus',
    circus: { testFiles: testsOf(room) },
    testRunnerNodeArgs: ['--experimental-transform-types', '--no-warnings'],
    coverageAnalysis: 'perTest',
    // Each of these needs a process of its own, which a sample has no time for.
    ignoreStatic: values.sample !== undefined,
    ...(values.sample === undefined
      ? {}
      : { checkers: ['sample'], sample: { size: Number(values.sample), seed: values.seed } }),
    mutate: filesOf(room).filter(isCode),
    // It would write a comment into every file, and some tests read them.
    disableTypeChecks: false,
    ignorePatterns: ['.*', '/build', '/dist', '/bench'],
    concurrency: Number(values.concurrency),
    // Generous: a change counts as killed where its tests take longer.
    timeoutMS: 15_000,
    dryRunTimeoutMinutes: 60,
    timeoutFactor: 2,
    reporters: ['json', 'survivors'],
    jsonReporter: { fileName: `build/mutation/${room.replaceAll('/', '-')}.json` },
    tempDirName: `build/stryker/${room.replaceAll('/', '-')}`,
    // TypeScript 7 has no interface by which Stryker could rewrite it.
    tsconfigFile: 'build/no-tsconfig.json',
    allowConsoleColors: false,
    logLevel: 'warn',
    warnings: { slow: false },
  });
  const mutants = await stryker.runMutationTest();
  const count = (...states) => mutants.filter(({ status }) => states.includes(status)).length;
  const alive = mutants.filter(({ status }) => ['Survived', 'NoCoverage'].includes(status));
  const survivors = alive.filter((mutant) => !isEquivalent(mutant));
  const equivalent = alive.length - survivors.length;
  const noCoverage = survivors.filter(({ status }) => status === 'NoCoverage').length;
  const survived = survivors.length - noCoverage;
  const killed = count('Killed', 'Timeout', 'RuntimeError');
  const tested = killed + survivors.length;
  const score = tested === 0 ? 100 : (100 * killed) / tested;
  const facts = { mutants: mutants.length, tested, killed, survived, noCoverage, equivalent };
  const timedOut = count('Timeout');
  console.log(`${room}: ${score.toFixed(1)} %`, JSON.stringify({ ...facts, timedOut }));
  return { ...facts, score: Math.round(score * 10) / 10 };
}

mkdirSync('build', { recursive: true });
const measured = {};
for (const room of positionals.length === 0 ? allRooms() : positionals) {
  const facts = await runRoom(room);
  measured[room] = facts;
  if (!values.write) continue;
  const known = existsSync(RESULT) ? JSON.parse(readFileSync(RESULT, 'utf8')).rooms : {};
  const date = new Date().toISOString().slice(0, 10);
  const all = Object.entries({ ...known, [room]: { date, ...facts } });
  const rooms = Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(RESULT, `${JSON.stringify({ rooms }, undefined, 2)}\n`);
  writeFileSync('docs/mutation.md', page(rooms, equivalents, allRooms()));
}
const least = values['at-least'];
if (least !== undefined) {
  const score = overall(measured) ?? 0;
  const isEnough = score >= Number(least);
  console.log(`Over all: ${score.toFixed(1)} %, ${isEnough ? 'at least' : 'below'} ${least} %.`);
  if (!isEnough) process.exitCode = 1;
}
