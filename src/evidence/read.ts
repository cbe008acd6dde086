import * as v from 'valibot';
import type { Files } from '../ports/index.js';
import type { Evidence } from './model.js';
import * as schema from './schema.js';
import { EVIDENCE_SCHEMA } from './schema.js';

/** The document, or why the text is none: every problem, as sentences that name their place. */
export type Read =
  | { readonly evidence: Evidence }
  | { readonly problems: readonly [string, ...string[]] };

/** The largest document that is read, in bytes. */
export const EVIDENCE_LIMIT = 64 * 1024 * 1024;

const SHOWN = 20;

function placeOf(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key, type }) =>
    type === 'array' ? `[${key}]` : `.${key}`,
  );
  return keys.join('').replace(/^\./, '');
}

function wordsFor(issue: v.BaseIssue<unknown>): string {
  const found = issue.received.slice(0, 80);
  return `${placeOf(issue)} is ${found}, expected ${issue.expected ?? issue.requirement}`;
}

function schemaOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, 'schema') : undefined;
}

/** Checks a document's text against the schema; `name` is what problems call it. */
export function parseEvidence(text: string, name: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problems: [`${name} is not JSON: ${(error as Error).message}`] };
  }
  const version = schemaOf(value);
  if (version !== EVIDENCE_SCHEMA) {
    const found = typeof version === 'string' ? `"${version.slice(0, 80)}"` : 'missing';
    return {
      problems: [
        `${name}: schema is ${found}, expected "${EVIDENCE_SCHEMA}"; it is no evidence, or another version of this program wrote it`,
      ],
    };
  }
  const checked = v.safeParse(schema.evidence, value);
  if (checked.success) return { evidence: checked.output };
  const [first, ...rest] = checked.issues.map((issue) => `${name}: ${wordsFor(issue)}`);
  const shown = rest.slice(0, SHOWN - 1);
  const left = rest.length - shown.length;
  const more = left > 0 ? [`${name}: and ${left} more problems`] : [];
  return { problems: [first, ...shown, ...more] as [string, ...string[]] };
}

/** Reads a document from an absolute path. A file that is not there or too large is a problem too. */
export async function readEvidence(files: Files, path: string, name: string): Promise<Read> {
  const facts = await files.look(path);
  if (facts?.kind !== 'file') {
    return { problems: [`${name} ${facts === undefined ? 'does not exist' : 'is not a file'}`] };
  }
  if (facts.size > EVIDENCE_LIMIT) {
    return {
      problems: [`${name} has ${facts.size} bytes; at most ${EVIDENCE_LIMIT} are read`],
    };
  }
  return parseEvidence((await files.read(path)).toString('utf8'), name);
}
