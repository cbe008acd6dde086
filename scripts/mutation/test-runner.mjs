import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { addEventHandler, getState, resetState, run, setState } from 'jest-circus';
import './load-hooks.mjs';

/*
 * Stryker's own runner for jest loads every test file anew for each mutant. Here they are
 * loaded once, with jest's own test framework (jest-circus), and only the tests run again.
 */

globalThis.__stryker__ ??= {};
const stryker = globalThis.__stryker__;

/** Milliseconds; Stryker itself ends what takes longer than the tests did without a mutant. */
const TEST_TIMEOUT = 60_000;

/** When a process started, in ticks; undefined where that is not known. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
}

const started = startOf('self');
const kill = process.kill.bind(process);

/** A change of what chooses a process may aim at any of the machine's: those that were there before are not ended. */
process.kill = (pid, signal) => {
  const before = Math.abs(pid) <= 1 || startOf(Math.abs(pid)) < started;
  if (before && signal !== 0) throw new Error(`Process ${pid} is none of the tests' own.`);
  return kill(pid, signal);
};

function nameOf(test) {
  const names = [test.name];
  for (let block = test.parent; block?.parent; block = block.parent) names.unshift(block.name);
  return names.join(' ');
}

function testsIn(block) {
  return block.children.flatMap((child) => (child.type === 'test' ? child : testsIn(child)));
}

class CircusRunner {
  static inject = tokens(commonTokens.options);
  #files;
  #states;
  #modes = new Map();
  /** What the run under way may run, and its results. */
  #current;

  constructor({ circus }) {
    this.#files = circus.testFiles;
  }

  capabilities() {
    return { reloadEnvironment: false };
  }

  async #load() {
    if (this.#states !== undefined) return;
    this.#states = [];
    for (const file of this.#files) {
      resetState();
      getState().testTimeout = TEST_TIMEOUT;
      await import(pathToFileURL(resolve(file)).href);
      const state = getState();
      for (const test of testsIn(state.rootDescribeBlock)) {
        this.#modes.set(test, { file, mode: test.mode, id: `${file} ${nameOf(test)}` });
      }
      this.#states.push({ file, state });
    }
    addEventHandler((event) => this.#heed(event));
  }

  #heed({ name, test }) {
    if (name === 'test_start') {
      const { id, mode } = this.#modes.get(test);
      const { wanted, failed, bail } = this.#current;
      const left = (wanted !== undefined && !wanted.has(id)) || (bail && failed);
      test.mode = left ? 'skip' : mode;
      test.errors = [];
      test.status = null;
      stryker.currentTestId = id;
    } else if (name === 'test_done') {
      const { id, file } = this.#modes.get(test);
      const [error] = test.errors;
      const facts = { id, name: id, fileName: resolve(file), timeSpentMs: test.duration ?? 0 };
      if (error === undefined)
        return this.#current.results.push({ ...facts, status: TestStatus.Success });
      this.#current.failed = true;
      const failureMessage = String(error[0]?.message ?? error[0] ?? error[1]);
      this.#current.results.push({ ...facts, status: TestStatus.Failed, failureMessage });
    }
  }

  async #run(wanted, bail) {
    await this.#load();
    this.#current = { wanted, bail, failed: false, results: [] };
    for (const { state } of this.#states) {
      const isWanted = (test) => wanted === undefined || wanted.has(this.#modes.get(test).id);
      const skip = (block) => {
        if (!this.#modes.has(block)) this.#modes.set(block, block.mode);
        block.mode = testsIn(block).some(isWanted) ? this.#modes.get(block) : 'skip';
        for (const child of block.children) if (child.type === 'describeBlock') skip(child);
      };
      skip(state.rootDescribeBlock);
      if (state.rootDescribeBlock.mode === 'skip') continue;
      setState(state);
      state.unhandledErrors = [];
      await run();
      stryker.currentTestId = undefined;
      if (bail && this.#current.failed) break;
    }
    return this.#current.results;
  }

  async dryRun({ coverageAnalysis }) {
    if (coverageAnalysis !== 'off') stryker.mutantCoverage = { static: {}, perTest: {} };
    const tests = await this.#run(undefined, false);
    return { status: DryRunStatus.Complete, tests, mutantCoverage: stryker.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation, disableBail }) {
    stryker.hitLimit = hitLimit;
    stryker.hitCount = hitLimit === undefined ? undefined : 0;
    try {
      if (mutantActivation === 'static') stryker.activeMutant = activeMutant.id;
      await this.#load();
      stryker.activeMutant = activeMutant.id;
      const tests = await this.#run(testFilter && new Set(testFilter), !disableBail);
      const timeout = determineHitLimitReached(stryker.hitCount, stryker.hitLimit);
      return toMutantRunResult(timeout ?? { status: DryRunStatus.Complete, tests });
    } catch (error) {
      return {
        status: 'killed',
        killedBy: [this.#files[0]],
        failureMessage: String(error),
        nrOfTests: 1,
      };
    } finally {
      stryker.activeMutant = undefined;
    }
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'circus', CircusRunner)];

export const strykerValidationSchema = {
  properties: { circus: { type: 'object', properties: { testFiles: { type: 'array' } } } },
};
