import type { ReadResult } from './csv.js';

const SCHEME = 'oci-layout://';

/** Releases of buildx divide others than these in different places. */
const LAYOUT = /^([^:@]+)(:\w[\w.-]{0,127})?(@[a-z0-9]+:[0-9a-f]+)?$/;

/** The folder of a context `oci-layout://PATH[:TAG][@DIGEST]`; undefined for other contexts. */
export function readLayout(context: string): ReadResult<string> | undefined {
  if (!context.startsWith(SCHEME)) return undefined;
  const path = LAYOUT.exec(context.slice(SCHEME.length))?.[1];
  if (path !== undefined) return { value: path };
  return { fault: 'expected oci-layout://PATH:TAG@DIGEST, with no other ":" or "@" in it' };
}
