import type { EnvironmentVariables } from '../../ports/index.js';

const MERGE_REQUEST = ['merge_request_event', 'external_pull_request_event'];

/** Whether GitLab runs a merge request's pipeline, or one that such a pipeline has started. */
export function isMergeRequest(env: EnvironmentVariables): boolean {
  const names = Object.keys(env).filter((name) => env[name]);
  return (
    MERGE_REQUEST.includes(env.CI_PIPELINE_SOURCE ?? '') ||
    names.some((name) => /^CI_(MERGE_REQUEST|EXTERNAL_PULL_REQUEST)_/.test(name))
  );
}

/** By these variables other CI systems say that they build a pull request, and with which values. */
const OF_PULL_REQUESTS: ReadonlyMap<string, RegExp> = new Map([
  ...[
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
  ].map((name): [string, RegExp] => [name, /^(?!(?:0|false|null)?$)/i]),
  ['BUILD_REASON', /^PullRequest$/i],
  ['CI_PIPELINE_EVENT', /^pull_request/],
  ['CODEBUILD_WEBHOOK_EVENT', /^PULL_REQUEST/],
  ['CODEBUILD_WEBHOOK_TRIGGER', /^pr\//],
  ['DRONE_BUILD_EVENT', /^pull_request/],
  ['GERRIT_EVENT_TYPE', /^(?!change-merged$|ref-updated$|$)/],
  ['JOB_TYPE', /^(presubmit|batch)$/],
]);

/** The variable by which another CI says so; undefined where none does. */
export function pullRequestVariable(env: EnvironmentVariables): string | undefined {
  return [...OF_PULL_REQUESTS].find(([name, values]) => values.test(env[name] ?? ''))?.[0];
}
