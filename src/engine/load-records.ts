import { createHash } from 'node:crypto';

/*
 * Which repository's run gave an image a name for later steps is recorded in the
 * engine, beside the image: in the labels of a volume without content. A label of
 * the image itself is built and handed on to other images; a second name would
 * keep the image after its user has removed the first.
 */

/** That a run of `repository` gave the image with that id the name. */
export interface LoadRecord {
  readonly repository: string;
  readonly name: string;
  readonly image: string;
}

const LABELS = {
  repository: 'sea-trial.loaded-by',
  name: 'sea-trial.loaded',
  image: 'sea-trial.loaded-image',
} as const satisfies Record<keyof LoadRecord, string>;

const FIELDS = Object.keys(LABELS) as readonly (keyof LoadRecord)[];

/** The volume's name: the same for the same record. */
export function recordVolume(record: LoadRecord): string {
  const text = JSON.stringify(FIELDS.map((field) => record[field]));
  return `sea-trial-loaded-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

export const listRecords: readonly string[] = [
  ...['volume', 'ls', '--filter', `label=${LABELS.name}`, '--format'],
  `[${FIELDS.map((field) => `{{json (.Label "${LABELS[field]}")}}`).join(',')}]`,
];

/** Reads what that prints; what is no record of ours is left out. */
export function readRecords(stdout: string): readonly LoadRecord[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => {
    const [repository = '', name = '', image = ''] = JSON.parse(line) as readonly string[];
    return repository === '' || image === '' ? [] : [{ repository, name, image }];
  });
}

export function makeRecord(record: LoadRecord): readonly string[] {
  const labels = FIELDS.map((field) => `--label=${LABELS[field]}=${record[field]}`);
  return ['volume', 'create', ...labels, recordVolume(record)];
}
