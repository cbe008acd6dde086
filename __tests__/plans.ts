import type {
  BuildpackImage,
  BuildpackPlan,
  DockerfileImage,
  DockerfilePlan,
  Plan,
  PlannedTest,
} from '../src/evidence/index.js';

/** A build that comes from a Dockerfile, of which tests know that it does. */
export function fromDockerfile<B extends { readonly kind: string }>(build: B | undefined) {
  if (build?.kind !== 'dockerfile') throw new Error(`it is built from ${build?.kind}`);
  return build as Extract<B, { readonly kind: 'dockerfile' }>;
}

/** A plan's parts with nothing asked for; tests say what they need on top. */
export function plannedBuild(more: Partial<DockerfilePlan> = {}): DockerfilePlan {
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

export function plannedBuildpack(more: Partial<BuildpackPlan> = {}): BuildpackPlan {
  return {
    kind: 'buildpack',
    context: '.',
    builder: 'heroku/builder:24',
    flow: 'pack',
    buildpacks: [],
    preBuildpacks: [],
    postBuildpacks: [],
    env: {},
    clearCache: false,
    trustBuilder: false,
    volumes: [],
    bindings: [],
    secrets: [],
    cacheFrom: [],
    cacheTo: [],
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

export function plannedImage(more: Partial<DockerfileImage> = {}): DockerfileImage {
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

export function buildpackImage(more: Partial<BuildpackImage> = {}): BuildpackImage {
  return { ...plannedImage(), build: plannedBuildpack(), ...more };
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
