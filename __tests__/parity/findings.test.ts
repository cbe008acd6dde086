import { describe, expect, test } from '@jest/globals';
import {
  type ImageLock,
  listed,
  lockFindings,
  offerFindings,
  type PinFacts,
  readLock,
  settingFindings,
  writeLock,
} from '../../src/parity/index.js';
import { digest, facts, imageLock } from './locks.js';

/** A lock as it was read, and its text. */
function read(lock: ImageLock) {
  const text = writeLock(new Map([['web', lock]]), undefined);
  const found = readLock(text, 'sea-trial.lock');
  const image = 'lock' in found ? found.lock.images.get('web') : undefined;
  if (image === undefined) throw new Error(JSON.stringify(found));
  return { text, image };
}

const moved = (found: PinFacts): PinFacts => ({
  ...found,
  builder: { ...found.builder, digest: digest('e') },
});

describe('what a lock has against its builder', () => {
  test('is nothing where all is so', () => {
    expect(lockFindings(read(imageLock()).image, facts())).toEqual([]);
  });

  test('is an error at the line of a fact that somebody edited', () => {
    const { image, text } = read(imageLock({ derived: facts({ lifecycle: '0.20.8' }) }));
    const [found, ...more] = lockFindings(image, facts());
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      code: 'lock-disagrees',
      severity: 'error',
      subject: { image: 'web', reference: imageLock().builder },
      message:
        'The lock has facts of heroku/builder:24@sha256:bbbbbbbbbbbb… that are not so (lock → registry): the lifecycle 0.20.8 → 0.20.7.',
    });
    const line = text.split('\n')[(found?.location?.line ?? 0) - 1];
    expect(line).toContain('lifecycle: 0.20.8');
  });

  test("is an error at the line of a run image's digest that somebody edited", () => {
    const platforms = [
      { platform: 'linux/amd64', digest: digest('3') },
      { platform: 'linux/arm64', digest: digest('9') },
    ];
    const derived = { ...facts(), runImage: { digest: digest('d'), platforms } };
    const { image, text } = read(imageLock({ derived }));
    const [found] = lockFindings(image, facts());
    expect(found?.message).toContain('The lock has facts of heroku/heroku:24@sha256:dddddddddddd…');
    expect(text.split('\n')[(found?.location?.line ?? 0) - 1]).toContain(digest('9'));
  });

  test('is a note with what changed where the pin was changed', () => {
    const [found, ...more] = lockFindings(
      read(imageLock()).image,
      moved(facts({ lifecycle: '1' })),
    );
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      code: 'lock-behind',
      severity: 'note',
      message:
        'The lock has facts of an earlier pin, and they were read again. Changed: the lifecycle 0.20.7 → 1.',
    });
  });

  test('is a note where the pin was changed and nothing else', () => {
    const [found] = lockFindings(read(imageLock()).image, moved(facts()));
    expect(found?.message).toContain('Changed: nothing that the lock keeps.');
  });

  test('lists twenty differences and counts the others', () => {
    const buildpacks = Array.from({ length: 30 }, (_, at) => `acme/${at}@1`);
    const [found] = lockFindings(read(imageLock()).image, moved(facts({ buildpacks, order: [] })));
    expect(found?.message.match(/is (new|gone)/g)).toHaveLength(20);
    expect(found?.message).toMatch(/; and \d+ more\.$/);
  });
});

test.each([
  [19, 19],
  [20, 20],
  [21, 21],
  [22, 21],
])('of %i lines %i are listed', (count, shown) => {
  const lines = listed(Array.from({ length: count }, (_, at) => `${at}`));
  expect(lines).toHaveLength(shown);
  expect(lines[20]).toBe(count > 20 ? `and ${count - 20} more` : undefined);
});

