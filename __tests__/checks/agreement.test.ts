import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CHECKS, check, type ServedTag } from '../../src/checks/index.js';
import {
  type Evidence,
  type Finding,
  judge,
  type Served,
  type ServedContent,
  testedImage,
} from '../../src/evidence/index.js';
import { digestOf } from '../../src/oci/index.js';
import { evidenceOf, plannedImage, publicationOf, trialOf } from '../evidence/sample.js';

/*
 * Findings and verdict are made of one comparison of built and served bytes. Here it is
 * shown from outside: whatever is served, the verdict on the facts alone is "verified"
 * exactly where nothing is found.
 */

const planned = plannedImage({
  targets: [{ repository: 'ghcr.io/acme/greeter', tags: ['1.4.0'] }],
  platforms: ['linux/amd64', 'linux/arm64'],
});
const trials = planned.platforms.map((platform) => {
  const trial = trialOf(planned.id, platform);
  const { built } = trial;
  if (built === undefined) throw new Error('a trial of the sample is built');
  const attestation = { ...built.manifest, digest: digestOf(`attestation of ${platform}`) };
  const attestations = [{ ...attestation, predicateTypes: [] }];
  return { ...trial, built: { ...built, attestations } };
});
const publication = publicationOf(planned, trials);
const [sample] = publication.served;
const tested = testedImage({ trials }, planned, publication);
if (sample?.index === undefined || tested === undefined) throw new Error('the sample is whole');
const right: Served = {
  ...sample,
  attestations: trials.map(({ built: { manifest, attestations } }) => {
    const { mediaType, digest, size } = attestations[0] ?? manifest;
    return { mediaType, digest, size, subject: manifest.digest };
  }),
};
const before = digestOf('before');
const other = digestOf('other');

type Change = (served: Served) => Served;

const at = fc.nat(1);
const changed = <T>(list: readonly T[], index: number, change: (one: T) => T) =>
  list.map((one, place) => (place === index ? change(one) : one));

const ofPlatform = (change: (one: Served['platforms'][number]) => Served['platforms'][number]) =>
  at.map(
    (index): Change =>
      (served) => ({
        ...served,
        platforms: changed(served.platforms, index, change),
      }),
  );

/** Each way in which content can be otherwise than it was tested. */
const change: fc.Arbitrary<Change> = fc.oneof(
  at.map(
    (drop): Change =>
      (served) => ({
        ...served,
        platforms: served.platforms.filter((_, place) => place !== drop),
      }),
  ),
  at.map(
    (twice): Change =>
      (served) => ({
        ...served,
        platforms: [...served.platforms, ...served.platforms.slice(twice, twice + 1)],
      }),
  ),
  ofPlatform((one) => ({ ...one, platform: 'linux/s390x' })),
  ofPlatform((one) => ({ ...one, manifest: { ...one.manifest, digest: other } })),
  ofPlatform((one) => ({ ...one, config: { ...one.manifest, digest: other } })),
  ofPlatform(({ config: _, ...one }) => ({ ...one, layers: [] })),
  ofPlatform((one) => ({ ...one, layers: one.layers.slice(1) })),
  ofPlatform((one) => ({ ...one, layers: one.layers.map((l) => ({ ...l, digest: other })) })),
  ofPlatform((one) => ({ ...one, layers: one.layers.toReversed() })),
  at.map(
    (drop): Change =>
      (served) => ({
        ...served,
        attestations: served.attestations.filter((_, place) => place !== drop),
      }),
  ),
  at.map(
    (index): Change =>
      (served) => ({
        ...served,
        attestations: changed(served.attestations, index, (one) => ({ ...one, subject: other })),
      }),
  ),
  fc.constant<Change>((served) => ({
    ...served,
    attestations: [...served.attestations, { ...right.attestations[0], digest: other } as never],
  })),
  fc.constantFrom('corrupt', 'wrongClaim', 'missing', 'malformed').map(
    (kind): Change =>
      (served) => ({
        ...served,
        faults: [...served.faults, { kind, part: 'layer 1', digest: other, detail: 'it differs' }],
      }),
  ),
  fc.constant<Change>((served) => ({
    ...served,
    index: { ...publicationOf(planned, trials).served[0]?.index, mediaType: 'a/b' } as never,
  })),
);

function evidenceWith(served: Served, findings: readonly Finding[] = []): Evidence {
  const targets = publication.targets.map((target) => ({
    ...target,
    before: { digest: before, platforms: [] },
  }));
  const publications = [{ ...publication, targets, served: [served] }];
  return evidenceOf({ images: [planned], trials, publications, findings });
}

test('the verdict on the facts is "verified" exactly where the checks find nothing', () => {
  expect(judge(evidenceWith(right)).images).toMatchObject([{ verified: true, state: 'passed' }]);
  const changes = fc.array(change, { maxLength: 3 });
  fc.assert(
    fc.property(changes, (all) => {
      const served = all.reduce((one, apply) => apply(one), right);
      const { reference: _, tag: __, ...content } = served;
      const contents = new Map<string, ServedContent>([[tested.index.digest, content]]);
      const facts = { tested, repository: 'ghcr.io/acme/greeter', contents, tags: [] };
      const findings = check(CHECKS.served, facts);
      const [onFacts] = judge(evidenceWith(served)).images;
      expect(onFacts?.verified).toBe(findings.length === 0);
      expect(onFacts?.contradicted).toBe(findings.length > 0);
      const whole = judge(evidenceWith(served, findings));
      expect(whole.verdict === 'passed').toBe(findings.length === 0);
      expect(whole.images[0]?.verified).toBe(onFacts?.verified);
      // The sentence of the verdict is that of a finding.
      const words = (onFacts?.reason ?? '').replace('ghcr.io/acme/greeter:1.4.0 ', '');
      expect(findings.some(({ message }) => message.includes(words))).toBe(findings.length > 0);
    }),
  );
});

test('a tag that moved, lags or is called something else is never verified', () => {
  const index = tested.index;
  const answer = fc.constantFrom(
    index,
    { ...index, digest: other },
    { ...index, digest: before },
    { ...index, mediaType: 'a/b' },
    { ...index, wrongClaim: other },
    undefined,
  );
  const head = fc.constantFrom<ServedTag['head']>(
    { mediaType: index.mediaType, size: index.size },
    {},
    { wrongClaim: before },
    { wrongClaim: other },
    { mediaType: 'a/b' },
    { size: index.size + 1 },
    undefined,
  );
  const kept = fc.boolean();
  fc.assert(
    fc.property(answer, head, answer, kept, (first, said, last, isKept) => {
      const name = { repository: 'ghcr.io/acme/greeter', tag: '1.4.0' };
      const tag: ServedTag = {
        ...name,
        first,
        head: first === undefined ? undefined : said,
        last: first === undefined ? undefined : last,
        earlier: isKept ? [before, index.digest] : [before],
        kept: isKept,
      };
      const contents = new Map();
      const findings = check(CHECKS.served, { tested, ...name, contents, tags: [tag] });
      const isSame =
        first !== undefined &&
        last !== undefined &&
        said !== undefined &&
        [first, last].every((one) => one === index) &&
        [undefined, index.mediaType].includes(said.mediaType) &&
        [undefined, index.size].includes(said.size) &&
        said.wrongClaim === undefined;
      expect(findings.length === 0).toBe(isSame);
      // Even where the facts of the tag say nothing of it, as of a moment between two reads.
      const { verdict, images } = judge(evidenceWith(right, findings));
      expect(verdict === 'passed').toBe(isSame);
      expect(images[0]?.state === 'passed').toBe(isSame);
    }),
  );
});
