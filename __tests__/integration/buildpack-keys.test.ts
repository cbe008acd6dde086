import { beforeAll, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/index.js';
import { judge } from '../../src/evidence/index.js';
import { makePlan } from '../../src/plan/index.js';
import { realPorts } from '../../src/ports/index.js';
import { request } from '../config/memory.js';
import { type BuilderRegistry, builderRegistry, buildNetwork, forgetCaches } from './buildpacks.js';
import { runPlan } from './plan-runs.js';
import { project } from './rig.js';

/*
 * What a configuration and a project descriptor say, with real pack and lifecycle: what of it
 * reaches the build, and what of the workspace does not.
 */

let registry: BuilderRegistry;
let runImage = '';

beforeAll(async () => {
  registry = await builderRegistry();
  const { host } = await buildNetwork(registry.host);
  runImage = registry.runImage.replace(registry.host, host);
  forgetCaches('described', ['linux/amd64', 'linux/arm64']);
});

const BUILDPACK = `
api = "0.10"
[buildpack]
id = "acme/witness"
version = "1.0.0"
[[targets]]
os = "linux"
`;

/** Leaves what it saw of the build's variables to the processes of the image. */
const BUILD = `#!/bin/sh
set -eu
layer=$CNB_LAYERS_DIR/seen
mkdir -p "$layer/env"
printf %s "$GREETING/$WHERE" >"$layer/env/SEEN.override"
printf '[types]\\nlaunch = true\\n' >"$layer.toml"
`;

const DESCRIPTOR = `
[_]
schema-version = "0.2"
[io.buildpacks]
exclude = ["*.secret"]
[[io.buildpacks.group]]
uri = "../witness"
[[io.buildpacks.group]]
id = "sea-trial-rig/python"
[[io.buildpacks.build.env]]
name = "GREETING"
value = "descriptor"
[[io.buildpacks.build.env]]
name = "WHERE"
value = "descriptor"
`;

function application(): Promise<string> {
  return project({
    'sea-trial.yml': [
      'images:',
      '  - name: registry.invalid/acme/described',
      '    platforms: [linux/amd64]',
      '    build:',
      '      context: app',
      '      buildpack:',
      `        builder: ${registry.builder}`,
      `        run-image: ${runImage}`,
      '        env: { WHERE: file }',
      '        process: web',
      '    tests:',
      '      - test "$SEEN" = descriptor/file',
      '      - test -e kept.txt && test ! -e a.secret && test ! -e deep/b.secret',
      '      - "python --version | grep -q 3.12"',
    ].join('\n'),
    'app/.python-version': '3.12\n',
    'app/Procfile': 'web: python --version\n',
    'app/kept.txt': '',
    'app/a.secret': '',
    'app/deep/b.secret': '',
    'app/project.toml': DESCRIPTOR,
    // Taken for buildpacks of these names, and not for the builder's own, it would fail.
    'sea-trial-rig/python/buildpack.toml': 'not one',
    'app/sea-trial-rig/python/buildpack.toml': 'not one',
    'witness/buildpack.toml': BUILDPACK,
    'witness/bin/detect': Buffer.from('#!/bin/sh\n'),
    'witness/bin/build': Buffer.from(BUILD),
  });
}

test('a descriptor decides files, variables and buildpacks, and a configuration comes first', async () => {
  const root = await application();
  const ports = realPorts();
  const asked = request({ root });
  const planning = await makePlan(loadConfig(asked, ports), asked, ports);
  if ('problems' in planning) throw new Error(JSON.stringify(planning.problems));
  const { evidence } = await runPlan(planning.plan, root);
  expect(evidence.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  const [trial] = evidence.trials;
  expect(trial?.tests?.map(({ outcome }) => outcome)).toEqual(['passed', 'passed', 'passed']);
  expect(judge(evidence).exitCode).toBe(0);
  expect(trial?.build?.steps.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['build acme/witness 1.0.0', 'build sea-trial-rig/python 1.0.0']),
  );
}, 120_000);
