import { dirname } from 'node:path';
import type { DockerfileImageEntry, Request } from '../config/index.js';
import {
  type Building,
  builtChain,
  changedBuildPlatform,
  imageStages,
  platformArguments,
  stagesFrom,
  stagesOf,
} from '../dockerfile/index.js';
import { isFolder, type Problem } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { defined } from '../types/index.js';
import { isPlainDockerfile } from './build-stage.js';
import { mayRead } from './descriptor-path.js';
import type { SourceScope } from './dockerfiles.js';

const LISTED = 5;

type Stages = ReturnType<typeof imageStages>;

function buildingOf({ build }: DockerfileImageEntry): Building {
  const { args, contexts, target } = build;
  return { args, contexts: contexts.map(({ name }) => name), ...defined({ target }) };
}

function unknown(reference: string, stages: Stages, file: string): string {
  const near = nearest(
    reference,
    stages.flatMap(({ written, resolved }) => [written, resolved]),
  );
  const all = [...new Set(stages.map(({ written }) => written))];
  const list = all.slice(0, LISTED).join(', ');
  const hint = near === undefined ? `they start from: ${list}` : `did you mean "${near}"?`;
  return `no stage of "${file}" starts from "${reference}"; ${hint}`;
}

/** Why `native` would do nothing for a stage, or something else than it says. */
function withoutEffect(reference: string, stages: Stages, file: string): string | undefined {
  const [kept] = stages.filter(({ platform, isNative }) => platform !== undefined && !isNative);
  if (kept !== undefined) {
    return `"${reference}" has a platform of its own in ${file}:${kept.instruction.line} (--platform=${kept.platform}), which "native" does not change; write --platform=$BUILDPLATFORM there, or take "${reference}" out of "native"`;
  }
  const [gone] = stages.filter(({ replaced }) => replaced !== undefined);
  if (gone === undefined) return undefined;
  return `the stage "${gone.replaced}" (${file}:${gone.instruction.line}) does not start from "${reference}": the context "${gone.replaced}" of additional_contexts takes its place; take one of them out`;
}

function fault(text: string, image: DockerfileImageEntry, reference: string): string | undefined {
  const { args, dockerfile } = image.build;
  const file = dockerfile.value;
  if (!isPlainDockerfile(text, args)) {
    return `"native" needs a Dockerfile that docker/dockerfile reads, and "${file}" has another syntax`;
  }
  const changed = changedBuildPlatform(text, args);
  if (changed !== undefined) {
    return `"native" writes --platform=$BUILDPLATFORM into "${file}", and an argument sets BUILDPLATFORM to "${changed}"; take it out of "args" and of the ARG before the first FROM`;
  }
  const building = buildingOf(image);
  const all = imageStages(text, building);
  const named = stagesFrom(all, [reference]);
  if (named.length === 0) return unknown(reference, all, file);
  const useless = withoutEffect(reference, named, file);
  if (useless !== undefined) return useless;
  const native = named.filter(({ platform }) => platform === undefined);
  const lines = native.map(({ instruction }) => instruction.line);
  const platforms = image.platforms.map(({ value }) => value);
  const known = platforms.length === 0 ? [undefined] : platforms.map(platformArguments);
  for (const automatic of known) {
    const own = { ...building, ...defined({ automatic }) };
    // The stage that the built one starts from in the end.
    const first = builtChain(stagesOf(text, own), own).at(-1);
    if (first?.unresolved) {
      return `"native" needs to know what the image itself starts from, and FROM of ${file}:${first.line} is known to the build alone`;
    }
    if (first !== undefined && lines.includes(first.line)) {
      return `"${reference}" is what the image itself starts from (${file}:${first.line}), which would be of the build machine's platform on every platform; "native" is for stages that others copy from`;
    }
  }
  return undefined;
}

/** What `native` names and cannot be: an image that no stage starts from, or that the built stage does. */
export async function nativeProblems(
  images: readonly DockerfileImageEntry[],
  request: Pick<Request, 'grants' | 'trust'>,
  scope: SourceScope,
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
    if (!(await mayRead(dirname(dockerfile.value), image, request, scope))) return [];
    const text = await scope.dockerfiles.find(dockerfile.value);
    return native.flatMap(({ value, at }) => {
      const message = text === undefined ? undefined : fault(text, image, value);
      return message === undefined ? [] : [{ ...at, message }];
    });
  });
  return (await Promise.all(problems)).flat();
}
