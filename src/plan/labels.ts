import type { TextTable } from '../document/index.js';
import type { Source } from './source.js';

const PREFIX = 'org.opencontainers.image.';

function automatic(source: Source, version: string | undefined): readonly [string, string][] {
  const { repository, revision } = source.facts;
  const created =
    source.epoch === undefined
      ? undefined
      : new Date(source.epoch * 1000).toISOString().replace('.000Z', 'Z');
  const pairs: readonly [string, string | undefined][] = [
    ['created', created],
    ['revision', revision],
    ['source', repository],
    ['version', version],
  ];
  return pairs.flatMap(([name, value]) => (value ? [[PREFIX + name, value]] : []));
}

const NAMES = ['created', 'revision', 'source', 'version'].map((name) => PREFIX + name);

function switchedOff(key: string, value: string): boolean {
  return NAMES.includes(key) && (value === '' || value === 'false');
}

function compose(base: readonly [string, string][], own: TextTable): TextTable {
  const all = new Map([...base, ...Object.entries(own)]);
  return Object.fromEntries([...all].filter(([key, value]) => !switchedOff(key, value)));
}

/**
 * Labels of the image and annotations of its index: the four of the OCI
 * annotation set that are known without asking, then what the user wrote. An
 * empty value, or `false`, switches one of the four off. `created` is the
 * commit's time, so that equal sources give equal bytes.
 */
export function describe(
  source: Source,
  version: string | undefined,
  labels: TextTable,
  annotations: TextTable,
): { readonly labels: TextTable; readonly annotations: TextTable } {
  const base = automatic(source, version);
  const given = Object.entries(labels).filter(([key]) => NAMES.includes(key));
  return {
    labels: compose(base, labels),
    annotations: compose([...new Map([...base, ...given])], annotations),
  };
}
