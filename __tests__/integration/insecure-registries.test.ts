import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { privateEngine } from './private-engine.js';
import { command, distribution, project, ROOT, rig, runIn, tagsAt } from './rig.js';

/*
 * A registry over plain HTTP that is not on the loopback, as a service of a job
 * in a container is (`registry:5000`).
 */

test("a registry over plain HTTP is used where the engine's insecure-registries name it, and only there", async () => {
  const careless = await privateEngine({ config: { 'insecure-registries': ['172.29.0.0/16'] } });
  const registry = await distribution(careless.address);
  const hub = rig.get('SEA_TRIAL_HUB') ?? 'docker.io';
  const copy = ['--insecure', 'copy', '--platform=linux/amd64', `${hub}/library/busybox:1.37`];
  await command('crane', [...copy, `${registry}/acme/base:1`]);
  const place = await project({
    'sea-trial.yml': [
      'images:',
      `  - name: ${registry}/acme/ship`,
      '    tags: [dev]',
      '    platforms: [linux/amd64]',
      '    tests: [{ run: [cat, /id] }]',
    ].join('\n'),
    Dockerfile: `FROM ${registry}/acme/base:1\nRUN echo ${Date.now()} > /id\n`,
  });
  const script = join(ROOT, 'scripts', 'rig', 'classic-engine.sh');
  const careful = (await command('bash', [script, 'start'])).trim();

  const refused = await runIn(place, ['--push'], { env: { DOCKER_HOST: careful } });
  expect(refused.code).toBe(3);
  expect(refused.evidence?.findings.map(({ code, message }) => [code, message])).toEqual([
    [
      'registry-failed',
      `${registry} cannot be reached: it does not speak TLS; a registry over plain HTTP has to be one of the engine's insecure-registries (daemon.json).`,
    ],
  ]);
  expect(await tagsAt(registry, 'acme/ship')).toEqual([]);

  const taken = await runIn(place, ['--push'], { env: { DOCKER_HOST: careless.host } });
  expect(taken.stdout).toContain('What was tested is what the registry serves');
  expect(taken.code).toBe(0);
  const [trial] = taken.evidence?.trials ?? [];
  expect(trial?.build?.bases.map(({ reference }) => reference)).toEqual([
    `${registry}/acme/base:1`,
  ]);
  expect(await tagsAt(registry, 'acme/ship')).toEqual(['dev']);
});
