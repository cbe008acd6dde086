import { parse } from 'smol-toml';
import { isObject } from '../oci/index.js';
import { isBuildpackName } from '../reference/index.js';
import type { BuildpackRef } from './builder.js';

/** A buildpack.toml lists what its buildpack installs. */
export const BUILDPACK_TOML_LIMIT = 1024 * 1024;

/** What a buildpack.toml says that its buildpack is, or a clause that says why that is not known. */
export function readBuildpackToml(
  text: string,
): { readonly value: BuildpackRef } | { readonly fault: string } {
  let toml: unknown;
  try {
    toml = parse(text);
  } catch (error) {
    return {
      fault: `its buildpack.toml is not TOML (${(error as Error).message.split('\n')[0]})`,
    };
  }
  const { id, version } = (isObject(toml) && isObject(toml.buildpack) && toml.buildpack) || {};
  if (typeof id !== 'string' || typeof version !== 'string') {
    return { fault: 'its buildpack.toml has no id and version' };
  }
  if (isBuildpackName(id, version)) return { value: { id, version } };
  return {
    fault:
      'the id or the version in its buildpack.toml is none of a buildpack: they have letters, digits and ". -", an id "/" and a version "+ _", too',
  };
}
