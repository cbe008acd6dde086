/** What serves in place of docker/login-action's `ecr`. */
export const ECR_LOGIN =
  'give the username and password that AWS gives (aws ecr get-login-password), or use a credential helper';

/** An input of docker's actions that is not taken. */
interface RefusedInput {
  readonly name: string;
  /** Why, and what to do instead; the rest of a sentence that begins with the input's name. */
  readonly answer: string;
  /** Values that ask for what happens anyway. */
  readonly harmless?: readonly string[];
  /** Answers for values that hold a word, as a sentence of their own. */
  readonly about?: readonly {
    readonly value: string;
    readonly holds: RegExp;
    readonly answer: string;
  }[];
}

const WRITTEN = 'every image is written to an OCI layout, tested and then published';

/** In the order of the documentation. */
export const refusedInputs: readonly RefusedInput[] = [
  {
    name: 'outputs',
    answer: `${WRITTEN}; use "push" or "load"`,
    about: [
      {
        value: 'push-by-digest=true',
        holds: /push-by-digest/,
        answer:
          'nothing is pushed without a tag. Build all platforms in one job; or let each job push its platform under a tag of its own (NAME:1.4.0-arm64), and a last job join them: docker buildx imagetools create -t NAME:1.4.0 NAME:1.4.0-amd64 NAME:1.4.0-arm64',
      },
      {
        value: 'type=docker',
        holds: /\btype="?docker\b/,
        answer: `${WRITTEN}; "load: true" keeps those that passed in the engine`,
      },
      {
        value: 'type=oci',
        holds: /\btype="?oci\b/,
        answer: `${WRITTEN}; a test with "on: host" finds the layout in $SEA_TRIAL_LAYOUT`,
      },
      {
        value: 'type=image, type=registry',
        holds: /\btype="?(image|registry)\b/,
        answer: `${WRITTEN}; use "push: true", and "annotations" for annotations`,
      },
      {
        value: 'type=local, type=tar, a path',
        holds: /\btype="?(local|tar)\b|^[^=]+$/,
        answer: `${WRITTEN}; for files of an image use "load: true", then docker create and docker cp in a later step`,
      },
    ],
  },
  { name: 'attests', answer: 'use "provenance" and "sbom"' },
  {
    name: 'call',
    answer: 'images are built here; run docker buildx build --call for checks of a Dockerfile',
    harmless: ['build'],
  },
  {
    name: 'no-cache-filters',
    answer: 'single stages cannot be rebuilt alone; use "no-cache"',
  },
  { name: 'metadata-file', answer: 'use the output "metadata" or "evidence"' },
  { name: 'registry-auth', answer: 'use "registries"; it takes the same list of logins' },
  { name: 'ecr', answer: ECR_LOGIN },
  { name: 'scope', answer: 'a login is for its whole registry; leave it out' },
  {
    name: 'logout',
    answer:
      'a login of the inputs ends with the step, and those of docker login are left as they are',
    harmless: ['true'],
  },
  {
    name: 'images',
    answer: 'docker/metadata-action makes references of them; give its output "tags" as "tags"',
  },
  {
    name: 'flavor',
    answer: 'docker/metadata-action takes it; give its output "tags" as "tags"',
  },
  {
    name: 'name',
    answer: 'use "builder" for the name of a builder, and "tags" for that of an image',
  },
  {
    name: 'install',
    answer:
      'the default of "docker build" on this machine is never changed; leave it out: since Docker 23 docker build uses buildx by itself, and the environment variable BUILDX_BUILDER names its builder',
    harmless: ['false'],
  },
  {
    name: 'use',
    answer:
      'the current builder of this machine is never changed; name one with "builder", and for later steps with the environment variable BUILDX_BUILDER',
    harmless: ['false'],
  },
  {
    name: 'cache-binary',
    answer: "a buildx that is downloaded is kept in the runner's tool cache; leave it out",
    harmless: ['true'],
  },
  { name: 'image', answer: 'use "binfmt-image" for the image that installs emulators' },
  {
    name: 'cache-image',
    answer:
      'emulators are installed only where one is missing, so there is nothing to cache; leave it out',
    harmless: ['false'],
  },
  {
    name: 'reset',
    answer:
      "registered emulators are never replaced; to remove them, run docker run --privileged --rm tonistiigi/binfmt --uninstall 'qemu-*' in a step before this one",
    harmless: ['false'],
  },
  {
    name: 'config-inline',
    answer: 'use "buildkitd-config-inline"; "config" is the file sea-trial.yml',
  },
];

/** What is said of an input that is refused, or nothing where its value is harmless; undefined of any other. */
export function refusal(name: string, value: string): { readonly answer?: string } | undefined {
  const input = refusedInputs.find((one) => one.name === name);
  if (input === undefined) return undefined;
  if (input.harmless?.includes(value.trim().toLowerCase())) return {};
  return { answer: (input.about?.find(({ holds }) => holds.test(value)) ?? input).answer };
}
