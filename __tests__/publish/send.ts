import pLimit from 'p-limit';
import { publish } from '../../src/publish/index.js';
import type { Blobs, MadeImage } from '../registry/images.js';
import { clientFor, fakeClock } from '../registry/rig.js';

/** Publishes one image under tags of one repository, as a run does. */
export function send(
  { open }: Blobs,
  image: MadeImage,
  repository: string,
  tags: readonly string[] = ['dev'],
) {
  return publish({
    images: [{ ...image, targets: [{ repository, tags }] }],
    open,
    client: clientFor(),
    clock: fakeClock(),
    limit: pLimit(4),
    publish: 'together',
    embedded: true,
  });
}