describe('what a build sets', () => {
  const { image } = read(imageLock({ env: ['ONE', 'TWO'], process: 'web' }));

  test('is what the lock names', () => {
    expect(settingFindings(image, { env: ['TWO', 'ONE'], process: 'web' })).toEqual([]);
    expect(settingFindings(image, { env: ['TWO', 'ONE'] })).toEqual([]);
  });

  test('is a finding at its line, about its image', () => {
    const { image: own, text } = read(
      imageLock({ env: ['ONE'], process: 'web', injected: ['a/b@1'] }),
    );
    const lineOf = (part: string) => text.split('\n').findIndex((one) => one.includes(part)) + 1;
    const found = settingFindings(own, { env: ['SIX'], process: 'worker', foreign: [] });
    expect(
      found.map(({ code, severity, subject, location }) => [
        code,
        severity,
        subject,
        location?.line,
      ]),
    ).toStrictEqual([
      ['parity-differs', 'error', { image: 'web' }, lineOf('env:')],
      ['parity-differs', 'error', { image: 'web' }, lineOf('env:')],
      ['parity-differs', 'warning', { image: 'web' }, lineOf('injected:')],
      ['parity-differs', 'error', { image: 'web' }, lineOf('process:')],
    ]);
    const bare = read(imageLock()).image;
    expect(
      settingFindings(bare, { env: [], process: 'web' }).map(({ message }) => message),
    ).toEqual(['The build asks for the process type web; the lock names none.']);
    expect(settingFindings(bare, { env: [], foreign: [] })).toStrictEqual([]);
  });

  test('and the lock does not name is a finding, and the other way round', () => {
    const found = settingFindings(image, { env: ['TWO', 'SIX'], process: 'worker' });
    expect(found.map(({ message }) => message)).toEqual([
      'The lock names variables that the build does not set: ONE.',
      'The build sets variables that the lock does not name: SIX.',
      'The build asks for the process type worker; the lock has web.',
    ]);
    expect(found.every(({ code }) => code === 'parity-differs')).toBe(true);
  });

  test('has no buildpack from elsewhere than the builder, but for those that the lock injects', () => {
    const foreign = [{ planned: './buildpack', provides: ['acme/apt@1.0.0'] }];
    const asked = { env: ['ONE', 'TWO'], foreign };
    expect(settingFindings(image, asked).map(({ message }) => message)).toEqual([
      'The build has buildpacks that are not the builder\'s, and the lock names none under "injected": ./buildpack.',
    ]);
    const injecting = read(imageLock({ env: asked.env, injected: ['acme/apt@1.0.0'] }));
    expect(settingFindings(injecting.image, asked)).toEqual([]);
  });

  describe('where the lock injects some', () => {
    const { image: injecting } = read(imageLock({ injected: ['acme/apt@1.0.0'] }));
    const said = (asked: Omit<Parameters<typeof settingFindings>[1], 'env'>) =>
      settingFindings(injecting, { env: [], ...asked }).map(({ severity, message }) => [
        severity,
        message,
      ]);

    test('has none that calls itself as one of the builder does, or that nobody can read', () => {
      const held = ['acme/python@1.2.3'];
      const apt = { planned: './apt', provides: ['acme/apt@1.0.0'] };
      const fake = { planned: './fake', provides: ['acme/python@1.2.3'] };
      expect(said({ held, foreign: [apt, fake] })).toEqual([
        [
          'error',
          'The buildpack ./fake calls itself acme/python@1.2.3, as one of the builder does.',
        ],
      ]);
      expect(said({ held, foreign: [apt, { planned: 'https://example.org/bp.tgz' }] })).toEqual([
        [
          'error',
          'What the buildpack https://example.org/bp.tgz calls itself cannot be read before the build, and the labels of the image say no more: bring it as a folder or an image (docker://).',
        ],
      ]);
    });

    test('and does not bring what the deployment adds, unless the builder has it, which is a warning', () => {
      expect(said({})).toEqual([]);
      expect(said({ foreign: [] })).toEqual([
        [
          'warning',
          'The lock names buildpacks that the deployment adds, and the build does not bring them: acme/apt@1.0.0.',
        ],
      ]);
      expect(said({ foreign: [], held: ['acme/apt@1.0.0'] })).toEqual([]);
    });
  });
});

describe('versions in a lock', () => {
  const versions = (...list: readonly string[]) => list.map((version) => ({ version }));
  const offer = {
    runtime: 'python',
    platform: 'linux/amd64',
    buildpack: { id: 'acme/python', version: '1.0.0' },
    from: 'buildpack.toml in its layer',
    versions: versions('3.12.1', '3.13.2'),
  } as const;
  const { image, text } = read(
    imageLock({ offers: { python: ['3.13.2', '3.14.0'], go: ['1.27'] } }),
  );

  test('that are not those of the layers are an error at their line', () => {
    const found = offerFindings(image, { offers: [offer], faults: [] });
    expect(found).toMatchObject([
      {
        code: 'lock-disagrees',
        message: expect.stringContaining(
          'python 3.14.0 is in the lock alone; python 3.12.1 is missing in the lock',
        ),
        location: { line: text.split('\n').findIndex((one) => one.includes('offers:')) + 1 },
      },
    ]);
  });

  test('are right in any order, by hand, and where a table says otherwise', () => {
    const same = { ...offer, versions: versions('3.14.0', '3.13.2') };
    expect(offerFindings(image, { offers: [same], faults: [] })).toEqual([]);
    expect(offerFindings(image, { offers: [], faults: [] })).toEqual([]);
    const table = { ...offer, series: true } as const;
    expect(offerFindings(image, { offers: [table], faults: [] })).toEqual([]);
  });
});
