import type { Located } from '../document/index.js';
import { type Problem, placeText } from '../evidence/index.js';
import { parseReference, splitReference } from '../reference/index.js';
import { type LockedImage, placeIn } from './lock.js';
import { shortReference } from './words.js';

/** Whether a pin is what a configuration writes; what it leaves out may be anything. */
export function fits(written: string, pin: string): boolean {
  const [asked, pinned] = [parseReference(written), parseReference(pin)];
  if (!asked.ok || !pinned.ok) return false;
  const { registry, repository, tag, digest } = asked.reference;
  const { reference } = pinned;
  return (
    registry === reference.registry &&
    repository === reference.repository &&
    (tag === undefined || tag === reference.tag) &&
    (digest === undefined || digest === reference.digest)
  );
}

/**
 * A reference by digest alone with the tag by which one of the others names the same
 * repository: a tag is what a configuration names and what moves.
 */
export function withTag(reference: string, others: readonly string[]): string {
  const { name, tag, digest } = splitReference(reference);
  if (tag !== undefined || digest === undefined) return reference;
  const tags = others.flatMap((other) => {
    const parts = splitReference(other);
    const isSame = fits(parts.name, reference);
    return isSame && parts.tag !== undefined ? [parts.tag] : [];
  });
  return tags[0] === undefined ? reference : `${name}:${tags[0]}@${digest}`;
}

/** What an image is built with, by the configuration. */
export interface WrittenPins {
  readonly builder: Located<string>;
  readonly runImage?: Located<string> | undefined;
}

/**
 * The references that an image is built with, by its lock; or where the configuration names
 * others, at the line of the lock.
 */
export function pinnedReferences(
  image: LockedImage,
  { builder, runImage }: WrittenPins,
):
  | { readonly builder: string; readonly runImage: string }
  | { readonly problems: readonly Problem[] } {
  const pairs = [
    ['builder', builder, image.builder],
    ['run-image', runImage, image.runImage],
  ] as const;
  const problems = pairs.flatMap(([name, written, pin]) => {
    if (written === undefined || fits(written.value, pin)) return [];
    const where = placeText(written.at);
    return [
      {
        ...placeIn(image, name),
        message: `"${name}" pins ${shortReference(pin)}, and ${where} names ${shortReference(written.value)}; correct one of them, or lock anew with "sea-trial parity lock"`,
      },
    ];
  });
  if (problems.length > 0) return { problems };
  return { builder: image.builder, runImage: image.runImage };
}
