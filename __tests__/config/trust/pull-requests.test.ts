import { describe, expect, test } from '@jest/globals';
import { decideTrust, trustSentence } from '../../../src/config/index.js';
import { isMergeRequest, pullRequestVariable } from '../../../src/config/trust/pull-requests.js';
import { factsNeeded } from '../../../src/config/trust/trust.js';

/** Variables that hold the number, or the name, of a pull request, and nothing or "no" elsewhere. */
const NUMBERED = [
  'APPVEYOR_PULL_REQUEST_NUMBER',
  'BITBUCKET_PR_ID',
  'BITRISE_PULL_REQUEST',
  'BUILDKITE_PULL_REQUEST',
  'CF_PULL_REQUEST_NUMBER',
  'CHANGE_ID',
  'CIRCLE_PR_NUMBER',
  'CIRCLE_PULL_REQUEST',
  'CIRRUS_PR',
  'CI_COMMIT_PULL_REQUEST',
  'DRONE_PULL_REQUEST',
  'PULL_NUMBER',
  'SEMAPHORE_GIT_PR_NUMBER',
  'SYSTEM_PULLREQUEST_PULLREQUESTID',
  'TRAVIS_PULL_REQUEST',
  'ghprbPullId',
  'gitlabMergeRequestIid',
];

describe('another CI says that it builds a pull request', () => {
  test.each(NUMBERED)('%s: by any value but none, 0, false and null', (name) => {
    for (const value of ['7', '10', 'true', 'https://example.org/pull/7', 'falsehood', '00']) {
      expect([value, pullRequestVariable({ [name]: value })]).toEqual([value, name]);
    }
    for (const value of ['', '0', 'false', 'FALSE', 'null', undefined]) {
      expect([value, pullRequestVariable({ [name]: value })]).toEqual([value, undefined]);
    }
  });

  test.each([
    [
      'BUILD_REASON',
      ['PullRequest', 'pullrequest'],
      ['Manual', 'PullRequestLike', 'NoPullRequest'],
    ],
    ['CI_PIPELINE_EVENT', ['pull_request', 'pull_request_closed'], ['push', 'no_pull_request']],
    ['CODEBUILD_WEBHOOK_EVENT', ['PULL_REQUEST_MERGED'], ['PUSH', 'NO_PULL_REQUEST']],
    ['CODEBUILD_WEBHOOK_TRIGGER', ['pr/7'], ['branch/main', 'branch/pr/7', 'pr']],
    ['DRONE_BUILD_EVENT', ['pull_request'], ['push', 'no_pull_request']],
    [
      'GERRIT_EVENT_TYPE',
      ['patchset-created', 'change-merged-not'],
      ['change-merged', 'ref-updated', ''],
    ],
    ['JOB_TYPE', ['presubmit', 'batch'], ['postsubmit', 'presubmits', 'rebatch', 'batches']],
  ])('%s: by %j, and not by %j', (name, pulls, others) => {
    for (const value of pulls) expect(pullRequestVariable({ [name]: value })).toBe(name);
    for (const value of others) {
      expect([value, pullRequestVariable({ [name]: value })]).toEqual([value, undefined]);
    }
  });

  test('and is named', () => {
    expect(decideTrust({ env: { CI: 'true', CIRRUS_PR: '7' } }).reason).toBe(
      'CIRRUS_PR says that this is a pull request',
    );
  });
});

