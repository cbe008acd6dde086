import type { Request } from '../config/index.js';
import { aboutOf, applySeverities, type Finding } from '../evidence/index.js';
import { judgeLocks, resolveBuilders } from '../pipeline/index.js';
import type { Planned } from '../plan/index.js';
import type { Ports } from '../ports/index.js';
import { parityReaders } from './parity-readers.js';

/**
 * What a run would find about builders, locks and pinned versions before it builds: builders
 * are read from their registries, and nothing is pulled. `unread` are sentences about those that
 * cannot be read now, which only a run has to. Rejects with the signal's reason only.
 */
export async function judgeBuilders(
  { plan, locks, builderLocations }: Planned,
  request: Request,
  ports: Ports,
  signal: AbortSignal,
): Promise<{ readonly findings: readonly Finding[]; readonly unread: readonly string[] }> {
  const { client, mirrors } = await parityReaders({ request }, ports, signal);
  const { files, clock } = ports;
  const { root } = request;
  const known = { locks, builderLocations, root };
  const read = await resolveBuilders(plan, { client, mirrors, files, clock, signal, ...known });
  const { findings } = judgeLocks(plan, locks, read);
  const isUnread = ({ code }: Finding) => aboutOf(code) === 'environment';
  return {
    findings: applySeverities(plan, findings).filter((one) => !isUnread(one)),
    unread: findings
      .filter(isUnread)
      .map(
        ({ subject, message }) =>
          `The pinned versions and the lock of ${subject.image} are not judged: ${message}`,
      ),
  };
}
