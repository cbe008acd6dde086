/** Where a run starts: the absolute folder, and the environment of the process. */
export interface StartContext {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Whether the event is a pull or merge request; what a run may do, `decideTrust` says. */
export function isPullRequest({ env }: StartContext): boolean {
  const event = env.GITHUB_EVENT_NAME ?? '';
  return event.startsWith('pull_request') || (env.CI_MERGE_REQUEST_IID ?? '') !== '';
}
