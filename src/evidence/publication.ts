import type { Evidence, ImageFacts, PlannedImage, Publication, Served } from './model.js';
import { isOfProof, severityOf } from './severity.js';

/** Whether an image is published under every tag asked for, and whether that was read back. */
export interface PublicationVerdict {
  /** False where nothing was to be published: a part of a plan, or an image without targets. */
  readonly due: boolean;
  readonly published: boolean;
  readonly proved: boolean;
  /** What was read back is something else than what was tried. */
  readonly contradicted: boolean;
  /** Why it is due and not there, or not proved. */
  readonly reason?: string;
}

/** A repository without its registry's host: what stays the same in an embedded registry. */
function pathOf(repository: string): string {
  const [host, ...rest] = repository.split('/');
  const hasHost = rest.length > 0 && /[.:]|^localhost$/.test(host ?? '');
  return hasHost ? rest.join('/') : repository;
}

/** `host/name:tag@sha256:…` without tag and digest. */
function repositoryOf(reference: string): string {
  const named = reference.split('@')[0] ?? '';
  const colon = named.lastIndexOf(':');
  return colon > named.lastIndexOf('/') ? named.slice(0, colon) : named;
}

/**
 * Whether a repository is the planned one, or stands for it: the embedded
 * registry and `--registry` keep the name and change the host, behind a prefix
 * or not. What another target of the plan names itself stands for nothing else.
 */
function standsFor(image: PlannedImage, planned: string, actual: string): boolean {
  if (actual === planned) return true;
  if (image.targets.some(({ repository }) => repository === actual)) return false;
  return `/${pathOf(actual)}`.endsWith(`/${pathOf(planned)}`);
}

function tagsDue(image: PlannedImage) {
  return image.targets.flatMap(({ repository, tags }) => tags.map((tag) => ({ repository, tag })));
}

/** Why a tag is not proved; `contradicted` where what it serves is known to be something else. */
interface Doubt {
  readonly reason: string;
  readonly contradicted: boolean;
}

type Attestations = ImageFacts['attestations'];

/** The attestations of a platform that an index is to list: a build's own, or those of the index that was taken over. */
export function attestationsDue(
  takenOver: Publication['takenOver'],
  { manifest, attestations }: Pick<ImageFacts, 'manifest' | 'attestations'>,
): Attestations {
  return takenOver?.attestations.filter(({ of }) => of === manifest.digest) ?? attestations;
}

/** Compares what a tag serves with what was built and tried; undefined if it is the same bytes. */
function doubtIn(
  evidence: Evidence,
  image: PlannedImage,
  served: Served,
  takenOver: Publication['takenOver'],
): Doubt | undefined {
  const { reference } = served;
  const seen = served.platforms.map(({ platform }) => platform);
  const missing = image.platforms.filter((platform) => !seen.includes(platform));
  if (missing.length > 0) {
    return { reason: `${reference} does not serve ${missing.join(', ')}`, contradicted: true };
  }
  for (const { platform, manifest, config, layers } of served.platforms) {
    const trial = evidence.trials.find((t) => t.image === image.id && t.platform === platform);
    const built = trial?.built;
    if (built === undefined || manifest.digest !== built.manifest.digest) {
      const tried = built === undefined ? 'nothing was built for it' : built.manifest.digest;
      const reason = `${reference} serves ${manifest.digest} for ${platform}; tried was ${tried}`;
      return { reason, contradicted: true };
    }
    const whole =
      config?.digest === built.config.digest &&
      layers.length === built.layers.length &&
      layers.every(({ digest, intact }, at) => intact && digest === built.layers[at]?.digest);
    if (!whole) {
      const reason = `not every byte of ${reference} for ${platform} was read back intact`;
      const contradicted = config === undefined || layers.some(({ intact }) => !intact);
      return { reason, contradicted };
    }
    const attested = served.attestations.map(({ digest }) => digest);
    const due = attestationsDue(takenOver, built);
    const gone = due.find(({ digest }) => !attested.includes(digest));
    if (gone !== undefined) {
      const reason = `${reference} does not serve the attestation ${gone.digest} of ${platform}`;
      return { reason, contradicted: true };
    }
  }
  return undefined;
}

function doubtInFacts(
  evidence: Evidence,
  image: PlannedImage,
  publication: Publication,
): Doubt | undefined {
  for (const target of publication.targets) {
    const name = `${target.repository}:${target.tag}`;
    const served = publication.served.find(
      ({ reference, tag }) => tag === target.tag && repositoryOf(reference) === target.repository,
    );
    if (served?.index === undefined) {
      return { reason: `${name} was not read back`, contradicted: false };
    }
    if (served.index.digest !== publication.index?.digest) {
      const { takenOver, index } = publication;
      const earlier = [target.before?.digest, takenOver?.composed].includes(served.index.digest);
      const still = earlier ? 'still serves' : 'serves';
      const reason = `${name} ${still} ${served.index.digest}; published was ${index?.digest}`;
      // What it served before is lag: the registry took the tag and does not show it.
      return { reason, contradicted: !earlier };
    }
    if (served.index.mediaType !== publication.index?.mediaType) {
      const reason = `${name} is served as ${served.index.mediaType}; published was ${publication.index?.mediaType}`;
      return { reason, contradicted: true };
    }
    const found = doubtIn(evidence, image, served, publication.takenOver);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What was found while it was read back: nothing is proved beside it, whatever the facts hold. */
function contradictionIn(evidence: Evidence, image: PlannedImage): string | undefined {
  const { plan, findings } = evidence;
  const said = findings.find(
    ({ code, severity, subject }) =>
      subject.image === image.id && isOfProof(code) && severityOf(plan, code, severity) === 'error',
  );
  // Its message stands beside it in every report.
  return said && `what was read back is not what was tried (${said.code})`;
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

function absentTag(image: PlannedImage, { index, targets }: Publication) {
  return tagsDue(image).find(
    ({ repository, tag }) =>
      !targets.some(
        (target) =>
          target.tag === tag &&
          target.digest === index?.digest &&
          standsFor(image, repository, target.repository),
      ),
  );
}

/** Compares what was asked, published and read back for one image, and what was found about it. */
export function judgePublication(evidence: Evidence, image: PlannedImage): PublicationVerdict {
  const due = !evidence.plan.partial && tagsDue(image).length > 0;
  const publication = evidence.publications.find((one) => one.image === image.id);
  const not = { due, published: false, proved: false, contradicted: false };
  if (publication?.index === undefined) {
    const reason = publication?.notPublished ?? 'nothing was published';
    return due ? { ...not, reason } : not;
  }
  const absent = absentTag(image, publication);
  if (absent !== undefined) {
    const reason = `${absent.repository}:${absent.tag} was not published`;
    return due ? { ...not, reason: publication.notPublished ?? reason } : not;
  }
  if (publication.targets.length === 0) return not;
  const found = doubt(evidence, image, publication);
  const published = { due, published: true, proved: found === undefined, contradicted: false };
  return found === undefined ? published : { ...published, ...found };
}
