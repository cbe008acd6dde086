import type { Config, Request } from '../config/index.js';
import type { PlannedImage } from '../evidence/index.js';
import { wholeName } from '../reference/index.js';
import { secretNotes } from './secrets.js';
import type { Source } from './source.js';

const OFFICIAL = 'docker.io/library/';

/** Names that mean Docker Hub's own images, where only Docker can push. */
function officialNames(images: readonly PlannedImage[]): readonly string[] {
  const names = images.flatMap(({ targets }) => targets.map(({ repository }) => repository));
  return [...new Set(names)].flatMap((name) => {
    const whole = wholeName(name);
    if (!whole.startsWith(OFFICIAL)) return [];
    const own = whole.slice(OFFICIAL.length);
    return [
      `"${name}" is ${whole}, one of Docker's own images, which only Docker pushes; write its registry, as in ghcr.io/OWNER/${own}, or docker.io/OWNER/${own} for Docker Hub.`,
    ];
  });
}

/** Sentences about what is otherwise than asked. */
export function notesOf(
  request: Request,
  source: Source,
  config: Config,
  images: readonly PlannedImage[],
): readonly string[] {
  const notes = [...source.notes, ...config.notes, ...secretNotes(config.images, request)];
  const { untrusted, pushes } = request.trust;
  if (request.push && !pushes) {
    notes.push('Images go to the embedded registry; nothing is pushed.');
  }
  if (request.push && pushes) notes.push(...officialNames(images));
  if (untrusted && request.logins !== undefined) {
    notes.push(
      'This run is untrusted: the logins of the inputs are not used. To let a build pull private images, use docker login in an earlier step.',
    );
  }
  for (const { id, build } of images) {
    const written = config.images.find((image) => image.id.value === id);
    const left = (written?.build.cacheTo.length ?? 0) - build.cacheTo.length;
    if (left > 0)
      notes.push(
        `This run is untrusted: of the caches of ${id}, ${left} ${left === 1 ? 'is' : 'are'} not written.`,
      );
    const unread = (written?.build.cacheFrom.length ?? 0) - build.cacheFrom.length;
    if (unread > 0)
      notes.push(
        `This run is untrusted: of the caches of ${id}, ${unread} ${unread === 1 ? 'is' : 'are'} not read, because BuildKit passes their credentials to the image that reads the Dockerfile. They are read with docker/dockerfile (# syntax=docker/dockerfile:1) and a context in this checkout.`,
      );
  }
  return notes;
}
