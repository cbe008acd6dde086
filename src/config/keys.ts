import { type Shape, shapes } from '../document/index.js';
import { catalogue, EXISTING } from '../evidence/index.js';
import { buildShape, testKeys } from '../kinds/index.js';
import { containerKeys, projectKeys } from './compose-keys.js';

const { filled, pairs, pattern, platforms, text } = shapes;
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

const os = { refused: 'leave it out: images are for Linux, and Windows containers are not built' };

const test: Shape = { kind: 'map', what: 'this test', short: 'run', keys: testKeys };

const target: Shape = {
  kind: 'map',
  what: 'this target',
  short: 'name',
  keys: {
    name: {
      shape: { kind: 'text', format: 'repository' },
      required: true,
      description: 'Repository, such as ghcr.io/acme/greeter.',
    },
    tags: { shape: tags, description: 'Tags (default: latest).' },
    replaces: {
      shape: replaces,
      description: 'Platforms that these tags may lose: served now, and no longer built.',
    },
    existing: {
      shape: existing,
      description:
        'What happens to existing tags: replace (default); same, replaced only by the same platform manifests; fail, nothing is built.',
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
        'Files in the image, such as `usr/lib/node_modules/**`: `*` and `?` match within one folder, `**` across folders.',
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
      description: 'Repository, such as ghcr.io/acme/greeter; the short form of one target.',
    },
    tags: { shape: tags, description: 'Tags under that name (default: latest).' },
    replaces: {
      shape: replaces,
      description: 'Platforms that the tags under that name may lose, as in a target.',
    },
    existing: {
      shape: existing,
      description: 'What happens to existing tags under that name, as in a target.',
    },
    targets: {
      shape: { kind: 'list', of: target, filled: true },
      description: 'Several repositories with tags, instead of name and tags.',
    },
    platforms: {
      shape: platforms,
      description: "Platforms of the image (default: those of the file, else the machine's own).",
    },
    build: {
      shape: buildShape,
      description:
        'How it is built: the keys of a Compose file’s build section, or buildpack for a build with buildpacks.',
    },
    'public-args': {
      shape: { kind: 'list', of: { kind: 'text', format: 'variable' }, single: true },
      description:
        'Build arguments and variables whose names look like secrets and whose values are public, such as VITE_MAPS_API_KEY.',
    },
    annotations: {
      shape: pairs,
      description:
        'Annotations of the index, or of a manifest as manifest:KEY; false turns an automatic one off.',
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
    ...containerKeys,
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
      description:
        'Whether tags wait for the trials of all images (default) or only of their own image.',
    },
    checks: {
      shape: {
        kind: 'table',
        of: { kind: 'choice', of: ['error', 'warning', 'note', 'off'] },
        names: Object.keys(catalogue),
      },
      description: 'Severities by finding code.',
    },
    platforms: {
      shape: platforms,
      description: "Platforms of images that name none (default: the machine's own).",
    },
    images: {
      shape: { kind: 'list', of: image, filled: true },
      description: 'The images.',
    },
    os,
    severities: { refused: 'write "checks"' },
    ...projectKeys,
  },
};

/** The shape of one entry of `images`, which the action's inputs describe too. */
export const imageShape: Shape = image;
