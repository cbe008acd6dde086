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
    // Several images may be built from one Dockerfile.
    const told = notes.filter((other) => explains(other, one));
    for (const note of told) used.add(note);
    return told[0] === undefined ? one : { ...one, remedy: told[0].message };
  });
  return explained.filter((one) => !used.has(one));
}
