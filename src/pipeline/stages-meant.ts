import type { Finding } from '../evidence/index.js';

/** Whether a note of the plan is about what could not be pulled: the same line of the Dockerfile. */
function explains(note: Finding, { code, subject, location }: Finding): boolean {
  const { image = note.subject.image, platform = note.subject.platform } = subject;
  return (
    code === 'not-pulled' &&
    location?.line !== undefined &&
    location.line === note.location?.line &&
    location.file === note.location.file &&
    image === note.subject.image &&
    (note.subject.platform === undefined || platform === note.subject.platform)
  );
}

/**
 * The findings of a run, in which an image that cannot be pulled because a stage was meant
 * says that. What the plan has noted of it is not said beside it.
 */
export function withStagesMeant(findings: readonly Finding[]): readonly Finding[] {
  const notes = findings.filter(({ code }) => code === 'stage-misspelt');
  const used = new Set<Finding>();
  const explained = findings.map((one) => {
    const note = notes.find((other) => explains(other, one));
    if (note === undefined) return one;
    used.add(note);
    return { ...one, remedy: note.message };
  });
  return explained.filter((one) => !used.has(one));
}
