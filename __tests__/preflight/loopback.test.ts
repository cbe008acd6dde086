import { expect, test } from '@jest/globals';
import type { Plan } from '../../src/evidence/index.js';
import { loopbackFindings } from '../../src/preflight/loopback.js';

const need = {
  registry: 'localhost:5000',
  reference: 'localhost:5000/acme/base:1',
  what: 'image',
  vital: true,
  image: 'a',
  location: { file: 'Dockerfile', line: 1 },
} as const;

type Shared = 'yes' | 'no' | 'unknown';

async function found(shared: Shared, repository: string, needs = [need], push = true) {
  const plan = { push, images: [{ targets: [{ repository, tags: ['dev'] }] }] } as unknown as Plan;
  const findings = await loopbackFindings(plan, needs, async () => shared);
  return findings.map(({ code, severity, message }) => [code, severity, message]);
}

test('a loopback of two machines is told of the registry, at the line that names it', async () => {
  const plan = {
    push: true,
    images: [{ targets: [{ repository: 'localhost:5000/acme/a', tags: [] }] }],
  };
  const findings = (needs: readonly object[]) =>
    loopbackFindings(plan as unknown as Plan, needs as never, async () => 'no');
  const subject = { reference: 'localhost:5000' };
  expect(await findings([need])).toMatchObject([{ subject, location: need.location }]);
  const [alone] = await findings([]);
  expect(alone?.subject).toEqual(subject);
  expect(alone).not.toHaveProperty('location');
});

const TARGET = 'localhost:5000/acme/a';

test.each<[Shared, string, readonly (typeof need)[], string, string]>([
  [
    'no',
    TARGET,
    [need],
    'error',
    "localhost:5000 would be two registries: localhost:5000/acme/a is pushed from this machine, and the builder pulls localhost:5000/acme/base:1 from the engine's, which has another loopback.",
  ],
  [
    'unknown',
    TARGET,
    [need],
    'warning',
    "localhost:5000 may be two registries: localhost:5000/acme/a is pushed from this machine, and the builder pulls localhost:5000/acme/base:1 from the engine's; whether they share a loopback is not known.",
  ],
  [
    'no',
    'localhost:5001/acme/a',
    [need],
    'warning',
    'localhost:5001/acme/a is on the loopback of this machine, from which images are pushed; the engine has another loopback.',
  ],
])('%s, %s with needs %j: %s', async (shared, target, needs, severity, message) => {
  expect(await found(shared, target, [...needs])).toEqual([['two-loopbacks', severity, message]]);
});

test.each<[string, Shared, string, readonly (typeof need)[], boolean]>([
  ['one loopback', 'yes', TARGET, [need], true],
  ['nothing pushed', 'no', TARGET, [need], false],
  ['a target elsewhere', 'no', 'ghcr.io/acme/a', [need], true],
  ['a target alone, where nothing is known', 'unknown', TARGET, [], true],
])('%s is nothing to tell', async (_, shared, target, needs, push) => {
  expect(await found(shared, target, [...needs], push)).toEqual([]);
});
