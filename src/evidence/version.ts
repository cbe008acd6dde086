/** Which document evidence is; apart from the schema, so that a run does not load what describes it. */
export const EVIDENCE_SCHEMA = 'sea-trial/evidence/2';
