import type { StageStep } from './stages.js';

/** A `RUN --mount=type=secret`. */
interface SecretMount {
  readonly id: string;
  readonly isRequired: boolean;
  /** Of its RUN, counted from 1. */
  readonly line: number;
}

const MOUNT = '--mount=';

const TRUE = /^(1|t|T|TRUE|true|True)$/;

/** What `type=secret,id=a` says; undefined where only the build knows. */
function secretIn(options: string): Omit<SecretMount, 'line'> | 'another type' | undefined {
  if (/["'$\\]/.test(options)) return undefined;
  const said = new Map(
    options.split(',').map((option) => {
      const [key = '', ...value] = option.split('=');
      return [key.toLowerCase(), value.length === 0 ? undefined : value.join('=')] as const;
    }),
  );
  if (said.get('type')?.toLowerCase() !== 'secret') return 'another type';
  const target = said.get('target') ?? said.get('dst') ?? said.get('destination');
  const id = said.get('id') ?? said.get('source') ?? said.get('src') ?? target?.split('/').at(-1);
  if (id === undefined || id === '') return undefined;
  const required = said.has('required') ? (said.get('required') ?? 'true') : 'false';
  return { id, isRequired: TRUE.test(required) };
}

/** The secrets that a step mounts; undefined where only the build knows them. */
export function secretMounts({
  keyword,
  flags,
  line,
}: StageStep): readonly SecretMount[] | undefined {
  if (keyword !== 'RUN') return [];
  const found: SecretMount[] = [];
  for (const flag of flags.filter((one) => one.startsWith(MOUNT))) {
    const secret = secretIn(flag.slice(MOUNT.length));
    if (secret === undefined) return undefined;
    if (secret !== 'another type') found.push({ ...secret, line });
  }
  return found;
}
