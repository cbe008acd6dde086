import {
  child,
  located,
  type Position,
  pairs,
  type SourceNode,
  text,
} from '../../../document/index.js';
import { nearest } from '../../../platform/index.js';
import type { ReadContext } from '../../read-context.js';

/* What RUN steps may use, judged by the grammar of docker's client before anything is built. */

/** As github.com/docker/go-units reads it: `64m`, `1.5GiB`, bytes without a unit. */
const SIZE = /^\d+(?:\.\d+)* ?(?:[kmgtp]i?)?b?$/i;

/** github.com/docker/go-units, ulimit.go. */
const LIMITS = [
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
];

const quoted = (value: string) => JSON.stringify(value.slice(0, 60));

/** The size of /dev/shm; what is no size is a problem. */
export function readShmSize(
  { problems }: Pick<ReadContext, 'problems'>,
  build: SourceNode | undefined,
): string | undefined {
  const written = located(build, 'shm_size');
  if (written === undefined) return undefined;
  const { value, at } = written;
  if (!SIZE.test(value)) {
    problems.push({
      ...at,
      message: `${quoted(value)} is not a size; expected the form 64m or 1g`,
    });
  }
  return value;
}

function isAddress(value: string): boolean {
  const bare = value.replace(/^\[(.*)\]$/, '$1');
  if (bare.includes(':')) return URL.canParse(`http://[${bare}]`);
  return (
    /^\d{1,3}(\.\d{1,3}){3}$/.test(bare) && bare.split('.').every((part) => Number(part) < 256)
  );
}

/** Names with addresses as `NAME:ADDRESS`; what docker's client does not read is a problem. */
export function readHosts(
  { problems }: Pick<ReadContext, 'problems'>,
  build: SourceNode | undefined,
): readonly string[] {
  return pairs(build, 'extra_hosts').map(({ name: written, value, at }) => {
    const colon = written.indexOf(':');
    const [name, address] =
      value !== undefined || colon < 0
        ? [written, value]
        : [written.slice(0, colon), written.slice(colon + 1)];
    const say = (message: string) => problems.push({ ...at, message });
    if (address === undefined || address === '') {
      say(`the host ${quoted(name)} has no address; expected the form NAME=ADDRESS`);
    } else if (address !== 'host-gateway' && !isAddress(address)) {
      say(
        `${quoted(address)} is not an address of the host ${quoted(name)}; expected one such as 10.0.0.1 or ::1, or host-gateway`,
      );
    }
    return address === undefined ? name : `${name}:${address}`;
  });
}

/** Why one side of a limit is none. */
function limitFault(name: string, side: string): string | undefined {
  if (/^-?\d{1,18}$/.test(side) && Number(side) >= -1) return undefined;
  return `${quoted(side)} is not a limit of ${name}; expected a whole number, or -1 for none`;
}

/** What stands behind a name: one number, or two. */
function sidesOf(limit: SourceNode): readonly string[] {
  if (limit.kind === 'scalar') return limit.text.split(':');
  return ['soft', 'hard'].flatMap((side) => text(limit, side) ?? []);
}

function limitProblem(name: string, sides: readonly string[]): string | undefined {
  if (!LIMITS.includes(name)) {
    const near = nearest(name, LIMITS);
    const hint = near === undefined ? `there are: ${LIMITS.join(', ')}` : `did you mean "${near}"?`;
    return `${quoted(name)} is not a limit; ${hint}`;
  }
  if (sides.length > 2)
    return `${quoted(sides.join(':'))} is not a limit of ${name}; expected SOFT:HARD`;
  const fault = sides.flatMap((side) => limitFault(name, side) ?? [])[0];
  if (fault !== undefined) return fault;
  const [soft = 0, hard = soft] = sides.map((side) => (side === '-1' ? Infinity : Number(side)));
  return soft > hard
    ? `the soft limit of ${name}, ${sides[0]}, is above the hard one, ${sides[1]}`
    : undefined;
}

/** Limits as `NAME=SOFT[:HARD]`; what docker's client does not read is a problem. */
export function readUlimits(
  { problems }: Pick<ReadContext, 'problems'>,
  build: SourceNode | undefined,
): readonly string[] {
  const value = child(build, 'ulimits');
  if (value?.kind !== 'map') return [];
  return value.entries.map(({ key, at, value: limit }) => {
    const sides = sidesOf(limit);
    const place: Position = limit.kind === 'scalar' ? limit.at : at;
    // That there is no soft one is a problem already.
    const isWhole = limit.kind === 'scalar' || text(limit, 'soft') !== undefined;
    const message = isWhole ? limitProblem(key, sides) : undefined;
    if (message !== undefined) problems.push({ ...place, message });
    return `${key}=${sides.join(':')}`;
  });
}
