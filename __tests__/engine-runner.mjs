import { readFileSync } from 'node:fs';
import { extract, parse } from 'jest-docblock';
import TestRunner from 'jest-runner';

/** What waits for the engine leaves processors to others; with more of it, the engine is what is waited for. */
const BESIDE = 2;

/** Whether a suite says `@engine alone` in its first comment. */
const isAlone = ({ path }) => parse(extract(readFileSync(path, 'utf8'))).engine === 'alone';

/**
 * Runs suites that need the engine for themselves one after the other, whatever the number of
 * workers, and then the others, two at a time.
 */
export default class EngineRunner extends TestRunner {
  constructor(globalConfig, context) {
    const maxWorkers = Math.min(BESIDE, globalConfig.maxWorkers);
    super({ ...globalConfig, maxWorkers }, context);
  }

  async runTests(tests, watcher, options) {
    await super.runTests(tests.filter(isAlone), watcher, { ...options, serial: true });
    const others = tests.filter((test) => !isAlone(test));
    if (others.length > 0) await super.runTests(others, watcher, options);
  }
}
