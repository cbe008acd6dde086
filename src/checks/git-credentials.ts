import { type Finding, finding } from '../evidence/index.js';
import { type Inspected, layerWords } from './inspected.js';

/** Files that a finding is made of; more of them are counted in the last. */
const NAMED = 5;

const EXCLUDE =
  'Leave .git out of the build (exclude = [".git"] under [io.buildpacks] in project.toml), check out with persist-credentials: false, and revoke the credentials if an image with them was published.';

/**
 * Credentials in the configuration of a git repository, in any layer: what a
 * later one deletes is still there for whoever pulls. Their values are not named.
 */
export function gitCredentials(subject: Inspected): readonly Finding[] {
  const { image, platform, layers } = subject;
  const held = layers.flatMap(({ entries }, at) =>
    entries.flatMap(({ path, credentials = [] }) =>
      credentials.length === 0 ? [] : [{ path: `/${path}`, credentials, layer: at + 1 }],
    ),
  );
  return held.slice(0, NAMED).map(({ path, credentials, layer }, at) => {
    const left = at === NAMED - 1 ? held.length - NAMED : 0;
    const more = left > 0 ? ` So do ${left} more files.` : '';
    const message = `${path} holds Git credentials.${more}`;
    return finding('git-credentials', { image, platform, path }, message, {
      found: { value: credentials.join(', '), from: layerWords(layer, subject) },
      expected: { value: 'no credentials', from: 'what everyone may read' },
      ...(subject.fromBuildpacks ? { remedy: EXCLUDE } : {}),
    });
  });
}
