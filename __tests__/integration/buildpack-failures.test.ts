import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type BuildpackPlan,
  type Evidence,
  type Finding,
  judge,
  type PlannedTest,
} from '../../src/evidence/index.js';
import { plannedBuildpack, plannedImage, plannedTest, planOf } from '../plans.js';
import {
  type BuilderRegistry,
  builderRegistry,
  buildNetwork,
  forgetCaches,
  keepBuilder,
} from './buildpacks.js';
import { type FaultRow, lasting, noteFaults } from './fault-table.js';
import { runPlan } from './plan-runs.js';
import { leftovers, project } from './rig.js';

/* Builds with buildpacks that fail, and tests of such images, each with what is said of it. */

const ID = 'failing';

type Files = Readonly<Record<string, string | Buffer>>;

interface FailingCase {
  readonly stage: FaultRow['stage'];
  readonly files: Files;
  readonly plan?: Partial<BuildpackPlan>;
  readonly tests?: readonly PlannedTest[];
  readonly platform?: string;
  readonly exit: number;
  /** Codes of the errors. */
  readonly errors: readonly string[];
  readonly finding: Partial<Record<keyof Finding, unknown>>;
}

/** A buildpack `own` with these two programs. */
function own(build: string, detect = 'true', api = '0.10'): Files {
  const targets = ['amd64', 'arm64'].flatMap((arch) => [
    '[[targets]]',
    'os = "linux"',
    `arch = "${arch}"`,
  ]);
  const toml = [`api = "${api}"`, '[buildpack]', 'id = "test/own"', 'version = "1.0.0"'];
  return {
    'own/buildpack.toml': `${[...toml, ...targets].join('\n')}\n`,
    'own/bin/detect': Buffer.from(`#!/bin/sh\n${detect}\n`),
    'own/bin/build': Buffer.from(`#!/bin/sh\nset -e\n${build}\n`),
  };
}

const OWN = { buildpacks: ['./own'] };
const APP = { '.python-version': '3.12\n', Procfile: 'web: sleep 600\n' };

const { run: _, ...bare } = plannedTest();

const CASES: Readonly<Record<string, FailingCase>> = {
  'a buildpack that fails': {
    stage: 'build',
    files: own('echo "there is no libfoo" >&2\nexit 7'),
    plan: OWN,
    exit: 1,
    errors: ['build-failed'],
    finding: {
      message: 'buildpack test/own 1.0.0 failed: exit status 7',
      detail: ['there is no libfoo'],
    },
  },
  'a buildpack that fails while it looks at the application': {
    stage: 'build',
    files: own('true', 'echo "this pin cannot be read"; exit 3'),
    plan: OWN,
    exit: 1,
    errors: ['build-failed'],
    finding: {
      message: expect.stringMatching(/^buildpack test\/own 1\.0\.0 failed with exit 3 while/),
      detail: expect.arrayContaining(['this pin cannot be read']),
    },
  },
  'an application that no buildpack takes': {
    stage: 'build',
    files: { README: 'nothing' },
    exit: 1,
    errors: ['build-failed'],
    finding: {
      message: expect.stringContaining(
        'no buildpack of the builder (sea-trial-rig/python 1.0.0) builds this application',
      ),
      remedy: expect.stringContaining('"context"'),
      detail: ['fail: sea-trial-rig/python 1.0.0'],
    },
  },
  'a buildpack that leaves files the lifecycle does not take': {
    stage: 'build',
    files: own('echo "processes = 3" >"$CNB_LAYERS_DIR/launch.toml"'),
    plan: OWN,
    exit: 1,
    errors: ['build-failed'],
    finding: {
      message: expect.stringMatching(/^buildpack test\/own 1\.0\.0 left files that the lifecycle/),
    },
  },
  'a process type that no buildpack defines': {
    stage: 'build',
    files: own('true'),
    plan: { ...OWN, process: 'release' },
    exit: 1,
    errors: ['build-failed'],
    finding: {
      message: 'the application has no process type "release"',
    },
  },
  'a buildpack with a program for another architecture': {
    stage: 'inspect',
    files: {
      ...own(
        [
          'mkdir -p "$CNB_LAYERS_DIR/tools/bin"',
          'cp "$CNB_BUILDPACK_DIR/tool" "$CNB_LAYERS_DIR/tools/bin/tool"',
          'printf "[types]\\nlaunch = true\\n" >"$CNB_LAYERS_DIR/tools.toml"',
        ].join('\n'),
      ),
      'own/tool': readFileSync('/usr/bin/env'),
    },
    plan: OWN,
    tests: [plannedTest({ name: 'tool', run: { shell: 'tool --version || true' } })],
    platform: 'linux/arm64',
    exit: 1,
    errors: ['arch-mismatch'],
    finding: {
      subject: expect.objectContaining({ path: '/layers/test_own/tools/bin/tool' }),
      remedy:
        'The buildpack test/own 1.0.0 put it there: use a version of it that supports linux/arm64.',
    },
  },
  'a buildpack that does not end in the time of its build': {
    stage: 'build',
    files: own('echo begun; sleep 600'),
    plan: { ...OWN, timeout: 50_000 },
    exit: 1,
    errors: ['build-failed'],
    finding: {
      message: expect.stringMatching(
        /^the build did not end within 50s: step build test\/own 1\.0\.0 was still running after \d+s, without output for \d+s$/,
      ),
      detail: ['begun'],
    },
  },
  'a buildpack that does not end in the time of a build with the creator': {
    stage: 'build',
    files: own('echo begun; sleep 600'),
    plan: { ...OWN, flow: 'creator', timeout: 50_000 },
    exit: 1,
    errors: ['build-failed'],
    finding: { message: expect.stringContaining('step build test/own 1.0.0 was still running') },
  },
  'a test of a process type that is not there': {
    stage: 'test',
    files: APP,
    tests: [{ ...bare, name: 'releases', process: 'release' }],
    exit: 1,
    errors: ['cannot-execute'],
    finding: {
      message:
        'test "releases": could not be executed: there is no process type "release"; the image has web',
    },
  },
  'a test of a program that the launcher does not find': {
    stage: 'test',
    files: APP,
    tests: [plannedTest({ name: 'runs', run: { exec: ['no-such-program'] } })],
    exit: 1,
    errors: ['cannot-execute'],
    finding: { message: expect.stringContaining('executable file not found in $PATH') },
  },
};

