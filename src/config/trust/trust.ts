import type { EnvironmentVariables } from '../../ports/index.js';
import { isMergeRequest, pullRequestVariable } from './pull-requests.js';

/** What the input or option `untrusted` says. */
export const UNTRUSTED = ['auto', 'true', 'false'] as const;

export type Untrusted = (typeof UNTRUSTED)[number];

/** Whether what a run builds and is configured by was written by people who may push. */
export interface Trust {
  readonly untrusted: boolean;
  /** Whether the targets are the real registries where a push is asked for. */
  readonly pushes: boolean;
  /** The rest of the sentence "This run is trusted: …". */
  readonly reason: string;
}

/** What git says of the checkout that holds the configuration. */
export interface CheckoutFacts {
  /** The commit that is checked out. */
  readonly head?: string;
  /** What differs from it: changed, untracked and ignored paths, and submodules. */
  readonly changes: readonly string[];
  /** The configuration, contexts and folders of Dockerfiles that are not in it. */
  readonly outside: readonly string[];
}

export interface TrustFacts {
  readonly env: EnvironmentVariables;
  /** The event's payload, where it could be read and the event needs it. */
  readonly payload?: unknown;
  /** Where the event needs it and there is one. */
  readonly checkout?: CheckoutFacts;
}

/** Events that only people who may write to the repository, or its own clock, cause. */
const BY_WRITERS: readonly string[] = [
  'push',
  'schedule',
  'release',
  'create',
  'workflow_dispatch',
  'repository_dispatch',
];

/** Events of which the payload decides. */
const BY_PAYLOAD: readonly string[] = ['workflow_run'];

/** Events that people without rights cause, and that run the default branch's own workflow. */
const BY_CHECKOUT: readonly string[] = ['pull_request_target', 'issue_comment'];

/** Which further facts the decision is made by. */
export function factsNeeded({ GITHUB_EVENT_NAME: event = '' }: EnvironmentVariables) {
  return { payload: BY_PAYLOAD.includes(event), checkout: BY_CHECKOUT.includes(event) };
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (one, key) =>
      typeof one === 'object' && one !== null ? (one as Record<string, unknown>)[key] : undefined,
    value,
  );
}

/** What speaks against the run that this one follows; undefined where nothing does. */
function againstRun({ env, payload }: TrustFacts): string | undefined {
  const { GITHUB_REPOSITORY: repository = '' } = env;
  if (at(payload, 'workflow_run') === undefined) return 'its payload cannot be read';
  const event = at(payload, 'workflow_run', 'event');
  if (event !== 'push') return `it follows the event ${String(event)}, not a push`;
  const isHere = [['workflow_run', 'head_repository'], ['repository']].every(
    (path) => repository !== '' && at(payload, ...path, 'full_name') === repository,
  );
  if (!isHere) return 'it follows a push to another repository';
  const branch = at(payload, 'repository', 'default_branch');
  const isDefault = typeof branch === 'string' && branch !== '';
  if (isDefault && at(payload, 'workflow_run', 'head_branch') === branch) return undefined;
  return 'it follows a push to another branch than the default one';
}

/** What speaks against the checkout; undefined where nothing does. */
function againstCheckout({ env, checkout }: TrustFacts): string | undefined {
  const { GITHUB_SHA: sha = '' } = env;
  if (checkout === undefined) {
    return 'the configuration is not in a Git repository, or git may not read it';
  }
  const { head, changes, outside } = checkout;
  if (sha === '' || head !== sha) return 'HEAD of the checkout is not GITHUB_SHA';
  if (changes[0] !== undefined) return `the checkout is not clean: ${listed(changes)}`;
  if (outside[0] === undefined) return undefined;
  return `not in the checkout of GITHUB_SHA, or links in it, are: ${listed(outside)}`;
}

const LISTED = 3;

function listed(names: readonly string[]): string {
  const more = names.length - LISTED;
  const shown = names.slice(0, LISTED).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

const trusted = (reason: string): Trust => ({ untrusted: false, pushes: true, reason });
const untrusted = (reason: string): Trust => ({ untrusted: true, pushes: false, reason });

/** Trusted for what is so, unless something speaks against it. */
function unless(against: string | undefined, event: string, so: string): Trust {
  const why = `the event is ${event}`;
  return against === undefined ? trusted(`${why}, and ${so}`) : untrusted(`${why}, and ${against}`);
}

function ofEvent(event: string, facts: TrustFacts): Trust {
  const why = `the event is ${event}`;
  if (BY_WRITERS.includes(event)) return trusted(why);
  if (event === 'merge_group') {
    return { untrusted: false, pushes: false, reason: `${why}, which pushes nothing` };
  }
  if (BY_PAYLOAD.includes(event)) {
    return unless(againstRun(facts), event, 'it follows a push to the default branch');
  }
  if (BY_CHECKOUT.includes(event)) {
    const so = 'everything is in a clean checkout of GITHUB_SHA';
    return unless(againstCheckout(facts), event, so);
  }
  return untrusted(why);
}

function elsewhere(env: EnvironmentVariables): Trust {
  const name = pullRequestVariable(env);
  if (name !== undefined) return untrusted(`${name} says that this is a pull request`);
  return trusted(env.CI ? 'this CI names no pull request' : 'this is not a CI job');
}

/** The table of SECURITY.md ("What is untrusted"), as a function of plain facts. */
export function decideTrust(facts: TrustFacts): Trust {
  const { env } = facts;
  const event = env.GITHUB_EVENT_NAME ?? '';
  // GitHub, and what is like it, always names one.
  if (event !== '') return ofEvent(event, facts);
  if (isMergeRequest(env)) return untrusted("GitLab's pipeline is a merge request's");
  if (env.GITLAB_CI === 'true') return trusted("GitLab's pipeline is not a merge request's");
  return elsewhere(env);
}

/** The same where the workflow or the command line says it; a merge group pushes nothing in any case. */
export function statedTrust(says: 'true' | 'false', by: string, { env }: TrustFacts): Trust {
  const why = `${by} says so`;
  if (says === 'true') return untrusted(why);
  return { ...trusted(why), pushes: env.GITHUB_EVENT_NAME !== 'merge_group' };
}

/** For the log. */
export function trustSentence({ untrusted: is, reason }: Trust): string {
  return `This run is ${is ? 'untrusted' : 'trusted'}: ${reason}.`;
}
