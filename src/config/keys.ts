import type { KeyTable, Shape } from '../document/index.js';
import { catalogue, EXISTING } from '../evidence/index.js';

const text: Shape = { kind: 'text' };
const filled: Shape = { kind: 'text', format: 'filled' };
const boolean: Shape = { kind: 'boolean' };
const pattern: Shape = { kind: 'text', format: 'pattern' };
const words: Shape = { kind: 'list', of: filled, single: true };
const pairs: Shape = { kind: 'table', of: text, list: true };
const platforms: Shape = {
  kind: 'list',
  of: { kind: 'text', format: 'platform' },
  single: true,
  filled: true,
};
const replaces: Shape = {
  kind: 'list',
  of: { kind: 'text', format: 'any-platform' },
  single: true,
  filled: true,
};
const existing: Shape = { kind: 'choice', of: EXISTING };
const tags: Shape = {
  kind: 'list',
  of: { kind: 'text', format: 'tag' },
  single: true,
  filled: true,
};
const network: Shape = { kind: 'choice', of: ['default', 'none', 'host'] };

const secret: Shape = {
  kind: 'map',
  what: 'this secret',
  short: 'id',
  keys: {
    id: { shape: filled, description: 'The id that RUN --mount=type=secret names.' },
    source: { shape: filled, description: "Compose's name for id." },
    env: { shape: filled, description: 'The environment variable that holds the value.' },
    environment: { shape: filled, description: "Compose's name for env." },
    file: { shape: filled, description: 'The file that holds the value.' },
    target: { refused: 'say where the secret appears in the Dockerfile, with target=' },
    uid: { refused: 'say it in the Dockerfile, with uid=' },
    gid: { refused: 'say it in the Dockerfile, with gid=' },
    mode: { refused: 'say it in the Dockerfile, with mode=' },
  },
};

const ulimit: Shape = {
  kind: 'map',
  what: 'this limit',
  short: 'soft',
  keys: {
    soft: { shape: filled, required: true, description: 'The soft limit.' },
    hard: { shape: filled, description: 'The hard limit (default: the soft one).' },
  },
};

/** The keys of the Compose specification's build section, all of them. */
const buildKeys: KeyTable = {
  context: {
    shape: filled,
    description: 'Folder or Git address of the build context (default: the file’s folder).',
  },
  dockerfile: {
    shape: filled,
    description:
      'Dockerfile, relative to the context (default: Dockerfile). With {version} in its name, every file that matches makes an image.',
  },
  args: { shape: pairs, description: 'Build arguments; one without a value takes the variable’s.' },
  target: { shape: filled, description: 'The stage to build (default: the last).' },
  additional_contexts: { shape: pairs, description: 'Named contexts: folders, addresses, images.' },
  cache_from: { shape: words, description: 'Caches to read.' },
  cache_to: { shape: words, description: 'Caches to write, with a scope per image and platform.' },
  no_cache: { shape: boolean, description: 'Builds without the cache (default: false).' },
  pull: { shape: boolean, description: 'Looks for newer base images (default: false).' },
  secrets: {
    shape: { kind: 'list', of: secret, single: true },
    description: 'Secrets of the build, by id; a source in the surroundings needs a grant.',
  },
  ssh: { shape: pairs, description: 'SSH agents or keys for the build; needs the grant ssh.' },
  labels: { shape: pairs, description: 'Labels of the image; an automatic one is off with false.' },
  network: { shape: network, description: 'Network of RUN steps; host needs a grant.' },
  shm_size: { shape: filled, description: 'Size of /dev/shm in RUN steps, as 64m.' },
  extra_hosts: { shape: pairs, description: 'Host names for RUN steps, NAME=ADDRESS.' },
  ulimits: { shape: { kind: 'table', of: ulimit }, description: 'Limits of RUN steps.' },
  provenance: { shape: filled, description: 'Provenance attestation (default: mode=min).' },
  sbom: { shape: filled, description: 'SBOM attestation (default: false).' },
  cgroup_parent: {
    shape: filled,
    description: 'Parent cgroup of RUN steps; needs the grant cgroup-parent.',
  },
  entitlements: { shape: words, description: 'BuildKit entitlements; each needs its grant.' },
  buildpack: { refused: 'images from buildpacks are not built by this version' },
  dockerfile_inline: { refused: 'put it into a file; findings name its lines' },
  isolation: { refused: 'it is for Windows containers, which are not built' },
  no_cache_filter: { refused: 'single stages cannot be rebuilt alone; use no_cache' },
  platforms: { refused: 'platforms belong to the image: one level up, beside "build"' },
  privileged: { refused: 'ask for "entitlements: [security.insecure]", and grant it' },
  tags: { refused: 'tags belong to the image: one level up, beside "build"' },
};

const os = { refused: 'leave it out: images are for Linux, and Windows containers are not built' };

const mount: Shape = {
  kind: 'map',
  what: 'this mount',
  short: 'source',
  keys: {
    source: { shape: filled, required: true, description: 'Path, relative to the configuration.' },
    target: { shape: filled, description: 'Absolute path in the container.' },
  },
};

