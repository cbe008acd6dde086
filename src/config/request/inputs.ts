import { formats } from '../../document/index.js';
import { EXISTING } from '../../evidence/index.js';
import { buildInputs } from '../../kinds/index.js';
import { addressParts, isRegistryPrefix } from '../../reference/index.js';
import { defined } from '../../types/index.js';
import { UNTRUSTED } from '../trust/trust.js';
import type { Flag, GivenValue, Input, InputType } from './input.js';
import type { ParsedRequest } from './request.js';

interface ActionOutput {
  readonly name: string;
  readonly description: string;
}

const image = (name: string, type: InputType, description: string): Input => ({
  name,
  type,
  description,
  action: true,
  image: true,
});

const builder = (name: string, type: InputType, description: string): Input => ({
  name,
  type,
  description,
  action: true,
  tool: true,
});

/** Variables by name; a name with two values is refused. */
function readVariables(given: GivenValue): ReadonlyMap<string, string> {
  const pairs = given.pairs();
  const names = pairs.map(([name]) => name);
  for (const name of new Set(names.filter((one, at) => names.indexOf(one) !== at))) {
    given.refuse(`"${name}" is given more than once`);
  }
  for (const name of new Set(names)) {
    if (!/^[A-Za-z_]\w*$/.test(name)) given.refuse(`"${name}" is not the name of a variable`);
  }
  return new Map(pairs);
}

function readParallel(given: GivenValue): number | undefined {
  const text = given.text();
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  given.refuse(`"${text}" is not a whole number of at least 1`);
  return undefined;
}

function readRegistry(given: GivenValue): string | undefined {
  const registry = given.text()?.replace(/\/$/, '');
  if (registry === undefined || isRegistryPrefix(registry)) return registry;
  const { shown, extra } = addressParts(registry);
  const hint = extra === undefined ? '' : `; leave out ${extra}`;
  given.refuse(`"${shown}" is not a host, optionally with a path${hint}`);
  return undefined;
}

function readReplaces(given: GivenValue): readonly string[] {
  const platforms = given.items();
  for (const platform of platforms) {
    const message = formats['any-platform'](platform);
    if (message !== undefined) given.refuse(message);
  }
  return platforms;
}

function readLoad(given: GivenValue): ParsedRequest['load'] {
  const text = given.text()?.toLowerCase() ?? 'false';
  if (text === 'false') return false;
  if (text === 'true') return 'passed';
  if (text === 'always') return 'always';
  given.refuse(`"${given.text()}" is not known; there are: true, false, always`);
  return false;
}

