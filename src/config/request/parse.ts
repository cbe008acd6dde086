import type { Problem } from '../../evidence/index.js';
import { combined } from './combined.js';
import { inputs } from './inputs.js';
import { createReader, type RequestSource } from './reader.js';
import type { ParsedRequest } from './request.js';
import { isPullRequest, type StartContext } from './start.js';

/** What was asked for, or everything that is wrong with it. */
export type Reading<Asked> =
  | { readonly request: Asked }
  | { readonly problems: readonly Problem[] };

/** The request that inputs or options make, and what is wrong with them: row by row of the table. */
export function parseRequest(
  source: RequestSource,
  of: Pick<ParsedRequest, 'command' | 'from'>,
  start: StartContext,
): { readonly request: ParsedRequest; readonly problems: readonly Problem[] } {
  const reader = createReader(source);
  const parts = [
    ...inputs.map((input) => input.read?.(reader.given(input))),
    ...combined.map((read) => read(reader, start)),
  ];
  const nothing: ParsedRequest = {
    ...of,
    root: start.root,
    only: [],
    platforms: [],
    set: new Map(),
    push: false,
    json: false,
    allowDirty: false,
    grants: [],
    replaces: [],
    load: false,
    pullRequest: isPullRequest(start),
    untrusted: 'auto',
    secretSources: [],
    secretValues: new Map(),
  };
  return { request: Object.assign(nothing, ...parts), problems: reader.problems };
}
