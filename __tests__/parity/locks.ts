import {
  type ImageLock,
  type LockedImage,
  type PinFacts,
  readLock,
  writeLock,
} from '../../src/parity/index.js';

/** A digest that is told apart by its letter. */
export const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

/** A builder with two buildpacks on two platforms, and its run image. */
export function facts(more: Partial<PinFacts['builder']['platforms'][number]> = {}): PinFacts {
  const builder = (platform: string, letter: string) => ({
    platform,
    digest: digest(letter),
    lifecycle: '0.20.7',
    platformApi: '0.14',
    distribution: 'ubuntu 24.04',
    buildpacks: ['heroku/procfile@4.0.0', 'heroku/python@0.25.0'],
    order: [['heroku/python@0.25.0', 'heroku/procfile@4.0.0 (optional)']],
    ...more,
  });
  return {
    builder: {
      digest: digest('b'),
      platforms: [builder('linux/amd64', '1'), builder('linux/arm64', '2')],
    },
    runImage: {
      digest: digest('d'),
      platforms: [
        { platform: 'linux/amd64', digest: digest('3') },
        { platform: 'linux/arm64', digest: digest('4') },
      ],
    },
  };
}

export function imageLock(more: Partial<ImageLock> = {}): ImageLock {
  return {
    source: 'builder',
    time: '2026-11-30T01:18:43Z',
    injected: [],
    builder: `heroku/builder:24@${digest('b')}`,
    runImage: `heroku/heroku:24@${digest('d')}`,
    derived: facts(),
    env: [],
    offers: {},
    probed: [],
    ...more,
  };
}

/** A lock as it is read from its file, with the places of what it says. */
export function lockedImage(id: string, more: Partial<ImageLock> = {}): LockedImage {
  const text = writeLock(new Map([[id, imageLock(more)]]), undefined);
  const read = readLock(text, 'sea-trial.lock');
  const image = 'lock' in read ? read.lock.images.get(id) : undefined;
  if (image === undefined) throw new Error(JSON.stringify(read));
  return image;
}
