import { describe, expect, test } from '@jest/globals';
import { builtIndex, targetsOf } from '../../src/pipeline/built-images.js';
import { evidenceOf, plannedImage, trialOf } from '../evidence/sample.js';
import { blobs, makeImage } from '../registry/images.js';

const LOCAL = '127.0.0.1:5000';

describe('the repositories of an image', () => {
  const target = { repository: 'ghcr.io/acme/greeter', tags: ['dev', '1.2'] };

  test('are those of its plan, where no local registry takes their place', () => {
    const targets = [target];
    expect(targetsOf(plannedImage({ targets }), undefined)).toBe(targets);
  });

  test.each([
    ['ghcr.io/acme/greeter', 'ghcr.io/acme/greeter'],
    ['other.example/acme/greeter', 'other.example/acme/greeter'],
    ['registry.example:8443/acme/greeter', 'registry.example-8443/acme/greeter'],
    ['acme/greeter', 'docker.io/acme/greeter'],
    ['greeter', 'docker.io/library/greeter'],
  ])('in a local registry, %s is %s, and says where it comes from', (repository, path) => {
    const planned = plannedImage({ targets: [{ ...target, repository }] });
    expect(targetsOf(planned, LOCAL)).toEqual([
      { repository, tags: ['dev', '1.2'], location: `${LOCAL}/${path}` },
    ]);
  });

  test('in a local registry, one whose name is too long with its host has one of its own', () => {
    const names = ['a', 'b'].map((last) => `ghcr.io/${'acme/'.repeat(48)}${last}`);
    const targets = names.map((repository) => ({ repository, tags: ['dev'] }));
    const locations = targetsOf(plannedImage({ targets }), LOCAL).map((one) =>
      'location' in one ? one.location : undefined,
    );
    expect(new Set(locations).size).toBe(2);
    for (const one of locations) expect(one).toMatch(/^127\.0\.0\.1:5000\/sha256-[0-9a-f]{64}$/);
  });

  test('a name that is none is a fault of ours', () => {
    const targets = [{ repository: 'ghcr.io/Acme//x', tags: ['dev'] }];
    expect(() => targetsOf(plannedImage({ targets }), LOCAL)).toThrow(/Acme/);
  });
});

describe('the index of an image', () => {
  const platforms = ['linux/amd64', 'linux/arm64'];
  const made = makeImage(blobs(), 'greeter', platforms);
  const [first, second] = made.platforms;
  if (first === undefined || second === undefined) throw new Error('there are two');
  const planned = plannedImage({ id: 'greeter', platforms });
  const indexOf = (trials: ReturnType<typeof trialOf>[]) =>
    builtIndex(evidenceOf({ images: [planned], trials }), planned);

  test('has the platforms that were built, in the order of the plan', () => {
    const other = trialOf('welcomer', 'linux/amd64', { built: second });
    const built = indexOf([
      other,
      trialOf('greeter', 'linux/arm64', { built: second }),
      trialOf('greeter', 'linux/amd64', { built: first }),
    ]);
    expect(built.planned).toBe(planned);
    expect(built.platforms).toEqual([first, second]);
    const { built: _, ...unbuilt } = trialOf('greeter', 'linux/amd64');
    expect(
      indexOf([unbuilt, trialOf('greeter', 'linux/arm64', { built: second })]).platforms,
    ).toEqual([second]);
  });

  test('knows of each platform the images that its layers may be from, each once', () => {
    const base = (reference: string) => ({ reference, digest: `sha256:${'a'.repeat(64)}` });
    const build = {
      started: '',
      duration: 1,
      steps: [],
      warnings: [],
      bases: [base('debian:12'), base('golang:1'), base('debian:12')],
    };
    const { build: _, ...withoutBuild } = trialOf('greeter', 'linux/arm64', { built: second });
    const { bases } = indexOf([
      trialOf('greeter', 'linux/amd64', { built: first, build }),
      withoutBuild,
    ]);
    expect([...bases]).toEqual([
      [first.manifest.digest, ['debian:12', 'golang:1']],
      [second.manifest.digest, []],
    ]);
    const contents = { files: 1, programs: [], base: 'debian:12' };
    const known = indexOf([trialOf('greeter', 'linux/amd64', { built: first, build, contents })]);
    expect([...known.bases.values()]).toEqual([['debian:12']]);
  });

  test('names the base that all of its platforms are built on', () => {
    const base = { name: 'docker.io/library/debian:12', digest: `sha256:${'a'.repeat(64)}` };
    const build = { started: '', duration: 1, steps: [], warnings: [], bases: [], base };
    const { index } = indexOf([
      trialOf('greeter', 'linux/amd64', { built: first, build }),
      trialOf('greeter', 'linux/arm64', { built: second, build }),
    ]);
    expect(JSON.parse(index.bytes.toString()).annotations).toMatchObject({
      'org.opencontainers.image.base.name': base.name,
    });
  });
});
