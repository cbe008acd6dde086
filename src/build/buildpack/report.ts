import { parse } from 'smol-toml';
import { isObject } from '../../oci/index.js';
import { isDigest } from '../../reference/index.js';

/**
 * The digest of the image that the lifecycle has published, from its report.toml
 * (buildpacks/spec, platform.md, "report.toml"); undefined where it names none.
 */
export function publishedDigest(text: string): string | undefined {
  let report: unknown;
  try {
    report = parse(text);
  } catch {
    return undefined;
  }
  const image = isObject(report) ? report.image : undefined;
  const digest = isObject(image) ? image.digest : undefined;
  return typeof digest === 'string' && isDigest(digest) ? digest : undefined;
}
