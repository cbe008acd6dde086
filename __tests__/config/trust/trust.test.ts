import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { decideTrust, statedTrust, type TrustFacts } from '../../../src/config/index.js';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const GITHUB = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/greeter', GITHUB_SHA: SHA };

type Env = TrustFacts['env'];

/** The rows of the table in SECURITY.md: what runs it, and what the run is. */
function rows(): readonly (readonly [string, string])[] {
  const text = readFileSync(join(import.meta.dirname, '..', '..', '..', 'SECURITY.md'), 'utf8');
  const section = text.split('\n## ').find((one) => one.startsWith('What is untrusted\n'));
  return [...(section ?? '').matchAll(/^\| (.+?) \| (.+?) \|$/gm)]
    .map(([, what = '', is = '']) => [what, is] as const)
    .filter(([what]) => what !== 'what runs it' && what !== '---');
}

/** All events of GitHub (docs.github.com, "Events that trigger workflows"), and one to come. */
const EVENTS = [
  ...['branch_protection_rule', 'check_run', 'check_suite', 'create', 'delete', 'deployment'],
  ...['deployment_status', 'discussion', 'discussion_comment', 'fork', 'gollum', 'image_version'],
  ...['issue_comment', 'issues', 'label', 'merge_group', 'milestone', 'page_build', 'public'],
  ...['pull_request', 'pull_request_review', 'pull_request_review_comment', 'pull_request_target'],
  ...['push', 'registry_package', 'release', 'repository_dispatch', 'schedule', 'status', 'watch'],
  ...['workflow_call', 'workflow_dispatch', 'workflow_run', 'PUSH', 'an_event_to_come'],
];

const run = (more = {}) => ({
  event: 'push',
  head_branch: 'main',
  head_repository: { full_name: 'acme/greeter' },
  ...more,
});
const payload = (workflow_run: unknown, repository = {}) => ({
  workflow_run,
  repository: { full_name: 'acme/greeter', default_branch: 'main', ...repository },
});
const CHECKOUT = { head: SHA, changes: [], outside: [] };

/** What could be the best of facts for an event: where it is untrusted then, it always is. */
const BEST = { payload: payload(run()), checkout: CHECKOUT };

const ELSEWHERE: Readonly<Record<string, Env>> = {
  'a merge request of GitLab': { GITLAB_CI: 'true', CI_PIPELINE_SOURCE: 'merge_request_event' },
  'any other pipeline of GitLab': { GITLAB_CI: 'true', CI_PIPELINE_SOURCE: 'push' },
  'a pull request of another CI': { CI: 'true', TRAVIS_PULL_REQUEST: '7' },
  'any other run of another CI': { CI: 'true', TRAVIS_PULL_REQUEST: 'false' },
  'no CI': {},
};

const OTHERS = 'any other event of GitHub';

/** What a table of the documents calls a decision; with conditions, how it is at best and without its facts. */
function named(env: Env): string {
  const [best, bare] = [decideTrust({ env, ...BEST }), decideTrust({ env })];
  const word = best.untrusted ? 'untrusted' : 'trusted';
  if (best.untrusted !== bare.untrusted) return `${word} only`;
  return best.untrusted === best.pushes ? 'trusted, and pushes nothing' : word;
}

describe('what is untrusted: the table of SECURITY.md and the function say the same', () => {
  const table = rows();
  const events = table.flatMap(([what, is]) =>
    [...what.matchAll(/`([a-z_]+)`/g)].map(([, event = '']) => [event, is] as const),
  );
  const wanted = (event: string) =>
    new Map(events).get(event) ?? new Map(table).get(OTHERS) ?? 'no row';

  test.each(EVENTS)('the event "%s"', (event) => {
    const is = named({ ...GITHUB, GITHUB_EVENT_NAME: event });
    expect(is).toBe(wanted(event).replace(/ only .*/, ' only'));
  });

  test('each event of the table is one of GitHub', () => {
    expect(events.map(([event]) => event).filter((event) => !EVENTS.includes(event))).toEqual([]);
  });

  test.each(Object.entries(ELSEWHERE))('%s', (what, env) => {
    expect(new Map(table).get(what)).toBe(named(env));
  });

  test('no row is without a test', () => {
    const told = [OTHERS, ...Object.keys(ELSEWHERE)];
    const rest = table.filter(([what]) => !told.includes(what) && !what.startsWith('`'));
    expect(rest).toEqual([]);
  });
});

