export type { FailedTest } from './failed-tests.js';
export type { ReportedFinding } from './findings.js';
export { groupFindings, placeOf } from './findings.js';
export type { PublishedTags } from './published.js';
export { type Report, type ReportedImage, type ReportedProblem, reportOf } from './report.js';
export type { FileFirst } from './rerun.js';
export { type Mark, markOf } from './tested.js';
export { emulatedWords, PARTIAL, pullSize, testWords, withoutHost } from './wording.js';
