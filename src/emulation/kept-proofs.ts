import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { DAY, type RecordPorts, stateFolder } from '../cleanup/index.js';
import type { EngineFacts } from '../engine/index.js';
import { type Ports, replaceFile } from '../ports/index.js';
import { handlersAsTheyAre } from './handlers.js';
import type { PassedProof } from './judge-proof.js';
import { programsDigest } from './proof-image.js';
import type { Proofs } from './prove.js';

/*
 * What executes a platform's programs changes with a start of the machine, with a
 * handler that is registered, removed or switched off, and with the engine; what a
 * proof looks at changes with its programs. As long as nothing of that has happened a proof need not be made again, for a day at most.
 */

const keptFile = (env: Ports['env']) => join(stateFolder(env), 'proofs.json');

/**
 * What proofs stand on, as a digest: this start of this machine, its handlers with
 * the times of their registration, the engine, from where it was seen that the
 * engine has our files, and the programs. Undefined where that does not say what executes programs:
 * a rootless engine's kernel may have handlers that only it sees.
 */
export async function proofKey(
  { id, version, rootless }: EngineFacts,
  folder: string,
  { files, processes }: RecordPorts,
): Promise<string | undefined> {
  const { boot } = await processes.identify();
  const spaces = await Promise.all(
    ['mnt', 'user'].map((name) => files.target(`/proc/self/ns/${name}`).catch(() => '')),
  );
  const handlers = await handlersAsTheyAre(files);
  if (id === undefined || rootless || handlers === undefined) return undefined;
  if ([boot, ...spaces].includes('')) return undefined;
  const ground = [id, version, boot, ...spaces, dirname(folder), handlers, programsDigest()];
  return createHash('sha256').update(JSON.stringify(ground)).digest('hex');
}

interface KeptProof extends Omit<PassedProof, 'proved' | 'at'> {
  readonly platform: string;
  readonly at: string;
}

function read(text: string, ground: string): readonly KeptProof[] {
  try {
    const kept = JSON.parse(text) as { readonly ground?: unknown; readonly proofs: KeptProof[] };
    if (kept.ground !== ground) return [];
    return kept.proofs.filter(
      ({ platform, machine, executed = '', emulator = '', openat2 = 0, at }) =>
        [platform, machine, executed, emulator, at].every((one) => typeof one === 'string') &&
        typeof openat2 === 'number',
    );
  } catch {
    return [];
  }
}

/** Proofs that were made on this ground within a day, by their platforms; each says when. */
export async function recallProofs(
  ground: string,
  { files, env, clock }: RecordPorts,
): Promise<ReadonlyMap<string, PassedProof>> {
  const text = await files.read(keptFile(env)).catch(() => undefined);
  if (text === undefined) return new Map();
  const now = clock.now().getTime();
  const fresh = read(text.toString('utf8'), ground).filter(({ at }) => {
    const age = now - Date.parse(at);
    return age >= 0 && age < DAY;
  });
  return new Map(fresh.map(({ platform, ...proof }) => [platform, { proved: true, ...proof }]));
}

/**
 * Keeps those of the proofs that succeeded, in the place of all that were kept
 * before. Never rejects: they can be made again.
 */
export async function keepProofs(
  ground: string,
  proofs: Proofs,
  { files, env, clock, processes }: RecordPorts,
): Promise<void> {
  const now = clock.now().toISOString();
  const entries = [...proofs].flatMap(([platform, judgement]): KeptProof[] => {
    if (!judgement?.proved) return [];
    const { proved: _, ...proof } = judgement;
    return [{ platform, ...proof, at: proof.at ?? now }];
  });
  const { pid } = await processes.identify();
  const path = keptFile(env);
  const text = `${JSON.stringify({ ground, proofs: entries })}\n`;
  const keep = async () => {
    await files.makeDirectory(stateFolder(env));
    await replaceFile({ path, text, beside: `${path}.${pid}` }, files);
  };
  await keep().catch(() => {});
}

/** Removes what was kept, because something speaks against one of them. */
export async function forgetProofs({
  files,
  env,
}: Pick<RecordPorts, 'files' | 'env'>): Promise<void> {
  await files.remove(keptFile(env)).catch(() => {});
}
