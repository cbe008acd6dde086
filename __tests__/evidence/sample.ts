import { createHash } from 'node:crypto';
import {
  type Descriptor,
  EVIDENCE_SCHEMA,
  type Evidence,
  type Finding,
  type ImageFacts,
  type PlannedImage,
  type PlannedTest,
  type Publication,
  type Served,
  type TestResult,
  type Trial,
} from '../../src/evidence/index.js';
import { plannedBuild } from '../plans.js';

/* Evidence for tests: whole documents from a few words, every digest made from its name. */

export function digestOf(name: string): string {
  return `sha256:${createHash('sha256').update(name).digest('hex')}`;
}

export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';
const START = Date.UTC(2026, 4, 4, 9, 30, 0);

/** A time of the run, so many milliseconds after its start. */
function at(milliseconds: number): string {
  return new Date(START + milliseconds).toISOString();
}

function descriptorOf(mediaType: string, name: string, size: number): Descriptor {
  return { mediaType, digest: digestOf(name), size };
}

export function output(text: string): TestResult['stdout'] {
  return { text, bytes: Buffer.byteLength(text), truncated: false };
}

export function plannedTest(more: Partial<PlannedTest> = {}): PlannedTest {
  return {
    name: 'says its version',
    kind: 'command',
    run: { shell: 'greeter --version' },
    stdout: '^greeter 1\\.2\\.3',
    exitCode: 0,
    env: {},
    mounts: [],
    timeout: 300_000,
    location: { file: 'sea-trial.yml', line: 7, column: 9 },
    ...more,
  };
}

export function testResult(more: Partial<TestResult> = {}): TestResult {
  return {
    name: 'says its version',
    kind: 'command',
    location: { file: 'sea-trial.yml', line: 7, column: 9 },
    outcome: 'passed',
    started: at(40_000),
    duration: 420,
    exitCode: 0,
    expectedExitCode: 0,
    checks: [
      { what: 'stdout', expected: '/^greeter 1\\.2\\.3/', found: 'greeter 1.2.3', ok: true },
    ],
    stdout: output('greeter 1.2.3\n'),
    stderr: output(''),
    ...more,
  };
}

export function plannedImage(more: Partial<PlannedImage> = {}): PlannedImage {
  return {
    id: 'greeter',
    targets: [{ repository: 'ghcr.io/acme/greeter', tags: ['1.2.3', 'latest'] }],
    platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'],
    build: plannedBuild({ args: { VERSION: '1.2.3' } }),
    annotations: {},
    tests: [plannedTest()],
    expect: {},
    location: { file: 'sea-trial.yml', line: 2, column: 5 },
    ...more,
  };
}

function builtImage(image: string, platform: string, size = 12_400_000): ImageFacts {
  const name = `${image} ${platform}`;
  const layer = (number: number, bytes: number) => ({
    ...descriptorOf(LAYER_TYPE, `${name} layer ${number}`, bytes),
    diffId: digestOf(`${name} diff ${number}`),
    uncompressedSize: bytes * 2,
  });
  return {
    manifest: descriptorOf(MANIFEST_TYPE, `${name} manifest`, 1_024),
    config: descriptorOf(CONFIG_TYPE, `${name} config`, 2_048),
    layers: [layer(1, size - 1_000_000), layer(2, 1_000_000)],
    attestations: [],
    platform,
    entrypoint: ['/usr/local/bin/greeter'],
    command: [],
    shell: [],
    labels: { 'org.opencontainers.image.version': '1.2.3' },
    storedIn: { kind: 'layout', name: 'layout' },
  };
}

export function trialOf(image: string, platform: string, more: Partial<Trial> = {}): Trial {
  const emulated = platform !== 'linux/amd64';
  const built = more.built ?? builtImage(image, platform);
  const step = (name: string, from: number, duration: number, cached = false) => ({
    name,
    started: at(from),
    duration,
    cached,
  });
  const ran = { started: at(emulated ? 40_000 : 10_000), duration: emulated ? 1_900 : 420 };
  const { tests = [testResult(ran)] } = more;
  return {
    image,
    platform,
    emulated,
    build: {
      started: at(5_000),
      duration: emulated ? 31_000 : 3_100,
      steps: [
        step('[1/3] FROM docker.io/library/debian:12', 5_000, 0, true),
        step('[2/3] COPY . .', 5_100, 200),
        step('[3/3] RUN make', 5_300, emulated ? 29_000 : 2_400),
      ],
      warnings: [],
      bases: [
        {
          reference: 'docker.io/library/debian:12',
          digest: digestOf(`debian ${platform}`),
          platform,
        },
      ],
    },
    built,
    loaded: { id: built.config.digest, digestOf: 'config' },
    duration: emulated ? 38_000 : 6_000,
    ...more,
    tests: tests.map((test) => ({ program: { path: '/bin/sh', emulated }, ...test })),
  };
}

