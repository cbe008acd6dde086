import { createHash } from 'node:crypto';
import { CheckStatus } from '@stryker-mutator/api/check';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';

/** Lets so many mutants be tested, chosen by a seed; the others count as checked and left out. */
class SampleChecker {
  static inject = tokens(commonTokens.options);
  #size;
  #seed;

  constructor({ sample: { size, seed } }) {
    this.#size = size;
    this.#seed = seed;
  }

  async init() {}

  /** All of them in one group, so that the choice is made among all. */
  group(mutants) {
    return Promise.resolve([mutants.map(({ id }) => id)]);
  }

  check(mutants) {
    const rank = ({ fileName, location, replacement }) =>
      createHash('sha256')
        .update(
          JSON.stringify([this.#seed, fileName.replace(/^.*\/src\//, ''), location, replacement]),
        )
        .digest('hex');
    const ranked = mutants.map((mutant) => ({ id: mutant.id, rank: rank(mutant) }));
    ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
    return Promise.resolve(
      Object.fromEntries(
        ranked.map(({ id }, at) => [
          id,
          at < this.#size
            ? { status: CheckStatus.Passed }
            : { status: CheckStatus.CompileError, reason: 'not in the sample' },
        ]),
      ),
    );
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'sample', SampleChecker)];

export const strykerValidationSchema = {
  properties: {
    sample: {
      type: 'object',
      properties: { size: { type: 'integer' }, seed: { type: 'string' } },
    },
  },
};
