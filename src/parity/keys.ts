import { RUNTIMES } from '../buildpacks/index.js';
import { type KeyTable, type Shape, shapes } from '../document/index.js';
import { CHANNELS } from '../reference/index.js';

const { filled } = shapes;
const digest: Shape = { kind: 'text', format: 'digest' };
const buildpack: Shape = { kind: 'text', format: 'buildpack' };
const version: Shape = { kind: 'text', format: 'version' };

/** The version of the format that this program reads and writes. */
export const LOCK_VERSION = '1';

const platforms: Shape = { kind: 'table', of: digest };

const builderKeys: KeyTable = {
  platforms: {
    shape: platforms,
    required: true,
    description: "The digest of each platform's manifest.",
  },
  lifecycle: { shape: filled, required: true, description: 'The version of the lifecycle.' },
  'platform-api': {
    shape: filled,
    required: true,
    description: 'The newest Platform API that the lifecycle serves.',
  },
  distribution: { shape: filled, description: 'The distribution of the build image.' },
  buildpacks: {
    shape: { kind: 'list', of: buildpack },
    required: true,
    description: 'Every buildpack that the builder holds, as ID@VERSION.',
  },
  order: {
    shape: { kind: 'list', of: { kind: 'list', of: filled, filled: true } },
    required: true,
    description:
      'The groups that detection tries, first match first; a buildpack that may be left out has "(optional)" behind it.',
  },
};

const probedKeys: KeyTable = {
  runtime: { shape: { kind: 'choice', of: RUNTIMES }, required: true, description: 'The runtime.' },
  buildpack: {
    shape: buildpack,
    required: true,
    description: 'The buildpack of the builder that was asked, as ID@VERSION.',
  },
  platforms: {
    shape: { kind: 'list', of: { kind: 'text', format: 'any-platform' }, filled: true },
    required: true,
    description: 'The platforms on which it answered this.',
  },
  newest: { shape: version, required: true, description: 'The newest version that it named.' },
  oldest: { shape: version, description: 'The oldest version that it named.' },
};

const derivedKeys: KeyTable = {
  'derived-from': {
    shape: digest,
    required: true,
    description: 'The digest of the builder that these facts are about.',
  },
  builder: {
    shape: {
      kind: 'list',
      of: { kind: 'map', what: '"builder"', keys: builderKeys },
      single: true,
      filled: true,
    },
    required: true,
    description:
      'What the builder holds; a list where it holds something else on some of its platforms.',
  },
  'run-image': {
    shape: {
      kind: 'map',
      what: '"run-image"',
      keys: {
        'derived-from': {
          shape: digest,
          required: true,
          description: 'The digest of the run image that these facts are about.',
        },
        platforms: {
          shape: platforms,
          required: true,
          description: "The digest of each platform's manifest.",
        },
      },
    },
    required: true,
    description: 'What the run image is.',
  },
  process: { shape: filled, description: 'The process type that the image starts.' },
  env: {
    shape: { kind: 'list', of: filled },
    description: 'Names of the environment variables of the build.',
  },
  offers: {
    shape: { kind: 'table', of: { kind: 'list', of: filled } },
    description:
      'The versions of each runtime (go, node, php, python, ruby) that the builder offers, where all of them are known; others may be written by hand, and hold for this builder.',
  },
  probed: {
    shape: { kind: 'list', of: { kind: 'map', what: 'a probe', keys: probedKeys } },
    description:
      'What buildpacks that list no versions, or of which not all are known, named when "sea-trial parity probe" asked them by a build.',
  },
};

const pinKeys: KeyTable = {
  builder: {
    shape: { kind: 'text', format: 'pin' },
    required: true,
    description: 'The builder, with its digest.',
  },
  'run-image': {
    shape: { kind: 'text', format: 'pin' },
    required: true,
    description: 'The run image, with its digest.',
  },
};

const imageKeys: KeyTable = {
  source: {
    shape: filled,
    required: true,
    description:
      'Where the pins are from: "builder", the tags of the pins themselves; or the path or address of a deployment\'s values, of a project.toml, or the reference of an image that is deployed.',
  },
  channel: {
    shape: { kind: 'choice', of: CHANNELS },
    description: "The channel of the deployment's values.",
  },
  until: {
    shape: { kind: 'text', format: 'day' },
    description: 'The last day of the channel "deprecated".',
  },
  time: {
    shape: { kind: 'text', format: 'time' },
    required: true,
    description: 'When the source was read.',
  },
  injected: {
    shape: { kind: 'list', of: buildpack },
    description:
      'Buildpacks that the deployment adds to those of the builder, as ID@VERSION; given by hand or with --inject, since no source names them.',
  },
  pins: {
    shape: { kind: 'map', what: '"pins"', keys: pinKeys },
    required: true,
    description:
      'What a build uses. Each pin is on one line, and may be changed by hand or by a program such as Renovate.',
  },
  derived: {
    shape: { kind: 'map', what: '"derived"', keys: derivedKeys },
    description:
      'What follows from the pins; written by "sea-trial parity" alone: where it is left out, "sea-trial parity update" writes it. Where a pin has another digest than "derived-from", the facts are those of an older pin, and are read again.',
  },
};

/** What may be written in sea-trial.lock. */
export const lockShape: Shape = {
  kind: 'map',
  what: 'the lock',
  keys: {
    version: {
      shape: { kind: 'choice', of: [LOCK_VERSION] },
      required: true,
      description: 'The version of the format.',
    },
    images: {
      shape: { kind: 'table', of: { kind: 'map', what: 'an image', keys: imageKeys } },
      required: true,
      description: 'What each image from buildpacks is built with, by its id.',
    },
  },
};
