import { readFileSync } from 'node:fs';
import { extract, parse } from 'jest-docblock';
import TestRunner from 'jest-runner';

/** What waits for the engine leaves processors to others; with more of it, the engine is what is waited for. */
const BESIDE = 2;

/** What a suite says of the engine in its first comment: `@engine alone` or `@engine own`. */
const engineOf = ({ path }) => parse(extract(readFileSync(path, 'utf8'))).engine;

/**
 * Runs suites that need the engine for themselves one after the other, whatever the number of
 * workers, with those beside them that have an engine of their own, and then the others, two at a
 * time.
 */
export default class EngineRunner extends TestRunner {
  constructor(globalConfig, context) {
    const maxWorkers = Math.min(BESIDE, globalConfig.maxWorkers);
    super({ ...globalConfig, maxWorkers }, context);
  }

  async runTests(tests, watcher, options) {
    const {
      alone = [],
      own = [],
      others = [],
    } = Object.groupBy(tests, (test) => engineOf(test) ?? 'others');
    const run = (some, serial) =>
      some.length > 0 && super.runTests(some, watcher, { ...options, serial });
    await Promise.all([run(alone, true), run(own, options.serial)]);
    await run(others, options.serial);
  }
}
