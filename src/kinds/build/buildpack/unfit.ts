import type { Position, SourceNode } from '../../../document/index.js';
import type { dockerfileKeys } from '../dockerfile/keys.js';

/** What serves instead of a key of Dockerfile builds, in a file; `input`: where the action's inputs say it. */
interface Answer {
  readonly file: string;
  readonly input?: string;
  /** It may say that it asks for nothing: `false`. */
  readonly off?: true;
}

/** Keys of `build` that both kinds have. */
type KeyOfBoth = 'context' | 'cache_from' | 'cache_to' | 'no_cache' | 'secrets' | 'timeout';

const OWN_FILE = 'describe the image in sea-trial.yml, where "buildpack" has';
const NO_SETTING: Answer = { file: 'pack and the lifecycle have no such setting' };

const ANSWERS: Readonly<Record<Exclude<keyof typeof dockerfileKeys, KeyOfBoth>, Answer>> = {
  dockerfile: {
    file: 'a Dockerfile is one way to build and "buildpack" another; keep one of them',
    input: 'a Dockerfile is one way to build and "builder-image" another; keep one of them',
  },
  args: { file: 'use "env" under "buildpack"', input: 'use "buildpack-env"' },
  target: {
    file: 'there are no stages; "process" under "buildpack" chooses what the image starts',
    input: 'there are no stages; "process" chooses what the image starts',
  },
  native: { file: 'buildpacks run on the platform that they build for' },
  additional_contexts: { file: 'the application is one folder, "context"' },
  pull: { file: 'builder and run image are looked up in every run', off: true },
  ssh: {
    file: 'pass a key as a secret, with "bindings" under "buildpack"',
    input: `pass a key as a secret: ${OWN_FILE} "bindings"`,
  },
  labels: {
    file: 'labels would change the configuration that the lifecycle writes; use "annotations" of the image, one level up',
    input: 'labels would change the configuration that the lifecycle writes; use "annotations"',
  },
  network: {
    file: 'write it under "buildpack"',
    input: `${OWN_FILE} "network"`,
  },
  shm_size: NO_SETTING,
  extra_hosts: NO_SETTING,
  ulimits: NO_SETTING,
  cgroup_parent: NO_SETTING,
  provenance: { file: 'the lifecycle writes no attestations', off: true },
  sbom: {
    file: 'the lifecycle writes no attestations; buildpacks put their SBOM into a layer of the image',
    off: true,
  },
  entitlements: {
    file: 'buildpacks are never run with privileges; "network: host" stands under "buildpack"',
    input: `buildpacks are never run with privileges; for the host's network, ${OWN_FILE} "network"`,
  },
};

function asksForNothing(value: SourceNode, off: boolean): boolean {
  if (value.kind === 'list') return value.items.length === 0;
  if (value.kind === 'map') return value.entries.length === 0;
  return value.empty || (off && /^false$/i.test(value.text));
}

/** What a build with buildpacks says in keys that only builds from a Dockerfile have. */
export function unfitKeys(
  build: SourceNode | undefined,
  fromInputs: boolean,
): readonly (Position & { readonly message: string })[] {
  if (build?.kind !== 'map') return [];
  return build.entries.flatMap(({ key, at, value }) => {
    const answer = Object.entries(ANSWERS).find(([name]) => name === key)?.[1];
    if (answer === undefined || asksForNothing(value, answer.off === true)) return [];
    const message = fromInputs
      ? `is not for builds with buildpacks ("builder-image"): ${answer.input ?? answer.file}`
      : `"${key}" is not for builds with buildpacks: ${answer.file}`;
    return [{ ...at, message }];
  });
}