const test: Shape = {
  kind: 'map',
  what: 'this test',
  short: 'run',
  keys: {
    name: { shape: filled, description: 'Unique in the image (default: the command).' },
    run: {
      shape: { kind: 'list', of: text, single: true, filled: true },
      required: true,
      description: 'A text for the image’s shell, or a list that is executed as it is.',
    },
    stdout: { shape: pattern, description: 'Pattern (Go syntax) that the output must match.' },
    stderr: { shape: pattern, description: 'Pattern (Go syntax) that the errors must match.' },
    'exit-code': {
      shape: { kind: 'integer', least: 0, most: 255 },
      description: 'Expected exit code (default: 0).',
    },
    env: { shape: pairs, description: 'Environment variables.' },
    user: { shape: filled, description: 'User (default: the image’s).' },
    workdir: { shape: filled, description: 'Working directory (default: the image’s).' },
    mounts: {
      shape: { kind: 'list', of: mount, single: true },
      description:
        'SOURCE:TARGET, a copy for this test alone; from outside the workspace with a grant.',
    },
    network: { shape: network, description: 'Network; host needs a grant.' },
    timeout: {
      shape: { kind: 'text', format: 'duration' },
      description: 'As 90s or 5m (default: 5m); four times that under emulation.',
    },
    platforms: { shape: platforms, description: 'Only on these platforms.' },
    on: {
      shape: { kind: 'choice', of: ['image', 'host'] },
      description: 'host: runs beside the container, with the tried image in its environment.',
    },
    command: { refused: 'write "run"' },
  },
};

const target: Shape = {
  kind: 'map',
  what: 'this target',
  short: 'name',
  keys: {
    name: {
      shape: { kind: 'text', format: 'repository' },
      required: true,
      description: 'Repository, as ghcr.io/acme/greeter.',
    },
    tags: { shape: tags, description: 'Tags (default: latest).' },
    replaces: {
      shape: replaces,
      description:
        'Platforms that these tags may lose: they are served now, and not built any more.',
    },
    existing: {
      shape: existing,
      description:
        'What becomes of tags that are there: replace (default); same, only by the same platform manifests; fail, nothing is built.',
    },
  },
};

const foreign: Shape = {
  kind: 'map',
  what: 'this entry of "foreign"',
  keys: {
    path: {
      shape: { kind: 'text', format: 'glob' },
      required: true,
      description:
        'Files in the image, as `usr/lib/node_modules/**`: `*` and `?` stay in one folder, `**` goes through any.',
    },
    reason: {
      shape: filled,
      required: true,
      description: 'Why they are for another platform; the report repeats it.',
    },
  },
};

const image: Shape = {
  kind: 'map',
  what: 'this image',
  keys: {
    id: {
      shape: { kind: 'text', format: 'id' },
      description: 'Unique name (default: the last part of the repository).',
    },
    name: {
      shape: { kind: 'text', format: 'repository' },
      description: 'Repository, as ghcr.io/acme/greeter; the short form of one target.',
    },
    tags: { shape: tags, description: 'Tags under that name (default: latest).' },
    replaces: {
      shape: replaces,
      description: 'Platforms that the tags under that name may lose, as in a target.',
    },
    existing: {
      shape: existing,
      description: 'What becomes of tags under that name that are there, as in a target.',
    },
    targets: {
      shape: { kind: 'list', of: target, filled: true },
      description: 'Several repositories with tags, instead of name and tags.',
    },
    platforms: { shape: platforms, description: 'Platforms of the image.' },
    build: {
      shape: { kind: 'map', what: '"build"', short: 'context', keys: buildKeys },
      description: 'How it is built: the keys of a Compose file’s build section.',
    },
    annotations: {
      shape: pairs,
      description:
        'Annotations of the index, or of a manifest as manifest:KEY; an automatic one is off with false.',
    },
    expect: {
      shape: {
        kind: 'map',
        what: '"expect"',
        keys: {
          'go-main': {
            shape: pattern,
            description: 'Pattern of the Go program’s main package path.',
          },
        },
      },
      description: 'What the image must contain.',
    },
    foreign: {
      shape: { kind: 'list', of: foreign, single: true },
      description:
        'Files that may be for another platform; never what the image starts or its shell.',
    },
    tests: {
      shape: { kind: 'list', of: test, single: true },
      description: 'Tests, run on every platform (default: the image’s program is started).',
    },
    image: { refused: 'write "name"' },
    os,
    labels: { refused: 'labels belong to the build: write them under "build"' },
  },
};

/** Everything that sea-trial.yml may hold. */
export const configuration: Shape = {
  kind: 'map',
  what: 'the configuration',
  extensible: true,
  keys: {
    vars: {
      shape: { kind: 'table', of: text },
      description: 'Variables, used as $NAME in braces.',
    },
    publish: {
      shape: { kind: 'choice', of: ['together', 'per-image'] },
      description: 'Whether tags wait for the trials of all images (default) or of their own.',
    },
    checks: {
      shape: {
        kind: 'table',
        of: { kind: 'choice', of: ['error', 'warning', 'note', 'off'] },
        names: Object.keys(catalogue),
      },
      description: 'Severities by finding code.',
    },
    platforms: { shape: platforms, description: 'Platforms of images that name none.' },
    images: {
      shape: { kind: 'list', of: image, filled: true },
      description: 'The images.',
    },
    os,
    severities: { refused: 'write "checks"' },
    services: { refused: 'this is a Compose file’s key; list images under "images"' },
    version: { refused: 'there is no version to write; the file is read by its keys' },
  },
};

/** The shape of one entry of `images`, which the action's inputs describe too. */
export const imageShape: Shape = image;
