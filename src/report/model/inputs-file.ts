import { posix } from 'node:path';
import { dump } from 'js-yaml';
import { isFolder, type PlannedImage, type PlannedTest } from '../../evidence/index.js';

/* The inputs of the action describe one image; here it is as sea-trial.yml says it. */

/** Whether the action's inputs describe an image: it stands in no file then. */
export function isFromInputs({ location }: PlannedImage): boolean {
  return location === undefined;
}

type Keys = Readonly<Record<string, unknown>>;

/** Keys with something behind them. */
function filled(keys: Keys): Keys | undefined {
  const said = Object.entries(keys).filter(
    ([, value]) =>
      value !== undefined &&
      value !== false &&
      !(typeof value === 'object' && value !== null && Object.keys(value).length === 0),
  );
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

const unless = <T>(implied: T, value: T) => (value === implied ? undefined : value);

function limitsOf(ulimits: readonly string[]): Keys {
  return Object.fromEntries(
    ulimits.map((limit) => {
      const [name = '', both = ''] = limit.split('=');
      const [soft = '', hard] = both.split(':');
      return [name, hard === undefined ? soft : { soft, hard }];
    }),
  );
}

/** What a build on another machine needs; caches, labels and annotations change no trial. */
function buildOf({ build }: PlannedImage): Keys | undefined {
  const { context, file } = build;
  const dockerfile = isFolder(context) ? posix.relative(context, file) : file;
  return filled({
    context: unless('.', context),
    dockerfile: unless('Dockerfile', dockerfile),
    target: build.target,
    args: build.args,
    additional_contexts: build.contexts,
    secrets: build.secrets.filter(({ id }) => !id.startsWith('GIT_AUTH_TOKEN.')),
    ssh: build.ssh,
    no_cache: build.noCache,
    pull: build.pull,
    network: build.network,
    shm_size: build.shmSize,
    extra_hosts: build.addHosts.map((host) => host.replace(':', '=')),
    ulimits: limitsOf(build.ulimits),
    cgroup_parent: build.cgroupParent,
    entitlements: build.allow,
    provenance: unless('mode=min', build.provenance),
    sbom: unless('false', build.sbom),
  });
}

function testOf({ run }: PlannedTest): readonly unknown[] {
  if (run === undefined) return [];
  return ['shell' in run ? run.shell : { run: run.exec }];
}

/** A `$` that would begin a variable of the configuration. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\$(?=[${])/g, '$$$$');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

/** Images that the inputs describe as the text of `images` in sea-trial.yml, with a newline at its end. */
export function imagesAsFile(images: readonly PlannedImage[]): string {
  const entries = images.map((image) => {
    const { id, platforms, targets, tests } = image;
    const [target] = targets;
    const [first, ...more] = tests.flatMap(testOf);
    return filled({
      id: unless(target?.repository.split('/').at(-1), id),
      ...(targets.length === 1
        ? { name: target?.repository, tags: target?.tags }
        : { targets: targets.map(({ repository, tags }) => ({ name: repository, tags })) }),
      platforms,
      build: buildOf(image),
      tests: more.length === 0 ? first : [first, ...more],
    });
  });
  return dump(plain({ images: entries }), { lineWidth: -1 });
}