/** What a tag serves when it serves exactly what was built. */
function servedAs(
  image: PlannedImage,
  trials: readonly Trial[],
  repository: string,
  tag: string,
): Served {
  return {
    reference: `${repository}:${tag}`,
    tag,
    index: descriptorOf(INDEX_TYPE, `${image.id} index`, 1_400),
    platforms: trials.flatMap(({ platform, built }) =>
      built === undefined
        ? []
        : [
            {
              platform,
              manifest: built.manifest,
              config: built.config,
              layers: built.layers.map(({ mediaType, digest, size }) => ({
                mediaType,
                digest,
                size,
              })),
            },
          ],
    ),
    attestations: [],
    faults: [],
  };
}

/** A publication of everything an image asks for, read back whole. */
export function publicationOf(
  image: PlannedImage,
  trials: readonly Trial[],
  more: { readonly embedded?: boolean; readonly before?: number } = {},
): Publication {
  const { embedded = false, before } = more;
  const own = trials.filter((trial) => trial.image === image.id);
  const pairs = image.targets.flatMap(({ repository, tags }) =>
    tags.map((tag) => ({ repository, tag })),
  );
  const index = descriptorOf(INDEX_TYPE, `${image.id} index`, 1_400);
  const earlier =
    before === undefined
      ? {}
      : {
          before: {
            digest: digestOf(`${image.id} before`),
            platforms: image.platforms.map((platform) => ({ platform, size: before })),
          },
        };
  return {
    image: image.id,
    index,
    targets: pairs.map(({ repository, tag }) => ({
      repository,
      embedded,
      tag,
      digest: index.digest,
      ...earlier,
      time: at(100_000),
    })),
    served: pairs.map(({ repository, tag }) => servedAs(image, own, repository, tag)),
  };
}

/** What a document is made from: everything is passed and published unless said otherwise. */
export interface Sample {
  readonly images?: readonly PlannedImage[];
  readonly trials?: readonly Trial[];
  readonly publications?: readonly Publication[];
  readonly findings?: readonly Finding[];
  readonly plan?: Partial<Evidence['plan']>;
  readonly run?: Partial<Evidence['run']>;
  readonly embedded?: boolean;
}

export function evidenceOf(sample: Sample = {}): Evidence {
  const images = sample.images ?? [plannedImage()];
  const trials =
    sample.trials ?? images.flatMap(({ id, platforms }) => platforms.map((p) => trialOf(id, p)));
  const platforms = [...new Set(images.flatMap((image) => image.platforms))];
  const embedded = sample.embedded ?? false;
  return {
    schema: EVIDENCE_SCHEMA,
    tool: { name: 'sea-trial', version: '0.1.0' },
    run: {
      id: '9134567',
      attempt: 1,
      started: at(0),
      duration: 118_000,
      pullRequest: false,
      source: {
        repository: 'https://github.com/acme/greeter',
        revision: '8d3aa51c0ffee8d3aa51c0ffee8d3aa51c0ffee0',
        ref: 'refs/heads/main',
        dirty: [],
      },
      ...sample.run,
    },
    plan: {
      configuration: 'sea-trial.yml',
      publish: 'together',
      push: !embedded,
      partial: false,
      grants: [],
      severities: {},
      images,
      ...sample.plan,
    },
    environment: {
      engine: {
        name: 'docker',
        version: '28.0.4',
        store: 'classic',
        platform: 'linux/amd64',
        rootless: false,
      },
      builder: {
        name: 'sea-trial',
        driver: 'docker-container',
        buildx: '0.23.0',
        nodes: [{ name: 'sea-trial0', buildkit: '0.21.1', platforms }],
      },
      platforms: platforms.map((platform) =>
        platform === 'linux/amd64'
          ? { platform, emulated: false }
          : { platform, emulated: true, handler: 'qemu 10.0.2', proof: 'ran uname -m' },
      ),
    },
    trials,
    publications:
      sample.publications ?? images.map((image) => publicationOf(image, trials, { embedded })),
    findings: sample.findings ?? [],
  };
}

