import type { DockerfileImageEntry } from '../config/index.js';
import {
  type Building,
  builtChain,
  platformArguments,
  stagesOf,
  startingImages,
  withNativeStages,
} from '../dockerfile/index.js';
import { isFolder, type Problem } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { defined } from '../types/index.js';
import { isPlainDockerfile } from './build-stage.js';
import type { SourceScope } from './dockerfiles.js';

const LISTED = 5;

/** The stage that the built one starts from in the end. */
function firstStage(text: string, { build }: DockerfileImageEntry, platform: string) {
  const { args, contexts, target } = build;
  const names = contexts.map(({ name }) => name);
  const automatic = platformArguments(platform);
  const building: Building = { args, automatic, contexts: names, ...defined({ target }) };
  return builtChain(stagesOf(text, building), building).at(-1);
}

function unknown(
  reference: string,
  images: ReturnType<typeof startingImages>,
  file: string,
): string {
  const near = nearest(
    reference,
    images.flatMap(({ written, resolved }) => [written, resolved]),
  );
  const all = [...new Set(images.map(({ written }) => written))];
  const list = all.slice(0, LISTED).join(', ');
  const hint = near === undefined ? `they start from: ${list}` : `did you mean "${near}"?`;
  return `no stage of "${file}" starts from "${reference}"; ${hint}`;
}

function fault(text: string, image: DockerfileImageEntry, reference: string): string | undefined {
  const { args, dockerfile } = image.build;
  const file = dockerfile.value;
  if (!isPlainDockerfile(text, args)) {
    return `"native" needs a Dockerfile that docker/dockerfile reads, and "${file}" has another syntax`;
  }
  const images = startingImages(text, args);
  const isNamed = images.some(({ written, resolved }) => [written, resolved].includes(reference));
  if (!isNamed) return unknown(reference, images, file);
  const copy = withNativeStages(text, args, [reference]);
  const platforms = image.platforms.map(({ value }) => value);
  for (const platform of platforms.length === 0 ? [''] : platforms) {
    const [written, changed] = [text, copy].map((one) => firstStage(one, image, platform));
    if (written?.unresolved) {
      return `"native" needs to know what the image itself starts from, and FROM of ${file}:${written.line} is known to the build alone`;
    }
    if (written?.platform !== changed?.platform) return itsBase(reference, file, written?.line);
  }
  return undefined;
}

function itsBase(reference: string, file: string, line: number | undefined): string {
  return `"${reference}" is what the image itself starts from (${file}:${line}), which would be of the build machine's platform on every platform; "native" is for stages that others copy from`;
}

/** What `native` names and cannot be: an image that no stage starts from, or that the built stage does. */
export async function nativeProblems(
  images: readonly DockerfileImageEntry[],
  { dockerfiles }: Pick<SourceScope, 'dockerfiles'>,
): Promise<readonly Problem[]> {
  const problems = images.map(async (image): Promise<readonly Problem[]> => {
    const { context, dockerfile, native } = image.build;
    const [first] = native;
    if (first === undefined) return [];
    if (!isFolder(context.value)) {
      const message =
        '"native" needs the Dockerfile, and the context is an address; check the repository out, and name its folder';
      return [{ ...first.at, message }];
    }
    const text = await dockerfiles.find(dockerfile.value);
    return native.flatMap(({ value, at }) => {
      const message = text && fault(text, image, value);
      return message ? [{ ...at, message }] : [];
    });
  });
  return (await Promise.all(problems)).flat();
}