describe('workflow_run', () => {
  const env = { ...GITHUB, GITHUB_EVENT_NAME: 'workflow_run' };

  test('after a push to the default branch is trusted', () => {
    expect(decideTrust({ env, payload: payload(run()) })).toEqual({
      untrusted: false,
      pushes: true,
      reason: 'the event is workflow_run, and it follows a push to the default branch',
    });
  });

  test.each<[string, unknown, string]>([
    ['without a payload', undefined, 'its payload cannot be read'],
    ['with another payload', { action: 'completed' }, 'its payload cannot be read'],
    ['after a pull request', payload(run({ event: 'pull_request' })), 'it follows the event pull'],
    ['after a schedule', payload(run({ event: 'schedule' })), 'it follows the event schedule'],
    [
      'after a push in a fork',
      payload(run({ head_repository: { full_name: 'mallory/greeter' } })),
      'it follows a push to another repository',
    ],
    [
      'of a deleted fork',
      payload(run({ head_repository: null })),
      'it follows a push to another repository',
    ],
    [
      'of a payload of another repository',
      payload(run(), { full_name: 'mallory/greeter' }),
      'it follows a push to another repository',
    ],
    [
      'after a push to another branch',
      payload(run({ head_branch: 'next' })),
      'it follows a push to another branch than the default one',
    ],
    [
      'where neither says its branch',
      payload(run({ head_branch: undefined }), { default_branch: undefined }),
      'it follows a push to another branch than the default one',
    ],
  ])('%s is untrusted', (_, given, why) => {
    const trust = decideTrust({ env, payload: given });
    expect(trust).toMatchObject({ untrusted: true, pushes: false });
    expect(trust.reason).toContain(why);
  });
});

describe.each(['pull_request_target', 'issue_comment'])('%s', (event) => {
  const env = { ...GITHUB, GITHUB_EVENT_NAME: event };

  test('with everything in one clean checkout of GITHUB_SHA is trusted', () => {
    const trust = decideTrust({ env, checkout: CHECKOUT });
    expect(trust).toMatchObject({ untrusted: false, pushes: true });
  });

  test.each<[string, TrustFacts['checkout'], string]>([
    ['without a checkout', undefined, 'not in a Git repository'],
    ['with another commit', { ...CHECKOUT, head: 'f'.repeat(40) }, 'HEAD of the checkout'],
    ['with no commit', { changes: [], outside: [] }, 'HEAD of the checkout'],
    [
      'with changes',
      { ...CHECKOUT, changes: ['a', 'b', 'c', 'd'] },
      'the checkout is not clean: a, b, c and 1 more',
    ],
    ['with a context elsewhere', { ...CHECKOUT, outside: ['../pr'] }, 'are: ../pr'],
  ])('%s is untrusted', (_, checkout, why) => {
    const trust = decideTrust({ env, ...(checkout === undefined ? {} : { checkout }) });
    expect(trust).toMatchObject({ untrusted: true, pushes: false });
    expect(trust.reason).toContain(why);
  });

  test('without GITHUB_SHA is untrusted', () => {
    const { GITHUB_SHA: _, ...bare } = env;
    expect(decideTrust({ env: bare, checkout: { changes: [], outside: [] } }).untrusted).toBe(true);
  });
});

test.each<[boolean, Env]>([
  [true, { GITLAB_CI: 'true', CI_PIPELINE_SOURCE: 'external_pull_request_event' }],
  [true, { GITLAB_CI: 'true', CI_PIPELINE_SOURCE: 'parent_pipeline', CI_MERGE_REQUEST_ID: '9' }],
  [true, { CI_MERGE_REQUEST_IID: '7' }],
  [false, { GITLAB_CI: 'true', CI_PIPELINE_SOURCE: 'web', CI_OPEN_MERGE_REQUESTS: 'a!1' }],
  [true, { CHANGE_ID: '12' }],
  [true, { BUILD_REASON: 'PullRequest' }],
  [false, { BUILD_REASON: 'IndividualCI' }],
  [true, { JOB_TYPE: 'presubmit', PULL_NUMBER: '1' }],
  [false, { JOB_TYPE: 'postsubmit' }],
  [true, { CODEBUILD_WEBHOOK_EVENT: 'PULL_REQUEST_CREATED' }],
  [true, { GERRIT_EVENT_TYPE: 'patchset-created' }],
  [false, { GERRIT_EVENT_TYPE: 'change-merged' }],
  [true, { CI_PIPELINE_EVENT: 'pull_request' }],
  [false, { BUILDKITE_PULL_REQUEST: 'false' }],
])('untrusted %s: %j', (untrusted, env) => {
  expect(decideTrust({ env }).untrusted).toBe(untrusted);
});

test.each(['push', 'pull_request', 'merge_group'])(
  'what the workflow says holds for %s, and a merge group pushes nothing',
  (event) => {
    const facts = { env: { ...GITHUB, GITHUB_EVENT_NAME: event } };
    const why = '--untrusted says so';
    const pushes = event !== 'merge_group';
    expect(statedTrust('true', '--untrusted', facts)).toEqual({
      untrusted: true,
      pushes: false,
      reason: why,
    });
    expect(statedTrust('false', '--untrusted', facts)).toEqual({
      untrusted: false,
      pushes,
      reason: why,
    });
  },
);
