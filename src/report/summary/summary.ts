import { type Evidence, judge, type Verdict } from '../../evidence/index.js';
import { duration } from '../format.js';
import { code, markdown } from '../untrusted.js';
import { headline, loweredChecks } from '../words.js';
import { environmentSection, passedSection, repeatSection } from './details.js';
import { adviceSections, failureSections } from './failures.js';
import { digestSection, gridSection, imageSections } from './images.js';
import { pageOf } from './sections.js';
import { timelineSection } from './timeline.js';

/** GitHub drops a step's summary of more than 1,048,576 bytes; this leaves room for others'. */
const LIMIT = 900 * 1024;

const MARK = { passed: '✔', failed: '✘', errored: '⚠', interrupted: '⚠' } as const;

function heading(evidence: Evidence, verdict: Verdict): string {
  const { run } = evidence;
  const { revision, ref } = run.source;
  const facts = [
    duration(run.duration),
    ...(ref === undefined ? [] : [markdown(ref.replace(/^refs\/(heads|tags)\//, ''), 80)]),
    ...(revision === undefined ? [] : [code(revision.slice(0, 7))]),
    ...(run.attempt > 1 ? [`attempt ${run.attempt}`] : []),
    ...(run.source.dirty.length > 0 ? ['with changes that are not committed'] : []),
    ...loweredChecks(evidence).map((check) => code(check)),
  ];
  const words = markdown(headline(evidence, verdict), 400);
  return `## ${MARK[verdict.verdict]} ${words}\n\n${facts.join(' · ')}`;
}

/**
 * The job's summary as GitHub's markdown, at most `limit` bytes (900 KiB).
 * Whatever came from an image, a build or a test is escaped and capped.
 */
export function renderSummary(evidence: Evidence, limit = LIMIT): string {
  const verdict = judge(evidence);
  return pageOf(
    [
      { text: heading(evidence, verdict), rank: 0 },
      ...failureSections(evidence, verdict),
      gridSection(verdict),
      ...imageSections(evidence, verdict),
      ...adviceSections(verdict),
      timelineSection(evidence, verdict),
      passedSection(verdict),
      digestSection(verdict),
      environmentSection(evidence),
      repeatSection(evidence, verdict),
    ],
    limit,
  );
}
