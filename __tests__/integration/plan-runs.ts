import { openRecord } from '../../src/cleanup/index.js';
import type { Request } from '../../src/config/index.js';
import { createRunId } from '../../src/engine/index.js';
import { createRedactor, type Event, type Evidence, type Plan } from '../../src/evidence/index.js';
import { runPipeline } from '../../src/pipeline/index.js';
import type { Planned } from '../../src/plan/index.js';
import { realPorts } from '../../src/ports/index.js';
import { request } from '../config/memory.js';
import { environment } from './rig.js';

/** What a run of a plan came to, and what it told on its way. */
export interface PlanRun {
  readonly evidence: Evidence;
  readonly events: readonly Event[];
}

/** Runs a plan in this process, without a configuration. */
export async function runPlan(
  plan: Plan,
  root: string,
  more: Partial<Request> & {
    readonly signal?: AbortSignal;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<PlanRun> {
  const { signal = new AbortController().signal, env, ...asked } = more;
  const ports = { ...realPorts(), env: { ...environment, ...env } };
  const run = createRunId();
  const record = await openRecord(run, ports);
  const folder = await record.makeFolder();
  const events: Event[] = [];
  const planned: Planned = {
    plan,
    bases: new Map(),
    frontends: new Map(),
    lookAlikes: [],
    source: { dirty: [] },
    imageIds: plan.images.map(({ id }) => id),
    findings: [],
    fromEnvironment: new Map(),
    publicArgs: new Set(),
    locks: new Map(),
    notes: [],
  };
  try {
    const evidence = await runPipeline(
      {
        planned,
        request: request({ root, ...asked }),
        tool: { name: 'sea-trial', version: 'test' },
        run: { id: run, attempt: 1 },
        folder,
        record,
        listen: (event) => void events.push(event),
        redactor: createRedactor(),
        signal,
      },
      ports,
    );
    return { evidence, events };
  } finally {
    await ports.files.remove(folder);
    await record.close();
  }
}
