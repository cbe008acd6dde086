import type { BuildpackOrder } from '../../../src/build/buildpack/order.js';
import type { BuildpackPlan } from '../../../src/evidence/index.js';
import { plannedBuildpack, plannedImage } from '../../plans.js';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

/** A build of /work for linux/arm64 with heroku's builder. */
export function buildpackOrder(
  plan: Partial<BuildpackPlan> = {},
  pack: Partial<BuildpackOrder['pack']> = {},
): BuildpackOrder {
  return {
    image: { ...plannedImage({ id: 'webapp' }), build: plannedBuildpack(plan) },
    platform: 'linux/arm64',
    root: '/work',
    secretVariables: new Map(),
    builder: { reference: 'heroku/builder:24', digest: digest('a') },
    platformBuilder: {
      platform: 'linux/arm64',
      digest: digest('b'),
      lifecycle: { version: '0.21.17' },
    },
    runImage: { reference: 'heroku/heroku:24', indexDigest: digest('c'), digest: digest('d') },
    cache: {
      owner: 'https://github.com/acme/webapp',
      image: 'webapp',
      platform: 'linux/arm64',
      untrusted: false,
    },
    pack: {
      file: 'pack',
      dockerConfig: '/run/docker',
      logins: {},
      untrusted: false,
      proxies: {},
      ...pack,
    },
  } as unknown as BuildpackOrder;
}
