import type { ImageEntry, Request, SecretSource } from '../config/index.js';
import type { Problem } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { isJobVariable } from '../ports/index.js';

/** Secrets of the build that are to come from the environment and are not there. */
export function unsetSecrets(
  images: readonly ImageEntry[],
  request: Request,
  env: Readonly<Record<string, string | undefined>>,
): readonly Problem[] {
  const configured = images.flatMap(({ build }) => build.secrets);
  const given = request.secretSources.map((source) => ({ ...source, at: {} }));
  return [...configured, ...given].flatMap(({ id, env: name, at }) => {
    if (name === undefined || env[name] !== undefined || request.secretValues.has(id)) return [];
    return [{ ...at, message: `secret "${id}" comes from ${name}, which is not set` }];
  });
}

/**
 * Secrets that a file would take from the job's own variables; buildx has some of them
 * where a cache needs them.
 */
export function jobsSecrets(images: readonly ImageEntry[]): readonly Problem[] {
  return images
    .flatMap(({ build }) => build.secrets)
    .filter(({ env }) => isJobVariable(env ?? ''))
    .map(({ id, env, at }) => ({
      ...at,
      message: `secret "${id}" comes from ${env}, which belongs to the job and is never given to a build; a workflow may pass it with the input "secrets"`,
    }));
}

/** Secrets that an image wants and nothing gives. */
function withoutValue(
  { build }: ImageEntry,
  { secretSources }: Request,
): ImageEntry['build']['secrets'] {
  const given = secretSources.map(({ id }) => id);
  return build.secrets
    .filter(({ env, file }) => env === undefined && file === undefined)
    .filter(({ id }) => !given.includes(id));
}

/** A plan on the command line needs no values, and the file's may come from a workflow's inputs. */
function needsNoValues({ command, from }: Request): boolean {
  return command === 'plan' && from !== 'inputs';
}

/** What a plan says of secrets that a run would miss. */
export function secretNotes(images: readonly ImageEntry[], request: Request): readonly string[] {
  if (!needsNoValues(request)) return [];
  const ids = images.flatMap((image) => withoutValue(image, request)).map(({ id }) => id);
  return [...new Set(ids)].map(
    (id) =>
      `The secret "${id}" has no value here: a workflow gives it with the input "secrets"; a run on the command line needs its "env" or "file".`,
  );
}

/** Secrets of a run that an image wants and nothing gives. */
export function valuelessSecrets(image: ImageEntry, request: Request): readonly Problem[] {
  if (needsNoValues(request)) return [];
  const { secretSources, from } = request;
  const given = secretSources.map(({ id }) => id);
  const otherwise =
    from === 'inputs'
      ? 'name its "env" or "file", or give it as an input'
      : 'a workflow may give it as an input; here, name its "env" or "file"';
  return withoutValue(image, request).map(({ id, at }) => {
    const near = nearest(id, given);
    const hint =
      near === undefined ? otherwise : `did you mean it by "${near}", which the inputs give?`;
    return { ...at, message: `secret "${id}" has no value; ${hint}` };
  });
}

function inputOf({ env, file }: SecretSource): string {
  if (env !== undefined) return 'secret-envs';
  return file === undefined ? 'secrets' : 'secret-files';
}

/** A secret in base64 that lost its name looks like an id, of which the padding is the value. */
function mayBeSecret(source: SecretSource, { secretValues }: Request): boolean {
  return inputOf(source) === 'secrets' && /^=?$/.test(secretValues.get(source.id) ?? '');
}

/** BuildKit itself looks for it when it clones a context. */
const OF_GIT = /^GIT_AUTH_(TOKEN|HEADER)(\.|$)/;

/** Secrets that the inputs give and no image uses; one of the inputs gets all of them, but for buildpacks. */
export function unusedSecrets(images: readonly ImageEntry[], request: Request): readonly Problem[] {
  const takesAll = ({ fromInputs, build }: ImageEntry) => fromInputs && build.kind === 'dockerfile';
  if (images.length === 0 || images.some(takesAll)) return [];
  const used = new Set(images.flatMap(({ build }) => build.secrets.map(({ id }) => id)));
  const none = images.some(({ fromInputs }) => fromInputs)
    ? 'buildpacks get secrets in bindings, which sea-trial.yml describes'
    : 'no image has any';
  return request.secretSources
    .filter(({ id }) => !used.has(id) && !OF_GIT.test(id))
    .map((source) => {
      const near = nearest(source.id, used);
      const there = used.size === 0 ? none : `there are: ${[...used].join(', ')}`;
      const hint = near === undefined ? there : `did you mean "${near}"?`;
      const what = mayBeSecret(source, request)
        ? 'no image uses a secret that it gives'
        : `no image uses this secret: ${source.id}`;
      return { file: `input "${inputOf(source)}"`, message: `${what}; ${hint}` };
    });
}