/** Every input of the action and every option of the command line, in the order of the docs. */
export const inputs: readonly Input[] = [
  {
    name: 'config',
    type: 'text',
    description: 'Configuration file (default: sea-trial.yml, if it exists).',
    action: true,
    flag: { name: 'config', value: 'FILE' },
    read: (given) => defined({ configuration: given.text() }),
  },
  {
    name: 'only',
    type: 'list',
    description: 'Images to run, by id, each on one platform or on all.',
    action: true,
    flag: { name: 'only', value: 'ID[@PLATFORM]', repeatable: true },
    read: (given) => ({ only: given.items() }),
  },
  {
    name: 'platform',
    type: 'list',
    description: 'Platforms to run (default: all of the images).',
    action: false,
    flag: { name: 'platform', value: 'PLATFORM', repeatable: true },
    read: (given) => ({ platforms: given.items() }),
  },
  {
    name: 'set',
    type: 'key-values',
    description: 'Variables of the configuration; they override the environment and "vars".',
    action: true,
    flag: { name: 'set', value: 'NAME=VALUE', repeatable: true },
    read: (given) => ({ set: readVariables(given) }),
  },
  {
    name: 'mode',
    type: 'text',
    description: 'run does everything; plan only prints what would be done.',
    default: 'run',
    action: true,
    read: (given) => defined({ command: given.text() }),
  },
  image('platforms', 'list', "Platforms of the image (default: the machine's own)."),
  image('tags', 'list', 'Full references, in one or several registries.'),
  image(
    'test',
    'text',
    'A command for the image\'s shell, run on every platform; for images without a shell a list as JSON, ["/greeter", "--version"].',
  ),
  ...buildInputs.map(({ name, type, description }) => image(name, type, description)),
  image(
    'public-args',
    'list',
    'Build arguments and variables of buildpacks whose names look like secrets and whose values are public.',
  ),
  image(
    'annotations',
    'key-values',
    'Annotations of the index, or of a manifest as manifest:KEY; an empty value turns an automatic one off.',
  ),
  {
    name: 'secrets',
    type: 'lines',
    description: 'Secrets of the build, ID=VALUE.',
    action: true,
  },
  {
    name: 'secret-envs',
    type: 'list',
    description: 'Secrets of the build from the environment, ID=NAME.',
    action: true,
  },
  {
    name: 'secret-files',
    type: 'lines',
    description: 'Secrets of the build from files, ID=PATH.',
    action: true,
  },
  {
    name: 'allow',
    type: 'list',
    description: 'BuildKit entitlements: network.host, security.insecure, device.',
    action: true,
  },
  {
    name: 'grants',
    type: 'list',
    description: 'What the configuration may use beyond the ordinary.',
    action: true,
    flag: { name: 'grant', value: 'GRANT', repeatable: true },
  },
  {
    name: 'untrusted',
    type: 'text',
    description:
      'Whether the configuration and the sources may come from a pull request, so that nothing is pushed and privileges need grants: true, false, or auto (the event decides).',
    default: 'auto',
    action: true,
    flag: { name: 'untrusted', value: 'auto|true|false' },
    read: (given) => defined({ untrusted: given.choice(UNTRUSTED) }),
  },
  {
    name: 'push',
    type: 'boolean',
    description: 'Publishes to the real registries; otherwise to the embedded one.',
    default: 'false',
    action: true,
    flag: { name: 'push' },
    read: (given) => ({ push: given.isOn() }),
  },
  {
    name: 'registry',
    type: 'text',
    description: 'With --push: sends everything to another registry, under the same names.',
    action: false,
    flag: { name: 'registry', value: 'HOST[/PREFIX]' },
    read: (given) => defined({ registry: readRegistry(given) }),
  },
  {
    name: 'replaces',
    type: 'list',
    description: 'Platforms that tags may lose: served now, and no longer built.',
    action: true,
    flag: { name: 'replaces', value: 'PLATFORM', repeatable: true },
    read: (given) => ({ replaces: readReplaces(given) }),
  },
  {
    name: 'existing',
    type: 'text',
    description:
      'What happens to existing tags: replace (default); same: replaced only by the same platform manifests; fail: nothing is built.',
    action: true,
    flag: { name: 'existing', value: 'replace|same|fail' },
    read: (given) => defined({ existing: given.choice(EXISTING) }),
  },
  {
    name: 'load',
    type: 'text',
    description:
      "Keeps the images that passed in the engine, with always also those that failed, as NAME:TAG; with several platforms, NAME:TAG is the engine's own platform and the others are NAME:TAG-linux-arm64 and so on.",
    default: 'false',
    action: true,
    flag: { name: 'load', word: 'always' },
    read: (given) => ({ load: readLoad(given) }),
  },
  {
    name: 'publish',
    type: 'text',
    description:
      'together: tags wait for the trials of all images (default); per-image: for their own.',
    action: true,
    read: (given) => defined({ publish: given.choice(['together', 'per-image']) }),
  },
  {
    name: 'allow-dirty',
    type: 'boolean',
    description: 'Publishes from a checkout with uncommitted changes.',
    default: 'false',
    action: true,
    flag: { name: 'allow-dirty' },
    read: (given) => ({ allowDirty: given.isOn() }),
  },
  {
    name: 'parallel',
    type: 'number',
    description:
      "How many builds, and how many tests, run at the same time (default: by the machine's cores).",
    action: true,
    flag: { name: 'parallel', value: 'N' },
    read: (given) => defined({ parallel: readParallel(given) }),
  },
  {
    name: 'builder',
    type: 'text',
    description:
      'The buildx builder to use (default: one that can build all platforms, created if necessary); with an input that describes a builder, the name of the one to create if it does not exist.',
    action: true,
    tool: true,
    flag: { name: 'builder', value: 'NAME' },
    read: (given) => defined({ builder: given.text() }),
  },
  builder(
    'driver',
    'text',
    'Driver of the builder: docker, docker-container, kubernetes or remote.',
  ),
  builder(
    'driver-opts',
    'list',
    'Options of the driver, NAME=VALUE, in quotes where a value holds a comma ("env.NO_PROXY=a,b"); image=moby/buildkit@sha256:… pins BuildKit\'s image by digest.',
  ),
  builder('buildkitd-flags', 'text', 'Flags for BuildKit; entitlements are off unless granted.'),
  builder('buildkitd-config', 'text', "BuildKit's configuration file."),
  builder('buildkitd-config-inline', 'text', "BuildKit's configuration, as text."),
  builder('endpoint', 'text', 'Where the builder runs: a docker context or an address.'),
  builder(
    'append',
    'text',
    'Further nodes, as YAML: a list of name, endpoint, driver-opts, buildkitd-flags, platforms. A platform goes to the node that runs it natively.',
  ),
  {
    ...builder(
      'keep-state',
      'boolean',
      "Keeps the cache of a builder that is created; it needs a name, in 'builder'.",
    ),
    default: 'false',
  },
  {
    ...builder('cleanup', 'boolean', 'Removes a builder that was created, at the end.'),
    default: 'true',
  },
  builder(
    'version',
    'text',
    "Release of buildx, or latest (default: the docker client's, if it is 0.13 or later).",
  ),
  builder(
    'buildx-mirror',
    'text',
    "Where buildx is downloaded from instead of GitHub's releases: ADDRESS/vVERSION/buildx-vVERSION.SYSTEM-ARCHITECTURE.",
  ),
  builder(
    'pack-version',
    'text',
    'For builds with buildpacks: release of pack (default: the one on PATH, if it is 0.40.4 or later).',
  ),
  builder(
    'pack-mirror',
    'text',
    "Where pack is downloaded from instead of GitHub's releases: ADDRESS/vVERSION/pack-vVERSION-SYSTEM.tgz.",
  ),
  {
    name: 'binfmt-image',
    type: 'text',
    description:
      'The image that installs emulators where one is missing (default: tonistiigi/binfmt, pinned by digest).',
    action: true,
    tool: true,
    flag: { name: 'binfmt-image', value: 'IMAGE' },
    read: (given) => defined({ binfmtImage: given.text() }),
  },
  {
    name: 'from',
    type: 'text',
    description:
      "What says what the deployment builds with: a builder, a deployment's values (a path, or an address that begins with https://), a project.toml, or an image that is deployed (default: the configuration's builder).",
    action: false,
    flag: { name: 'from', value: 'SOURCE' },
  },
  {
    name: 'channel',
    type: 'text',
    description: "The channel of the deployment's values (default: default).",
    action: false,
    flag: { name: 'channel', value: 'default|latest|deprecated' },
  },
  {
    name: 'inject',
    type: 'list',
    description: "Buildpacks that the deployment adds to the builder's own.",
    action: false,
    flag: { name: 'inject', value: 'ID@VERSION', repeatable: true },
  },
  {
    name: 'live',
    type: 'boolean',
    description: 'Asks the source of the lock, too, whether it is still so.',
    action: false,
    flag: { name: 'live' },
  },
  {
    name: 'evidence',
    type: 'text',
    description: 'Where the evidence is written (default: to no file).',
    action: false,
    flag: { name: 'evidence', value: 'FILE' },
    read: (given) => defined({ evidence: given.text() }),
  },
  {
    name: 'caches',
    type: 'boolean',
    description: 'Removes the caches of builds with buildpacks, too, of every repository.',
    action: false,
    flag: { name: 'caches' },
  },
  {
    name: 'json',
    type: 'boolean',
    description: 'Prints JSON instead of words.',
    action: false,
    flag: { name: 'json' },
    read: (given) => ({ json: given.isOn() }),
  },
  {
    name: 'resolve',
    type: 'boolean',
    description:
      'Reads from registries what the bases of Dockerfiles are now, and prints them as they can be pinned.',
    action: false,
    flag: { name: 'resolve' },
  },
  {
    name: 'verbose',
    type: 'boolean',
    description:
      'Prints every command that is executed, without secrets, with its exit code and the time it took; RUNNER_DEBUG=1 does the same.',
    action: false,
    flag: { name: 'verbose' },
  },
  {
    name: 'registry',
    type: 'text',
    description: 'Registry of the login below (default: Docker Hub).',
    action: true,
  },
  {
    name: 'username',
    type: 'text',
    description: 'Login for this run alone; not needed after docker login.',
    action: true,
  },
  {
    name: 'password',
    type: 'text',
    description:
      'Password or token of the login. Kept in memory and in a private folder of the run.',
    action: true,
  },
  {
    name: 'registries',
    type: 'text',
    description: 'Several logins, as a YAML or JSON list of registry, username, password.',
    action: true,
  },
  {
    name: 'github-token',
    type: 'text',
    description:
      "The workflow's token, for private Git contexts, and for images, bases and caches on ghcr.io if no other login is known.",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub's workflows.
    default: '${{ github.token }}',
    action: true,
    read: (given) => defined({ token: given.text() }),
  },
];

