import type { BuildPlan, Plan, PlannedImage, PlannedTest } from '../src/evidence/index.js';

/** A plan's parts with nothing asked for; tests say what they need on top. */
export function plannedBuild(more: Partial<BuildPlan> = {}): BuildPlan {
  return {
    kind: 'dockerfile',
    context: '.',
    file: 'Dockerfile',
    args: {},
    contexts: {},
    secrets: [],
    ssh: [],
    labels: {},
    cacheFrom: [],
    cacheTo: [],
    noCache: false,
    pull: false,
    addHosts: [],
    ulimits: [],
    allow: [],
    provenance: 'mode=min',
    sbom: 'false',
    ...more,
  };
}

export function plannedTest(more: Partial<PlannedTest> = {}): PlannedTest {
  return {
    name: 'works',
    kind: 'command',
    run: { shell: 'true' },
    exitCode: 0,
    env: {},
    mounts: [],
    timeout: 60_000,
    ...more,
  };
}

export function plannedImage(more: Partial<PlannedImage> = {}): PlannedImage {
  return {
    id: 'greeter',
    targets: [{ repository: 'ghcr.io/acme/greeter', tags: ['dev'] }],
    platforms: ['linux/amd64', 'linux/arm64'],
    build: plannedBuild(),
    annotations: {},
    tests: [plannedTest()],
    expect: {},
    ...more,
  };
}

export function planOf(more: Partial<Plan> = {}): Plan {
  return {
    publish: 'together',
    push: false,
    partial: false,
    grants: [],
    severities: {},
    images: [],
    ...more,
  };
}