/** The time of a build has to be enough for its beginning. */
const isWaitedFor = ({ plan }: FailingCase) => plan?.timeout !== undefined;

/** Builds beside each other have images, and so caches, of their own. */
const idOf = (fault: string, wanted: FailingCase) =>
  isWaitedFor(wanted) ? `${ID}-${Object.keys(CASES).indexOf(fault)}` : ID;

const errorsIn = ({ findings }: Evidence) =>
  findings.filter(({ severity }) => severity === 'error');

describe('a build with buildpacks', () => {
  let registry: BuilderRegistry;
  let runImage = '';
  const rows: FaultRow[] = [];
  const waiting = new Map<string, Promise<Evidence>>();

  async function runCase(fault: string, wanted: FailingCase): Promise<Evidence> {
    const { files, plan = {}, platform = 'linux/amd64' } = wanted;
    const { tests = [plannedTest({ name: 'starts', kind: 'start' })] } = wanted;
    const build = plannedBuildpack({ builder: registry.builder, runImage, ...plan });
    const id = idOf(fault, wanted);
    const image = { ...plannedImage({ id, platforms: [platform], tests: [...tests] }), build };
    return (await runPlan(planOf({ images: [image] }), await project(files))).evidence;
  }

  beforeAll(async () => {
    registry = await builderRegistry();
    await keepBuilder(registry, ['linux/amd64', 'linux/arm64']);
    const { host } = await buildNetwork(registry.host);
    runImage = registry.runImage.replace(registry.host, host);
    for (const [fault, wanted] of Object.entries(CASES)) {
      forgetCaches(idOf(fault, wanted), ['linux/amd64', 'linux/arm64']);
      // It goes on beside the other tests.
      if (isWaitedFor(wanted)) waiting.set(fault, runCase(fault, wanted));
    }
  });

  test.each(Object.entries(CASES))(
    'is told of: %s',
    async (fault, wanted) => {
      const evidence = await (waiting.get(fault) ?? runCase(fault, wanted));
      const { stage, exit, errors } = wanted;
      const found = errorsIn(evidence);
      expect(found.map(({ code }) => code)).toEqual(errors);
      expect(found[0]).toMatchObject(wanted.finding);
      const { exitCode } = judge(evidence);
      expect(exitCode).toBe(exit);
      const left = await leftovers(evidence);
      rows.push({ fault, stage, exit: exitCode, message: lasting(found[0]?.message ?? ''), left });
    },
    90_000,
  );

  test('says each as docs/faults.md has it', () => {
    expect(rows.map(({ fault }) => fault)).toEqual(Object.keys(CASES));
    noteFaults(rows);
  });
});
