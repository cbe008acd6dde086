import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { runAction } from '../e2e/harness.js';
import { type Home, homeOn } from './home.js';
import { type PrivateEngine, privateEngine } from './private-engine.js';
import { command, environment, project, writeProof } from './rig.js';

/* A builder's nodes may be on other engines than the run's own: nothing of a run stays there. */

let other: PrivateEngine;
let home: Home;

beforeAll(async () => {
  const [own, far] = await Promise.all([privateEngine(), privateEngine()]);
  other = far;
  home = await homeOn(own.host);
  await command('docker', ['context', 'create', 'far', '--docker', `host=${far.host}`], home.env);
  // What docker and buildx keep for themselves from their first use on is there before.
  await act({ driver: 'docker-container' });
}, 180_000);

/** A project whose image holds the proof program alone: no engine has to reach a registry. */
async function workspace(test: string): Promise<string> {
  const folder = await project({
    'sea-trial.yml': `images: [{ name: a/b, platforms: [linux/amd64], tests: [${test}] }]\n`,
    Dockerfile: 'FROM scratch\nCOPY proof /\n',
  });
  await writeProof(folder, 'linux/amd64');
  return folder;
}

const PROOF = '{ name: proof, run: [/proof], exit-code: 23 }';

async function act(
  inputs: Readonly<Record<string, string>>,
  test = PROOF,
  end?: Parameters<typeof runAction>[0]['end'],
) {
  const asked = { workspace: await workspace(test), with: inputs, env: home.env };
  const result = await runAction(end === undefined ? asked : { ...asked, end });
  await result.clean();
  return result;
}

const listed = (...args: readonly string[]) =>
  execFileSync('docker', ['--host', other.host, ...args], {
    env: environment as NodeJS.ProcessEnv,
    encoding: 'utf8',
  });

/** Everything in the other engine. */
const holdings = () => [
  listed('ps', '--all', '--format', 'container {{.Names}}'),
  listed('images', '--all', '--format', 'image {{.Repository}}:{{.Tag}}'),
  listed('volume', 'ls', '--format', 'volume {{.Name}}'),
];

const append = '- endpoint: far\n  name: over-there\n  platforms: linux/s390x\n';

test.each([
  ['the builder', { endpoint: 'far' }],
  ['an appended node', { append }],
])(
  '%s is elsewhere, and BuildKit does not stay there',
  async (_, inputs) => {
    const before = [holdings(), await home.survey()];
    const { exitCode, log } = await act({ driver: 'docker-container', ...inputs });
    expect([exitCode, log]).toEqual([0, expect.stringContaining('tested on 1 platform')]);
    expect([holdings(), await home.survey()]).toEqual(before);
  },
  180_000,
);

test.each([
  ['the builder', { endpoint: 'far' }],
  ['an appended node', { append }],
])(
  '%s is elsewhere, and a kill leaves nothing for good',
  async (_, inputs) => {
    const before = [holdings(), await home.survey()];
    const end = {
      by: 'SIGKILL' as const,
      when: () => listed('ps', '--format', '{{.Names}}').includes('buildx_buildkit'),
    };
    const waits = '{ name: waits, on: host, run: sleep 600 }';
    const killed = await act({ driver: 'docker-container', ...inputs }, waits, end);
    expect([killed.exitCode, killed.post.exitCode, killed.post.log]).toEqual([
      null,
      0,
      expect.stringMatching(/1 image.*1 builder|2 images.*1 builder/),
    ]);
    expect([holdings(), await home.survey()]).toEqual(before);
  },
  180_000,
);

test('what buildx has forgotten is removed from where it is', async () => {
  const before = holdings();
  const end = {
    by: 'SIGKILL' as const,
    when: () => {
      if (!listed('ps', '--format', '{{.Names}}').includes('buildx_buildkit')) return false;
      const folder = join(home.env.HOME ?? '', '.docker', 'buildx', 'instances');
      execFileSync('sh', ['-c', 'rm -f "$1"/*', '-', folder]);
      return true;
    },
  };
  const waits = '{ name: waits, on: host, run: sleep 600 }';
  const killed = await act({ driver: 'docker-container', append }, waits, end);
  expect([killed.exitCode, killed.post.exitCode]).toEqual([null, 0]);
  expect(holdings()).toEqual(before);
}, 180_000);
