import type { Finding } from '../evidence/index.js';
import {
  hiddenByArguments,
  hiddenByDefaults,
  undeclaredUses,
  unusedArguments,
} from './argument-findings.js';
import { secretFindings } from './build-secrets.js';
import { isPlainDockerfile } from './build-stage.js';
import { constantPlatform } from './constant-platform.js';
import { copiedConfiguration } from './copied-configuration.js';
import { type DockerfileSources, onEachPlatform } from './dockerfile-sources.js';
import type { SourceScope } from './dockerfiles.js';
import { missingCopies } from './missing-copies.js';
import { missingShell } from './missing-shell.js';
import { misspeltStages } from './stage-names.js';
import { unsetBases } from './unset-bases.js';

/** What is worth knowing of a Dockerfile before it is built, its errors first. */
export async function adviceOnDockerfile(
  sources: DockerfileSources,
  scope: Pick<SourceScope, 'root' | 'files'>,
): Promise<readonly Finding[]> {
  if (!isPlainDockerfile(sources.text, sources.image.build.args)) return [];
  return [
    ...(await onEachPlatform(sources, async (own) => [
      ...unsetBases(own),
      ...(await missingCopies(own, scope)),
    ])),
    ...(await onEachPlatform(sources, async (own) => constantPlatform(own))),
    ...hiddenByDefaults(sources),
    ...hiddenByArguments(sources),
    ...(await onEachPlatform(sources, async (own) => undeclaredUses(own))),
    ...unusedArguments(sources),
    ...(await onEachPlatform(sources, async (own) => [
      ...secretFindings(own),
      ...misspeltStages(own),
      ...missingShell(own),
      ...copiedConfiguration(own),
    ])),
  ];
}
