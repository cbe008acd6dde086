import { expect, test } from '@jest/globals';
import type { PassedProof } from '../../src/emulation/judge-proof.js';
import { platformFacts } from '../../src/emulation/platform-facts.js';

const OWN = 'linux/amd64';
const HANDLER = { name: 'own-arm64', interpreter: '/usr/bin/qemu-aarch64', flags: 'F' };
const proof = (executed?: string): PassedProof => ({ proved: true, machine: 'x', executed });

test.each<[string, string, PassedProof, boolean, string | undefined]>([
  ['another platform by an emulator', 'linux/arm64', proof(HANDLER.interpreter), true, 'own-arm64'],
  ['another platform by itself', 'linux/arm64', proof('/proof-linux-arm64'), false, undefined],
  ["the engine's own by an emulator", OWN, proof('/usr/bin/qemu'), true, '/usr/bin/qemu'],
  ["the engine's own by itself", OWN, proof('/proof-linux-amd64'), false, undefined],
  ['another platform, where that is not seen', 'linux/arm64', proof(), true, undefined],
  ["the engine's own, where that is not seen", OWN, proof(), false, undefined],
])('what executes %s is what the facts say', (_, platform, passed, emulated, handler) => {
  const facts = platformFacts(platform, passed, OWN, [HANDLER]);
  expect(facts.emulated).toBe(emulated);
  expect(facts.handler?.split(' ')[0]).toBe(handler);
  expect(facts.proof).toBe('a program ran as x, and its name and its exit status arrived');
});
