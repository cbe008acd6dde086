import { composerJson } from './composer-json.js';
import { goMod } from './go-mod.js';
import { nodeVersion, nvmrc } from './node-version.js';
import { packageJson } from './package-json.js';
import type { PinFormat } from './pin.js';
import { pythonVersion } from './python-version.js';
import { gemfileLock, rubyVersion } from './ruby.js';
import { runtimeTxt } from './runtime-txt.js';

/** Files that pin a runtime; of one runtime, that comes first which most tools prefer. */
export const PIN_FORMATS: readonly PinFormat[] = [
  pythonVersion,
  runtimeTxt,
  packageJson,
  nvmrc,
  nodeVersion,
  goMod,
  gemfileLock,
  rubyVersion,
  composerJson,
];
