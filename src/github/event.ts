import type { Ports } from '../ports/index.js';

/** The event that started the workflow. */
export interface WorkflowEvent {
  /** For example `push`; empty where the runner does not say. */
  readonly name: string;
  /** For example `refs/pull/12/merge`; empty where the runner does not say. */
  readonly ref: string;
  /** The commit that the workflow runs for; empty where the runner does not say. */
  readonly revision: string;
  /** The number of the pull request that the event is about. */
  readonly pullRequest?: number;
  /** The event as GitHub's API describes it; undefined where it cannot be read. */
  readonly payload?: unknown;
}

/**
 * The context of @actions/github, which reads the payload when it is imported: it blocks
 * on a pipe, prints a line where there is no file, and throws where the file holds no
 * JSON. So the file is read by our own port first, which does none of these.
 */
async function contextOf({ env, files }: Pick<Ports, 'env' | 'files'>) {
  try {
    JSON.parse((await files.read(env.GITHUB_EVENT_PATH ?? '')).toString('utf8'));
    return (await import('@actions/github')).context;
  } catch {
    return undefined;
  }
}

/** What @actions/github has read of an event, as far as it matters here. */
interface EventContext {
  readonly eventName?: string;
  readonly ref?: string;
  readonly sha?: string;
  readonly payload?: { readonly pull_request?: { readonly number?: unknown } | null } | null;
}

/** The facts of an event; what the runner does not say is empty. */
export function eventIn({ eventName = '', ref = '', sha = '', payload }: EventContext) {
  // A file that holds `null` is JSON, too.
  const number = payload?.pull_request?.number;
  return {
    name: eventName,
    ref,
    revision: sha,
    ...(typeof number === 'number' ? { pullRequest: number } : {}),
    payload,
  };
}

/** Reads the event. Never rejects: what cannot be read is left out. */
export async function readEvent(ports: Pick<Ports, 'env' | 'files'>): Promise<WorkflowEvent> {
  const { GITHUB_EVENT_NAME = '', GITHUB_REF = '', GITHUB_SHA = '' } = ports.env;
  const context = await contextOf(ports);
  if (context === undefined)
    return { name: GITHUB_EVENT_NAME, ref: GITHUB_REF, revision: GITHUB_SHA };
  return eventIn(context);
}
