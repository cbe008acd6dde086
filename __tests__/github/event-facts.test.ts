import { describe, expect, test } from '@jest/globals';
import { eventIn, readEvent } from '../../src/github/event.js';
import { realPorts } from '../../src/ports/index.js';

describe('an event', () => {
  const context = { eventName: 'push', ref: 'refs/heads/main', sha: 'abc' };
  const facts = { name: 'push', ref: 'refs/heads/main', revision: 'abc' };

  test.each([
    [{ pull_request: { number: 12 } }, { pullRequest: 12 }],
    [{ pull_request: { number: '12' } }, {}],
    [{ pull_request: {} }, {}],
    [{ pull_request: null }, {}],
    [{}, {}],
    [null, {}],
    [undefined, {}],
  ])('with the payload %j is about %j', (payload, more) => {
    expect(eventIn({ ...context, payload } as never)).toEqual({ ...facts, ...more, payload });
  });

  test('of which the runner says nothing has empty facts', () => {
    expect(eventIn({})).toEqual({ name: '', ref: '', revision: '', payload: undefined });
  });

  test.each<[Readonly<Record<string, string>>, object]>([
    [{}, { name: '', ref: '', revision: '' }],
    [{ GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main', GITHUB_SHA: 'abc' }, facts],
    [
      { GITHUB_EVENT_NAME: 'push', GITHUB_EVENT_PATH: '/nowhere' },
      { name: 'push', ref: '', revision: '' },
    ],
  ])('whose payload cannot be read is known by its variables: %j', async (env, expected) => {
    expect(await readEvent({ ...realPorts(), env })).toEqual(expected);
  });
});
