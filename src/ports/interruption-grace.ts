import { abortable, type Exec } from './exec.js';

/** Milliseconds after an interruption in which what was made is taken away: of six, the report needs some. */
const UNDOING = 4_500;

/**
 * The same, until an interruption: children that are still there a while after it,
 * and those that are started then, are ended. Tidying up does not listen to the
 * signal, and an engine that never answers would keep the process for ever.
 */
export function withInterruptionGrace(
  exec: Exec,
  interrupted: AbortSignal,
  patience = UNDOING,
): Exec {
  const late = new AbortController();
  const begin = () => void setTimeout(() => late.abort(interrupted.reason), patience).unref();
  if (interrupted.aborted) begin();
  else interrupted.addEventListener('abort', begin);
  return abortable(exec, late.signal);
}
