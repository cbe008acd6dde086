import type { ReadResult } from './csv.js';

/** An SSH agent or keys that a build gets under a name. */
export interface Ssh {
  readonly id: string;
  /** Sockets or keys; empty: the agent of SSH_AUTH_SOCK. */
  readonly paths: readonly string[];
}

/** One item of `--ssh` (buildx, util/buildflags/ssh.go): no CSV, and so no quotes. */
export function readSsh(text: string): ReadResult<Ssh> {
  const [, id = '', , list] = /^([^=]*)(=(.*))?$/s.exec(text.trim()) ?? [];
  const paths = list?.split(',') ?? [];
  if (id === '' || /[\s",]/.test(id) || paths.includes('') || /[\r\n]/.test(text.trim())) {
    return { fault: 'expected ID, or ID=PATH, or ID=PATH,PATH' };
  }
  return { value: { id, paths } };
}

/** What buildx reads as that. */
export function writeSsh({ id, paths }: Ssh): string {
  return paths.length === 0 ? id : `${id}=${paths.join(',')}`;
}
