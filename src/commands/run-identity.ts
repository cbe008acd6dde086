import { createRunId } from '../engine/index.js';
import type { RunOptions } from '../pipeline/index.js';
import type { Ports } from '../ports/index.js';

/** The id that labels everything a run makes; it contains the CI's run id. */
export function runIdentity(env: Ports['env']): RunOptions['run'] {
  const attempt = Number(env.GITHUB_RUN_ATTEMPT ?? 1);
  return {
    id: createRunId(env.GITHUB_RUN_ID),
    attempt: Number.isSafeInteger(attempt) ? attempt : 1,
  };
}