/** looks.md's failure: one test fails on s390x, so nothing is published. */
export function failedOnS390x(): Evidence {
  const sums = plannedTest({ name: 'sums big files', stdout: 'checksum 0x[1-9a-f]' });
  const image = plannedImage({ tests: [plannedTest(), sums] });
  const more = (platform: string) => {
    const failed = platform === 'linux/s390x';
    const result = testResult({
      name: 'sums big files',
      location: { file: 'sea-trial.yml', line: 10, column: 9 },
      outcome: failed ? 'failed' : 'passed',
      started: at(43_000),
      duration: 3_200,
      exitCode: failed ? 1 : 0,
      checks: [
        {
          what: 'stdout',
          expected: '/checksum 0x[1-9a-f]/',
          found: failed ? 'checksum 0x00000000' : 'checksum 0x7f3a',
          ok: !failed,
        },
      ],
      stdout: output('checksum 0x00000000\n'),
      stderr: output('reading 4096 bytes\nshort read at 2048\n'),
    });
    return { tests: [testResult(), result] };
  };
  return evidenceOf({
    images: [image],
    trials: image.platforms.map((platform) => trialOf('greeter', platform, more(platform))),
    publications: [
      { image: 'greeter', notPublished: 'a trial failed on linux/s390x', targets: [], served: [] },
    ],
    findings: [
      {
        code: 'test-failed',
        severity: 'error',
        subject: { image: 'greeter', platform: 'linux/s390x', test: 'sums big files' },
        message: 'Test "sums big files" ended with exit 1; expected was 0.',
        location: { file: 'sea-trial.yml', line: 10, column: 9 },
        remedy: 'Repeat it with the command below.',
      },
    ],
    run: { duration: 124_000 },
  });
}

/** looks.md's finding. */
export const archMismatch: Finding = {
  code: 'arch-mismatch',
  severity: 'error',
  subject: { image: 'greeter', platform: 'linux/arm64', path: '/usr/local/bin/greeter' },
  message: '/usr/local/bin/greeter is an ELF for amd64; the image is for linux/arm64.',
  found: { value: 'e_machine 62 (x86-64)', from: 'in layer 3 of 5, COPY --from=build' },
  expected: {
    value: 'e_machine 183 (AArch64)',
    from: 'platform of the index and of the config',
  },
  location: { file: 'Dockerfile', line: 7 },
  remedy: 'use GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM',
};

/** Three images on five platforms, all passed. */
export function fleet(): Evidence {
  const platforms = ['linux/amd64', 'linux/arm/v7', 'linux/arm64', 'linux/ppc64le', 'linux/s390x'];
  const images = ['controller', 'bootstrap', 'infrastructure'].map((id) =>
    plannedImage({
      id,
      platforms,
      targets: [{ repository: `ghcr.io/acme/fleet/${id}`, tags: ['1.4.0'] }],
      build: plannedBuild({ context: id, file: `${id}/Dockerfile` }),
    }),
  );
  const size = (id: string, at: number) => 24_000_000 + id.length * 700_000 + at * 310_000;
  const trials = images.flatMap(({ id }, first) =>
    platforms.map((platform, second) => {
      const from = 4_000 + first * 21_000 + second * 6_000;
      const took = platform === 'linux/amd64' ? 9_000 : 34_000 + second * 3_000;
      const base = trialOf(id, platform, { built: builtImage(id, platform, size(id, second)) });
      return {
        ...base,
        build: {
          ...(base.build as NonNullable<typeof base.build>),
          started: at(from),
          duration: took,
        },
        tests: [testResult({ started: at(from + took + 1_500), duration: 900 + second * 400 })],
        duration: took + 4_000,
      };
    }),
  );
  return evidenceOf({
    images,
    trials,
    publications: images.map((image) => publicationOf(image, trials, { before: 30_000_000 })),
    run: { duration: 131_000 },
  });
}