/** The outputs of the action. */
export const outputs: readonly ActionOutput[] = [
  {
    name: 'digest',
    description: "The index's digest; empty with several images, and where nothing was pushed.",
  },
  {
    name: 'embedded-digest',
    description:
      'Where nothing was pushed, the digest of the index in the embedded registry, which no later step can pull; empty where digest is not, with several images, and where the image did not pass.',
  },
  { name: 'digests', description: 'JSON: image id → platform → manifest digest.' },
  {
    name: 'imageid',
    description:
      'As in build-push-action: the digest of the image configuration, with several platforms that of the index; empty where digest is empty.',
  },
  { name: 'evidence', description: 'Path of the evidence file.' },
  {
    name: 'verdict',
    description:
      'passed, failed, errored or interrupted. If the inputs or the configuration are wrong it is errored, and no other output is set; with mode: plan no output is set.',
  },
  {
    name: 'metadata',
    description:
      "JSON like buildx's metadata file, for steps that read it; digests stand in it only where the image was pushed.",
  },
];

/** What the workflow or the command line can give to a configuration, and what for. */
export const grants: ReadonlyMap<string, string> = new Map([
  ['bindings', 'service bindings of builds with buildpacks, which hold secrets'],
  ['cgroup-parent', 'the parent cgroup of build steps'],
  ['contexts', 'build contexts, caches, buildpacks and files outside the workspace'],
  ['device', 'devices in builds'],
  ['host-tests', 'tests on the host, in untrusted runs'],
  ['mounts', 'mounts from outside the workspace, in tests'],
  ['network.host', "the host's network, in builds and tests"],
  ['secrets', 'secrets from the environment or files that the configuration names'],
  ['security.insecure', 'privileged build steps'],
  ['ssh', 'SSH agents and keys, in builds'],
  [
    'trust-builder',
    'builds with buildpacks in one container of the builder, in which buildpacks can read the logins that pull its images',
  ],
  ['volumes', "volumes and folders of the engine's machine, in builds with buildpacks"],
]);

/** The options of those names, in the order of the docs. */
export function optionsOf(names: readonly string[]): readonly (Input & { readonly flag: Flag })[] {
  return inputs.filter(
    (input): input is Input & { readonly flag: Flag } =>
      input.flag !== undefined && names.includes(input.flag.name),
  );
}
