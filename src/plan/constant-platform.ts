import {
  builtChain,
  globalArguments,
  isNamedContext,
  parseDockerfile,
  resolve,
  stagesOf,
} from '../dockerfile/index.js';
import { type Finding, finding } from '../evidence/index.js';
import { formatPlatform, parsePlatform } from '../platform/index.js';
import { buildingOf, type DockerfileSources } from './dockerfile-sources.js';

/**
 * A base of the image that is for another platform than the image. BuildKit hears `--platform` at
 * the FROM of an image alone, not at one of a stage or of `scratch`, and the image's configuration
 * names the platform that was asked for all the same (dockerfile2llb). A variant may run on another.
 */
export function constantPlatform({ image, text }: DockerfileSources): readonly Finding[] {
  const building = buildingOf(image);
  const [platform = ''] = image.platforms;
  const base = builtChain(stagesOf(text, building), building).at(-1);
  if (base?.platform === undefined || base.unresolved || base.from === 'scratch') return [];
  // Of a default that hides what BuildKit sets another finding tells.
  if (/\$\{?(?:TARGET|BUILD)/i.test(base.platform)) return [];
  if (isNamedContext(base.from, building.contexts)) return [];
  const dockerfile = parseDockerfile(text);
  const known = globalArguments(dockerfile, building.args, building.automatic);
  const put = resolve(base.platform, known, dockerfile.escapeSign);
  const [own, asked] = [parsePlatform(put.text), parsePlatform(platform)];
  if (put.unresolved || own === undefined || asked === undefined) return [];
  if (own.os === asked.os && own.architecture === asked.architecture) return [];
  const taken = formatPlatform(own);
  const message = `FROM --platform=${base.platform} takes ${base.from} for ${taken}, and the image for another platform starts from it.`;
  return [
    finding('platform-constant', { image: image.id }, message, {
      location: { file: image.build.file, line: base.line },
    }),
  ];
}
