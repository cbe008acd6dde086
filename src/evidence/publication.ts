import { splitName, splitReference } from '../reference/index.js';
import type { Evidence, PlannedImage, Publication } from './model.js';
import { compareServed, testedImage } from './served.js';
import { isOfProof, severityOf } from './severity.js';

/** Whether an image is published under every tag asked for, and whether that was read back. */
export interface PublicationVerdict {
  /** False where nothing was to be published: a part of a plan, or an image without targets. */
  readonly due: boolean;
  readonly published: boolean;
  readonly verified: boolean;
  /** What was read back is something else than what was tested. */
  readonly contradicted: boolean;
  /** Why it is due and not there, or not verified. */
  readonly reason?: string;
}

/**
 * Whether a repository is the planned one, or stands for it: the embedded
 * registry and `--registry` keep the name and change the host, behind a prefix
 * or not. What another target of the plan names itself stands for nothing else.
 */
function standsFor(image: PlannedImage, planned: string, actual: string): boolean {
  if (actual === planned) return true;
  if (image.targets.some(({ repository }) => repository === actual)) return false;
  return `/${splitName(actual).path}`.endsWith(`/${splitName(planned).path}`);
}

function tagsDue(image: PlannedImage) {
  return image.targets.flatMap(({ repository, tags }) => tags.map((tag) => ({ repository, tag })));
}

/** Why a tag is not verified; `contradicted` where what it serves is known to be something else. */
interface Doubt {
  readonly reason: string;
  readonly contradicted: boolean;
}

function doubtInFacts(
  evidence: Evidence,
  image: PlannedImage,
  publication: Publication,
): Doubt | undefined {
  const tested = testedImage(evidence, image, publication);
  for (const target of publication.targets) {
    const name = `${target.repository}:${target.tag}`;
    const served = publication.served.find(
      ({ reference, tag }) =>
        tag === target.tag && splitReference(reference).name === target.repository,
    );
    if (tested === undefined || served?.index === undefined) {
      return { reason: `${name} was not read back`, contradicted: false };
    }
    const { digest } = served.index;
    const earlier = [target.before?.digest, publication.takenOver?.composed];
    if (digest !== tested.index.digest && earlier.includes(digest)) {
      // That is lag: the registry took the tag and does not show it.
      const reason = `${name} still serves ${digest}; it was published as ${tested.index.digest}`;
      return { reason, contradicted: false };
    }
    const [difference] = compareServed(tested, served);
    if (difference !== undefined) {
      return { reason: `${name} ${difference.message}`, contradicted: true };
    }
  }
  return undefined;
}

/** What was found while it was read back: nothing is verified beside it, whatever the facts hold. */
function contradictionIn(evidence: Evidence, image: PlannedImage): string | undefined {
  const { plan, findings } = evidence;
  const said = findings.find(
    ({ code, severity, subject }) =>
      subject.image === image.id && isOfProof(code) && severityOf(plan, code, severity) === 'error',
  );
  // Its message stands beside it in every report.
  return said && `what was read back is not what was tested (${said.code})`;
}

function doubt(
  evidence: Evidence,
  image: PlannedImage,
  publication: Publication,
): Doubt | undefined {
  const inFacts = doubtInFacts(evidence, image, publication);
  const said = contradictionIn(evidence, image);
  if (said === undefined) return inFacts;
  return { reason: inFacts?.reason ?? said, contradicted: true };
}

function absentTag(image: PlannedImage, digest: string, { targets }: Publication) {
  return tagsDue(image).find(
    ({ repository, tag }) =>
      !targets.some(
        (target) =>
          target.tag === tag &&
          target.digest === digest &&
          standsFor(image, repository, target.repository),
      ),
  );
}

/** Compares what was asked, published and read back for one image, and what was found about it. */
export function judgePublication(evidence: Evidence, image: PlannedImage): PublicationVerdict {
  const due = !evidence.plan.partial && tagsDue(image).length > 0;
  const publication = evidence.publications.find((one) => one.image === image.id);
  const not = { due, published: false, verified: false, contradicted: false };
  if (publication?.index === undefined) {
    const reason = publication?.notPublished ?? 'nothing was published';
    return due ? { ...not, reason } : not;
  }
  const absent = absentTag(image, publication.index.digest, publication);
  if (absent !== undefined) {
    const reason = `${absent.repository}:${absent.tag} was not published`;
    return due ? { ...not, reason: publication.notPublished ?? reason } : not;
  }
  if (publication.targets.length === 0) return not;
  const found = doubt(evidence, image, publication);
  return { due, published: true, verified: found === undefined, contradicted: false, ...found };
}
