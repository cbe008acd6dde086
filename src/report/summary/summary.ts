import type { Evidence } from '../../evidence/index.js';
import { duration } from '../format.js';
import { type Report, reportOf } from '../model/index.js';
import { code, markdown } from '../untrusted.js';
import { environmentSection, passedSection, rerunSection } from './details.js';
import { basesSection, digestSection, gridSection, imageSections } from './images.js';
import { adviceSections, problemSections } from './problems.js';
import { pageOf } from './sections.js';
import { timelineSection } from './timeline.js';

/** GitHub drops a step's summary of more than 1,048,576 bytes; this leaves room for others'. */
const LIMIT = 900 * 1024;

function heading({ evidence, mark, headline, lowered }: Report): string {
  const { run } = evidence;
  const { revision, ref } = run.source;
  const facts = [
    duration(run.duration),
    ...(ref === undefined ? [] : [markdown(ref.replace(/^refs\/(heads|tags)\//, ''), 80)]),
    ...(revision === undefined ? [] : [code(revision.slice(0, 7))]),
    ...(run.attempt > 1 ? [`attempt ${run.attempt}`] : []),
    ...(run.source.dirty.length > 0 ? ['with changes that are not committed'] : []),
    ...lowered.map((check) => code(check)),
  ];
  return `## ${mark} ${markdown(headline, 600)}\n\n${facts.join(' · ')}`;
}

/**
 * The job's summary as GitHub's markdown, at most `limit` bytes (900 KiB).
 * Whatever came from an image, a build or a test is escaped and capped.
 */
export function renderSummary(evidence: Evidence, limit = LIMIT): string {
  const report = reportOf(evidence);
  return pageOf(
    [
      { text: heading(report), rank: 0 },
      ...problemSections(report),
      gridSection(report),
      ...imageSections(report),
      ...adviceSections(report),
      timelineSection(report),
      passedSection(report),
      digestSection(report),
      basesSection(report),
      environmentSection(evidence),
      rerunSection(report),
    ],
    limit,
  );
}