describe("GitLab's pipeline is a merge request's", () => {
  test.each([
    { CI_PIPELINE_SOURCE: 'merge_request_event' },
    { CI_PIPELINE_SOURCE: 'external_pull_request_event' },
    { CI_PIPELINE_SOURCE: 'parent_pipeline', CI_MERGE_REQUEST_IID: '7' },
    { CI_EXTERNAL_PULL_REQUEST_IID: '7' },
  ])('%j', (env) => {
    expect(isMergeRequest(env)).toBe(true);
    expect(decideTrust({ env })).toEqual({
      untrusted: true,
      pushes: false,
      reason: "GitLab's pipeline is a merge request's",
    });
  });

  test.each([
    {},
    { CI_PIPELINE_SOURCE: 'push' },
    { CI_PIPELINE_SOURCE: '' },
    { CI_MERGE_REQUEST_IID: '' },
    { CI_OPEN_MERGE_REQUESTS: 'a!1' },
    { MY_CI_MERGE_REQUEST_IID: '7' },
    { CI_MERGE_REQUESTS: '7' },
  ])('and not with %j', (env) => {
    expect(isMergeRequest(env)).toBe(false);
  });
});

test.each<[Record<string, string>, boolean, string]>([
  [{ GITLAB_CI: 'true' }, false, "GitLab's pipeline is not a merge request's"],
  [{ CI: 'true' }, false, 'this CI names no pull request'],
  [{}, false, 'this is not a CI job'],
  [{ GITHUB_EVENT_NAME: 'push' }, false, 'the event is push'],
  [{ GITHUB_EVENT_NAME: 'merge_group' }, false, 'the event is merge_group, which pushes nothing'],
  [{ GITHUB_EVENT_NAME: 'pull_request' }, true, 'the event is pull_request'],
])('the log says what a run is, and why: %j', (env, untrusted, reason) => {
  const trust = decideTrust({ env });
  expect(trust).toMatchObject({ untrusted, reason });
  const word = untrusted ? 'untrusted' : 'trusted';
  expect(trustSentence(trust)).toBe(`This run is ${word}: ${reason}.`);
});

test.each([
  ['push', false, false],
  ['workflow_run', true, false],
  ['pull_request_target', false, true],
  ['issue_comment', false, true],
  [undefined, false, false],
])('more is looked at only where the event needs it: %s', (event, payload, checkout) => {
  const env = event === undefined ? {} : { GITHUB_EVENT_NAME: event };
  expect(factsNeeded(env)).toEqual({ payload, checkout });
});

describe('a run that follows another or runs on a checkout', () => {
  const SHA = 'a'.repeat(40);
  const target = { GITHUB_EVENT_NAME: 'pull_request_target', GITHUB_SHA: SHA };
  const reason = (changes: readonly string[], outside: readonly string[] = []) =>
    decideTrust({ env: target, checkout: { head: SHA, changes, outside } }).reason;
  const why = 'the event is pull_request_target, and';

  test('names three of what speaks against it, and how many there are more', () => {
    expect(reason([])).toBe(`${why} everything is in a clean checkout of GITHUB_SHA`);
    expect(reason(['a', 'b', 'c'])).toBe(`${why} the checkout is not clean: a, b, c`);
    expect(reason(['a', 'b', 'c', 'd', 'e'])).toBe(
      `${why} the checkout is not clean: a, b, c and 2 more`,
    );
    expect(reason([], ['../pr'])).toBe(
      `${why} not in the checkout of GITHUB_SHA, or links in it, are: ../pr`,
    );
  });

  test('is untrusted where neither GitHub nor git says which commit is meant', () => {
    const { GITHUB_SHA: _, ...env } = target;
    const checkout = { head: '', changes: [], outside: [] };
    expect(decideTrust({ env, checkout }).untrusted).toBe(true);
  });

  test('is untrusted where nothing says which repository or branch is meant', () => {
    const run = { event: 'push', head_branch: '', head_repository: { full_name: '' } };
    const payload = { workflow_run: run, repository: { full_name: '', default_branch: '' } };
    const env = { GITHUB_EVENT_NAME: 'workflow_run' };
    expect(decideTrust({ env, payload }).reason).toContain('a push to another repository');
    const here = { full_name: 'acme/a' };
    const branches = {
      workflow_run: { ...run, head_repository: here },
      repository: { ...here, default_branch: '' },
    };
    const named = { ...env, GITHUB_REPOSITORY: 'acme/a' };
    expect(decideTrust({ env: named, payload: branches }).reason).toContain('another branch');
  });
});
