import { describe, expect, test } from '@jest/globals';
import type { Offer } from '../../src/buildpacks/index.js';
import { offersByRuntime, withKeptOffers, withProbes } from '../../src/parity/index.js';
import { digest, facts, imageLock } from './locks.js';

const offer = (runtime: Offer['runtime'], ...versions: readonly string[]): Offer => ({
  runtime,
  platform: 'linux/amd64',
  buildpack: { id: `acme/${runtime}`, version: '1.0.0' },
  from: 'buildpack.toml in its layer',
  versions: versions.map((version) => ({ version })),
});

const known = (...offers: readonly Offer[]) => ({ offers, faults: [] });
const PARTIAL = { ...offer('python', '3.12', '3.13'), series: true, partial: true } as const;

describe('what a lock keeps of offers', () => {
  test('are the versions of each runtime, once, where they are known to be all', () => {
    const all = [offer('go', '1.26'), offer('go', '1.26', '1.27'), PARTIAL];
    expect(offersByRuntime(known(...all))).toEqual({ go: ['1.26', '1.27'] });
  });

  test('are those written by hand, while the builder is the same', () => {
    const before = imageLock({ offers: { node: ['24'], go: ['1'] } });
    const now = imageLock({ offers: { go: ['2'] } });
    expect(withKeptOffers(before, now).offers).toEqual({ node: ['24'], go: ['2'] });
    const derived = { ...facts(), builder: { ...facts().builder, digest: digest('9') } };
    expect(withKeptOffers({ ...before, derived }, now).offers).toEqual({ go: ['2'] });
    expect(withKeptOffers(undefined, now)).toBe(now);
  });

  test('are one list of a runtime: of what was probed, the answer, and what is known beside it', () => {
    const answer = (buildpack: string, newest: string) => ({
      runtime: 'python' as const,
      buildpack,
      platforms: ['linux/amd64'],
      newest,
    });
    const lock = imageLock({
      offers: { python: ['3.12', '3.13'], go: ['1.26'] },
      probed: [answer('acme/old@1', '3.1'), answer('acme/kept@1', '3.2')],
    });
    const asked = new Set(['acme/old@1', 'acme/python@9']);
    const probed = [answer('acme/python@9', '3.15')];
    const after = withProbes(lock, { asked, probed }, known(PARTIAL));
    expect(after.offers).toEqual({ go: ['1.26'] });
    expect(after.probed).toEqual([answer('acme/kept@1', '3.2'), ...probed]);
    const beside = withProbes(lock, { asked, probed }, known(offer('python', '3.14.1')));
    expect(beside.offers).toEqual({ go: ['1.26'], python: ['3.14.1'] });
    expect(withProbes(lock, { asked, probed: [] }, known()).offers).toEqual(lock.offers);
  });
});
